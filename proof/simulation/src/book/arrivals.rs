//! What arrives: once unless it is marked, in order, where it belongs, and nothing after the end.

use handover_handoff::delivery::{Delivery, Direction, Parcel};
use handover_handoff::notice::Notice;
use handover_store::Claim;

use super::{Book, Page, commits};
use crate::world::World;

impl Book {
    /// A parcel took effect where it was carried to.
    pub fn arrived(&self, world: &World, claim: &Claim) {
        let mut pages = self.pages();
        let Some(page) = pages.sessions.get_mut(&claim.delivery.session) else {
            world.broken("I4", format!("something of {} was carried and never committed", claim.session.id));
            return;
        };
        if page.session.conversation != claim.session.conversation {
            world.broken("I2", format!("{} has moved to another conversation", claim.session.id));
        }
        page.arrives(world, &claim.delivery);
    }

    /// The live agent is told that a message is with the customer.
    pub fn must_have_been_shown(&self, world: &World, message: &str) {
        let mut pages = self.pages();
        let place = pages.texts.get(message).copied();
        let entry = place.and_then(|(session, direction, seq)| {
            pages.sessions.get_mut(&session)?.lane(direction).entries.get(&seq)
        });
        if entry.is_none_or(|entry| entry.copies.is_empty()) {
            world.broken(
                "I4",
                format!("{message:?} is told to be delivered, and the customer has not seen it"),
            );
        }
    }
}

impl Page {
    pub(super) fn arrives(&mut self, world: &World, delivery: &Delivery) {
        let id = self.session.id;
        let (kind, seq) = (delivery.parcel.kind(), delivery.seq);
        let over_shown = self.over_shown;
        let lane = self.lane(delivery.direction);
        let Some(entry) = lane.entries.get_mut(&seq) else {
            world.broken("I4", format!("{kind} {seq} of {id} was carried and never committed"));
            return;
        };
        if entry.delivery.parcel != delivery.parcel {
            world.broken("I4", format!("{kind} {seq} of {id} was carried as something else"));
        }
        let first = entry.copies.is_empty();
        if !delivery.maybe_duplicate && entry.copies.contains(&false) {
            world.broken("I4", format!("{kind} {seq} of {id} arrived twice, and the second is not marked"));
        }
        entry.copies.push(delivery.maybe_duplicate);
        if !first {
            world.tally.count("possible duplicate that is one");
            return;
        }
        entry.arrived = Some(world.elapsed());
        // Whoever has lost the lane to another may be late: what was sent cannot be called back.
        if entry.latest > delivery.attempt {
            world.tally.count("arrival after the lane was lost");
            return;
        }
        let redriven = entry.redriven;
        if !redriven {
            if seq < lane.furthest {
                world.broken("I5", format!("{kind} {seq} of {id} arrived after {}", lane.furthest));
            }
            lane.furthest = seq;
        }
        if delivery.direction != Direction::ToCustomer {
            return;
        }
        let chat = match &delivery.parcel {
            Parcel::AgentMessage(_) => true,
            // A message that nobody takes any more is answered with why, or that it was not taken.
            Parcel::Notice(
                Notice::NoAgents
                | Notice::StartFailed
                | Notice::NotDelivered
                | Notice::FileNotDelivered { .. },
            ) => false,
            Parcel::Notice(_) => true,
            _ => false,
        };
        if chat && over_shown {
            world.broken("I3", format!("{kind} {seq} of {id} was shown after the end"));
        }
        if commits::gives_back(&delivery.parcel)
            || matches!(delivery.parcel, Parcel::Notice(Notice::Ended { .. }))
        {
            self.over_shown = true;
        }
    }
}
