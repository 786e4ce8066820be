//! What a node's relay sees of the world: its own clock, its own chance, the vendors and the bot's side.

use std::sync::Arc;

use handover_handoff::Timestamp;
use handover_handoff::delivery::Direction;
use handover_handoff::outcome::Outcome;
use handover_relay::{Happened, Later, Outside};
use handover_store::{Callback, Claim};

use crate::chance::Chance;
use crate::connector;
use crate::node::Line;
use crate::world::World;

/// The world as one node sees it.
pub struct Surroundings {
    pub(crate) world: Arc<World>,
    pub(crate) line: Arc<Line>,
    pub(crate) lag: u64,
    pub(crate) chance: Chance,
}

impl Outside for Surroundings {
    fn now(&self) -> Timestamp {
        self.line.now(&self.world)
    }

    fn chance(&self) -> f64 {
        self.chance.unit()
    }

    fn carry<'a>(&'a self, claim: &'a Claim) -> Later<'a, Outcome> {
        Box::pin(async move {
            let (world, delivery) = (&self.world, &claim.delivery);
            let vendor = world.vendors.iter().find(|vendor| vendor.name == claim.session.connector);
            let outcome = match (delivery.direction, vendor) {
                (Direction::ToCustomer, _) => world.channel.carry(world, claim).await,
                (_, Some(vendor)) => vendor.carry(world, claim).await,
                (_, None) => unreachable!("every session has one of the two connectors"),
            };
            let heard = match &outcome {
                Outcome::Failed(failure) => failure.detail.as_str(),
                Outcome::Started { .. } => "started",
                Outcome::Progressed { .. } => "a step",
                _ => "done",
            };
            world.note(format!(
                "{} {} {} {} attempt {}{}: {heard}",
                short(claim),
                delivery.direction.as_str(),
                delivery.seq,
                delivery.parcel.kind(),
                delivery.attempt,
                if delivery.maybe_duplicate { "?" } else { "" },
            ));
            outcome
        })
    }

    fn connectors(&self) -> Vec<(String, String)> {
        let seen = self.world.elapsed().saturating_sub(self.lag);
        let each = self.world.vendors.iter();
        each.map(|vendor| (vendor.name.to_owned(), vendor.versions.serving(seen).digest)).collect()
    }

    fn read<'a>(&'a self, callback: &'a Callback) -> Later<'a, Result<Vec<Happened>, String>> {
        Box::pin(async move {
            let seen = self.world.elapsed().saturating_sub(self.lag);
            let vendor = self.world.vendors.iter().find(|vendor| vendor.name == callback.connector);
            let version = vendor.ok_or("no such connector")?.versions.serving(seen);
            let happened = connector::read(&version, &callback.request)?;
            self.world.tally.count("kept callback read");
            self.world.note(format!("kept callback read: {}", String::from_utf8_lossy(&callback.request)));
            self.world.book.read(&self.world, &String::from_utf8_lossy(&callback.request));
            Ok(happened.into_iter().collect())
        })
    }
}

/// A session, as traces name it.
fn short(claim: &Claim) -> String {
    let id = claim.session.id.to_string();
    format!("{}/{}", claim.session.conversation.conversation, &id[..6])
}
