//! A line of the log that comes at most once a minute, and then says how often.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const EVERY: Duration = Duration::from_secs(60);

/// Counts what happens, and says when it is time to tell.
#[derive(Default)]
pub(crate) struct Seldom {
    untold: AtomicU64,
    told: Mutex<Option<Instant>>,
}

impl Seldom {
    /// It happened. How often since it was told last, where it is to be told now.
    pub(crate) fn tell(&self) -> Option<u64> {
        self.at(Instant::now())
    }

    fn at(&self, now: Instant) -> Option<u64> {
        self.untold.fetch_add(1, Ordering::Relaxed);
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.is_some_and(|told| now.duration_since(told) < EVERY) {
            return None;
        }
        *told = Some(now);
        Some(self.untold.swap(0, Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_at_once_and_then_with_its_number_once_a_minute() {
        let (seldom, now) = (Seldom::default(), Instant::now());
        assert_eq!(seldom.at(now), Some(1));
        assert_eq!(seldom.at(now), None);
        assert_eq!(seldom.at(now + Duration::from_secs(59)), None);
        assert_eq!(seldom.at(now + Duration::from_secs(60)), Some(3));
    }
}
