//! The world of one seed: what all who live in it share.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use handover_handoff::Timestamp;
use handover_store::SqliteInline;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::book::Book;
use crate::chance::Chance;
use crate::channel::Channel;
use crate::news::News;
use crate::node::Node;
use crate::tally::Tally;
use crate::trace::Trace;
use crate::vendor::Vendor;
use crate::weather::Weather;

/// What time it is where a seed begins.
const BEGINNING: u64 = 1_800_000_000_000;

/// So many calls of the store in one millisecond are made by nobody who waits for anything.
const SPINS: u64 = 20_000;

/// A rule that did not hold.
#[derive(Debug, Clone)]
pub struct Violation {
    /// Its name, as ARCHITECTURE.md has it.
    pub invariant: &'static str,
    /// What happened.
    pub what: String,
}

/// What all share.
pub struct World {
    /// How rough it is.
    pub weather: Weather,
    /// What happened.
    pub trace: Trace,
    /// How often.
    pub tally: Tally,
    /// What was committed, and what arrived.
    pub book: Book,
    /// The one database.
    pub database: SqliteInline,
    /// Who waits for commits.
    pub news: News,
    /// One for each connector.
    pub vendors: [Vendor; 2],
    /// The bot's side.
    pub channel: Channel,
    /// The gateways that serve, or are about to.
    pub nodes: Mutex<Vec<Arc<Node>>>,
    /// Where whoever needs a stream of chance gets one.
    pub chance: Chance,
    begun: Instant,
    /// When all faults were switched off; `u64::MAX` is not yet.
    healed: AtomicU64,
    violation: Mutex<Option<Violation>>,
    alarm: Notify,
    /// The last millisecond in which somebody called the store, and how often.
    calls: Mutex<(u64, u64)>,
}

impl World {
    /// The world of a seed.
    pub fn new(seed: u64, printed: bool) -> Arc<Self> {
        let chance = Chance::new(seed);
        let weather = Weather::draw(&chance);
        let vendors = [0, 1].map(|n| Vendor::new(n, &weather, chance.fork()));
        let channel = Channel::new(&weather, chance.fork());
        Arc::new(Self {
            weather,
            trace: Trace::new(printed),
            tally: Tally::default(),
            book: Book::default(),
            database: SqliteInline::open_in_memory().expect("a database in memory opens"),
            news: News::default(),
            vendors,
            channel,
            nodes: Mutex::default(),
            chance,
            begun: Instant::now(),
            healed: AtomicU64::new(u64::MAX),
            violation: Mutex::default(),
            alarm: Notify::new(),
            calls: Mutex::default(),
        })
    }

    /// Milliseconds since the seed began.
    pub fn elapsed(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// What a clock that goes right shows.
    pub fn now(&self) -> Timestamp {
        Timestamp(BEGINNING + self.elapsed())
    }

    /// Adds a line to the trace.
    pub fn note(&self, what: impl AsRef<str>) {
        self.trace.add(self.elapsed(), what.as_ref());
    }

    /// All faults are switched off from now on.
    pub fn heal(&self) {
        self.healed.store(self.elapsed(), Ordering::Relaxed);
        self.note("all faults are off");
    }

    /// When all faults were switched off, if they were.
    pub fn healed(&self) -> Option<u64> {
        Some(self.healed.load(Ordering::Relaxed)).filter(|at| *at != u64::MAX)
    }

    /// A rule did not hold. The first one counts; what follows may follow from it.
    pub fn broken(&self, invariant: &'static str, what: impl Into<String>) {
        let violation = Violation { invariant, what: what.into() };
        self.note(format!("VIOLATION {invariant}: {}", violation.what));
        self.violation.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(violation);
        self.alarm.notify_one();
    }

    /// Waits, and no longer than until a rule does not hold.
    pub async fn pause(&self, ms: u64) {
        drop(tokio::time::timeout(Duration::from_millis(ms), self.alarm.notified()).await);
    }

    /// The rule that did not hold.
    pub fn violation(&self) -> Option<Violation> {
        self.violation.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The store is called. Time stands still for whoever calls it again and again without waiting, so it is made to
    /// go on; true then.
    pub fn spins(&self) -> bool {
        let now = self.elapsed();
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        if calls.0 != now {
            *calls = (now, 0);
        }
        calls.1 += 1;
        if calls.1 == SPINS {
            self.broken("liveness", format!("{SPINS} calls of the store in one millisecond"));
        }
        calls.1 >= SPINS
    }

    /// A gateway that takes requests, if there is one.
    pub fn some_node(&self, chance: &Chance) -> Option<Arc<Node>> {
        let nodes = self.nodes.lock().unwrap_or_else(PoisonError::into_inner);
        let serving: Vec<_> = nodes.iter().filter(|node| node.serves()).collect();
        let at = chance.below(serving.len() as u64) as usize;
        serving.get(at).map(|node| Arc::clone(node))
    }
}
