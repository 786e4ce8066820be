//! Who has what in hand: claims, what is taken while it is held, and what is redriven.

use handover_handoff::delivery::Delivery;
use handover_handoff::{Session, SessionId, Timestamp, outcome};
use handover_store::{Claim, Place};

use super::{Book, Status, commits};
use crate::world::World;

impl Book {
    /// A delivery was handed out (I5: only the first of its lane, and to one at a time).
    pub fn claimed(&self, world: &World, claim: &Claim) {
        let mut pages = self.pages();
        let delivery = &claim.delivery;
        let (kind, seq, id) = (delivery.parcel.kind(), delivery.seq, delivery.session);
        let Some(page) = pages.sessions.get_mut(&id) else {
            world.broken("I4", format!("{kind} {seq} of {id} was handed out and never committed"));
            return;
        };
        let lane = page.lane(delivery.direction);
        if let Some((first, _)) = lane.entries.range(..seq).find(|(_, entry)| entry.status == Status::Pending)
        {
            world.broken("I5", format!("{kind} {seq} of {id} was handed out past {first}"));
        }
        let Some(entry) = lane.entries.get_mut(&seq) else {
            world.broken("I4", format!("{kind} {seq} of {id} was handed out and never committed"));
            return;
        };
        if entry.status == Status::Over {
            world.broken("I4", format!("{kind} {seq} of {id} was handed out and is over"));
        }
        if entry.in_hand == Some(delivery.attempt) {
            world.broken("I5", format!("{kind} {seq} of {id} is in two hands"));
        }
        entry.status = Status::Pending;
        entry.in_hand = Some(delivery.attempt);
        entry.latest = delivery.attempt;
    }

    /// A response takes along what was held.
    pub fn taken(&self, world: &World, id: SessionId, held: &[Delivery], now: Timestamp) {
        if held.is_empty() {
            return;
        }
        world.tally.count("held taken along");
        let mut pages = self.pages();
        let Some(page) = pages.sessions.get_mut(&id) else { return };
        for delivery in held {
            world.note(format!("{id} {} {} goes out in a response", delivery.parcel.kind(), delivery.seq));
            page.arrives(world, delivery);
            if let Some(entry) = page.entry(delivery) {
                entry.status = Status::Over;
            }
        }
        let (session, deliveries) = outcome::taken(page.session.clone(), held, now);
        page.session = session;
        for delivery in &deliveries {
            commits::posted(world, page, delivery);
        }
    }

    /// A dead letter is on its way again.
    pub fn redriven(&self, world: &World, place: Place, session: Option<Session>) {
        let mut pages = self.pages();
        let Some(page) = pages.sessions.get_mut(&place.session) else { return };
        if let Some(session) = session {
            page.session = session;
        }
        world.note(format!("{} {} {} is redriven", place.session, place.direction.as_str(), place.seq));
        if let Some(entry) = page.lane(place.direction).entries.get_mut(&place.seq) {
            entry.status = Status::Pending;
            entry.in_hand = None;
            entry.redriven = true;
        }
    }
}
