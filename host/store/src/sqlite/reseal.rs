//! Sealing anew what another key has sealed, or none, so that keys can be taken away.

use rusqlite::types::Value;
use rusqlite::{Row, params, params_from_iter};

use super::desk::Desk;
use super::keys::{self, NEXT_KEY};
use super::records::{self, Rows};
use super::sealed::Database;
use crate::seal::Place;

/// A table with a column that may be sealed. The statements take, of those that are sealed with `?1` or in the clear,
/// `?2` from the `?3`-th on: what was sealed anew is not among them any longer, what could not be opened is.
pub(super) struct Kind {
    next_key: &'static str,
    pub(super) of_key: &'static str,
    pub(super) clear: &'static str,
    pub(super) count: &'static str,
    pub(super) count_clear: &'static str,
    write: &'static str,
    place: fn(&Row<'_>) -> Rows<Found>,
}

/// Where a value stands, and by what its row is named.
type Found = (Place, Vec<Value>);

pub(super) const KINDS: [Kind; 3] = [
    Kind {
        next_key: NEXT_KEY[0],
        of_key: "SELECT document, id FROM sessions INDEXED BY sealed_sessions
             WHERE sealed_with = ?1 ORDER BY id LIMIT ?2 OFFSET ?3",
        clear: "SELECT document, id FROM sessions INDEXED BY clear_sessions
             WHERE sealed_with IS NULL AND ?1 IS NULL ORDER BY id LIMIT ?2 OFFSET ?3",
        count: "SELECT sealed_with, count(*) FROM sessions INDEXED BY sealed_sessions
             WHERE sealed_with IS NOT NULL GROUP BY sealed_with",
        count_clear: "SELECT count(*) FROM sessions INDEXED BY clear_sessions WHERE sealed_with IS NULL",
        write: "UPDATE sessions SET document = ?1, sealed_with = ?2 WHERE id = ?3",
        place: |row| {
            let id: String = row.get(1)?;
            Ok((Place::Session(records::session_id(&id)?), vec![id.into()]))
        },
    },
    Kind {
        next_key: NEXT_KEY[1],
        of_key: "SELECT parcel, session, direction, seq FROM deliveries INDEXED BY sealed_deliveries
             WHERE sealed_with = ?1 ORDER BY session, direction, seq LIMIT ?2 OFFSET ?3",
        clear: "SELECT parcel, session, direction, seq FROM deliveries INDEXED BY clear_deliveries
             WHERE sealed_with IS NULL AND ?1 IS NULL ORDER BY session, direction, seq LIMIT ?2 OFFSET ?3",
        count: "SELECT sealed_with, count(*) FROM deliveries INDEXED BY sealed_deliveries
             WHERE sealed_with IS NOT NULL GROUP BY sealed_with",
        count_clear: "SELECT count(*) FROM deliveries INDEXED BY clear_deliveries WHERE sealed_with IS NULL",
        write: "UPDATE deliveries SET parcel = ?1, sealed_with = ?2
             WHERE session = ?3 AND direction = ?4 AND seq = ?5",
        place: |row| {
            let (session, direction, seq): (String, String, u64) = (row.get(1)?, row.get(2)?, row.get(3)?);
            let (id, way) = (records::session_id(&session)?, records::direction(&direction)?);
            let row = vec![session.into(), direction.into(), row.get(3)?];
            Ok((Place::Delivery(id, way, seq), row))
        },
    },
    Kind {
        next_key: NEXT_KEY[2],
        of_key: "SELECT request, id FROM callbacks INDEXED BY sealed_callbacks
             WHERE sealed_with = ?1 ORDER BY id LIMIT ?2 OFFSET ?3",
        clear: "SELECT request, id FROM callbacks INDEXED BY clear_callbacks
             WHERE sealed_with IS NULL AND ?1 IS NULL ORDER BY id LIMIT ?2 OFFSET ?3",
        count: "SELECT sealed_with, count(*) FROM callbacks INDEXED BY sealed_callbacks
             WHERE sealed_with IS NOT NULL GROUP BY sealed_with",
        count_clear: "SELECT count(*) FROM callbacks INDEXED BY clear_callbacks WHERE sealed_with IS NULL",
        write: "UPDATE callbacks SET request = ?1, sealed_with = ?2 WHERE id = ?3",
        place: |row| Ok((Place::Callback(row.get(1)?), vec![row.get(1)?])),
    },
];

/// Seals up to `limit` values with the current key. Those that cannot be opened are told of and left as they are.
pub(super) fn reseal(db: &Database<'_>, desk: &mut Desk, limit: usize) -> Rows<usize> {
    let Some(current) = db.keys.current() else { return Ok(0) };
    let mut left = limit;
    for kind in &KINDS {
        let others = keys::in_use(db, kind.next_key)?.into_iter().filter(|key| key != current).map(Some);
        for key in others.chain([None]) {
            move_over(db, kind, key.as_deref(), current, &mut left)?;
        }
    }
    // What was in the clear must not stay in the log.
    desk.removed |= left < limit;
    Ok(limit - left)
}

/// Seals anew what this key has sealed, or what is in the clear.
fn move_over(db: &Database<'_>, kind: &Kind, key: Option<&str>, current: &str, left: &mut usize) -> Rows<()> {
    let sql = if key.is_some() { kind.of_key } else { kind.clear };
    let mut broken = 0_usize;
    while *left > 0 {
        let mut found = Vec::new();
        let mut statement = db.prepare_cached(sql)?;
        let mut rows =
            statement.query(params![key, records::sql_limit(*left), records::sql_limit(broken)])?;
        while let Some(row) = rows.next()? {
            let value = row.get_ref(0)?.as_bytes().unwrap_or_default().to_vec();
            found.push(((kind.place)(row), value));
        }
        if found.is_empty() {
            break;
        }
        // All are read before any is written: they are found by what is written.
        for (place, value) in found {
            let resealed = place.and_then(|(place, row)| {
                let clear = if key.is_some() { db.keys.open(&place, value)? } else { value };
                Ok((db.keys.seal_bytes(&place, &clear)?, row))
            });
            match records::if_readable(resealed)? {
                Some((sealed, row)) => {
                    let values = [sealed.into(), current.to_owned().into()];
                    db.prepare_cached(kind.write)?
                        .execute(params_from_iter(values.into_iter().chain(row)))?;
                    *left -= 1;
                }
                None => broken += 1,
            }
        }
    }
    Ok(())
}

/// How many values are sealed with which key, and where there is a current one how many are in the clear.
pub(super) fn sealed_with(db: &Database<'_>) -> Rows<Vec<(Option<String>, u64)>> {
    let mut counts = std::collections::BTreeMap::new();
    for kind in &KINDS {
        let mut statement = db.prepare_cached(kind.count)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            *counts.entry(row.get::<_, Option<String>>(0)?).or_default() += row.get::<_, u64>(1)?;
        }
        if db.keys.current().is_some() {
            let clear: u64 = db.prepare_cached(kind.count_clear)?.query_row([], |row| row.get(0))?;
            if clear > 0 {
                *counts.entry(None).or_default() += clear;
            }
        }
    }
    Ok(counts.into_iter().collect())
}
