//! Whose the feeds of open sessions are: each is a job of its own.

use handover_handoff::{SessionId, Timestamp};
use rusqlite::params;

use super::desk::Desk;
use super::nodes;
use super::records::{self, Rows};
use super::sealed::Database;
use crate::feed_job;

// It says of the phase what the index says of it: SQLite does not conclude one from the other.
pub(super) const FREE: &str = "SELECT s.id FROM sessions s LEFT JOIN jobs j ON j.name = 'feed ' || s.id
     WHERE s.phase IN ('requested', 'queued', 'active') AND s.phase <> 'ended' AND s.connector = ?1
         AND (j.name IS NULL OR j.until <= ?2 OR (j.holder = ?3 AND j.until <= ?4))
     LIMIT ?5";

/// Leases those that nobody has, and those that this node has and will not have for much longer.
pub(super) fn lease(
    db: &Database<'_>,
    desk: &Desk,
    connectors: &[String],
    now: Timestamp,
    ms: u64,
    limit: usize,
) -> Rows<Vec<SessionId>> {
    let mut leased = Vec::new();
    for connector in connectors {
        let room = records::sql_limit(limit.saturating_sub(leased.len()));
        let free: Vec<String> = db
            .prepare_cached(FREE)?
            .query_map(params![connector, now.0, desk.node, now.plus(ms / 2).0, room], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for id in free {
            let id = records::session_id(&id)?;
            if nodes::lease(db, desk, &feed_job(id), now, ms)? {
                leased.push(id);
            }
        }
    }
    Ok(leased)
}
