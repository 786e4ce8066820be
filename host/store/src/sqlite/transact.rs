//! The heart of the store: load, let decide, and write all that follows, or nothing.

use handover_handoff::Timestamp;
use handover_handoff::delivery::Direction;

use super::desk::{self, Desk};
use super::records::Rows;
use super::sealed::Database;
use super::sessions::{self, Before};
use super::{held, inbox, lanes};
use crate::{Committed, Decider, Once, Subject};

pub(super) fn transact(
    db: &Database<'_>,
    desk: &mut Desk,
    subject: &Subject,
    once: Option<&Once>,
    now: Timestamp,
    decider: &mut Decider,
) -> Rows<Committed> {
    if let Some(once) = once
        && !inbox::take_in(db, once, now)?
    {
        return Ok(Committed::Duplicate);
    }
    let found = sessions::find(db, subject)?;
    let before = found.as_ref().map(Before::of);
    let decision = desk::asked("decider", || decider(found))?;
    let Some(session) = decision.session else {
        // What had no effect may come again: an event can be ahead of the session that it is for.
        if let Some(once) = once {
            inbox::forget(db, once)?;
        }
        return Ok(Committed::Applied(None));
    };
    let settled = match decision.settlement {
        // A claimer that was too slow has lost the lane: it has gone on, and nothing of this counts.
        Some(settlement) => match lanes::in_hand(db, &settlement, session.id)? {
            Some(place) => Some((settlement.fate, place)),
            None => return Ok(Committed::Applied(None)),
        },
        None => None,
    };
    desk.changed = true;
    sessions::save(db, before.as_ref(), &session, decision.wake, now)?;
    if before.is_some_and(|before| before.moved(&session)) {
        let direction = Direction::ToCustomer;
        lanes::lead_to(db, &session.id.to_string(), direction.as_str(), &session.target(direction).0)?;
    }
    if let Some(deadline) = decision.released {
        held::release(db, session.id, deadline, now)?;
    }
    lanes::append(db, &session, &decision.deliveries)?;
    let Some((fate, place)) = settled else { return Ok(Committed::Applied(None)) };
    let next = lanes::settle(db, &desk.node, &fate, session, place, now)?;
    Ok(Committed::Applied(next.map(Box::new)))
}
