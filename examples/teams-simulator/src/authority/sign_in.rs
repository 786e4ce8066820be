//! The agent signs in to its skill: a token for each call, kept until shortly before its end.
use super::{
    Authority,
    claims::{Frame, LIFETIME},
    flaw::{Flaw, Tokens},
    jwt::{self, base64url, signed_part},
};

/// A token this near to its end is not shown any more; in seconds.
const RENEW_BEFORE_END: i64 = 300;

/// The token at hand.
pub(super) struct SignedIn {
    tokens: Tokens,
    token: String,
    /// Seconds since 1970.
    until: i64,
}

impl Authority {
    /// What stands in `Authorization` of the agent's next call, if anything. It needs no HTTP: the authority's faults do
    /// not keep the agent from calling.
    pub async fn agents_bearer(&self, tokens: Tokens, flaw: Flaw, service_url: &str) -> Option<String> {
        if tokens == Tokens::None {
            return None;
        }
        let now = self.clock.now();
        if flaw != Flaw::None {
            return Some(format!("Bearer {}", self.agents_token(tokens, flaw, service_url, now).await));
        }
        let kept = self.signed_in.lock().as_ref().and_then(|kept| {
            (kept.tokens == tokens && now < kept.until - RENEW_BEFORE_END).then(|| kept.token.clone())
        });
        let token = match kept {
            Some(token) => token,
            None => {
                let token = self.agents_token(tokens, flaw, service_url, now).await;
                *self.signed_in.lock() =
                    Some(SignedIn { tokens, token: token.clone(), until: now + LIFETIME });
                token
            }
        };
        Some(format!("Bearer {token}"))
    }

    async fn agents_token(&self, tokens: Tokens, flaw: Flaw, service_url: &str, now: i64) -> String {
        let audience = self.skill.id.as_str();
        let (issuer, keys) = match tokens {
            Tokens::BotService => (self.bot_service_issuer.clone(), &self.bot_service),
            Tokens::V1 => (self.issuer_v1(&self.tenant), &self.entra),
            Tokens::V2 | Tokens::None => (self.issuer_v2(&self.tenant), &self.entra),
        };
        let frame = Frame { issuer: &issuer, audience, now };
        let mut claims = match tokens {
            Tokens::BotService => frame.bot_service(service_url),
            Tokens::V1 => frame.v1(&self.agent.id, &self.tenant),
            Tokens::V2 | Tokens::None => frame.v2(&self.agent.id, &self.tenant),
        };
        flaw.spoil(&mut claims, &self.tenant, now);
        let key = keys.signing().await;
        match flaw {
            Flaw::UnknownKey => jwt::signed(&*self.stray.signing().await, &claims),
            Flaw::BrokenSignature => {
                let part = signed_part("RS256", &key.kid, &claims);
                let signature = base64url(&self.stray.signing().await.sign(&part));
                format!("{part}.{signature}")
            }
            Flaw::Unsigned => format!("{}.", signed_part("none", &key.kid, &claims)),
            _ => jwt::signed(&key, &claims),
        }
    }
}
