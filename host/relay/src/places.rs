//! Places: how many lanes are worked on at the same time, in sum and of each target, so that one that hangs slows
//! nobody else.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use handover_handoff::Timestamp;
use handover_handoff::delivery::Target;
use handover_store::{Capacity, Room};
use tokio::sync::Notify;

use crate::breaker::{Breakers, State};

/// Lanes that are worked on at the same time.
pub const LANES: usize = 512;

/// Those of them that lead to the same target.
pub const EACH: usize = 128;

/// Who has which places.
#[derive(Debug, Default)]
pub(crate) struct Places {
    taken: Mutex<BTreeMap<Target, usize>>,
    freed: Notify,
}

/// A place, until it is dropped.
pub(crate) struct Taken {
    places: Arc<Places>,
    target: Target,
}

impl Places {
    /// Takes a place.
    pub(crate) fn take(self: &Arc<Self>, target: Target) -> Taken {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        *taken.entry(target.clone()).or_default() += 1;
        Taken { places: Arc::clone(self), target }
    }

    /// What can be taken on now.
    pub(crate) fn capacity(&self, breakers: &Breakers, now: Timestamp) -> Capacity {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let mut targets: BTreeMap<Target, Room> = taken
            .iter()
            .map(|(target, n)| (target.clone(), Room { lanes: EACH.saturating_sub(*n), shut: false }))
            .collect();
        for (target, state) in breakers.not_closed(now) {
            let under_way = taken.get(&target).copied().unwrap_or_default();
            let room = match state {
                State::Trying if under_way == 0 => Room { lanes: 1, shut: false },
                _ => Room { lanes: EACH.saturating_sub(under_way), shut: true },
            };
            targets.insert(target, room);
        }
        let lanes = LANES.saturating_sub(taken.values().sum());
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
        if let Some(n) = taken.get_mut(&self.target) {
            *n -= 1;
            if *n == 0 {
                taken.remove(&self.target);
            }
        }
        drop(taken);
        self.places.freed.notify_one();
    }
}
