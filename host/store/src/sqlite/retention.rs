//! What has been kept for long enough goes.

use handover_handoff::Timestamp;
use rusqlite::params;

use super::desk::Desk;
use super::records::{self, Rows};
use super::sealed::Database;
use crate::{Removed, Retention};

pub(super) const ENDED: &str =
    "SELECT id FROM sessions INDEXED BY ended_sessions WHERE ended <= ?1 ORDER BY ended LIMIT ?2";
// What is still on its way, the end itself above all, is carried first; what is held waits for nobody.
pub(super) const FORGOTTEN: &str = "SELECT id FROM sessions INDEXED BY forgotten_sessions
     WHERE forgotten = 1 AND ended IS NOT NULL
     AND NOT EXISTS (SELECT 1 FROM lanes WHERE lanes.session = sessions.id AND lanes.due < ?1) LIMIT ?2";
pub(super) const OF_SESSION: [&str; 4] = [
    "DELETE FROM deliveries WHERE session = ?1",
    "DELETE FROM lanes WHERE session = ?1",
    "DELETE FROM lookup_keys WHERE session = ?1",
    "DELETE FROM sessions WHERE id = ?1",
];
pub(super) const NAMES: &str = "DELETE FROM inbox WHERE (scope, key) IN (SELECT scope, key FROM inbox WHERE taken <= ?1 ORDER BY taken LIMIT ?2)";
pub(super) const CALLBACKS: &str = "DELETE FROM callbacks WHERE id IN (SELECT id FROM callbacks WHERE received <= ?1 ORDER BY received LIMIT ?2)";

/// Removes up to `limit` of each kind.
pub(super) fn expire(
    db: &Database<'_>,
    desk: &mut Desk,
    now: Timestamp,
    retention: Retention,
    limit: usize,
) -> Rows<Removed> {
    let mut removed = Removed::default();
    let limit = records::sql_limit(limit);
    for (which, until) in [(FORGOTTEN, Some(Timestamp::NEVER.0)), (ENDED, before(now, retention.sessions))] {
        let Some(until) = until else { continue };
        let left = limit.saturating_sub_unsigned(removed.sessions);
        let ended: Vec<String> = db
            .prepare_cached(which)?
            .query_map(params![until, left], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for session in &ended {
            for sql in OF_SESSION {
                db.prepare_cached(sql)?.execute([session])?;
            }
        }
        removed.sessions += ended.len() as u64;
    }
    if let Some(until) = before(now, retention.names) {
        removed.names = db.prepare_cached(NAMES)?.execute(params![until, limit])? as u64;
    }
    if let Some(until) = before(now, retention.callbacks) {
        removed.callbacks = db.prepare_cached(CALLBACKS)?.execute(params![until, limit])? as u64;
    }
    desk.removed |= removed != Removed::default();
    Ok(removed)
}

/// What is from then or earlier has been kept for so long.
fn before(now: Timestamp, kept: u64) -> Option<u64> {
    now.0.checked_sub(kept)
}
