//! Places of connections: bounded, and where all are taken the one that has been silent for longest makes way. Whoever
//! connects and says nothing can so keep nobody out.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// All places of one listener.
pub(super) struct Seats {
    most: usize,
    next: AtomicU64,
    taken: Mutex<BTreeMap<u64, Arc<Seat>>>,
    /// One has become free.
    left: Notify,
}

/// What is known of one connection.
#[derive(Default)]
pub(super) struct Seat {
    /// Requests under way.
    busy: AtomicUsize,
    /// It is to make way.
    up: Notify,
}

/// A place, for as long as it is held.
pub(super) struct Taken {
    seats: Arc<Seats>,
    number: u64,
    seat: Arc<Seat>,
}

/// A request under way.
pub(super) struct Busy(Arc<Seat>);

impl Seats {
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, next: AtomicU64::new(0), taken: Mutex::default(), left: Notify::new() })
    }

    /// A place; where there is none, that of the longest silent one, who is asked to go. None where nobody is silent.
    pub(super) fn take(self: &Arc<Self>) -> Option<Taken> {
        let mut taken = self.taken();
        if taken.len() >= self.most {
            // In the order of their coming. Nobody waits for whoever goes.
            let silent = taken.iter().find(|(_, seat)| seat.busy.load(Ordering::Acquire) == 0);
            let number = silent.map(|(number, _)| *number)?;
            if let Some(seat) = taken.remove(&number) {
                seat.up.notify_one();
            }
        }
        let (number, seat) = (self.next.fetch_add(1, Ordering::Relaxed), Arc::<Seat>::default());
        taken.insert(number, Arc::clone(&seat));
        Some(Taken { seats: Arc::clone(self), number, seat })
    }

    /// Returns when all are free.
    pub(super) async fn all_left(&self) {
        loop {
            let left = self.left.notified();
            if self.taken().is_empty() {
                return;
            }
            left.await;
        }
    }

    fn taken(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Seat>>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    /// Returns when this one is to make way, and no request of it is under way.
    pub(super) async fn asked_to_leave(&self) {
        loop {
            self.seat.up.notified().await;
            if self.seat.busy.load(Ordering::Acquire) == 0 {
                return;
            }
        }
    }

    /// A request of this connection has begun; over when the value is gone.
    pub(super) fn busy(&self) -> Busy {
        self.seat.busy.fetch_add(1, Ordering::AcqRel);
        Busy(Arc::clone(&self.seat))
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.seats.taken().remove(&self.number);
        self.seats.left.notify_waiters();
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.busy.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[tokio::test]
    async fn the_one_that_has_been_silent_for_longest_makes_way() {
        let seats = Seats::new(2);
        let (first, second) = (seats.take().unwrap(), seats.take().unwrap());
        let busy = first.busy();
        let third = seats.take().unwrap();
        second.asked_to_leave().await;
        drop(busy);
        let fourth = seats.take().unwrap();
        first.asked_to_leave().await;
        drop((first, second, third, fourth));
        seats.all_left().await;
    }

    #[test]
    fn whoever_is_served_does_not_make_way() {
        let seats = Seats::new(1);
        let only = seats.take().unwrap();
        let _busy = only.busy();
        assert!(seats.take().is_none());
        assert_eq!(only.seat.busy.load(Ordering::Acquire), 1);
    }
}
