//! A gateway: a relay with its own clock, its own line to the store, and a life that ends at any moment.

use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use handover_handoff::Timestamp;
use handover_relay::{Policies, Relay, Settings};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;

use crate::chance::Chance;
use crate::connector::Version;
use crate::link::Link;
use crate::outside::Surroundings;
use crate::world::World;

/// What a node is cut off by, and how its clock goes.
#[derive(Debug, Default)]
pub struct Line {
    /// The process is gone: whoever still waits for something waits for ever.
    pub dead: AtomicBool,
    /// Until when the store cannot be reached.
    pub cut: AtomicU64,
    /// Whether calls wait for it then, instead of failing at once.
    pub hangs: AtomicBool,
    /// How far its clock is off, in milliseconds.
    pub offset: AtomicI64,
}

impl Line {
    /// Whether the store cannot be reached at this time.
    pub fn is_cut(&self, elapsed: u64) -> bool {
        elapsed < self.cut.load(Ordering::Relaxed)
    }

    /// What the node's clock shows.
    pub fn now(&self, world: &World) -> Timestamp {
        Timestamp(world.now().0.saturating_add_signed(self.offset.load(Ordering::Relaxed)))
    }
}

/// One gateway process, from its start to its end.
pub struct Node {
    /// No other process has had it.
    pub name: String,
    /// Where it lives.
    pub world: Arc<World>,
    /// Its way to the store, and its clock.
    pub line: Arc<Line>,
    /// The heart of it.
    pub relay: Arc<Relay>,
    /// How late it sees that a connector was swapped.
    lag: u64,
    stop: Mutex<Option<watch::Sender<bool>>>,
    tasks: Mutex<JoinSet<()>>,
    serves: AtomicBool,
}

impl Node {
    /// Starts one.
    pub fn start(world: &Arc<World>, name: String, chance: &Chance) -> Arc<Self> {
        let line = Arc::new(Line::default());
        let lag = chance.one_of(&[0, 100, 1_000]);
        let store = world.database.node(&name);
        let link = Link::new(world, store, Arc::clone(&line), chance.fork());
        let surroundings =
            Surroundings { world: Arc::clone(world), line: Arc::clone(&line), lag, chance: chance.fork() };
        let policies = Policies { default: world.weather.policy.clone(), ..Policies::default() };
        let settings = Settings { policies, ..Settings::default() };
        let relay = Relay::new(Arc::new(link), Arc::new(surroundings), settings);
        let (stop, stopping) = watch::channel(false);
        let node = Arc::new(Self {
            name,
            world: Arc::clone(world),
            line,
            relay: Arc::clone(&relay),
            lag,
            stop: Mutex::new(Some(stop)),
            tasks: Mutex::default(),
            serves: AtomicBool::new(true),
        });
        world.note(format!("{} starts", node.name));
        node.tasks().spawn(relay.run(stopping));
        node
    }

    fn tasks(&self) -> std::sync::MutexGuard<'_, JoinSet<()>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it takes requests.
    pub fn serves(&self) -> bool {
        self.serves.load(Ordering::Relaxed)
    }

    /// What its operator has set.
    pub fn settings(&self) -> Settings {
        let policies = Policies { default: self.world.weather.policy.clone(), ..Policies::default() };
        Settings { policies, ..Settings::default() }
    }

    /// The version of a connector that serves here.
    pub fn serving(&self, vendor: usize) -> Version {
        self.world.vendors[vendor].versions.serving(self.world.elapsed().saturating_sub(self.lag))
    }

    /// Has something done in this process; none where it dies before it is.
    pub async fn ask<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        {
            let mut tasks = self.tasks();
            while tasks.try_join_next().is_some() {}
            tasks.spawn(async move { drop(reply.send(work.await)) });
        }
        answer.await.ok()
    }

    /// Dies in the midst of whatever it is doing.
    pub fn crash(&self) {
        self.world.note(format!("{} dies", self.name));
        self.serves.store(false, Ordering::Relaxed);
        self.line.dead.store(true, Ordering::Relaxed);
        self.tasks().abort_all();
        drop(self.stop.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    /// Stops as it should: takes nothing in any more, finishes what is in hand, and gives back the rest.
    pub async fn stop(&self) {
        self.world.note(format!("{} stops", self.name));
        self.serves.store(false, Ordering::Relaxed);
        if let Some(stop) = &*self.stop.lock().unwrap_or_else(PoisonError::into_inner) {
            stop.send_replace(true);
        }
        let mut tasks = std::mem::take(&mut *self.tasks());
        while tasks.join_next().await.is_some() {}
        self.crash();
    }
}
