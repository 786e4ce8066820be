//! What an address of a file says, sealed: which file of which delivery, and until when.
//!
//! AES-256-GCM over a statement of fixed length. The nonce is a MAC of the statement under a key of its own, so that the
//! same statement has the same token on every attempt and every node, and two statements share a nonce only where 96
//! bits of a MAC collide. A token names no address to fetch from: that is looked up, where it was kept, once the token
//! has proved genuine. The bytes are: version (1), nonce (12), ciphertext, tag (16), in base64url.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use handover_handoff::delivery::Direction;
use handover_handoff::{SessionId, Timestamp};
use handover_store::{Place, Zeroizing};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::{hkdf, hmac};
use uuid::Uuid;

const VERSION: u8 = 1;

/// Session, direction, place in the lane, which file, until when.
const STATEMENT: usize = 16 + 1 + 8 + 2 + 8;

/// What a token authenticates besides its statement.
const PURPOSE: &[u8] = b"handover media, 1";

/// Bytes of a token.
const TOKEN: usize = 1 + NONCE_LEN + STATEMENT + 16;

/// Which file, and until when it may be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Statement {
    pub(super) place: Place,
    /// From 0, among the files of the delivery.
    pub(super) nth: u16,
    pub(super) expires: Timestamp,
}

/// Why a token is good for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bad {
    /// Not one of ours.
    Forged,
    /// It was.
    Expired,
}

/// What seals with the first of its keys, and opens with any.
pub(super) struct Seals(Vec<Seal>);

struct Seal {
    cipher: LessSafeKey,
    nonces: hmac::Key,
}

/// There is nothing to seal with.
#[derive(Debug, thiserror::Error)]
#[error("the addresses of files cannot be sealed: the store has no key for them")]
pub(super) struct NoKey;

impl Seals {
    /// From what the keys of this installation are made of.
    pub(super) fn new(roots: &[Zeroizing<[u8; 32]>]) -> Result<Self, NoKey> {
        let seals: Option<Vec<Seal>> = roots.iter().map(|root| Seal::new(root)).collect();
        seals.filter(|seals| !seals.is_empty()).map(Self).ok_or(NoKey)
    }

    /// None only where the cipher fails, which it has no reason to.
    pub(super) fn seal(&self, statement: &Statement) -> Option<String> {
        let seal = self.0.first()?;
        let clear = statement.bytes();
        let nonce = hmac::sign(&seal.nonces, &clear);
        let nonce = nonce.as_ref().get(..NONCE_LEN)?;
        let mut token = Vec::with_capacity(TOKEN);
        token.push(VERSION);
        token.extend_from_slice(nonce);
        token.extend_from_slice(&clear);
        let bound = Aad::from(PURPOSE);
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let sealed = &mut token[1 + NONCE_LEN..];
        let tag = seal.cipher.seal_in_place_separate_tag(nonce, bound, sealed).ok()?;
        token.extend_from_slice(tag.as_ref());
        Some(URL_SAFE_NO_PAD.encode(token))
    }

    pub(super) fn open(&self, token: &str, now: Timestamp) -> Result<Statement, Bad> {
        // Looked at first: to decode and to try keys costs nothing where it cannot be one.
        if token.len() != TOKEN.div_ceil(3) * 4 - (3 - TOKEN % 3) % 3 {
            return Err(Bad::Forged);
        }
        let token = URL_SAFE_NO_PAD.decode(token).map_err(|_| Bad::Forged)?;
        let [VERSION, rest @ ..] = token.as_slice() else { return Err(Bad::Forged) };
        let (nonce, sealed) = rest.split_at_checked(NONCE_LEN).ok_or(Bad::Forged)?;
        let opened = self.0.iter().find_map(|seal| {
            let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
            let mut sealed = sealed.to_vec();
            let clear = seal.cipher.open_in_place(nonce, Aad::from(PURPOSE), &mut sealed).ok()?;
            Statement::of(clear)
        });
        let statement = opened.ok_or(Bad::Forged)?;
        if statement.expires <= now { Err(Bad::Expired) } else { Ok(statement) }
    }
}

