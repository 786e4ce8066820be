//! Sealed values byte by byte: how they are made, and how they are read.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};

use super::{Key, Keys, Place, is_id};
use crate::StoreError;

const VERSION: u8 = 1;
const SALT_LEN: usize = 16;

/// What proves a key.
const PROOF: &[u8] = b"proof";

/// What is wrong with one sealed value; all others are as they were.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Broken {
    /// No key of this id is configured.
    KeyMissing { of: Place, key: String },
    /// It is not what was sealed here with this key.
    Altered { of: Place, key: String },
    /// The system gives no random bytes to seal with.
    NoRandom { of: Place },
}

impl Broken {
    pub(crate) fn at(self, place: &str) -> StoreError {
        let place = place.to_owned();
        match self {
            Broken::KeyMissing { of, key } => StoreError::KeyMissing { of: of.to_string(), place, key },
            Broken::Altered { of, key } => StoreError::Altered { of: of.to_string(), place, key },
            Broken::NoRandom { of } => StoreError::Database {
                place,
                reason: format!("{of} cannot be sealed: this system gives no random bytes"),
            },
        }
    }
}

impl Keys {
    /// Seals what `write` puts at the end of the bytes it is given; none where values are written in the clear.
    pub(crate) fn seal<E: From<Broken>>(
        &self,
        of: &Place,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<Option<Vec<u8>>, E> {
        let Some(key) = self.sealing() else { return Ok(None) };
        let no_random = || Broken::NoRandom { of: of.clone() };
        let mut random = [0; SALT_LEN + NONCE_LEN];
        SystemRandom::new().fill(&mut random).map_err(|_| no_random())?;
        let (salt, nonce) = random.split_at(SALT_LEN);
        let mut value = head(&key.id);
        let bound = bound(&value, of);
        value.extend_from_slice(&random);
        let start = value.len();
        write(&mut value)?;
        // Neither fails: the lengths are right, and no value comes near the 64 GiB that the cipher takes.
        let cipher = cipher(key, salt).ok_or_else(no_random)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| no_random())?;
        let tag = cipher
            .seal_in_place_separate_tag(nonce, Aad::from(bound), &mut value[start..])
            .map_err(|_| no_random())?;
        value.extend_from_slice(tag.as_ref());
        Ok(Some(value))
    }

    /// Seals bytes that are there; none where values are written in the clear.
    pub(crate) fn seal_bytes(&self, of: &Place, clear: &[u8]) -> Result<Option<Vec<u8>>, Broken> {
        self.seal(of, |value| {
            value.extend_from_slice(clear);
            Ok(())
        })
    }

    /// What was sealed here.
    pub(crate) fn open(&self, of: &Place, mut value: Vec<u8>) -> Result<Vec<u8>, Broken> {
        let altered = |key: &str| Broken::Altered { of: of.clone(), key: key.to_owned() };
        let id = id(&value).ok_or_else(|| altered("unknown"))?.to_owned();
        let key = self.named(&id).ok_or_else(|| Broken::KeyMissing { of: of.clone(), key: id.clone() })?;
        let altered = || altered(&id);
        let head_len = 2 + id.len();
        let start = head_len + SALT_LEN + NONCE_LEN;
        let random = value.get(head_len..start).ok_or_else(altered)?;
        let (salt, nonce) = random.split_at(SALT_LEN);
        let cipher = cipher(key, salt).ok_or_else(altered)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| altered())?;
        let bound = Aad::from(bound(&value[..head_len], of));
        let clear = cipher.open_within(nonce, bound, &mut value, start..).map_err(|_| altered())?.len();
        value.truncate(clear);
        Ok(value)
    }

    /// What shows later that the current key is still the one that goes by its id.
    pub(crate) fn proof(&self) -> Result<Option<(String, Vec<u8>)>, Broken> {
        let Some(id) = self.current() else { return Ok(None) };
        let proof = self.seal_bytes(&Place::Proof(id.to_owned()), PROOF)?;
        Ok(proof.map(|proof| (id.to_owned(), proof)))
    }

    /// Whether the key of this id made this proof; true where there is no such key.
    pub(crate) fn proves(&self, id: &str, proof: Vec<u8>) -> bool {
        self.named(id).is_none()
            || self.open(&Place::Proof(id.to_owned()), proof).is_ok_and(|clear| clear == PROOF)
    }
}

fn head(id: &str) -> Vec<u8> {
    let mut head = Vec::with_capacity(1024);
    // An id is short.
    head.extend_from_slice(&[VERSION, id.len() as u8]);
    head.extend_from_slice(id.as_bytes());
    head
}

/// The id of the key that a value names.
fn id(value: &[u8]) -> Option<&str> {
    let [VERSION, length, rest @ ..] = value else { return None };
    let id = rest.get(..usize::from(*length)).filter(|id| is_id(id))?;
    std::str::from_utf8(id).ok()
}

/// What is authenticated besides the value: form, key and place.
fn bound(head: &[u8], of: &Place) -> Vec<u8> {
    let mut bound = Vec::with_capacity(160);
    bound.extend_from_slice(head);
    of.bind(&mut bound);
    bound
}

