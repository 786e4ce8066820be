//! Callbacks that nobody could read, kept until somebody can.

use handover_handoff::Timestamp;
use rusqlite::{Connection, params};

use super::records::{self, Rows};
use crate::{Callback, Kept, Retried};

pub(super) const UNTRIED: &str = "SELECT id, connector, received, tried, reason, request FROM callbacks
     WHERE connector = ?1 AND id > ?3 AND tried <> ?2 ORDER BY id LIMIT ?4";

pub(super) fn keep(db: &Connection, callback: &Callback) -> Rows<()> {
    db.prepare_cached(
        "INSERT INTO callbacks (connector, received, tried, reason, request) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        callback.connector,
        callback.received.0,
        callback.tried,
        callback.reason,
        callback.request
    ])?;
    Ok(())
}

pub(super) fn kept(
    db: &Connection,
    connector: &str,
    untried_by: &str,
    after: u64,
    limit: usize,
) -> Rows<Vec<Kept>> {
    // Names are below this.
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    let kept = db
        .prepare_cached(UNTRIED)?
        .query_map(params![connector, untried_by, after, records::sql_limit(limit)], |row| {
            let callback = Callback {
                connector: row.get(1)?,
                received: Timestamp(row.get(2)?),
                tried: row.get(3)?,
                reason: row.get(4)?,
                request: row.get(5)?,
            };
            Ok(Kept { id: row.get(0)?, callback })
        })?
        .collect::<Result<_, _>>()?;
    Ok(kept)
}

pub(super) fn retried(db: &Connection, id: u64, retried: &Retried) -> Rows<()> {
    match retried {
        Retried::Done => {
            db.prepare_cached("DELETE FROM callbacks WHERE id = ?1")?.execute([id])?;
        }
        Retried::Unread { tried, reason } => {
            db.prepare_cached("UPDATE callbacks SET tried = ?2, reason = ?3 WHERE id = ?1")?
                .execute(params![id, tried, reason])?;
        }
    }
    Ok(())
}
