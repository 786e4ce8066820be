//! Places: how many lanes are worked on at the same time, in sum and of each target, so that one that hangs slows
//! nobody else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use handover_handoff::Timestamp;
use handover_handoff::delivery::Target;
use handover_store::{Capacity, Lane, Room};
use tokio::sync::Notify;

use crate::breaker::{Breakers, State};

/// Lanes that are worked on at the same time.
pub const LANES: usize = 512;

/// Those of them that lead to the same target.
pub const EACH: usize = 128;

/// Who has which places.
#[derive(Debug, Default)]
pub(crate) struct Places {
    taken: Mutex<BTreeMap<Target, BTreeSet<Lane>>>,
    freed: Notify,
}

/// A lane's place, until it is dropped.
pub(crate) struct Taken {
    places: Arc<Places>,
    target: Target,
    lane: Lane,
}

impl Places {
    /// Takes a place for a lane.
    pub(crate) fn take(self: &Arc<Self>, target: Target, lane: Lane) -> Taken {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.entry(target.clone()).or_default().insert(lane);
        Taken { places: Arc::clone(self), target, lane }
    }

    /// The lanes that are worked on.
    pub(crate) fn lanes(&self) -> Vec<Lane> {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.values().flatten().copied().collect()
    }

    /// What can be taken on now.
    pub(crate) fn capacity(&self, breakers: &Breakers, now: Timestamp) -> Capacity {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let mut targets: BTreeMap<Target, Room> = taken
            .iter()
            .map(|(target, lanes)| {
                (target.clone(), Room { lanes: EACH.saturating_sub(lanes.len()), shut: false })
            })
            .collect();
        for (target, state) in breakers.not_closed(now) {
            let under_way = taken.get(&target).map_or(0, BTreeSet::len);
            let room = match state {
                State::Trying if under_way == 0 => Room { lanes: 1, shut: false },
                _ => Room { lanes: EACH.saturating_sub(under_way), shut: true },
            };
            targets.insert(target, room);
        }
        let lanes = LANES.saturating_sub(taken.values().map(BTreeSet::len).sum());
        Capacity { lanes, each: EACH, targets }
    }

    /// Returns when a place was given back since the last time this was asked.
    pub(crate) async fn freed(&self) {
        self.freed.notified().await;
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lanes) = taken.get_mut(&self.target) {
            lanes.remove(&self.lane);
            if lanes.is_empty() {
                taken.remove(&self.target);
            }
        }
        drop(taken);
        self.places.freed.notify_one();
    }
}
