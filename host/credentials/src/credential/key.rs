//! A key that adds nothing to requests and is there for a guest's `crypto` calls: to sign with, or to verify.

use crate::keyring::Held;

#[derive(Debug)]
pub(super) struct Key {
    pub current: Held,
    /// Verifies, but signs no more.
    pub previous: Option<Held>,
}
