//! How long what is over is kept.

/// How long what is over is kept, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Sessions, from their end, with all that was said in them.
    pub sessions: u64,
    /// Names of what took effect, so that it does so once; from when they were taken in, and not before their session
    /// can be over.
    pub names: u64,
    /// Callbacks that nobody could read.
    pub callbacks: u64,
}

impl Default for Retention {
    fn default() -> Self {
        const DAY: u64 = 24 * 60 * 60_000;
        Self { sessions: 7 * DAY, names: 3 * DAY, callbacks: 7 * DAY }
    }
}

/// How much was removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Removed {
    /// Sessions.
    pub sessions: u64,
    /// Names.
    pub names: u64,
    /// Callbacks.
    pub callbacks: u64,
}
