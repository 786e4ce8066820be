//! How often one of many may do something, in bounded memory however many they are.

use std::hash::{BuildHasher as _, Hash, RandomState};
use std::marker::PhantomData;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

/// Names are told apart by this many places. Two that share one share its rate, which does no harm while it is far
/// above what anybody needs; which ones do nobody outside can know.
const PLACES: u64 = 1 << 18;

/// After how many checks those who were quiet are forgotten.
const TIDY: u32 = 1 << 14;

type Limiter = RateLimiter<
    u32,
    HashMapStateStore<u32>,
    DefaultClock,
    NoOpMiddleware<<DefaultClock as governor::clock::Clock>::Instant>,
>;

/// A rate for each of many.
pub(crate) struct Rate<K> {
    limiter: Limiter,
    places: RandomState,
    checks: AtomicU32,
    of: PhantomData<fn(&K)>,
}

impl<K: Hash> Rate<K> {
    /// So many at once, and so many in any such time in the long run.
    pub(crate) fn per(time: Duration, most: NonZeroU32) -> Self {
        // Only a period of no time at all makes none.
        let quota = Quota::with_period(time / most.get()).unwrap_or(Quota::per_second(most));
        Self {
            limiter: RateLimiter::hashmap(quota.allow_burst(most)),
            places: RandomState::new(),
            checks: AtomicU32::new(0),
            of: PhantomData,
        }
    }

    /// Takes one of what is allowed; otherwise the seconds until there is another.
    pub(crate) fn check(&self, key: &K) -> Result<(), u64> {
        if self.checks.fetch_add(1, Ordering::Relaxed) % TIDY == TIDY - 1 {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        let place = u32::try_from(self.places.hash_one(key) % PLACES).unwrap_or_default();
        self.limiter.check_key(&place).map_err(|not_yet| {
            let wait = not_yet.wait_time_from(DefaultClock::default().now());
            wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn one_is_slowed_down_and_another_is_not() {
        let rate = Rate::per(Duration::from_secs(3600), NonZeroU32::new(3).unwrap());
        for _ in 0..3 {
            assert_eq!(rate.check(&"loud"), Ok(()));
        }
        let wait = rate.check(&"loud").unwrap_err();
        assert!((1100..=1200).contains(&wait), "{wait}");
        assert_eq!(rate.check(&"quiet"), Ok(()));
    }

    #[test]
    fn a_million_names_take_bounded_memory() {
        let rate = Rate::per(Duration::from_secs(3600), NonZeroU32::new(1000).unwrap());
        for name in 0..1_000_000_u32 {
            let _ = rate.check(&name);
        }
        assert!(rate.limiter.len() as u64 <= PLACES, "{}", rate.limiter.len());
    }
}
