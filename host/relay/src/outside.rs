//! All that the relay needs of the outside: time, chance, and somebody who carries and reads.

use std::future::Future;
use std::pin::Pin;

use handover_handoff::Timestamp;
use handover_handoff::outcome::Outcome;
use handover_store::{Callback, Claim};

use crate::intake::Happened;

/// What is still to come.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The world around the relay.
pub trait Outside: Send + Sync + 'static {
    /// The time.
    fn now(&self) -> Timestamp;

    /// From 0 up to 1, by chance.
    fn chance(&self) -> f64;

    /// Makes one attempt to carry a delivery.
    fn carry<'a>(&'a self, claim: &'a Claim) -> Later<'a, Outcome>;

    /// The connectors that serve, each with the digest of the version that does.
    fn connectors(&self) -> Vec<(String, String)>;

    /// Reads a callback that was kept, with the version that serves now.
    ///
    /// # Errors
    /// Why it cannot be read.
    fn read<'a>(&'a self, callback: &'a Callback) -> Later<'a, Result<Vec<Happened>, String>>;
}
