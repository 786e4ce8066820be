//! Keys at the opening of a file: those that are needed are there, and each is the one that goes by its id.

use rusqlite::{Connection, OptionalExtension, params};

use super::records::{RowError, Rows};
use super::sealed::Database;
use crate::seal::{self, KEPT_ROOT, Keys};
use crate::{StoreError, Zeroizing};

/// From one key to the next along an index, past however many values each has sealed.
pub(super) const NEXT_KEY: [&str; 3] = [
    "SELECT min(sealed_with) FROM sessions INDEXED BY sealed_sessions WHERE sealed_with > ?1",
    "SELECT min(sealed_with) FROM deliveries INDEXED BY sealed_deliveries WHERE sealed_with > ?1",
    "SELECT min(sealed_with) FROM callbacks INDEXED BY sealed_callbacks WHERE sealed_with > ?1",
];

/// What is to be sealed yet is found by these; where there is no key nobody looks for it, and nobody pays for them.
const CLEAR: &str = "
CREATE INDEX IF NOT EXISTS clear_sessions ON sessions (id) WHERE sealed_with IS NULL;
CREATE INDEX IF NOT EXISTS clear_deliveries ON deliveries (session, direction, seq) WHERE sealed_with IS NULL;
CREATE INDEX IF NOT EXISTS clear_callbacks ON callbacks (id) WHERE sealed_with IS NULL;";

/// The keys that anything is sealed with, of one of the tables.
pub(super) fn in_use(db: &Connection, next: &str) -> Rows<Vec<String>> {
    let mut statement = db.prepare_cached(next)?;
    let mut used: Vec<String> = Vec::new();
    let mut last = String::new();
    while let Some(key) = statement.query_row([&last], |row| row.get::<_, Option<String>>(0))? {
        last.clone_from(&key);
        used.push(key);
    }
    Ok(used)
}

/// Holds the keys against what is sealed with them.
pub(super) fn check(db: &Connection, keys: &Keys, place: &str) -> Result<(), StoreError> {
    let at = |e: RowError| e.at(place);
    let mut used = Vec::new();
    for next in NEXT_KEY {
        used.extend(in_use(db, next).map_err(at)?);
    }
    let missing = keys.missing(used);
    if !missing.is_empty() {
        return Err(StoreError::KeysMissing { place: place.to_owned(), keys: missing });
    }
    for id in keys.ids() {
        if let Some(proof) = proof(db, id).map_err(at)?
            && !keys.proves(id, proof)
        {
            return Err(StoreError::KeyWrong { place: place.to_owned(), key: id.to_owned() });
        }
    }
    register(db, keys).map_err(at)
}

fn proof(db: &Connection, id: &str) -> Rows<Option<Vec<u8>>> {
    Ok(db.query_row("SELECT proof FROM keys WHERE id = ?1", [id], |row| row.get(0)).optional()?)
}

/// Makes the current key known before anything is sealed with it.
fn register(db: &Connection, keys: &Keys) -> Rows<()> {
    let Some((id, proof)) = keys.proof()? else { return Ok(()) };
    db.execute_batch(CLEAR)?;
    db.execute("INSERT INTO keys (id, proof) VALUES (?1, ?2) ON CONFLICT DO NOTHING", params![id, proof])?;
    Ok(())
}

/// What other keys of this installation are made of; see [`Store::roots`](crate::Store::roots).
pub(super) fn roots(db: &Database<'_>) -> Rows<Vec<Zeroizing<[u8; 32]>>> {
    if let Some(roots) = db.keys.roots() {
        return Ok(roots);
    }
    let wrong = |reason: &str| RowError::Unreadable { record: "root", reason: reason.to_owned() };
    if let Some(kept) = proof(db, KEPT_ROOT)? {
        return Ok(vec![seal::root(kept).ok_or_else(|| wrong("it has not 32 bytes"))?]);
    }
    let new = seal::new_root().ok_or_else(|| wrong("this system gives no random bytes"))?;
    db.execute("INSERT INTO keys (id, proof) VALUES (?1, ?2)", params![KEPT_ROOT, new.as_slice()])?;
    Ok(vec![new])
}
