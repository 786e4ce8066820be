//! A vendor: its conversations, what it was told in them, and how it answers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use handover_handoff::delivery::{FailureReason, Parcel, Receipt, RetryAdvice};
use handover_handoff::outcome::{Outcome, Update};
use handover_handoff::vendor::{Event, QueueStatus};
use handover_handoff::{DeliveryId, SessionId};
use handover_store::Claim;

use crate::agent::{self, Beginning};
use crate::chance::Chance;
use crate::connector::{self, Versions};
use crate::weather::{Mood, Troubles, Weather};
use crate::wire::{self, Trouble, failed};
use crate::world::World;

/// One vendor, and the connector that speaks for it.
pub struct Vendor {
    /// The connector's name.
    pub name: &'static str,
    /// Its versions.
    pub versions: Versions,
    nth: usize,
    idempotent: bool,
    finds: bool,
    dead: bool,
    troubles: Troubles,
    clash: u64,
    down_until: AtomicU64,
    chance: Chance,
    talks: Mutex<Talks>,
}

#[derive(Default)]
struct Talks {
    by_key: BTreeMap<String, Talk>,
    seen: BTreeSet<DeliveryId>,
    founded: u64,
}

struct Talk {
    session: SessionId,
    /// Another one that was told the same key, by mistake. Once the first is over it may have it.
    also: Option<SessionId>,
    open: bool,
    beginning: Beginning,
}

impl Vendor {
    /// One of the two.
    pub fn new(nth: usize, weather: &Weather, chance: Chance) -> Self {
        Self {
            name: ["contoso", "fabrikam"][nth],
            versions: Versions::default(),
            nth,
            idempotent: weather.idempotent[nth],
            finds: weather.finds[nth],
            dead: weather.mood == Mood::OneDead && nth == 1,
            troubles: weather.vendors[nth],
            clash: weather.clash,
            down_until: AtomicU64::new(0),
            chance,
            talks: Mutex::default(),
        }
    }

    /// It does not answer until then.
    pub fn down_until(&self, at: u64) {
        self.down_until.store(at, Ordering::Relaxed);
    }

    /// Whether a conversation is open there.
    pub fn is_open(&self, key: &str) -> bool {
        let talks = self.talks.lock().unwrap_or_else(PoisonError::into_inner);
        talks.by_key.get(key).is_some_and(|talk| talk.open)
    }

    /// The conversation is over on this side.
    pub fn close(&self, key: &str) {
        let mut talks = self.talks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(talk) = talks.by_key.get_mut(key) {
            talk.open = false;
        }
    }

    /// Carries a parcel to it.
    pub async fn carry(&self, world: &Arc<World>, claim: &Claim) -> Outcome {
        if self.finds
            && claim.delivery.maybe_duplicate
            && matches!(claim.delivery.parcel, Parcel::Message(_))
            && self.trouble(world) == Trouble::None
        {
            let talks = self.talks.lock().unwrap_or_else(PoisonError::into_inner);
            if talks.seen.contains(&claim.delivery.id) {
                world.tally.count("found at the vendor");
                return Outcome::Done(Update::default());
            }
        }
        let trouble = self.trouble(world);
        wire::call(world, &self.chance, trouble, || self.takes(world, claim)).await
    }

    fn trouble(&self, world: &World) -> Trouble {
        if self.dead {
            world.tally.count("dead vendor called");
            return if self.chance.of_thousand(700) { Trouble::Hang(false) } else { Trouble::Safe };
        }
        if world.healed().is_some() {
            return Trouble::None;
        }
        if world.elapsed() < self.down_until.load(Ordering::Relaxed) {
            world.tally.count("vendor down");
            return match self.chance.below(3) {
                0 => Trouble::Before(5_000),
                _ => Trouble::Safe,
            };
        }
        Trouble::draw(&self.troubles, &self.chance)
    }

