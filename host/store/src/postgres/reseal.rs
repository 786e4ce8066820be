//! Sealing anew what another key has sealed, or none, so that keys can be taken away.
//!
//! In small transactions, each of one table; what another node has just locked is left for the next time.

use std::collections::BTreeMap;

use deadpool_postgres::Client;
use handover_handoff::SessionId;
use tokio_postgres::Row;

use super::fault::{self, Rows};
use super::pipeline::{Pipeline, Value, ask, undo, values};
use super::{keys, lanes, sealed};
use crate::seal::{Keys, Place};

/// A table with a column that may be sealed. The statements take, of those that are sealed with `$1` or in the clear,
/// `$2` from the `$3`-th on: what was sealed anew is not among them any longer, what could not be opened is.
struct Kind {
    of_key: &'static str,
    clear: &'static str,
    count: &'static str,
    count_clear: &'static str,
    write: &'static str,
    read: fn(&Keys, &Row) -> Rows<Found>,
    values: fn(&Place, &[u8], &str) -> Rows<Vec<Value>>,
}

/// Where a value stands, and what it says.
type Found = (Place, Vec<u8>);

const KINDS: [Kind; 3] = [
    Kind {
        of_key: "SELECT id, document FROM sessions
             WHERE sealed_with = $1 ORDER BY id LIMIT $2 OFFSET $3 FOR UPDATE SKIP LOCKED",
        clear: "SELECT id, document FROM sessions
             WHERE sealed_with IS NULL AND $1::text IS NULL ORDER BY id LIMIT $2 OFFSET $3 FOR UPDATE SKIP LOCKED",
        count: "SELECT sealed_with, count(*) FROM sessions WHERE sealed_with IS NOT NULL GROUP BY sealed_with",
        count_clear: "SELECT count(*) FROM sessions WHERE sealed_with IS NULL",
        write: "UPDATE sessions SET document = $1, sealed_with = $2 WHERE id = $3",
        read: |keys, row| {
            let place = Place::Session(SessionId(row.try_get(0)?));
            let clear = sealed::clear(keys, &place, row.try_get(1)?)?;
            Ok((place, clear))
        },
        values: |place, value, key| match place {
            Place::Session(id) => Ok(values![sealed::text(value), key.to_owned(), id.0]),
            _ => Err(misplaced()),
        },
    },
    Kind {
        of_key: "SELECT session, direction, seq, parcel FROM deliveries
             WHERE sealed_with = $1 ORDER BY session, direction, seq LIMIT $2 OFFSET $3 FOR UPDATE SKIP LOCKED",
        clear: "SELECT session, direction, seq, parcel FROM deliveries
             WHERE sealed_with IS NULL AND $1::text IS NULL
             ORDER BY session, direction, seq LIMIT $2 OFFSET $3 FOR UPDATE SKIP LOCKED",
        count: "SELECT sealed_with, count(*) FROM deliveries WHERE sealed_with IS NOT NULL GROUP BY sealed_with",
        count_clear: "SELECT count(*) FROM deliveries WHERE sealed_with IS NULL",
        write: "UPDATE deliveries SET parcel = $1, sealed_with = $2
             WHERE session = $3 AND direction = $4 AND seq = $5",
        read: |keys, row| {
            let (direction, seq) = (lanes::direction(row.try_get(1)?)?, fault::number(row.try_get(2)?)?);
            let place = Place::Delivery(SessionId(row.try_get(0)?), direction, seq);
            let clear = sealed::clear(keys, &place, row.try_get(3)?)?;
            Ok((place, clear))
        },
        values: |place, value, key| match place {
            Place::Delivery(session, direction, seq) => {
                let (way, seq) = (direction.as_str(), fault::count(*seq)?);
                Ok(values![sealed::text(value), key.to_owned(), session.0, way, seq])
            }
            _ => Err(misplaced()),
        },
    },
    Kind {
        of_key: "SELECT id, request, sealed_with FROM callbacks
             WHERE sealed_with = $1 ORDER BY id LIMIT $2 OFFSET $3 FOR UPDATE SKIP LOCKED",
        clear: "SELECT id, request, sealed_with FROM callbacks
             WHERE sealed_with IS NULL AND $1::text IS NULL ORDER BY id LIMIT $2 OFFSET $3 FOR UPDATE SKIP LOCKED",
        count: "SELECT sealed_with, count(*) FROM callbacks WHERE sealed_with IS NOT NULL GROUP BY sealed_with",
        count_clear: "SELECT count(*) FROM callbacks WHERE sealed_with IS NULL",
        write: "UPDATE callbacks SET request = $1, sealed_with = $2 WHERE id = $3",
        read: |keys, row| {
            let place = Place::Callback(fault::number(row.try_get(0)?)?);
            let request: Vec<u8> = row.try_get(1)?;
            let clear = match row.try_get::<_, Option<&str>>(2)? {
                Some(_) => keys.open(&place, request)?,
                None => request,
            };
            Ok((place, clear))
        },
        values: |place, value, key| match place {
            Place::Callback(id) => Ok(values![value.to_vec(), key.to_owned(), fault::count(*id)?]),
            _ => Err(misplaced()),
        },
    },
];

