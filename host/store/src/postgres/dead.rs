//! Dead letters: listed, sent on their way again, discarded.

use deadpool_postgres::Client;
use handover_handoff::delivery::{Delivery, Direction};
use handover_handoff::operator::Redriven;
use handover_handoff::{SessionId, Timestamp};
use tokio_postgres::Row;
use uuid::Uuid;

use super::connect::Connection;
use super::fault::{self, Fault, Rows};
use super::names::plain;
use super::pipeline::{Pipeline, ask, undo, values};
use super::transact::asked;
use super::{Engine, lanes, sessions};
use crate::seal::Keys;
use crate::{DeadLetter, Place, Redrive, Redriver, Subject, Which};

const LIST: &str = "SELECT direction, seq, attempt, created, due, deadline, maybe_duplicate, parcel,
         session, connector, reason, settled
     FROM deliveries
     WHERE status = 'dead' AND (session, direction, seq) > ($1, $2, $3) AND session <= $4
     ORDER BY session, direction, seq LIMIT $5";
const LIST_OF_CONNECTOR: &str =
    "SELECT direction, seq, attempt, created, due, deadline, maybe_duplicate, parcel,
         session, connector, reason, settled
     FROM deliveries
     WHERE status = 'dead' AND connector = $6 AND (session, direction, seq) > ($1, $2, $3) AND session <= $4
     ORDER BY session, direction, seq LIMIT $5";
const ONE: &str =
    "SELECT direction, seq, attempt, created, due, deadline, maybe_duplicate, parcel FROM deliveries
     WHERE session = $1 AND direction = $2 AND seq = $3 AND status = 'dead' FOR UPDATE";
const REVIVE: &str = "UPDATE deliveries
     SET status = 'pending', reason = NULL, settled = NULL, connector = NULL, attempt = attempt + 1,
         maybe_duplicate = true,
         created = $4, due = $4, deadline = $5
     WHERE session = $1 AND direction = $2 AND seq = $3";
const DISCARD: &str = "DELETE FROM deliveries
     WHERE session = $1 AND direction = $2 AND seq = $3 AND status = 'dead' RETURNING true";

/// Dead letters in the order of their lanes.
pub(super) async fn list(
    client: &Client,
    keys: &Keys,
    which: &Which,
    after: Option<Place>,
    limit: usize,
) -> Rows<Vec<DeadLetter>> {
    let after = after.map(|place| (place.session.0, place.direction.as_str(), place.seq));
    // Those of one session stand together: from the one before its first up to its last.
    let from = after.max(which.session.map(|session| (session.0, "", 0)));
    let (session, direction, seq) = from.unwrap_or((Uuid::nil(), "", 0));
    let last = which.session.map_or(Uuid::max(), |session| session.0);
    let mut from = (session, direction.to_owned(), i64::try_from(seq).unwrap_or(i64::MAX));
    let mut letters = Vec::new();
    // Once more where some could not be read.
    while letters.len() < limit {
        let (session, direction, seq) = from;
        let wanted = limit - letters.len();
        let mut values = values![session, direction, seq, last, fault::limit(wanted)];
        let rows = match &which.connector {
            Some(connector) => {
                values.push(Box::new(plain(connector).into_owned()));
                ask(client, LIST_OF_CONNECTOR, values).await?
            }
            None => ask(client, LIST, values).await?,
        };
        for row in &rows {
            letters.extend(fault::if_readable(letter(keys, row))?);
        }
        match rows.last() {
            Some(row) if rows.len() == wanted => {
                from = (row.try_get(8)?, row.try_get(0)?, row.try_get(1)?);
            }
            _ => break,
        }
    }
    Ok(letters)
}

fn letter(keys: &Keys, row: &Row) -> Rows<DeadLetter> {
    Ok(DeadLetter {
        delivery: lanes::delivery(keys, row, SessionId(row.try_get(8)?), 0)?,
        connector: row.try_get::<_, Option<String>>(9)?.unwrap_or_default(),
        reason: row.try_get::<_, Option<String>>(10)?.unwrap_or_default(),
        given_up: fault::time(row.try_get::<_, Option<i64>>(11)?.unwrap_or_default())?,
    })
}

/// Sends a dead letter on its way again, where the redriver lets it.
pub(super) async fn redrive(
    engine: &Engine,
    place: Place,
    now: Timestamp,
    redriver: &mut Redriver,
) -> Rows<Redrive> {
    let connection = Connection::of(&engine.pool).await?;
    let outcome = revive(&connection, &engine.keys, place, now, redriver).await;
    let redrive = connection.end(outcome).await?;
    if redrive == Redrive::Queued {
        engine.changed();
    }
    Ok(redrive)
}

async fn revive(
    client: &Client,
    keys: &Keys,
    place: Place,
    now: Timestamp,
    redriver: &mut Redriver,
) -> Rows<Redrive> {
    let (id, way, seq) = (place.session.0, place.direction.as_str(), fault::count(place.seq)?);
    let mut asking = Pipeline::begin(client);
    sessions::find(&mut asking, &Subject::Session(place.session)).await?;
    asking.add(ONE, values![id, way, seq]).await?;
    let mut answers = asking.run().await?;
    answers.rows();
    let session = answers.row().map(|row| sessions::document(keys, &row, 0, 1)).transpose()?;
    let dead = answers.row().map(|row| lanes::delivery(keys, &row, place.session, 0)).transpose()?;
    let (Some(before), Some(dead)) = (session, dead) else {
        undo(client).await?;
        return Ok(Redrive::Unknown);
    };
    let Redriven { session, deadline, wake } = match asked("redriver", || redriver(before, &dead))? {
        Ok(redriven) => redriven,
        Err(refusal) => {
            undo(client).await?;
            return Ok(Redrive::Refused(refusal));
        }
    };
    if session.id != place.session {
        let reason = "the redriver gave another session back".to_owned();
        return Err(Fault::Unreadable { record: "decision", reason });
    }
    let alive = Delivery { due: now, deadline, ..dead };
    let mut writing = Pipeline::new(client);
    sessions::save(&mut writing, keys, &session, true, now).await?;
    sessions::wake(&mut writing, session.id, wake).await?;
    let values = values![id, way, seq, fault::millis(alive.due)?, fault::millis(alive.deadline)?];
    writing.add(REVIVE, values).await?;
    lanes::open(&mut writing, &session, &alive).await?;
    lanes::follow(&mut writing, session.id, place.direction).await?;
    writing.commit().await?;
    Ok(Redrive::Queued)
}

/// Removes a dead letter; false where there is none.
pub(super) async fn discard(client: &Client, place: Place) -> Rows<bool> {
    let values = values![place.session.0, Direction::as_str(place.direction), fault::count(place.seq)?];
    Ok(!ask(client, DISCARD, values).await?.is_empty())
}
