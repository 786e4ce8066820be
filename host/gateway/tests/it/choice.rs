//! Chance that can be repeated: the seed is printed, and taken from `HANDOVER_SEED` where that is set.

/// A chooser that chooses the same again when it begins with the same.
pub struct Choice(u64);

impl Choice {
    /// `HANDOVER_SEED` repeats a run.
    pub fn new() -> Self {
        let given = std::env::var("HANDOVER_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = given.unwrap_or_else(|| uuid::Uuid::now_v7().as_u64_pair().1);
        println!("HANDOVER_SEED={seed}");
        Self(seed)
    }

    /// A number below the bound, by SplitMix64.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}
