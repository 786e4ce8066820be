//! What waits for the customer's next turn: taken by that turn, or let go once there is a way to push it.

use handover_handoff::delivery::{Delivery, Direction};
use handover_handoff::{SessionId, Timestamp, outcome};
use rusqlite::params;

use super::deliveries::{self, End};
use super::desk::Desk;
use super::records::Rows;
use super::sealed::Database;
use super::{lanes, sessions};
use crate::Subject;

/// Everything that is held for a customer, in order; it counts as delivered.
pub(super) fn take(
    db: &Database<'_>,
    desk: &mut Desk,
    session: SessionId,
    now: Timestamp,
) -> Rows<Vec<Delivery>> {
    let id = session.to_string();
    let direction = Direction::ToCustomer.as_str();
    let mut held = Vec::new();
    // What has been handed out is not held, so nobody has the lane in hand.
    while let Some(head) = deliveries::head(db, &id, direction)?.filter(|head| head.due == Timestamp::NEVER) {
        deliveries::finish(db, &id, direction, head.seq, End::Done, now)?;
        held.push(head);
    }
    if held.is_empty() {
        return Ok(held);
    }
    lanes::look_again(db, &id, direction)?;
    if let Some(session) = sessions::find(db, &Subject::Session(session))? {
        let (session, deliveries) = outcome::taken(session, &held, now);
        sessions::rewrite(db, &session)?;
        lanes::append(db, &session, &deliveries)?;
    }
    desk.changed = true;
    Ok(held)
}

/// Lets go of what was held: it can be pushed now, until the deadline.
pub(super) fn release(
    db: &Database<'_>,
    session: SessionId,
    deadline: Timestamp,
    now: Timestamp,
) -> Rows<()> {
    let id = session.to_string();
    let released = db.prepare_cached(deliveries::RELEASE)?.execute(params![
        id,
        Timestamp::NEVER.0,
        now.0,
        deadline.0
    ])?;
    if released > 0 {
        lanes::look_again(db, &id, Direction::ToCustomer.as_str())?;
    }
    Ok(())
}