impl Seal {
    fn new(root: &[u8; 32]) -> Option<Self> {
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, PURPOSE).extract(root);
        let cipher = UnboundKey::from(root.expand(&[b"cipher"], &AES_256_GCM).ok()?);
        let nonces = hmac::Key::from(root.expand(&[b"nonces"], hmac::HMAC_SHA256).ok()?);
        Some(Self { cipher: LessSafeKey::new(cipher), nonces })
    }
}

impl Statement {
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(STATEMENT);
        bytes.extend_from_slice(self.place.session.0.as_bytes());
        bytes.push(match self.place.direction {
            Direction::ToVendor => 0,
            Direction::ToCustomer => 1,
            Direction::Receipts => 2,
        });
        bytes.extend_from_slice(&self.place.seq.to_be_bytes());
        bytes.extend_from_slice(&self.nth.to_be_bytes());
        bytes.extend_from_slice(&self.expires.0.to_be_bytes());
        bytes
    }

    fn of(bytes: &[u8]) -> Option<Self> {
        let (session, rest) = bytes.split_first_chunk::<16>()?;
        let (&[direction], rest) = rest.split_first_chunk::<1>()?;
        let (seq, rest) = rest.split_first_chunk::<8>()?;
        let (nth, rest) = rest.split_first_chunk::<2>()?;
        let expires = <[u8; 8]>::try_from(rest).ok()?;
        let direction = match direction {
            0 => Direction::ToVendor,
            1 => Direction::ToCustomer,
            _ => return None,
        };
        let session = SessionId(Uuid::from_bytes(*session));
        Some(Self {
            place: Place { session, direction, seq: u64::from_be_bytes(*seq) },
            nth: u16::from_be_bytes(*nth),
            expires: Timestamp(u64::from_be_bytes(expires)),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn seals(bytes: &[u8]) -> Seals {
        let roots: Vec<_> = bytes.iter().map(|byte| Zeroizing::new([*byte; 32])).collect();
        Seals::new(&roots).unwrap()
    }

    fn statement(nth: u16) -> Statement {
        let session = SessionId(Uuid::from_u128(7));
        let place = Place { session, direction: Direction::ToVendor, seq: 3 };
        Statement { place, nth, expires: Timestamp(1000) }
    }

    #[test]
    fn what_is_sealed_is_opened_until_it_expires() {
        let seals = seals(&[1]);
        let token = seals.seal(&statement(2)).unwrap();
        assert_eq!(seals.open(&token, Timestamp(999)), Ok(statement(2)));
        assert_eq!(seals.open(&token, Timestamp(1000)), Err(Bad::Expired));
        assert_eq!(seals.seal(&statement(2)).unwrap(), token, "the same file has the same address");
        assert_ne!(seals.seal(&statement(3)).unwrap(), token);
    }

    #[test]
    fn no_bit_can_be_altered_and_nothing_left_out_or_added() {
        let seals = seals(&[1]);
        let token = seals.seal(&statement(0)).unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut altered = bytes.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            let altered = URL_SAFE_NO_PAD.encode(altered);
            assert_eq!(seals.open(&altered, Timestamp(0)), Err(Bad::Forged), "bit {bit}");
        }
        for length in 0..token.len() {
            assert_eq!(seals.open(&token[..length], Timestamp(0)), Err(Bad::Forged));
        }
        for other in [format!("{token}A"), format!("{token}=="), "é".repeat(43), "-".repeat(token.len())] {
            assert_eq!(seals.open(&other, Timestamp(0)), Err(Bad::Forged));
        }
    }

    #[test]
    fn keys_are_told_apart_and_old_ones_still_open() {
        let old = seals(&[1]).seal(&statement(0)).unwrap();
        assert_eq!(seals(&[2]).open(&old, Timestamp(0)), Err(Bad::Forged));
        assert_eq!(seals(&[2, 1]).open(&old, Timestamp(0)), Ok(statement(0)));
        assert_ne!(seals(&[2, 1]).seal(&statement(0)).unwrap(), old);
        assert!(Seals::new(&[]).is_err());
    }
}
