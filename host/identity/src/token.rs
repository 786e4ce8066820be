//! A signed token: taken apart without belief, and its signature held against a key.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::algorithm::Algorithm;
use crate::claims::Claims;
use crate::header::TOKEN_LIMIT;
use crate::keys::Key;
use crate::members::{self, NotMembers};
use crate::refusal::{KeyFault, Refusal, shown};

/// A token in compact form (RFC 7515 §3.1), its claims not yet believed.
///
/// Keys that a header brings along (`jwk`, `jku`, `x5c`, `x5u`) are not looked at: keys come from the issuer.
pub(crate) struct Token<'a> {
    /// What is signed: header and claims as they came.
    signed: &'a str,
    signature: &'a str,
    /// How it says it is signed; one of those that are allowed.
    pub algorithm: Algorithm,
    /// With which of the issuer's keys.
    pub key_id: String,
    pub claims: Claims,
}

impl<'a> Token<'a> {
    /// Reads a token, and refuses what is none, or is signed with an algorithm that is not among `allowed`.
    pub(crate) fn read(text: &'a str, allowed: &[Algorithm]) -> Result<Self, Refusal> {
        if text.len() > TOKEN_LIMIT {
            return Err(Refusal::TokenTooLong { bytes: text.len() });
        }
        let parts: Vec<&str> = text.split('.').collect();
        let [header, claims, signature] = parts[..] else {
            return Err(Refusal::TokenParts { parts: parts.len() });
        };
        if parts.iter().any(|part| part.is_empty()) {
            return Err(Refusal::TokenParts { parts: 3 });
        }
        let (header, algorithm) = {
            let header = object(header, "header")?;
            let found = header.get("alg").and_then(Value::as_str).unwrap_or_default();
            let algorithm = Algorithm::named(found)
                .filter(|algorithm| allowed.contains(algorithm))
                .ok_or_else(|| Refusal::AlgorithmRefused { found: shown(found) })?;
            (header, algorithm)
        };
        if header.contains_key("crit") {
            return Err(Refusal::ExtensionDemanded);
        }
        let key_id = match header.get("kid").and_then(Value::as_str) {
            Some(id) if !id.is_empty() => id.to_owned(),
            _ => return Err(Refusal::KeyIdMissing),
        };
        let claims = Claims(object(claims, "claims")?);
        decode(signature, "signature")?;
        let signed = &text[..text.len() - signature.len() - 1];
        Ok(Self { signed, signature, algorithm, key_id, claims })
    }

    /// Refuses a token that this key did not sign.
    pub(crate) fn check_signature(&self, key: &Key) -> Result<(), Refusal> {
        let unfit = |fault| Refusal::KeyUnfit { kid: shown(&self.key_id), fault };
        let material = key.material.as_ref().map_err(|fault| unfit(*fault))?;
        let verified = jsonwebtoken::crypto::verify(
            self.signature,
            self.signed.as_bytes(),
            material.verifier(),
            self.algorithm.verifier(),
        );
        match verified {
            Ok(true) => Ok(()),
            Ok(false) => Err(Refusal::SignatureWrong),
            // The signature's encoding was looked at; what is left is a key that cannot be used.
            Err(_) => Err(unfit(KeyFault::Malformed)),
        }
    }
}

fn decode(encoded: &str, part: &'static str) -> Result<Vec<u8>, Refusal> {
    URL_SAFE_NO_PAD.decode(encoded).map_err(|_| Refusal::TokenEncoding { part })
}

fn object(encoded: &str, part: &'static str) -> Result<Map<String, Value>, Refusal> {
    members::read(&decode(encoded, part)?).map_err(|why| match why {
        NotMembers::NotAnObject => Refusal::TokenJson { part },
        NotMembers::Repeated => Refusal::MemberRepeated { part },
    })
}
