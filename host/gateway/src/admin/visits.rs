//! Operators who have signed in on the page: each has an id that nobody can guess, in memory only, for twelve hours.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use ring::digest;

/// How long one lasts.
pub(super) const LASTS: Duration = Duration::from_secs(12 * 60 * 60);

/// More than this are no operators; the oldest makes room.
const MOST: usize = 64;

/// How a visit is kept: not by its id, so that looking it up tells nothing about ids.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Visit([u8; 32]);

impl Visit {
    fn of(id: &str) -> Self {
        let mut name = [0; 32];
        name.copy_from_slice(digest::digest(&digest::SHA256, id.as_bytes()).as_ref());
        Self(name)
    }
}

#[derive(Default)]
pub(super) struct Visits(Mutex<HashMap<Visit, Instant>>);

impl Visits {
    /// Begins one; its id, of 256 bits. Nothing where this machine has no randomness to give.
    pub(super) fn begin(&self, now: Instant) -> Option<String> {
        let mut id = [0_u8; 32];
        getrandom::fill(&mut id).ok()?;
        let id: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, began| now.duration_since(*began) < LASTS);
        if open.len() >= MOST {
            let oldest = open.iter().min_by_key(|(_, began)| **began).map(|(visit, _)| *visit);
            open.retain(|visit, _| Some(*visit) != oldest);
        }
        open.insert(Visit::of(&id), now);
        Some(id)
    }

    /// The visit of this id, where it is still open.
    pub(super) fn find(&self, id: &str, now: Instant) -> Option<Visit> {
        let visit = Visit::of(id);
        self.lasts(visit, now).then_some(visit)
    }

    pub(super) fn lasts(&self, visit: Visit, now: Instant) -> bool {
        let open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.get(&visit).is_some_and(|began| now.duration_since(*began) < LASTS)
    }

    pub(super) fn end(&self, visit: Visit) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&visit);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn a_visit_lasts_until_its_time_or_its_end() {
        let (visits, now) = (Visits::default(), Instant::now());
        let id = visits.begin(now).unwrap();
        assert_eq!(id.len(), 64);
        assert!(visits.find(&id, now).is_some());
        assert!(visits.find(&"0".repeat(64), now).is_none());
        assert!(visits.find(&id, now + LASTS).is_none());
        visits.end(Visit::of(&id));
        assert!(visits.find(&id, now).is_none());
    }

    #[test]
    fn the_oldest_makes_room() {
        let (visits, now) = (Visits::default(), Instant::now());
        let first = visits.begin(now).unwrap();
        let later = now + Duration::from_secs(1);
        let ids: Vec<String> = (0..MOST).map(|_| visits.begin(later).unwrap()).collect();
        assert!(visits.find(&first, later).is_none());
        assert!(ids.iter().all(|id| visits.find(id, later).is_some()));
    }
}
