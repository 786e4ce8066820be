//! What the guests' `crypto` import needs: signatures with keys that stay in the host.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use ring::hmac;
use ring::signature::{self as sig, RsaParameters, UnparsedPublicKey};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Credential, Kind};
use crate::keyring::Held;
use crate::secret::Secret;
use crate::{jose, pem};

/// A hash of the contract's `crypto` interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hash {
    /// For vendors that still ask for it; as an HMAC it is not broken.
    Sha1,
    /// The usual one.
    Sha256,
    /// The long one.
    Sha512,
}

/// A signature algorithm of the contract's `crypto` interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignatureAlgorithm {
    /// RSA PKCS #1 v1.5 with SHA-256.
    #[default]
    Rs256,
    /// RSA PKCS #1 v1.5 with SHA-384.
    Rs384,
    /// RSA PKCS #1 v1.5 with SHA-512.
    Rs512,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// HMAC with SHA-256.
    Hs256,
}

impl SignatureAlgorithm {
    pub(super) fn jose(self) -> Algorithm {
        match self {
            Self::Rs256 => Algorithm::RS256,
            Self::Rs384 => Algorithm::RS384,
            Self::Rs512 => Algorithm::RS512,
            Self::Es256 => Algorithm::ES256,
            Self::Hs256 => Algorithm::HS256,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Es256 => "ES256",
            Self::Hs256 => "HS256",
        }
    }
}

/// Why a guest's call for cryptography is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CryptoError {
    /// The credential's kind or key is not what the function needs.
    #[error("the credential does not suit: {0}")]
    Unsuitable(&'static str),
    /// The guest's arguments make no token.
    #[error("no token can be made of this: {0}")]
    Malformed(&'static str),
}

impl Hash {
    pub(super) fn hmac(self, key: &Secret, data: &[u8]) -> Vec<u8> {
        let algorithm = match self {
            Self::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => hmac::HMAC_SHA256,
            Self::Sha512 => hmac::HMAC_SHA512,
        };
        hmac::sign(&hmac::Key::new(algorithm, key.expose()), data).as_ref().to_vec()
    }

    fn rsa(self) -> &'static RsaParameters {
        match self {
            Self::Sha1 => &sig::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &sig::RSA_PKCS1_2048_8192_SHA256,
            Self::Sha512 => &sig::RSA_PKCS1_2048_8192_SHA512,
        }
    }
}

impl Credential {
    /// An HMAC over `data` with the credential's secret (RFC 2104).
    ///
    /// # Errors
    /// When the credential has no plain secret.
    pub fn hmac(&self, hash: Hash, data: &[u8]) -> Result<Vec<u8>, CryptoError> {
        Ok(hash.hmac(&self.shared_secret()?.current(), data))
    }

    /// Whether `signature` is that of the credential's public key, or of the one before it, over `data`: PEM, 2048
    /// bits or more, PKCS #1 v1.5 padding.
    ///
    /// # Errors
    /// When the credential is no RSA public key.
    pub fn rsa_verify(&self, hash: Hash, data: &[u8], signature: &[u8]) -> Result<bool, CryptoError> {
        let Kind::Key(key) = &self.kind else {
            return Err(CryptoError::Unsuitable("it is not of the kind `key`"));
        };
        for held in std::iter::once(&key.current).chain(&key.previous) {
            let public = pem::rsa_public_key(&held.current())
                .ok_or(CryptoError::Unsuitable("it is no RSA public key in PEM"))?;
            if UnparsedPublicKey::new(hash.rsa(), public).verify(data, signature).is_ok() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A JSON Web Token with these claims (a JSON object, kept as it is written) and extra header fields.
    ///
    /// # Errors
    /// When key and algorithm do not fit, or the claims are no JSON object.
    pub fn jwt_sign(
        &self,
        algorithm: SignatureAlgorithm,
        headers: &[(String, String)],
        claims: &str,
    ) -> Result<String, CryptoError> {
        let held = match (&self.kind, algorithm) {
            (_, SignatureAlgorithm::Hs256) => self.shared_secret()?,
            (Kind::Key(key), _) => &key.current,
            (Kind::JwtBearer(bearer), _) => &bearer.key,
            _ => return Err(CryptoError::Unsuitable("it has no private key")),
        };
        jose::install();
        serde_json::from_str::<Map<String, Value>>(claims)
            .map_err(|_| CryptoError::Malformed("the claims are no JSON object"))?;
        let mut header = Map::new();
        header.insert("typ".to_owned(), "JWT".into());
        header.extend(headers.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))));
        // Last, so that no guest names one algorithm and signs with another.
        header.insert("alg".to_owned(), algorithm.name().into());
        let header = Value::Object(header).to_string();
        let mut token = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let unsuitable = CryptoError::Unsuitable("its key does not fit the algorithm");
        let key = pem::signing_key(algorithm.jose(), &held.current()).ok_or(unsuitable)?;
        let signature =
            jsonwebtoken::crypto::sign(token.as_bytes(), &key, algorithm.jose()).map_err(|_| unsuitable)?;
        token.push('.');
        token.push_str(&signature);
        Ok(token)
    }

    /// The secret that both sides know, of the kinds that are one.
    fn shared_secret(&self) -> Result<&Held, CryptoError> {
        let held = match &self.kind {
            Kind::Header(header) => header.value(),
            Kind::Basic(basic) => basic.password(),
            Kind::BodyHmac(hmac) => &hmac.secret,
            Kind::Key(key) => &key.current,
            Kind::ClientCredentials(_) | Kind::JwtBearer(_) | Kind::SigV4(_) => {
                return Err(CryptoError::Unsuitable("it is not a secret that the vendor shares"));
            }
        };
        // A public key is known to all: what it "signs" proves nothing, and a PEM file is no shared secret.
        if held.current().expose().trim_ascii_start().starts_with(b"-----BEGIN ") {
            return Err(CryptoError::Unsuitable("it is a key in PEM, not a shared secret"));
        }
        Ok(held)
    }
}
