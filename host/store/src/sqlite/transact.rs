//! The heart of the store: load, let decide, and write all that follows, or nothing.

use handover_handoff::delivery::Direction;
use handover_handoff::{Decision, Session, Timestamp};

use super::desk::{self, Desk};
use super::records::Rows;
use super::sealed::Database;
use super::sessions::{self, Before};
use super::{held, inbox, lanes};
use crate::{Committed, Decider, Once, Sifter, Subject};

pub(super) fn transact(
    db: &Database<'_>,
    desk: &mut Desk,
    subject: &Subject,
    once: Option<&Once>,
    now: Timestamp,
    decider: &mut Decider,
) -> Rows<Committed> {
    let names: Vec<&Once> = once.into_iter().collect();
    for name in &names {
        if !inbox::take_in(db, name, now)? {
            return Ok(Committed::Duplicate);
        }
    }
    commit(db, desk, subject, &names, now, decider)
}

/// The same with many names, of which some may be known.
pub(super) fn gather(
    db: &Database<'_>,
    desk: &mut Desk,
    subject: &Subject,
    names: &[Once],
    now: Timestamp,
    sifter: &mut Sifter,
) -> Rows<()> {
    let fresh: Vec<bool> = names.iter().map(|name| inbox::take_in(db, name, now)).collect::<Rows<_>>()?;
    let taken: Vec<&Once> = names.iter().zip(&fresh).filter(|(_, new)| **new).map(|(name, _)| name).collect();
    commit(db, desk, subject, &taken, now, |found| sifter(found, &fresh))?;
    Ok(())
}

fn commit(
    db: &Database<'_>,
    desk: &mut Desk,
    subject: &Subject,
    taken: &[&Once],
    now: Timestamp,
    decide: impl FnOnce(Option<Session>) -> Decision<()>,
) -> Rows<Committed> {
    let found = sessions::find(db, subject)?;
    let before = found.as_ref().map(Before::of);
    let decision = desk::asked("decider", || decide(found))?;
    let Some(session) = decision.session else {
        // What had no effect may come again: an event can be ahead of the session that it is for.
        for name in taken {
            inbox::forget(db, name)?;
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
