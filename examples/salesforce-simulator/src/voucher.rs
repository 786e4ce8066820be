//! What vouches for a customer (User Verification): a token that the customer's own system has signed.

use std::fmt;

use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde_json::Value;

use crate::tokens::{decode, seconds};

/// Whose word counts for who a customer is.
#[derive(Clone)]
pub struct Identity {
    /// `iss`.
    pub issuer: String,
    /// `kid`.
    pub key_id: String,
    /// The RSA public key: PKCS #1, DER.
    pub public_key: Vec<u8>,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("issuer", &self.issuer).field("key_id", &self.key_id).finish()
    }
}

impl Identity {
    /// The customer that the token is about; none where it is not believed.
    pub(crate) fn believe(&self, token: &str) -> Option<String> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let read = |part: &str| serde_json::from_slice::<Value>(&decode(part)?).ok();
        let (header, claims) = (read(header)?, read(claims)?);
        if header["alg"] != "RS256" || header["kid"] != *self.key_id || claims["iss"] != *self.issuer {
            return None;
        }
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.public_key);
        key.verify(signed.as_bytes(), &decode(signature)?).ok()?;
        let fresh = claims["exp"].as_u64().is_some_and(|expires| seconds() < expires);
        claims["sub"].as_str().filter(|subject| fresh && !subject.is_empty()).map(str::to_owned)
    }
}