fn cipher(key: &Key, salt: &[u8]) -> Option<LessSafeKey> {
    let info = [salt];
    let derived = key.root.expand(&info, &AES_256_GCM).ok()?;
    // Each salt makes a key of its own, and each of them seals one value.
    Some(LessSafeKey::new(UnboundKey::from(derived)))
}

#[cfg(test)]
mod tests {
    use handover_handoff::SessionId;
    use handover_handoff::delivery::Direction;
    use uuid::Uuid;
    use zeroize::Zeroizing;

    use super::super::{Key, KeyError, Keys, Place};
    use super::Broken;

    fn key(id: &str, byte: u8) -> Key {
        Key::new(id, Zeroizing::new([byte; 32])).expect("a key")
    }

    fn one() -> Keys {
        Keys::new(key("one", 1), []).expect("keys")
    }

    const HERE: Place = Place::Session(SessionId(Uuid::nil()));

    fn sealed(keys: &Keys) -> Vec<u8> {
        keys.seal_bytes(&HERE, b"my number is 4711").expect("random").expect("a key")
    }

    #[test]
    fn what_is_sealed_is_read_in_its_place_only() {
        let keys = one();
        let value = sealed(&keys);
        assert!(!value.windows(4).any(|bytes| bytes == b"4711"));
        assert_eq!(keys.open(&HERE, value.clone()).expect("clear"), b"my number is 4711");
        for elsewhere in [
            Place::Session(SessionId(Uuid::max())),
            Place::Delivery(SessionId(Uuid::nil()), Direction::ToVendor, 1),
            Place::Callback(0),
        ] {
            let altered = Broken::Altered { of: elsewhere.clone(), key: "one".to_owned() };
            assert_eq!(keys.open(&elsewhere, value.clone()), Err(altered));
        }
    }

    #[test]
    fn no_byte_can_be_altered_or_left_out() {
        let keys = one();
        let value = sealed(&keys);
        for n in 0..value.len() {
            let mut altered = value.clone();
            altered[n] ^= 1;
            assert!(keys.open(&HERE, altered).is_err(), "byte {n}");
            assert!(keys.open(&HERE, value[..n].to_vec()).is_err(), "the first {n} bytes");
        }
        assert!(keys.open(&HERE, [&value[..], b"x"].concat()).is_err());
    }

    #[test]
    fn the_same_words_never_look_the_same() {
        let keys = one();
        let (first, second) = (sealed(&keys), sealed(&keys));
        let apart = first.iter().zip(&second).skip(5).filter(|(a, b)| a != b).count();
        assert!(apart > 40, "salt, nonce, text and tag");
    }

    #[test]
    fn a_key_is_known_by_its_id_and_by_its_bytes() {
        let value = sealed(&one());
        let both = Keys::new(key("two", 2), [key("one", 1)]).expect("keys");
        assert!(both.open(&HERE, value.clone()).is_ok());
        let missing = Broken::KeyMissing { of: HERE, key: "one".to_owned() };
        let two = Keys::new(key("two", 2), []).expect("keys");
        assert_eq!(two.open(&HERE, value.clone()), Err(missing));
        let other = Keys::new(key("one", 9), []).expect("keys");
        assert_eq!(other.open(&HERE, value), Err(Broken::Altered { of: HERE, key: "one".to_owned() }));
        let (id, proof) = one().proof().expect("random").expect("a key");
        assert!(one().proves(&id, proof.clone()) && both.proves(&id, proof.clone()));
        assert!(!other.proves(&id, proof));
    }

    /// Sealed by the first version: a later one has to be able to read it.
    #[test]
    fn what_was_sealed_before_is_read() {
        let value = hex::decode(FIRST).expect("hex");
        assert_eq!(one().open(&HERE, value).expect("clear"), b"my number is 4711");
    }

    const FIRST: &str = "01036f6e65f4ba3348e7d1adb4a60984cf327fb763031cfe3e0f91ca730f75e8619601104a806ab67296539b143f19f45ececce83a0bd3b71dd257af5443e43240da";

    #[test]
    fn ids_are_short_and_plain_and_name_one_key() {
        for id in ["", "A", "a b", "a_b", "ä", "a".repeat(33).as_str()] {
            assert_eq!(Key::new(id, Zeroizing::new([0; 32])).err(), Some(KeyError::Id(id.to_owned())));
        }
        assert!(Key::new(&"a".repeat(32), Zeroizing::new([0; 32])).is_ok());
        let twice = Keys::new(key("one", 1), [key("two", 1), key("one", 2)]).err();
        assert_eq!(twice, Some(KeyError::Twice("one".to_owned())));
    }

    #[test]
    fn keys_do_not_show() {
        let shown = format!("{:?} {:?}", one(), key("one", 0x42));
        assert_eq!(shown, "Keys { current: Some(\"one\"), ids: [\"one\"] } Key { id: \"one\", .. }");
    }
}
