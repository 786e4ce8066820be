//! Feeds: vendors that are asked what has happened. Each open session's feed is followed by one node, under a lease.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use handover_handoff::{SessionId, Timestamp};
use tokio::sync::{Notify, Semaphore, watch};
use tokio::task::{AbortHandle, JoinSet};

use crate::feed::Feed;
use crate::relay::Relay;
use crate::upkeep::SILENCE;

/// How often it is looked for sessions whose feed nobody follows.
const LOOK: Duration = Duration::from_secs(1);

/// How long a feed is a node's, in milliseconds; asked for again when half of it has passed.
const LEASE: u64 = 30_000;

/// How many feeds are taken on, or kept, at a time.
const BATCH: usize = 2_048;

/// Looks at the feeds of one connector at the same time: half of the calls that a connector may have by default, so
/// that messages find a place beside them, and a vendor that hangs takes nobody else's.
const EACH: usize = 32;

/// What the feeds of a node share.
#[derive(Debug, Default)]
pub(crate) struct Feeds {
    /// A session has begun.
    begun: Notify,
    /// Other versions of connectors serve.
    swapped: watch::Sender<()>,
    places: Mutex<BTreeMap<String, Arc<Semaphore>>>,
}

impl Feeds {
    /// A session has begun, whose feed may be to be followed.
    pub(crate) fn begin(&self) {
        self.begun.notify_one();
    }

    /// Changes with the versions that serve.
    pub(crate) fn swaps(&self) -> watch::Receiver<()> {
        self.swapped.subscribe()
    }

    /// The places of a connector's feeds.
    pub(crate) fn places(&self, connector: &str) -> Arc<Semaphore> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        match places.get(connector) {
            Some(known) => Arc::clone(known),
            None => Arc::clone(
                places.entry(connector.to_owned()).or_insert_with(|| Arc::new(Semaphore::new(EACH))),
            ),
        }
    }
}

/// A feed that this node follows.
struct Followed {
    /// Until when it is this node's, in milliseconds.
    until: Arc<AtomicU64>,
    task: AbortHandle,
}

impl Relay {
    /// Follows feeds until told to stop. What is just being looked at then is looked at again by whoever goes on.
    pub(crate) async fn follow_feeds(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut tasks = JoinSet::new();
        let mut followed = HashMap::new();
        let mut serving = Vec::new();
        while !*stop.borrow() {
            while tasks.try_join_next().is_some() {}
            followed.retain(|_, feed: &mut Followed| !feed.task.is_finished());
            let found = self.outside.feeds();
            if found != serving {
                serving = found;
                self.feeds.swapped.send_replace(());
            }
            let now = self.outside.now();
            // Other nodes take a node for dead that the store has not heard of.
            if !serving.is_empty() && now.since(self.heard_at()) <= SILENCE {
                let connectors = serving.iter().map(|(connector, _)| connector.clone()).collect();
                self.take_feeds(connectors, now, &mut followed, &mut tasks).await;
            }
            tokio::select! {
                biased;
                _ = stop.changed() => {}
                () = self.feeds.begun.notified() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
        tasks.shutdown().await;
    }

    async fn take_feeds(
        self: &Arc<Self>,
        connectors: Vec<String>,
        now: Timestamp,
        followed: &mut HashMap<SessionId, Followed>,
        tasks: &mut JoinSet<()>,
    ) {
        let leased = match self.store.feeds(connectors, now, LEASE, BATCH).await {
            Ok(leased) => leased,
            Err(e) => {
                tracing::warn!(reason = %e, "the store does not say whose feeds are to be followed");
                return;
            }
        };
        let until = now.plus(LEASE).0;
        for id in leased {
            match followed.get(&id) {
                Some(feed) => feed.until.store(until, Ordering::Release),
                None => {
                    let lease = Arc::new(AtomicU64::new(until));
                    let feed = Feed::new(Arc::clone(self), id, Arc::clone(&lease));
                    let task = tasks.spawn(feed.follow());
                    followed.insert(id, Followed { until: lease, task });
                }
            }
        }
    }
}
