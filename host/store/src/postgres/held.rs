//! What can only wait for the customer's next turn is taken by that turn.

use deadpool_postgres::Client;
use handover_handoff::delivery::{Delivery, Direction};
use handover_handoff::{SessionId, Timestamp, outcome};

use super::connect::Connection;
use super::fault::{self, Rows};
use super::pipeline::{Pipeline, ask, undo, values};
use super::{Engine, lanes, sessions};
use crate::Subject;
use crate::seal::Keys;

const ANY: &str = "SELECT true FROM deliveries
     WHERE session = $1 AND direction = $2 AND status = 'pending' AND due = $3 LIMIT 1";
const PENDING: &str = "SELECT direction, seq, attempt, created, due, deadline, maybe_duplicate, parcel
     FROM deliveries WHERE session = $1 AND direction = $2 AND status = 'pending' ORDER BY seq";

/// Everything that is held for a customer, in order; it counts as delivered.
pub(super) async fn take(engine: &Engine, session: SessionId, now: Timestamp) -> Rows<Vec<Delivery>> {
    let connection = Connection::of(&engine.pool).await?;
    let outcome = on(&connection, &engine.keys, session, now).await;
    let held = connection.end(outcome).await?;
    if !held.is_empty() {
        engine.changed();
    }
    Ok(held)
}

async fn on(client: &Client, keys: &Keys, id: SessionId, now: Timestamp) -> Rows<Vec<Delivery>> {
    let way = Direction::ToCustomer;
    // Most turns find nothing, and need no transaction to see that.
    let any = ask(client, ANY, values![id.0, way.as_str(), fault::millis(Timestamp::NEVER)?]).await?;
    if any.is_empty() {
        return Ok(Vec::new());
    }
    let mut asking = Pipeline::begin(client);
    sessions::find(&mut asking, &Subject::Session(id)).await?;
    asking.add(PENDING, values![id.0, way.as_str()]).await?;
    let mut answers = asking.run().await?;
    answers.rows();
    let session = answers.row().map(|row| sessions::document(keys, &row, 0, 1)).transpose()?;
    let mut held = Vec::new();
    for row in answers.rows() {
        // What is behind one that can be pushed waits for that one.
        if row.try_get::<_, i64>(4)? != fault::millis(Timestamp::NEVER)? {
            break;
        }
        held.push(lanes::delivery(keys, &row, id, 0)?);
    }
    if held.is_empty() {
        undo(client).await?;
        return Ok(held);
    }
    let mut taking = Pipeline::new(client);
    for delivery in &held {
        lanes::arrive(&mut taking, id, way, delivery.seq, now).await?;
    }
    lanes::close(&mut taking, id, way).await?;
    lanes::follow(&mut taking, id, way).await?;
    if let Some(session) = session {
        // Its timer stays as it is.
        let (session, deliveries) = outcome::taken(session, &held, now);
        sessions::save(&mut taking, keys, &session, true, now).await?;
        lanes::append(&mut taking, keys, &session, &deliveries).await?;
    }
    taking.commit().await?;
    Ok(held)
}
