//! From any older schema to this version's: numbered steps, one transaction each.

use handover_handoff::delivery::Direction;
use rusqlite::{Connection, TransactionBehavior};

use super::lanes;
use super::records::{self, Rows};
use super::sealed::Database;
use super::sessions;
use crate::seal::Keys;
use crate::{StoreError, Subject};

/// The steps, from an empty file on. What has once been released stays as it is.
const STEPS: [&str; 3] =
    [include_str!("migrations/1.sql"), include_str!("migrations/2.sql"), include_str!("migrations/3.sql")];

/// The schema that this version writes.
const SCHEMA: i64 = STEPS.len() as i64;

/// Brings a database to this version's schema.
pub(super) fn migrate(connection: &mut Connection, place: &str) -> Result<(), StoreError> {
    let found = schema(connection).map_err(|e| e.at(place))?;
    if found > SCHEMA {
        return Err(StoreError::Newer { place: place.to_owned(), found, known: SCHEMA });
    }
    for (step, number) in STEPS.iter().zip(1..).filter(|(_, number)| *number > found) {
        run(connection, step, number).map_err(|e| e.at(place))?;
    }
    Ok(())
}

fn schema(connection: &Connection) -> Rows<i64> {
    Ok(connection.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

fn run(connection: &mut Connection, step: &str, number: i64) -> Rows<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(step)?;
    if number == 2 {
        // Nothing was sealed then.
        fill_in_targets(&Database::new(&transaction, &Keys::default()))?;
    }
    transaction.pragma_update(None, "user_version", number)?;
    Ok(transaction.commit()?)
}

/// Schema 2 has each lane know what it leads to, which the session tells.
fn fill_in_targets(db: &Database<'_>) -> Rows<()> {
    let lanes: Vec<(String, String)> = db
        .prepare("SELECT session, direction FROM lanes")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (session, direction) in lanes {
        let direction: Direction = records::direction(&direction)?;
        let subject = Subject::Session(records::session_id(&session)?);
        let target = match sessions::find(db, &subject) {
            Ok(Some(document)) => document.target(direction).0,
            // It can be claimed like any other, and is told of then.
            Ok(None) => "unknown".to_owned(),
            Err(e) if e.is_of_one_record() => "unknown".to_owned(),
            Err(e) => return Err(e),
        };
        lanes::lead_to(db, &session, direction.as_str(), &target)?;
    }
    Ok(())
}
