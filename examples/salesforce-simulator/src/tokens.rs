//! Visitors' tokens: JSON Web Tokens that say who somebody is, and for how long.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::anyhow;
use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{hmac, rand::SystemRandom};
use serde_json::{Value, json};

use crate::{Config, Organization, refusal::Refusal};

/// Makes and checks tokens, with a key that lives as long as the simulator.
pub(crate) struct Tokens {
    key: hmac::Key,
    organization: String,
    life: Duration,
}

/// Somebody with a token that is good.
#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    pub(crate) subject: String,
    /// Seconds since 1970.
    pub(crate) expires: u64,
}

impl Tokens {
    pub(crate) fn new(config: &Config) -> anyhow::Result<Self> {
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new())
            .map_err(|_| anyhow!("this machine gives no random bytes"))?;
        let organization = short(&config.organization).to_owned();
        Ok(Self { key, organization, life: config.token_life })
    }

    /// A token for this subject, good for a whole life or until `expires`.
    pub(crate) fn make(&self, subject: &str, expires: Option<u64>) -> String {
        let now = seconds();
        let claims = json!({
            "iss": "iamessage",
            "sub": subject,
            "orgId": self.organization,
            "clientId": agent_desk::fresh_id(),
            "iat": now,
            "exp": expires.unwrap_or(now + self.life.as_secs()),
        });
        let header = json!({ "alg": "HS256", "typ": "JWT" });
        let signed = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
        let signature = hmac::sign(&self.key, signed.as_bytes());
        format!("{signed}.{}", encode(signature))
    }

    /// Who has it.
    fn check(&self, token: &str) -> Result<Visitor, Refusal> {
        let invalid = || Refusal::unauthorized("Jwt is invalid");
        let (signed, signature) = token.rsplit_once('.').ok_or_else(invalid)?;
        let signature = decode(signature).ok_or_else(invalid)?;
        hmac::verify(&self.key, signed.as_bytes(), &signature).map_err(|_| invalid())?;
        let claims = signed.split_once('.').and_then(|(_, claims)| decode(claims)).ok_or_else(invalid)?;
        let claims: Value = serde_json::from_slice(&claims).map_err(|_| invalid())?;
        let (Some(subject), Some(expires)) = (claims["sub"].as_str(), claims["exp"].as_u64()) else {
            return Err(invalid());
        };
        if seconds() >= expires {
            return Err(Refusal::unauthorized("Jwt is expired"));
        }
        Ok(Visitor { subject: subject.to_owned(), expires })
    }
}

impl FromRequestParts<Arc<Organization>> for Visitor {
    type Rejection = Refusal;

    async fn from_request_parts(
        parts: &mut Parts,
        organization: &Arc<Organization>,
    ) -> Result<Self, Refusal> {
        let given = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = given.and_then(|given| given.strip_prefix("Bearer "));
        organization.tokens.check(token.ok_or_else(|| Refusal::unauthorized("Jwt is missing"))?)
    }
}

/// The organization's id of 15 characters.
pub(crate) fn short(organization: &str) -> &str {
    organization.get(..15).unwrap_or(organization)
}

/// Seconds since 1970.
pub(crate) fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}
