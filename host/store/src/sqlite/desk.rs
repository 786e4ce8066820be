//! Where jobs are done: what one who works on the database keeps from job to job.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::sync::watch;

use super::records::{RowError, Rows};
use crate::StoreError;
use crate::seal::Keys;

/// One who works on the database: a node with its memory.
pub(super) struct Desk {
    /// The node's name.
    pub(super) node: String,
    /// The database's, for whoever has to look after it.
    pub(super) place: String,
    /// The keys of what is sealed in it.
    pub(super) keys: Keys,
    /// The target that lanes were claimed for last: the next claim begins behind it, so that none starves.
    pub(super) served: String,
    /// Something was written that may be due or waited for.
    pub(super) changed: bool,
    /// Something was removed that must not stay in the file.
    pub(super) removed: bool,
    /// Whoever waits for changes.
    pub(super) changes: watch::Sender<()>,
}

impl Desk {
    pub(super) fn new(node: &str, place: &str, keys: Keys, changes: watch::Sender<()>) -> Self {
        Self {
            node: node.to_owned(),
            place: place.to_owned(),
            keys,
            served: String::new(),
            changed: false,
            removed: false,
            changes,
        }
    }

    pub(super) fn failed(&self, reason: &str) -> StoreError {
        StoreError::Database { place: self.place.clone(), reason: reason.to_owned() }
    }
}

/// Asks somebody from outside to decide. One that panics must not take the writer, and with it every other session,
/// down.
pub(super) fn asked<T>(who: &'static str, decide: impl FnOnce() -> T) -> Rows<T> {
    catch_unwind(AssertUnwindSafe(decide))
        .map_err(|_| RowError::Unreadable { record: "decision", reason: format!("the {who} panicked") })
}
