//! The keys that an issuer publishes (RFC 7517), each with what it may be used for.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use serde::Deserialize;
use serde_json::Value;

use crate::algorithm::Algorithm;
use crate::refusal::{KeyFault, Refusal, shown};

/// Most keys of one issuer. The directory publishes about ten, the Bot Service fewer.
pub(crate) const KEY_LIMIT: usize = 100;
/// Fewest and most bits of an RSA key. `ring` verifies with no others.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// One published key.
#[derive(Debug)]
pub(crate) struct Key {
    id: String,
    /// What verifies, or why it is not used.
    pub material: Result<Material, KeyFault>,
    /// The algorithm that it is bound to, where it says so.
    algorithm: Option<String>,
    /// Channels that it vouches for (Bot Framework: `endorsements`).
    pub endorsements: Vec<String>,
    /// Whose it is, where it says so. The directory's are templates with `{tenantid}`.
    pub issuer: Option<String>,
}

/// What verifies.
#[derive(Debug)]
pub(crate) enum Material {
    /// For the RS family.
    Rsa(DecodingKey),
    /// On P-256, for ES256.
    P256(DecodingKey),
    /// On P-384, for ES384.
    P384(DecodingKey),
}

impl Material {
    pub(crate) fn verifier(&self) -> &DecodingKey {
        match self {
            Self::Rsa(key) | Self::P256(key) | Self::P384(key) => key,
        }
    }

    fn suits(&self, algorithm: Algorithm) -> bool {
        matches!(
            (self, algorithm),
            (Self::Rsa(_), Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512)
                | (Self::P256(_), Algorithm::Es256)
                | (Self::P384(_), Algorithm::Es384)
        )
    }

    fn family(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "RSA",
            Self::P256(_) => "EC on P-256",
            Self::P384(_) => "EC on P-384",
        }
    }
}

/// All keys of an issuer, as of one fetch.
#[derive(Debug)]
pub(crate) struct KeySet {
    keys: Vec<Arc<Key>>,
    /// `id_token_signing_alg_values_supported` of the metadata.
    listed: Option<Vec<String>>,
}

impl KeySet {
    /// Keys as they are published. Those without an id are left out: no token can name them.
    pub(crate) fn new(published: Vec<Value>, listed: Option<Vec<String>>) -> Self {
        let keys = published.into_iter().filter_map(Key::read).map(Arc::new).collect();
        Self { keys, listed }
    }

    /// How many keys can be used.
    pub(crate) fn usable(&self) -> usize {
        self.keys.iter().filter(|key| key.material.is_ok()).count()
    }

    /// The key of this id, for this algorithm. `None` where no key has the id.
    pub(crate) fn find(&self, id: &str, algorithm: Algorithm) -> Option<Result<Arc<Key>, Refusal>> {
        let mut first = None;
        // An id may be shared by keys of two types (RFC 7517 §4.5).
        for key in self.keys.iter().filter(|key| key.id == id) {
            match self.judge(key, algorithm) {
                Ok(()) => return Some(Ok(Arc::clone(key))),
                Err(refusal) => first = first.or(Some(refusal)),
            }
        }
        first.map(Err)
    }

    fn judge(&self, key: &Key, algorithm: Algorithm) -> Result<(), Refusal> {
        let kid = shown(&key.id);
        match &key.material {
            Err(fault) => return Err(Refusal::KeyUnfit { kid, fault: *fault }),
            Ok(material) if !material.suits(algorithm) => {
                return Err(Refusal::KeyAlgorithmOther {
                    kid,
                    found: algorithm,
                    wanted: material.family().to_owned(),
                });
            }
            Ok(_) => {}
        }
        if let Some(wanted) = key.algorithm.as_ref().filter(|wanted| *wanted != algorithm.name()) {
            return Err(Refusal::KeyAlgorithmOther { kid, found: algorithm, wanted: shown(wanted) });
        }
        match &self.listed {
            Some(listed) if !listed.iter().any(|name| name == algorithm.name()) => {
                Err(Refusal::AlgorithmNotListed { found: algorithm, listed: listed.clone() })
            }
            _ => Ok(()),
        }
    }
}

/// A key as it is published.
#[derive(Deserialize)]
struct Published {
    kid: Option<String>,
    kty: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    n: Option<String>,
    e: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    endorsements: Option<Vec<String>>,
    issuer: Option<String>,
}

impl Key {
    fn read(published: Value) -> Option<Self> {
        let id = published.get("kid").and_then(Value::as_str).filter(|id| !id.is_empty())?.to_owned();
        let Ok(mut key) = serde_json::from_value::<Published>(published) else {
            let fault = Err(KeyFault::Malformed);
            return Some(Self {
                id,
                material: fault,
                algorithm: None,
                endorsements: Vec::new(),
                issuer: None,
            });
        };
        Some(Self {
            id: key.kid.take().unwrap_or(id),
            material: key.material(),
            algorithm: key.alg,
            endorsements: key.endorsements.unwrap_or_default(),
            issuer: key.issuer,
        })
    }
}

impl Published {
    fn material(&self) -> Result<Material, KeyFault> {
        let other_use = self.purpose.as_ref().is_some_and(|purpose| purpose != "sig");
        let other_ops = self.key_ops.as_ref().is_some_and(|ops| !ops.iter().any(|op| op == "verify"));
        if other_use || other_ops {
            return Err(KeyFault::NotForSignatures);
        }
        match (self.kty.as_deref(), self.crv.as_deref()) {
            (Some("RSA"), _) => self.rsa(),
            (Some("EC"), Some("P-256")) => self.point(32).map(Material::P256),
            (Some("EC"), Some("P-384")) => self.point(48).map(Material::P384),
            _ => Err(KeyFault::OtherType),
        }
    }

    fn rsa(&self) -> Result<Material, KeyFault> {
        let modulus = number(&self.n)?;
        let exponent = number(&self.e)?;
        let bits = modulus.len() * 8 - modulus.first().map_or(0, |byte| byte.leading_zeros() as usize);
        if bits < *RSA_BITS.start() {
            return Err(KeyFault::TooShort { bits });
        }
        if bits > *RSA_BITS.end() {
            return Err(KeyFault::TooLong { bits });
        }
        Ok(Material::Rsa(DecodingKey::from_rsa_raw_components(&modulus, &exponent)))
    }

    /// A point of a curve whose coordinates have this many bytes (RFC 7518 §6.2.1.2).
    fn point(&self, bytes: usize) -> Result<DecodingKey, KeyFault> {
        let (Some(x), Some(y)) = (&self.x, &self.y) else {
            return Err(KeyFault::Malformed);
        };
        if bytes_of(x)?.len() != bytes || bytes_of(y)?.len() != bytes {
            return Err(KeyFault::Malformed);
        }
        DecodingKey::from_ec_components(x, y).map_err(|_| KeyFault::Malformed)
    }
}

fn bytes_of(encoded: &str) -> Result<Vec<u8>, KeyFault> {
    URL_SAFE_NO_PAD.decode(encoded).map_err(|_| KeyFault::Malformed)
}

/// A number without leading zeros, which some publish and verifiers refuse.
fn number(encoded: &Option<String>) -> Result<Vec<u8>, KeyFault> {
    let bytes = bytes_of(encoded.as_deref().ok_or(KeyFault::Malformed)?)?;
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    if zeros == bytes.len() { Err(KeyFault::Malformed) } else { Ok(bytes[zeros..].to_vec()) }
}
