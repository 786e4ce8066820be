//! Tokens that were wrong, by who brought them: after a few nobody is listened to for a while.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Wrong tokens of one caller within this time.
const MOST: u32 = 10;
const WITHIN: Duration = Duration::from_secs(60);

/// Callers that are remembered.
const CALLERS: usize = 4096;

/// When the first wrong one came, and how many since.
type Wrong = HashMap<IpAddr, (Instant, u32)>;

#[derive(Default)]
pub(super) struct Guesses(Mutex<Wrong>);

impl Guesses {
    /// The seconds until this caller is listened to again, where that is not now.
    pub(super) fn wait(&self, caller: IpAddr, now: Instant) -> Option<u64> {
        let (first, count) = *self.wrong(now).get(&caller)?;
        (count >= MOST).then(|| (first + WITHIN).duration_since(now).as_secs() + 1)
    }

    /// This caller brought a wrong one.
    pub(super) fn count(&self, caller: IpAddr, now: Instant) {
        let mut wrong = self.wrong(now);
        if wrong.len() >= CALLERS && !wrong.contains_key(&caller) {
            // The one who has tried least is forgotten first: a flood of addresses frees none that tries hard.
            let least = wrong.iter().min_by_key(|(_, (_, count))| *count).map(|(caller, _)| *caller);
            wrong.retain(|caller, _| Some(*caller) != least);
        }
        wrong.entry(caller).or_insert((now, 0)).1 += 1;
    }

    fn wrong(&self, now: Instant) -> MutexGuard<'_, Wrong> {
        let mut wrong = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        wrong.retain(|_, (first, _)| now.duration_since(*first) < WITHIN);
        wrong
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guesser_waits_and_others_do_not() {
        let (guesses, now) = (Guesses::default(), Instant::now());
        let [guesser, other] = [1, 2].map(|last| IpAddr::from([192, 0, 2, last]));
        for _ in 0..MOST {
            assert_eq!(guesses.wait(guesser, now), None);
            guesses.count(guesser, now);
        }
        assert_eq!(guesses.wait(guesser, now), Some(61));
        assert_eq!(guesses.wait(other, now), None);
        assert_eq!(guesses.wait(guesser, now + WITHIN), None);
    }

    #[test]
    fn many_callers_are_not_all_remembered_but_the_one_who_tries_hard_is() {
        let (guesses, now) = (Guesses::default(), Instant::now());
        let guesser = IpAddr::from([192, 0, 2, 1]);
        for _ in 0..MOST {
            guesses.count(guesser, now);
        }
        for other in 0..5000_u32 {
            guesses.count(IpAddr::from(other.to_be_bytes()), now);
        }
        assert!(guesses.wrong(now).len() <= CALLERS);
        assert!(guesses.wait(guesser, now).is_some());
    }
}
