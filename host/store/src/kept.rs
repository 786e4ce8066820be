//! Callbacks that no version of their connector could read yet, kept as they came.

use handover_handoff::Timestamp;

/// A callback as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callback {
    /// Whose.
    pub connector: String,
    /// When it came: what it says is as old as that.
    pub received: Timestamp,
    /// The digest of the version that could not read it.
    pub tried: String,
    /// Why it could not.
    pub reason: String,
    /// The request, in the words of whoever keeps it.
    pub request: Vec<u8>,
}

/// A callback that is kept, with its name. Names grow in the order they were kept in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its name.
    pub id: u64,
    /// What it is.
    pub callback: Callback,
}

/// What became of a callback that was tried again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Retried {
    /// It was read, or an operator discarded it.
    Done,
    /// Another version could not read it, either.
    Unread {
        /// The version's digest.
        tried: String,
        /// Why not.
        reason: String,
    },
}
