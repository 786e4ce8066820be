//! Callbacks that nobody could read, kept until somebody can.

use handover_handoff::Timestamp;
use rusqlite::{Row, params};

use super::records::{self, Rows};
use super::sealed::Database;
use crate::seal::Place;
use crate::{Callback, Kept, Retried};

pub(super) const UNTRIED: &str =
    "SELECT id, connector, received, tried, reason, request, sealed_with FROM callbacks
     WHERE connector = ?1 AND id > ?3 AND tried <> ?2 ORDER BY id LIMIT ?4";

pub(super) fn keep(db: &Database<'_>, callback: &Callback) -> Rows<()> {
    db.prepare_cached(
        "INSERT INTO callbacks (connector, received, tried, reason, request) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        callback.connector,
        callback.received.0,
        callback.tried,
        callback.reason,
        if db.keys.current().is_some() { &[] } else { callback.request.as_slice() },
    ])?;
    // What is sealed is bound to its row, which has got its name by now.
    let id = db.last_insert_rowid();
    if let Some(sealed) = db.keys.seal_bytes(&Place::Callback(id.unsigned_abs()), &callback.request)? {
        db.prepare_cached("UPDATE callbacks SET request = ?2, sealed_with = ?3 WHERE id = ?1")?
            .execute(params![id, sealed, db.keys.current()])?;
    }
    Ok(())
}

pub(super) fn kept(
    db: &Database<'_>,
    connector: &str,
    untried_by: &str,
    after: u64,
    limit: usize,
) -> Rows<Vec<Kept>> {
    // Names are below this.
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    // There may be some that cannot be read.
    let all = records::sql_limit(usize::MAX);
    let mut statement = db.prepare_cached(UNTRIED)?;
    let mut rows = statement.query(params![connector, untried_by, after, all])?;
    let mut kept = Vec::new();
    while kept.len() < limit
        && let Some(row) = rows.next()?
    {
        kept.extend(records::if_readable(read(db, row))?);
    }
    Ok(kept)
}

fn read(db: &Database<'_>, row: &Row<'_>) -> Rows<Kept> {
    let (id, request): (u64, Vec<u8>) = (row.get(0)?, row.get(5)?);
    let sealed = row.get::<_, Option<String>>(6)?.is_some();
    let callback = Callback {
        connector: row.get(1)?,
        received: Timestamp(row.get(2)?),
        tried: row.get(3)?,
        reason: row.get(4)?,
        request: if sealed { db.keys.open(&Place::Callback(id), request)? } else { request },
    };
    Ok(Kept { id, callback })
}

pub(super) fn retried(db: &Database<'_>, id: u64, retried: &Retried) -> Rows<()> {
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
