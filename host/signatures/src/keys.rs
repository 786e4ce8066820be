//! One key or, while it is being exchanged, two.

use std::fmt;

use thiserror::Error;

use crate::refusal::Refusal;

/// The keys that may have signed. While a key is exchanged there are two, and [`crate::Verified::key`] tells when the
/// vendor has stopped using the old one.
#[derive(Clone, Copy, Default)]
pub struct Keys<'a> {
    keys: [Option<&'a [u8]>; 2],
}

impl<'a> Keys<'a> {
    /// No key; only [`crate::Scheme::Nothing`] does without.
    pub fn none() -> Self {
        Self::default()
    }

    /// One key.
    pub fn one(key: &'a [u8]) -> Self {
        Self { keys: [Some(key), None] }
    }

    /// Two keys; the one that is expected in more callbacks first, as it is tried first.
    pub fn two(first: &'a [u8], second: &'a [u8]) -> Self {
        Self { keys: [Some(first), Some(second)] }
    }

    /// The keys with their numbers.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, &'a [u8])> {
        self.keys.into_iter().flatten().enumerate()
    }

    /// The number of the first key that fits. A key that cannot be used does not keep the other from fitting; it is
    /// told only where neither does.
    pub(crate) fn first_that(
        &self,
        mut fits: impl FnMut(&'a [u8]) -> Result<bool, KeyFault>,
    ) -> Result<usize, Refusal> {
        let mut refusal = Refusal::NoKey;
        for (number, key) in self.iter() {
            let outcome = if key.is_empty() { Err(KeyFault::Empty) } else { fits(key) };
            match outcome {
                Ok(true) => return Ok(number),
                Ok(false) if !matches!(refusal, Refusal::UnusableKey { .. }) => refusal = Refusal::Mismatch,
                Ok(false) => {}
                Err(fault) => refusal = Refusal::UnusableKey { key: number, fault },
            }
        }
        Err(refusal)
    }
}

/// Keys are secrets: only their number shows.
impl fmt::Debug for Keys<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({})", self.iter().count())
    }
}

/// What is wrong with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeyFault {
    /// Anyone can sign with an empty key.
    #[error("it is empty")]
    Empty,
    /// It is not written in base64.
    #[error("it is not base64")]
    NotBase64,
    /// It is neither an RSA public key nor a certificate of one.
    #[error("it is not an RSA public key, nor a certificate with one, in PEM or DER")]
    NotRsa,
    /// RSA keys need 2048 to 8192 bits.
    #[error("it has {bits} bits, where 2048 to 8192 are wanted")]
    RsaSize {
        /// How many it has, in whole bytes.
        bits: usize,
    },
    /// A certificate is good from one day to another.
    #[error("the certificate is not valid at this time")]
    NotValidNow,
    /// A fingerprint is the hex of a SHA-1, SHA-256 or SHA-512.
    #[error("it is not the fingerprint of a certificate in hex (SHA-1, SHA-256 or SHA-512)")]
    NotFingerprint,
}
