//! Many seeds, each by itself, as many at the same time as there are processors.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::play::{self, Played};
use crate::summary::Summary;

/// One seed in so many is played twice, to see that it comes to the same.
const TWICE: u64 = 50;

/// Plays so many seeds from one on.
pub fn play_all(from: u64, seeds: u64, threads: usize, keep_going: bool) -> Summary {
    let (next, stop) = (AtomicU64::new(from), AtomicBool::new(false));
    let summary = Mutex::new(Summary::default());
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= from + seeds {
                        return;
                    }
                    let played = play::play(seed, false);
                    let differs = seed % TWICE == 0 && differs(&played);
                    let bad = differs || played.violation.is_some();
                    summary.lock().unwrap_or_else(PoisonError::into_inner).add(played, differs);
                    if bad && !keep_going {
                        stop.store(true, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    summary.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn differs(played: &Played) -> bool {
    let again = play::play(played.seed, false);
    (again.hash, again.lines) != (played.hash, played.lines)
}
