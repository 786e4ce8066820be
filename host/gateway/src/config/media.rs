//! `[media]`: files of either side, and the addresses that they have here for a while.

use std::num::{NonZeroU64, NonZeroUsize};

use serde::Deserialize;

/// `[media]`. None of them can be switched off: a figure of 0 is a mistake.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MediaSection {
    /// How long an address is good for, in seconds.
    pub address_seconds: NonZeroU64,
    /// The largest file that is passed on, in bytes; connectors may take less.
    pub file_bytes: NonZeroU64,
    /// How long a file may take to begin to come, in milliseconds.
    pub begin_ms: NonZeroU64,
    /// How long a file may take as a whole, in milliseconds.
    pub file_ms: NonZeroU64,
    /// Files that are served at the same time.
    pub files: NonZeroUsize,
}

const fn long(n: u64) -> NonZeroU64 {
    NonZeroU64::new(n).expect("a figure above 0")
}

impl Default for MediaSection {
    fn default() -> Self {
        Self {
            address_seconds: long(60 * 60),
            file_bytes: long(10 << 20),
            begin_ms: long(5_000),
            file_ms: long(120_000),
            files: NonZeroUsize::new(64).expect("a figure above 0"),
        }
    }
}
