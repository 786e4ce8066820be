//! Encryption at rest: what was said, and the secrets that go with it, as a database holds them.
//!
//! Sealed are whole records: the document of a session (its customer's name, email and attributes, the vendor's state
//! and tokens, return addresses), the parcel of a delivery (texts, problem, transcript), and the request of a kept
//! callback. In the clear stays what rows are found and ordered by: ids of sessions, conversations and customers as
//! channels and vendors name them, connectors, hosts, phases, times, names of what took effect, and reasons of
//! failures, which hold neither texts nor secrets.
//!
//! A sealed value is AES-256-GCM, and can be read in its own place only: the table, the row and the column are
//! authenticated with it, so that a row that is exchanged for another one is refused. An older value of the same row
//! would be accepted: this protects what is stolen or altered piece by piece, not against a database that is put back
//! as a whole.
//!
//! The wire form is a version (1), the length of the key's id, the id, 16 bytes of salt, 12 of nonce, the ciphertext,
//! and 16 of tag. Salt and nonce are random for each value, and the key is derived from the configured one for each
//! salt (HKDF, RFC 5869). AES-GCM with random nonces may be used for 2^32 values of one key (NIST SP 800-38D, 8.3); here two
//! values would have to have 28 random bytes in common, so that no number of values that a store can hold comes near a
//! bound.

mod form;
mod place;

use std::fmt;
use std::sync::Arc;

use ring::hkdf;
use ring::rand::{SecureRandom as _, SystemRandom};
use zeroize::Zeroizing;

pub(crate) use form::Broken;
pub(crate) use place::Place;

/// The longest id of a key, in characters.
const LONGEST_ID: usize = 32;

/// What all keys are derived under, so that the same bytes used elsewhere make other keys.
const PURPOSE: &[u8] = b"handover store, sealed values, 1";

/// What the keys of an installation's other uses are derived under.
const ROOT: &[u8] = b"handover installation, root of other keys, 1";

/// Where the root is kept that no key makes. No key's id has capitals.
pub(crate) const KEPT_ROOT: &str = "ROOT";

/// A new root; none where the system gives no random bytes.
pub(crate) fn new_root() -> Option<Zeroizing<[u8; 32]>> {
    let mut root = Zeroizing::new([0; 32]);
    SystemRandom::new().fill(root.as_mut_slice()).ok()?;
    Some(root)
}

/// A root as it was kept.
pub(crate) fn root(kept: Vec<u8>) -> Option<Zeroizing<[u8; 32]>> {
    let kept = Zeroizing::new(kept);
    <[u8; 32]>::try_from(kept.as_slice()).ok().map(Zeroizing::new)
}

/// Why a key cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Its id is not one.
    #[error("`{0}` is no id for a key: it takes 1 to 32 characters of a-z, 0-9 and `-`")]
    Id(String),
    /// Two keys go by the same id.
    #[error("two keys have the id `{0}`: an id names one key for ever; give the newer one another id")]
    Twice(String),
}

/// A key with its id.
#[derive(Clone)]
pub struct Key {
    id: String,
    /// What the keys of values are derived from.
    root: hkdf::Prk,
}

impl Key {
    /// The key of this id. Of the 32 bytes, which should be random, only what values' keys are derived from is kept.
    ///
    /// # Errors
    /// Where the id is not 1 to 32 characters of a-z, 0-9 and `-`.
    pub fn new(id: &str, material: Zeroizing<[u8; 32]>) -> Result<Self, KeyError> {
        if !is_id(id.as_bytes()) {
            return Err(KeyError::Id(id.to_owned()));
        }
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, PURPOSE).extract(material.as_slice());
        Ok(Self { id: id.to_owned(), root })
    }
}

/// Whether these bytes can be the id of a key.
fn is_id(bytes: &[u8]) -> bool {
    (1..=LONGEST_ID).contains(&bytes.len())
        && bytes.iter().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

/// The keys of a store: the one that it seals with, and others that it can read.
///
/// To change keys where nodes are many: give all of them the new key to read, then make it the current one, reseal,
/// and take the old one away once nothing is sealed with it. The default is no key at all: everything is written in
/// the clear, and nothing that is sealed can be read.
#[derive(Clone, Default)]
pub struct Keys(Arc<Ring>);

#[derive(Default)]
struct Ring {
    keys: Vec<Key>,
    /// The first one is the current one.
    seals: bool,
}

impl Keys {
    /// Seals with `current`; reads what is sealed with that or with one of the others.
    ///
    /// # Errors
    /// Where two have the same id.
    pub fn new(current: Key, others: impl IntoIterator<Item = Key>) -> Result<Self, KeyError> {
        Self::of(std::iter::once(current).chain(others).collect(), true)
    }

    /// Reads what is sealed with these and writes in the clear: for nodes that are to get a current key one by one,
    /// and to give sealing up.
    ///
    /// # Errors
    /// Where two have the same id.
    pub fn to_read(keys: impl IntoIterator<Item = Key>) -> Result<Self, KeyError> {
        Self::of(keys.into_iter().collect(), false)
    }

    fn of(keys: Vec<Key>, seals: bool) -> Result<Self, KeyError> {
        for (n, key) in keys.iter().enumerate() {
            if keys[..n].iter().any(|other| other.id == key.id) {
                return Err(KeyError::Twice(key.id.clone()));
            }
        }
        Ok(Self(Arc::new(Ring { keys, seals })))
    }

    /// The id of the key that values are sealed with; none where they are written in the clear.
    pub(crate) fn current(&self) -> Option<&str> {
        self.sealing().map(|key| key.id.as_str())
    }

    /// What keys for other uses are made of, the current one first; none where nothing is sealed.
    pub(crate) fn roots(&self) -> Option<Vec<Zeroizing<[u8; 32]>>> {
        self.sealing()?;
        let derived = self.0.keys.iter().filter_map(|key| {
            let mut root = Zeroizing::new([0; 32]);
            // Longer than a salt: no sealed value has this key.
            key.root.expand(&[ROOT], hkdf::HKDF_SHA256).ok()?.fill(root.as_mut_slice()).ok()?;
            Some(root)
        });
        Some(derived.collect())
    }

    /// The ids of all keys.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.keys.iter().map(|key| key.id.as_str())
    }

    /// Those of these ids that no key here has, each once and in order.
    pub(crate) fn missing(&self, ids: impl IntoIterator<Item = String>) -> Vec<String> {
        let missing = ids.into_iter().filter(|id| self.named(id).is_none());
        missing.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
    }

    fn sealing(&self) -> Option<&Key> {
        self.0.keys.first().filter(|_| self.0.seals)
    }

    fn named(&self, id: &str) -> Option<&Key> {
        self.0.keys.iter().find(|key| key.id == id)
    }
}

/// Keys do not show (I7).
impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<&str> = self.ids().collect();
        f.debug_struct("Keys").field("current", &self.current()).field("ids", &ids).finish()
    }
}

/// A key does not show (I7).
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("id", &self.id).finish_non_exhaustive()
    }
}
