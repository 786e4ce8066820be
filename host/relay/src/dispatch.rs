//! Dispatch: claims what is due, target by target as far as there are places, and hands each lane to a task.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use handover_handoff::delivery::Target;
use handover_store::{Capacity, Due, Lane};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::breaker::State;
use crate::relay::Relay;

/// How long to wait where the store does not answer.
const STORE_PAUSE: Duration = Duration::from_millis(500);

/// The longest wait without a look, whatever the store says is next.
const LOOK: Duration = Duration::from_secs(30);

/// How long what is in hand may take once the node is to stop.
const FINISH: Duration = Duration::from_secs(12);

impl Relay {
    /// Works until told to stop, then finishes what is in hand and gives back the rest.
    pub async fn run(self: Arc<Self>, stop: watch::Receiver<bool>) {
        self.beat().await;
        // Whoever lets go of this lets go of them, too.
        let (mut upkeep, mut feeds) = (JoinSet::new(), JoinSet::new());
        upkeep.spawn(Arc::clone(&self).keep_up(stop.clone()));
        feeds.spawn(Arc::clone(&self).follow_feeds(stop.clone()));
        let lanes = self.dispatch(stop).await;
        // What panicked has said so; its leases run out.
        while feeds.join_next().await.is_some() {}
        self.finish(lanes).await;
    }

    async fn dispatch(self: &Arc<Self>, mut stop: watch::Receiver<bool>) -> JoinSet<()> {
        let mut lanes = JoinSet::new();
        let mut timers = JoinSet::new();
        let mut changes = self.store.changes();
        while !*stop.borrow() {
            while lanes.try_join_next().is_some() {}
            while timers.try_join_next().is_some() {}
            changes.mark_unchanged();
            if self.doubt.swap(false, Ordering::AcqRel) {
                self.give_back().await;
            }
            let now = self.outside.now();
            let capacity = self.places.capacity(&self.breakers, now);
            let (wait, full) = match self.store.claim(now, capacity.clone()).await {
                Ok(due) => {
                    let full = is_full(&capacity, &due);
                    let mut wait = due.next.map_or(LOOK, |next| Duration::from_millis(next.since(now)));
                    for claim in due.claims {
                        let target = claim.session.target(claim.delivery.direction);
                        let lane = Lane { session: claim.session.id, direction: claim.delivery.direction };
                        let place = self.places.take(target, lane);
                        let relay = Arc::clone(self);
                        lanes.spawn(async move {
                            relay.lane(claim).await;
                            drop(place);
                        });
                    }
                    if timers.is_empty() {
                        for id in due.timers {
                            let relay = Arc::clone(self);
                            timers.spawn(async move {
                                if let Err(e) = relay.timer(id).await {
                                    tracing::error!(session = %id, reason = %e, "a timer could not run");
                                }
                            });
                        }
                    }
                    for (_, state) in self.breakers.not_closed(now) {
                        if let State::Open(until) = state {
                            wait = wait.min(Duration::from_millis(until.since(now)));
                        }
                    }
                    (wait.min(LOOK), full)
                }
                Err(e) => {
                    tracing::error!(reason = %e, "the store does not say what is due");
                    self.doubt.store(true, Ordering::Release);
                    (STORE_PAUSE, false)
                }
            };
            tokio::select! {
                biased;
                _ = stop.changed() => {}
                _ = changes.changed() => {}
                () = self.places.freed(), if full => {}
                Some(_) = timers.join_next() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
        lanes
    }

    /// An answer of the store's that never came may have handed something out.
    async fn give_back(&self) {
        if let Err(e) = self.store.give_back(self.places.lanes()).await {
            tracing::warn!(reason = %e, "the store does not take back what nobody works on");
            self.doubt.store(true, Ordering::Release);
        }
    }

    async fn finish(&self, mut lanes: JoinSet<()>) {
        let finished = async { while lanes.join_next().await.is_some() {} };
        if tokio::time::timeout(FINISH, finished).await.is_err() {
            tracing::warn!(
                "stopping with deliveries under way; they are made again, marked as possible duplicates"
            );
        }
        // Whoever is left over is cut off first: what is given back belongs to somebody else.
        lanes.shutdown().await;
        if let Err(e) = self.store.leave(self.outside.now()).await {
            tracing::warn!(reason = %e, "what was in hand could not be given back; its leases run out");
        }
    }
}

/// Whether more may be due than there was room for, so that a place that is given back is worth a look.
fn is_full(capacity: &Capacity, due: &Due) -> bool {
    let mut claimed: BTreeMap<Target, usize> = BTreeMap::new();
    for claim in &due.claims {
        *claimed.entry(claim.session.target(claim.delivery.direction)).or_default() += 1;
    }
    due.claims.len() >= capacity.lanes
        || capacity.targets.values().any(|room| room.lanes == 0 || room.shut)
        || claimed.iter().any(|(target, n)| *n >= capacity.room(target).lanes)
}
