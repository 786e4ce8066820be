//! Chance that begins with a seed.

use std::sync::atomic::{AtomicU64, Ordering};

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// A chooser that all may use at the same time: SplitMix64, whose state is a counter.
#[derive(Debug)]
pub struct Chance(AtomicU64);

impl Chance {
    /// Chooses the same again when it begins with the same.
    pub fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    /// A number below the bound, which is not 0.
    pub fn below(&self, bound: u64) -> u64 {
        let mut z = self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound.max(1)
    }

    /// A number from one to the other, both included.
    pub fn between(&self, least: u64, most: u64) -> u64 {
        least + self.below(most - least + 1)
    }

    /// True so often in ten thousand.
    pub fn of_ten_thousand(&self, often: u64) -> bool {
        self.below(10_000) < often
    }
}
