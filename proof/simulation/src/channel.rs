//! The bot's side: where posts arrive, what each bot makes of the results of its actions, and the customer's screen.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use handover_handoff::address::Action;
use handover_handoff::delivery::{ActionResult, Parcel};
use handover_handoff::outcome::{Outcome, Update};
use handover_handoff::session::StartStatus;
use handover_store::Claim;

use crate::chance::Chance;
use crate::weather::{Troubles, Weather};
use crate::wire::{self, Trouble};
use crate::world::World;

/// The bot of one conversation.
#[derive(Debug, Default)]
pub struct Bot {
    /// The turns of the `sendMessage` that it keeps open.
    open: BTreeSet<String>,
    /// The answers to its starts.
    answers: BTreeMap<String, StartStatus>,
}

/// The host of all bots.
pub struct Channel {
    troubles: Troubles,
    down_until: AtomicU64,
    chance: Chance,
    bots: Mutex<BTreeMap<String, Bot>>,
}

impl Channel {
    /// A host that nobody has posted to.
    pub fn new(weather: &Weather, chance: Chance) -> Self {
        Self { troubles: weather.posts, down_until: AtomicU64::new(0), chance, bots: Mutex::default() }
    }

    /// It does not answer until then.
    pub fn down_until(&self, at: u64) {
        self.down_until.store(at, Ordering::Relaxed);
    }

    /// Carries a parcel to it.
    pub async fn carry(&self, world: &World, claim: &Claim) -> Outcome {
        let trouble = self.trouble(world);
        let effect = || {
            world.book.arrived(world, claim);
            if let Parcel::ActionResult(result) = &claim.delivery.parcel {
                self.is_told(&claim.session.conversation.conversation, result);
            }
            Outcome::Done(Update::default())
        };
        wire::call(world, &self.chance, trouble, effect).await
    }

    fn trouble(&self, world: &World) -> Trouble {
        if world.healed().is_some() {
            return Trouble::None;
        }
        if world.elapsed() < self.down_until.load(Ordering::Relaxed) {
            world.tally.count("bot's host down");
            return match self.chance.below(3) {
                0 => Trouble::Before(5_000),
                _ => Trouble::Safe,
            };
        }
        Trouble::draw(&self.troubles, &self.chance)
    }

    /// The bot keeps its `sendMessage` open from now on.
    pub fn sends(&self, conversation: &str, activity: &str) {
        self.with(conversation, |bot| bot.open.insert(activity.to_owned()));
    }

    /// The bot's topic that sends messages is over: the bot itself has ended it.
    pub fn stops(&self, conversation: &str) {
        self.with(conversation, |bot| bot.open.clear());
    }

    /// A result of an action reaches the bot.
    pub fn is_told(&self, conversation: &str, result: &ActionResult) {
        let activity = result.to.activity.clone().unwrap_or_default();
        self.with(conversation, |bot| match (result.to.action, &result.started) {
            (Action::StartConversation, Some((_, status))) => {
                bot.answers.insert(activity, *status);
            }
            // A result of an action that is closed already is dropped.
            (Action::SendMessage, _) if bot.open.contains(&activity) => bot.open.clear(),
            _ => {}
        });
    }

    /// Whether a bot waits for the end of its `sendMessage`.
    pub fn waits(&self, conversation: &str) -> bool {
        self.with(conversation, |bot| !bot.open.is_empty())
    }

    /// The answer to a start.
    pub fn answer(&self, conversation: &str, activity: &str) -> Option<StartStatus> {
        self.with(conversation, |bot| bot.answers.get(activity).copied())
    }

    fn with<T>(&self, conversation: &str, work: impl FnOnce(&mut Bot) -> T) -> T {
        let mut bots = self.bots.lock().unwrap_or_else(PoisonError::into_inner);
        work(bots.entry(conversation.to_owned()).or_default())
    }
}
