//! Keys at the start of a node: those that are needed are there, and each is the one that goes by its id.

use deadpool_postgres::Client;

use super::fault::{Fault, Rows};
use super::pipeline::{Pipeline, ask, values};
use crate::seal::{self, KEPT_ROOT, Keys};
use crate::{StoreError, Zeroizing};

/// From one key to the next along an index, past however many values each has sealed.
const NEXT_KEY: [&str; 3] = [
    "SELECT min(sealed_with) FROM sessions WHERE sealed_with > $1",
    "SELECT min(sealed_with) FROM deliveries WHERE sealed_with > $1",
    "SELECT min(sealed_with) FROM callbacks WHERE sealed_with > $1",
];

/// What is to be sealed yet is found by these; where there is no key nobody looks for it, and nobody pays for them.
const CLEAR: &str = "
    CREATE INDEX IF NOT EXISTS clear_sessions ON sessions (id) WHERE sealed_with IS NULL;
    CREATE INDEX IF NOT EXISTS clear_deliveries ON deliveries (session, direction, seq)
        WHERE sealed_with IS NULL;
    CREATE INDEX IF NOT EXISTS clear_callbacks ON callbacks (id) WHERE sealed_with IS NULL;";

/// The keys that anything is sealed with, table by table: sessions, deliveries, callbacks.
pub(super) async fn in_use(client: &Client) -> Rows<[Vec<String>; 3]> {
    let mut used: [Vec<String>; 3] = Default::default();
    for (used, next) in used.iter_mut().zip(NEXT_KEY) {
        loop {
            let last = used.last().cloned().unwrap_or_default();
            let next: Option<String> = match ask(client, next, values![last]).await?.first() {
                Some(row) => row.try_get(0)?,
                None => None,
            };
            match next {
                Some(key) => used.push(key),
                None => break,
            }
        }
    }
    Ok(used)
}

/// Holds the keys against what is sealed with them, and makes the current one known before anything is sealed with it.
/// This is done in the transaction of the migration, one node after the other.
pub(super) async fn check(client: &Client, keys: &Keys, place: &str) -> Rows<Result<(), StoreError>> {
    let missing = keys.missing(in_use(client).await?.into_iter().flatten());
    if !missing.is_empty() {
        return Ok(Err(StoreError::KeysMissing { place: place.to_owned(), keys: missing }));
    }
    for row in ask(client, "SELECT id, proof FROM keys", vec![]).await? {
        let key: String = row.try_get(0)?;
        if !keys.proves(&key, row.try_get(1)?) {
            return Ok(Err(StoreError::KeyWrong { place: place.to_owned(), key }));
        }
    }
    let Some((id, proof)) = keys.proof()? else { return Ok(Ok(())) };
    // Asked first: to look whether an index is there, making it would wait for whoever writes.
    let there = ask(client, "SELECT to_regclass('clear_callbacks') IS NOT NULL", vec![]).await?;
    if !there.first().map(|row| row.try_get(0)).transpose()?.unwrap_or(false) {
        client.batch_execute(CLEAR).await?;
    }
    let mut writing = Pipeline::new(client);
    writing
        .add("INSERT INTO keys (id, proof) VALUES ($1, $2) ON CONFLICT DO NOTHING", values![id, proof])
        .await?;
    // From now on a node that knows schema 1 only could not read what it finds.
    writing
        .add("UPDATE migrations SET compatible_from = 2 WHERE compatible_from < 2 AND version >= 2", vec![])
        .await?;
    writing.run().await?;
    Ok(Ok(()))
}

/// What other keys of this installation are made of; see [`Store::roots`](crate::Store::roots). Of nodes that make one
/// at the same time the first has its way.
pub(super) async fn roots(client: &Client, keys: &Keys) -> Rows<Vec<Zeroizing<[u8; 32]>>> {
    if let Some(roots) = keys.roots() {
        return Ok(roots);
    }
    let wrong = |reason: &str| Fault::Unreadable { record: "root", reason: reason.to_owned() };
    let new = seal::new_root().ok_or_else(|| wrong("this system gives no random bytes"))?;
    let make = "INSERT INTO keys (id, proof) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    ask(client, make, values![KEPT_ROOT, new.to_vec()]).await?;
    let kept = ask(client, "SELECT proof FROM keys WHERE id = $1", values![KEPT_ROOT]).await?;
    let kept = kept.first().ok_or_else(|| wrong("it was not kept"))?.try_get(0)?;
    Ok(vec![seal::root(kept).ok_or_else(|| wrong("it has not 32 bytes"))?])
}
