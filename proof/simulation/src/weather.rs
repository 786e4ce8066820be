//! The weather: how rough a seed is. Some are calm, in some one vendor is dead and nothing else, some are hell.

use handover_handoff::policy::Policy;

use crate::chance::Chance;

/// What kind of seed it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// Nothing goes wrong: everything has to arrive at once.
    Calm,
    /// One vendor never answers and all else is well: nothing else may be slower for it.
    OneDead,
    /// Anything goes wrong, more or less often.
    Rough,
}

/// How often calls to one side go wrong, each in a thousand.
#[derive(Debug, Clone, Copy, Default)]
pub struct Troubles {
    /// Refused for good.
    pub never: u64,
    /// Answered that it did not happen.
    pub safe: u64,
    /// Too much at once.
    pub limited: u64,
    /// The request is lost, nobody knows.
    pub before: u64,
    /// It took effect and the answer is lost.
    pub after: u64,
    /// It takes its time.
    pub slow: u64,
    /// No end at all.
    pub hang: u64,
}

/// How things happen as often as once in so many milliseconds; 0 is never.
#[derive(Debug, Clone, Copy, Default)]
pub struct Fates {
    /// A node dies.
    pub crash: u64,
    /// A node is stopped as it should be.
    pub stop: u64,
    /// A node does not reach the store.
    pub cut: u64,
    /// A node's clock jumps.
    pub jump: u64,
    /// A vendor is down.
    pub vendor_down: u64,
    /// The bot's host is down.
    pub host_down: u64,
    /// A connector is swapped for one that cannot read one kind of callback, or back.
    pub swap: u64,
    /// An operator does something.
    pub operator: u64,
}

/// All that is drawn before a seed begins.
#[derive(Debug, Clone)]
pub struct Weather {
    /// What kind of seed it is.
    pub mood: Mood,
    /// How many nodes.
    pub nodes: u64,
    /// How many conversations.
    pub conversations: u64,
    /// How many handovers each has in the rough time.
    pub rounds: u64,
    /// How many of the conversations are held, in a thousand.
    pub held: u64,
    /// The longest a call of the store takes.
    pub store_ms: u64,
    /// How often a call of the store took effect and its answer is lost, in a thousand.
    pub ambiguous: u64,
    /// How often requests to the gateway, or their answers, are lost, in a thousand.
    pub lossy: u64,
    /// How often what was acknowledged comes once more, in a thousand.
    pub repeats: u64,
    /// The vendors take idempotency keys.
    pub idempotent: [bool; 2],
    /// The vendors can be asked whether they have a message.
    pub finds: [bool; 2],
    /// How often a vendor names a conversation as it names another one, in a thousand.
    pub clash: u64,
    /// Calls to the vendors.
    pub vendors: [Troubles; 2],
    /// Posts to the bot's side.
    pub posts: Troubles,
    /// What happens now and then.
    pub fates: Fates,
    /// How long things may take.
    pub policy: Policy,
}

impl Weather {
    /// The weather of a seed.
    pub fn draw(chance: &Chance) -> Self {
        let mood = match chance.below(20) {
            0 => Mood::Calm,
            1 => Mood::OneDead,
            _ => Mood::Rough,
        };
        let rough = mood == Mood::Rough;
        // From a breeze to hell.
        let force = if rough { 1 + chance.below(10) } else { 0 };
        let some = |often: u64, most: u64| {
            if chance.of_thousand(often) { chance.below(most * force + 1) } else { 0 }
        };
        let troubles = || Troubles {
            never: some(300, 8),
            safe: some(500, 20),
            limited: some(300, 15),
            before: some(400, 15),
            after: some(500, 20),
            slow: some(300, 20),
            hang: some(200, 5),
        };
        let every = |often: u64, least: u64, most: u64| {
            if rough && chance.of_thousand(often) {
                chance.between(least, most) / force.max(1) + 2_000
            } else {
                0
            }
        };
        Self {
            mood,
            nodes: chance.between(1, 2),
            conversations: match mood {
                // More than a target has places: those that wait for the dead one must not take them all.
                Mood::OneDead if chance.of_thousand(40) => 150,
                _ => chance.between(3, 6),
            },
            rounds: chance.between(1, 2),
            held: chance.one_of(&[0, 0, 200, 500]),
            store_ms: chance.one_of(&[0, 0, 3, 30, if rough { 300 } else { 30 }]),
            ambiguous: some(400, 6),
            lossy: some(500, 15),
            repeats: some(600, 40),
            idempotent: [true, false],
            finds: [false, chance.of_thousand(300)],
            clash: some(300, 20),
            vendors: [troubles(), troubles()],
            posts: troubles(),
            fates: Fates {
                crash: every(600, 20_000, 200_000),
                stop: every(300, 20_000, 200_000),
                cut: every(500, 20_000, 200_000),
                jump: every(300, 20_000, 200_000),
                vendor_down: every(400, 40_000, 300_000),
                host_down: every(300, 40_000, 300_000),
                swap: every(400, 20_000, 200_000),
                operator: every(400, 20_000, 200_000),
            },
            policy: policy(chance, rough),
        }
    }
}

fn policy(chance: &Chance, rough: bool) -> Policy {
    let span = |often: u64, least: u64, most: u64| {
        (rough && chance.of_thousand(often)).then(|| chance.between(least, most))
    };
    Policy {
        start_budget: chance.one_of(&[1_000, 4_000, 8_000]),
        fresh_to_vendor: if rough { chance.one_of(&[4_000, 15_000, 120_000]) } else { 120_000 },
        fresh_to_customer: if rough { chance.one_of(&[4_000, 15_000, 120_000]) } else { 120_000 },
        persistence: chance.one_of(&[15 * 60_000, 60 * 60_000]),
        queue_timeout: span(300, 3_000, 60_000).or(Some(120_000)),
        customer_inactivity: span(300, 5_000, 60_000).or(Some(150_000)),
        agent_inactivity: span(200, 5_000, 60_000).or(Some(180_000)),
        hard_limit: span(200, 10_000, 120_000).unwrap_or(300_000),
        ..Policy::default()
    }
}
