//! JSON Web Tokens as they are written: three parts in base64url with points between (RFC 7515, compact form).
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::key::Key;

pub(super) fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The part that is signed.
pub(super) fn signed_part(algorithm: &str, kid: &str, claims: &Value) -> String {
    let header = json!({ "typ": "JWT", "alg": algorithm, "kid": kid });
    format!("{}.{}", base64url(header.to_string().as_bytes()), base64url(claims.to_string().as_bytes()))
}

pub(super) fn signed(key: &Key, claims: &Value) -> String {
    let part = signed_part("RS256", &key.kid, claims);
    let signature = base64url(&key.sign(&part));
    format!("{part}.{signature}")
}

/// A token taken apart; nothing in it is to be believed before its signature is verified.
pub(super) struct Jwt<'a> {
    pub header: Value,
    pub claims: Value,
    pub signed: &'a str,
    pub signature: Vec<u8>,
}

impl<'a> Jwt<'a> {
    /// None where it is not a token of three parts with JSON objects in the first two.
    pub fn read(token: &'a str) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let object = |part: &str| {
            let value: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()?;
            value.is_object().then_some(value)
        };
        Some(Self {
            header: object(header)?,
            claims: object(claims)?,
            signed,
            signature: URL_SAFE_NO_PAD.decode(signature).ok()?,
        })
    }
}
