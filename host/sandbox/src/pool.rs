//! Instances that are used again, of components that bring an interpreter with them: making one of those takes longer
//! than most calls.
//!
//! What that costs in isolation: whatever a component keeps in its own memory between calls outlives the call. The
//! contract forbids it to rely on that; here is what keeps the harm small where one does. An instance serves one tenant,
//! and those that read callbacks serve nothing else: a vendor's callbacks are of all tenants until they are read. One
//! that trapped, was late, wanted too much or left something unfinished is not used again, nor one that has grown, is
//! old, or has served long enough. What is the host's (requests, log, fuel, credentials, files) is new for each call.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wasmtime::Store;
use wasmtime::component::Instance;

use crate::call::Call;
use crate::imports::CallState;

/// Instances of one version that wait for their next call.
const IDLE: usize = 16;

/// What they hold together, in bytes.
const MEMORY: usize = 256 << 20;

/// Calls that one instance serves.
const CALLS: u32 = 1_000;

/// How old an instance becomes.
const AGE: Duration = Duration::from_secs(10 * 60);

/// Those of one version.
pub(crate) struct Pool {
    idle: Mutex<Vec<Idle>>,
    /// Of all connectors together: each keeps a place of the engine's.
    places: Arc<Semaphore>,
}

struct Idle {
    kept: Kept,
    _place: OwnedSemaphorePermit,
}

/// An instance with all that it holds.
pub(crate) struct Kept {
    pub(crate) store: Store<CallState>,
    pub(crate) record: Record,
}

/// What it has been used for.
pub(crate) struct Record {
    /// None until it has served.
    pub(crate) instance: Option<Instance>,
    lineage: Lineage,
    calls: u32,
    since: Instant,
    /// What it held after its first call, in bytes.
    first: Option<usize>,
}

/// Calls of the same kind and tenant may meet the same instance.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Lineage {
    tenant: Option<String>,
    reach: bool,
}

impl Lineage {
    fn of(call: &Call) -> Self {
        Self { tenant: call.tenant.clone(), reach: call.reach }
    }
}

impl Record {
    pub(crate) fn new(call: &Call) -> Self {
        Self { instance: None, lineage: Lineage::of(call), calls: 0, since: Instant::now(), first: None }
    }

    /// It has served once more.
    pub(crate) fn served(self, instance: Instance) -> Self {
        Self { instance: Some(instance), calls: self.calls.saturating_add(1), ..self }
    }

    /// Whether it may serve again, holding so much of what it may hold.
    fn is_fit(&self, held: usize, bound: usize, now: Instant) -> bool {
        // It needs room to serve in, and one that has grown by half of what it may grow will not shrink again.
        let first = self.first.unwrap_or(held);
        let grown = held.saturating_sub(first) > bound.saturating_sub(first) / 2;
        self.calls < CALLS && now.duration_since(self.since) < AGE && !grown
    }
}

impl Pool {
    /// Keeps instances as long as there are places.
    pub(crate) fn new(places: &Arc<Semaphore>) -> Self {
        Self { idle: Mutex::default(), places: Arc::clone(places) }
    }

    /// One for this call: the one that was used last, whose memory is the warmest.
    pub(crate) fn take(&self, call: &Call) -> Option<Kept> {
        let lineage = Lineage::of(call);
        let now = Instant::now();
        let mut idle = self.idle();
        loop {
            let at = idle.iter().rposition(|one| one.kept.record.lineage == lineage)?;
            let Idle { kept, .. } = idle.remove(at);
            if now.duration_since(kept.record.since) < AGE {
                return Some(kept);
            }
        }
    }

    /// Takes back one that has served well. Where there is no place for it, one that has waited longer makes room.
    pub(crate) fn keep(&self, store: Store<CallState>, record: Record) {
        let state = store.data();
        let (held, bound) = (state.ration.held(), state.ration.bound());
        let record = Record { first: record.first.or(Some(held)), ..record };
        let quiet = state.wasi.as_ref().is_none_or(|wasi| wasi.is_quiet());
        if !quiet || !record.is_fit(held, bound, Instant::now()) {
            return;
        }
        let mut dropped = Vec::new();
        let mut idle = self.idle();
        let full = |idle: &[Idle]| {
            let sum: usize = idle.iter().map(|one| one.kept.store.data().ration.held()).sum();
            idle.len() >= IDLE || sum.saturating_add(held) > MEMORY
        };
        while !idle.is_empty() && full(&idle) {
            dropped.push(idle.remove(0));
        }
        if !full(&idle)
            && let Ok(place) = Arc::clone(&self.places).try_acquire_owned()
        {
            idle.push(Idle { kept: Kept { store, record }, _place: place });
        }
        // Giving memory back takes a while.
        drop(idle);
    }

    /// Lets go of those that are too old: nobody may ask for them again.
    pub(crate) fn tidy(&self) {
        let now = Instant::now();
        let old: Vec<Idle> =
            self.idle().extract_if(.., |one| now.duration_since(one.kept.record.since) >= AGE).collect();
        drop(old);
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_is_let_go_when_it_has_served_long_or_grown() {
        let call = Call { subject: String::new(), deadline: AGE, reach: true, tenant: None };
        let (fresh, now) = (Record { first: Some(10), ..Record::new(&call) }, Instant::now());
        assert!(fresh.is_fit(10, 100, now));
        assert!(fresh.is_fit(55, 100, now));
        assert!(!fresh.is_fit(56, 100, now), "half of what it may grow");
        assert!(!fresh.is_fit(10, 100, now + AGE), "too old");
        let used = Record { calls: CALLS, ..fresh };
        assert!(!used.is_fit(10, 100, now), "too many calls");
    }
}
