//! How much of everything there is.

use super::records::Rows;
use super::sealed::Database;
use crate::Counts;

pub(super) const SESSIONS: &str =
    "SELECT phase, count(*) FROM sessions WHERE phase <> 'ended' GROUP BY phase";
// Written out, so that the partial indexes serve.
pub(super) const PENDING: &str = "SELECT count(*) FROM deliveries WHERE status = 'pending'";
pub(super) const DEAD: &str = "SELECT count(*) FROM deliveries WHERE status = 'dead'";
pub(super) const UNREAD: &str = "SELECT connector, count(*) FROM callbacks GROUP BY connector";

/// How much of everything there is.
pub(super) fn counts(db: &Database<'_>) -> Rows<Counts> {
    let each = |sql: &str| {
        db.prepare_cached(sql)?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()
    };
    let all = |sql: &str| db.prepare_cached(sql)?.query_row([], |row| row.get(0));
    Ok(Counts { sessions: each(SESSIONS)?, pending: all(PENDING)?, dead: all(DEAD)?, unread: each(UNREAD)? })
}