fn misplaced() -> fault::Fault {
    fault::Fault::Unreadable { record: "place", reason: "it is another table's".to_owned() }
}

/// Seals up to `limit` values with the current key. Those that cannot be opened are told of and left as they are.
pub(super) async fn reseal(client: &Client, keys: &Keys, limit: usize) -> Rows<usize> {
    let Some(current) = keys.current() else { return Ok(0) };
    let mut left = limit;
    for (kind, used) in KINDS.iter().zip(keys::in_use(client).await?) {
        let others = used.into_iter().filter(|key| key != current).map(Some);
        for key in others.chain([None]) {
            move_over(client, keys, kind, key, current, &mut left).await?;
        }
    }
    Ok(limit - left)
}

/// Seals anew what this key has sealed, or what is in the clear.
async fn move_over(
    client: &Client,
    keys: &Keys,
    kind: &Kind,
    key: Option<String>,
    current: &str,
    left: &mut usize,
) -> Rows<()> {
    let sql = if key.is_some() { kind.of_key } else { kind.clear };
    let mut broken = 0_usize;
    while *left > 0 {
        let mut asking = Pipeline::begin(client);
        asking.add(sql, values![key.clone(), fault::limit(*left), fault::limit(broken)]).await?;
        let mut answers = asking.run().await?;
        answers.rows();
        let rows = answers.rows();
        if rows.is_empty() {
            return undo(client).await;
        }
        let mut writing = Pipeline::new(client);
        for row in &rows {
            let resealed = (kind.read)(keys, row).and_then(|(place, clear)| {
                let sealed = keys.seal_bytes(&place, &clear)?.unwrap_or_default();
                (kind.values)(&place, &sealed, current)
            });
            match fault::if_readable(resealed)? {
                Some(values) => {
                    writing.add(kind.write, values).await?;
                    *left -= 1;
                }
                None => broken += 1,
            }
        }
        writing.commit().await?;
    }
    Ok(())
}

/// How many values are sealed with which key, and where there is a current one how many are in the clear.
pub(super) async fn sealed_with(client: &Client, keys: &Keys) -> Rows<Vec<(Option<String>, u64)>> {
    let mut counts = BTreeMap::new();
    for kind in &KINDS {
        for row in ask(client, kind.count, vec![]).await? {
            *counts.entry(row.try_get::<_, Option<String>>(0)?).or_default() +=
                fault::number(row.try_get(1)?)?;
        }
        if keys.current().is_some() {
            let clear = match ask(client, kind.count_clear, vec![]).await?.first() {
                Some(row) => fault::number(row.try_get(0)?)?,
                None => 0,
            };
            if clear > 0 {
                *counts.entry(None).or_default() += clear;
            }
        }
    }
    Ok(counts.into_iter().collect())
}