    /// What reaches the vendor takes effect at once.
    fn takes(&self, world: &Arc<World>, claim: &Claim) -> Outcome {
        let delivery = &claim.delivery;
        if let Parcel::Start(_) = delivery.parcel {
            return self.starts(world, claim);
        }
        let mut talks = self.talks.lock().unwrap_or_else(PoisonError::into_inner);
        let key = claim.session.vendor.lookup_keys.first().cloned().unwrap_or_default();
        if let Parcel::Receipt { message, receipt } = &delivery.parcel {
            drop(talks);
            world.book.arrived(world, claim);
            if *receipt == Receipt::Delivered {
                world.book.must_have_been_shown(world, message);
            }
            return Outcome::Done(Update::default());
        }
        let Talks { by_key, seen, .. } = &mut *talks;
        let Some(talk) = by_key.get_mut(&key) else {
            return failed(FailureReason::ConversationGone, RetryAdvice::Never, "no such conversation");
        };
        if talk.session != claim.session.id && talk.also != Some(claim.session.id) {
            world.broken(
                "I2",
                format!(
                    "{} of {} reached {key}, which is {}'s",
                    delivery.parcel.kind(),
                    claim.session.id,
                    talk.session
                ),
            );
        }
        match &delivery.parcel {
            Parcel::End { .. } => {
                talk.open = false;
                world.book.arrived(world, claim);
                Outcome::Done(Update::default())
            }
            _ if self.idempotent && seen.contains(&delivery.id) => {
                world.tally.count("repeat caught by its key");
                Outcome::Done(Update::default())
            }
            _ if !talk.open => {
                failed(FailureReason::ConversationGone, RetryAdvice::Never, "the conversation is over")
            }
            _ => {
                seen.insert(delivery.id);
                world.book.arrived(world, claim);
                Outcome::Done(Update::default())
            }
        }
    }

    fn starts(&self, world: &Arc<World>, claim: &Claim) -> Outcome {
        let session = &claim.session;
        let mut talks = self.talks.lock().unwrap_or_else(PoisonError::into_inner);
        if self.idempotent
            && let Some((key, talk)) = talks.by_key.iter().find(|(_, talk)| talk.session == session.id)
        {
            return begun(key, talk.beginning, shows_problem(session.id));
        }
        if world.healed().is_none() && self.chance.of_thousand(self.clash) {
            let others = world.book.open_keys(self.name, session.id);
            if let Some((key, talk)) = others.first().and_then(|key| Some((key, talks.by_key.get_mut(key)?)))
            {
                talk.also = Some(session.id);
                world.tally.count("key of another conversation");
                world.note(format!("{} names {} as {key}, which is taken", self.name, session.id));
                // Nobody is shown anything: it took the one for the other.
                return begun(key, Beginning::Connected, false);
            }
        }
        let beginning = match world.healed() {
            Some(_) => Beginning::Connected,
            None => Beginning::draw(&self.chance),
        };
        match beginning {
            Beginning::NoAgents => {
                world.tally.count("no agents");
                return failed(FailureReason::NoAgents, RetryAdvice::Never, "nobody is there");
            }
            Beginning::Steps if session.vendor.progress.as_deref() != Some("2") => {
                world.tally.count("step of a start");
                let progress = if session.vendor.progress.is_some() { "2" } else { "1" };
                return Outcome::Progressed { progress: progress.to_owned(), tokens: None };
            }
            _ => {}
        }
        talks.founded += 1;
        let key = format!("v{}-{}", self.nth, talks.founded);
        talks.by_key.insert(key.clone(), Talk { session: session.id, also: None, open: true, beginning });
        drop(talks);
        world.book.arrived(world, claim);
        world.note(format!("{} opens {key} for {}, {beginning:?}", self.name, session.id));
        tokio::spawn(agent::work(Arc::clone(world), self.nth, key.clone(), beginning, self.chance.fork()));
        begun(&key, beginning, shows_problem(session.id))
    }
}

/// Every other start shows its live agent the problem.
pub fn shows_problem(session: SessionId) -> bool {
    session.0.as_u128().is_multiple_of(2)
}

fn begun(key: &str, beginning: Beginning, problem_told: bool) -> Outcome {
    let queued = Event::Queued(QueueStatus { position: Some(3), ..QueueStatus::default() });
    let (events, proved) = match beginning {
        Beginning::Connected => (vec![Event::Joined(connector::somebody("Ada"))], true),
        Beginning::Greets => {
            let hello = Event::Message(connector::message(&format!("a {key} 0")));
            (vec![Event::Joined(connector::somebody("Ada")), hello], true)
        }
        Beginning::Queued => (vec![queued], true),
        Beginning::ProvedLater | Beginning::NeverProved => (Vec::new(), false),
        Beginning::Plain | Beginning::Steps | Beginning::NoAgents => (Vec::new(), true),
    };
    let (lookup_keys, update) = (vec![key.to_owned()], Update::default());
    Outcome::Started { lookup_keys, update, events, proved, problem_told }
}
