//! Names of what took effect, so that it does so once (I4).

use handover_handoff::Timestamp;
use rusqlite::params;

use super::records::Rows;
use super::sealed::Database;
use crate::Once;

/// Takes a name in; false where it was there.
pub(super) fn take_in(db: &Database<'_>, once: &Once, now: Timestamp) -> Rows<bool> {
    let new = db
        .prepare_cached("INSERT INTO inbox (scope, key, taken) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?
        .execute(params![once.scope, once.key, now.0])?;
    Ok(new == 1)
}

/// Lets a name be taken in again.
pub(super) fn forget(db: &Database<'_>, once: &Once) -> Rows<()> {
    db.prepare_cached("DELETE FROM inbox WHERE scope = ?1 AND key = ?2")?
        .execute([&once.scope, &once.key])?;
    Ok(())
}
