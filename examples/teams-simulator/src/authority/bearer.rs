//! Whether a request to the bot's runtime or the Bot Connector comes from whom it must come from, by its bearer token.
use thiserror::Error;

use super::{Authority, BOT_CONNECTOR, jwt::Jwt};
use crate::faults::Target;

/// How far the clocks of the issuer and the judge may be apart; in seconds.
const SKEW: i64 = 300;

/// What is wrong with a request's token.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum Wrong {
    #[error("there is no Authorization header")]
    Missing,
    #[error("Authorization is not \"Bearer\" and a token")]
    NotBearer,
    #[error("it is no JSON Web Token")]
    Malformed,
    #[error("it is not signed with RS256")]
    Algorithm,
    #[error("its key is not published here")]
    UnknownKey,
    #[error("its signature is not its key's")]
    Signature,
    #[error("its issuer is {0}")]
    Issuer(String),
    #[error("its tenant is {0}")]
    Tenant(String),
    #[error("it is not valid yet")]
    NotYetValid,
    #[error("it has expired")]
    Expired,
    #[error("its audience is {0}")]
    Audience(String),
    #[error("it was issued to {0}")]
    Caller(String),
}

impl Wrong {
    /// A short name to count it by.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::NotBearer => "notBearer",
            Self::Malformed => "malformed",
            Self::Algorithm => "algorithm",
            Self::UnknownKey => "unknownKey",
            Self::Signature => "signature",
            Self::Issuer(_) => "issuer",
            Self::Tenant(_) => "tenant",
            Self::NotYetValid => "notYetValid",
            Self::Expired => "expired",
            Self::Audience(_) => "audience",
            Self::Caller(_) => "caller",
        }
    }
}

impl Authority {
    /// Judges what stands in `Authorization`, and counts what is refused.
    pub async fn check(&self, authorization: Option<&str>, at: Target) -> Result<(), Wrong> {
        let checked = self.check_at(authorization, at, self.clock.now()).await;
        if let Err(wrong) = &checked {
            *self.refused.lock().entry(wrong.name().to_owned()).or_default() += 1;
        }
        checked
    }

    async fn check_at(&self, authorization: Option<&str>, at: Target, now: i64) -> Result<(), Wrong> {
        let authorization = authorization.filter(|value| !value.is_empty()).ok_or(Wrong::Missing)?;
        let token = authorization
            .split_once(' ')
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Bearer"))
            .map(|(_, token)| token)
            .ok_or(Wrong::NotBearer)?;
        let jwt = Jwt::read(token).ok_or(Wrong::Malformed)?;
        if jwt.header["alg"] != "RS256" {
            return Err(Wrong::Algorithm);
        }
        let keys = self.entra.published().await;
        let key = keys.iter().find(|key| jwt.header["kid"] == key.kid.as_str()).ok_or(Wrong::UnknownKey)?;
        if !key.verifies(jwt.signed, &jwt.signature) {
            return Err(Wrong::Signature);
        }
        let text = |name: &str| jwt.claims[name].as_str().unwrap_or_default();
        let (issuer, caller) = match text("ver") {
            "2.0" => (self.issuer_v2(&self.tenant), text("azp")),
            _ => (self.issuer_v1(&self.tenant), text("appid")),
        };
        if text("iss") != issuer {
            return Err(Wrong::Issuer(text("iss").into()));
        }
        if text("tid") != self.tenant {
            return Err(Wrong::Tenant(text("tid").into()));
        }
        let seconds = |name: &str| jwt.claims[name].as_i64();
        if seconds("nbf").is_some_and(|from| now + SKEW < from) {
            return Err(Wrong::NotYetValid);
        }
        if seconds("exp").is_none_or(|until| now - SKEW >= until) {
            return Err(Wrong::Expired);
        }
        // The runtime is the agent's: the skill answers it as itself. In Teams only the agent may speak, as itself.
        let (audiences, expected) = match at {
            Target::Connector => ([BOT_CONNECTOR.to_owned(), BOT_CONNECTOR.to_owned()], &self.agent),
            Target::Runtime | Target::Authority => {
                ([self.agent.id.clone(), format!("api://{}", self.agent.id)], &self.skill)
            }
        };
        if !audiences.iter().any(|audience| audience == text("aud")) {
            return Err(Wrong::Audience(text("aud").into()));
        }
        if caller != expected.id {
            return Err(Wrong::Caller(caller.into()));
        }
        Ok(())
    }
}
