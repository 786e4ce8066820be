//! The visitor: the token that is the customer towards Salesforce. Whoever has another one is another visitor, and may
//! not see the conversation.

use handover_connector::failure::{misconfigured, never};
use handover_connector::http;
use handover_connector::{Context, Failure, FailureReason, Session, Update, crypto, json};
use serde_json::{Value, json};

use crate::refusal;
use crate::request::{self, BASE};
use crate::settings::{Identity, Settings};
use crate::{API, IDENTITY};

/// How long a token that vouches for a customer is good: it is exchanged at once.
const VOUCHER_SECONDS: u64 = 300;

/// Least time between two tries to renew, in milliseconds.
const PATIENCE: u64 = 300_000;

/// What is kept in the session's tokens. Not `Debug`: it is a secret.
#[derive(Clone, PartialEq)]
pub struct Visitor {
    pub access_token: String,
    /// Milliseconds since 1970.
    issued: u64,
    /// Milliseconds since 1970; the largest number where the token does not say.
    expires: u64,
    /// When a renewal was last tried.
    tried: u64,
}

impl Visitor {
    /// A new visitor, and the stream's last event before it.
    pub fn admit(
        context: &Context,
        settings: &Settings,
        customer: &str,
    ) -> Result<(Self, Option<String>), Failure> {
        let mut body = json!({
            "orgId": settings.organization,
            "esDeveloperName": settings.deployment,
            "capabilitiesVersion": "1",
            "platform": "Web",
            "context": { "appName": "handover", "clientVersion": env!("CARGO_PKG_VERSION") },
        });
        let kind = match &settings.identity {
            None => "unauthenticated",
            Some(identity) => {
                body["authorizationType"] = json!("JWT");
                body["customerIdentityToken"] = json!(voucher(context, identity, customer)?);
                "authenticated"
            }
        };
        let path = format!("{BASE}/authorization/{kind}/access-token");
        let response = http::post(API, path).json(&body).repeatable().send()?;
        if response.status == 400 {
            // Nothing in the request is the customer's.
            return Err(misconfigured("settings.deployment", "the vendor answered 400"));
        }
        if !response.is_success() {
            return Err(refusal::of_opening(&response).repeatable());
        }
        let granted: Value = response.json()?;
        // Salesforce takes a voucher that it does not believe for a guest's, and says so only here.
        let subject = granted["context"]["endUser"]["subject"].as_str().unwrap_or_default();
        if settings.identity.is_some() && subject.split('/').any(|part| part == "ANON") {
            let why = "the vendor took the customer for a guest: issuer, key or subject do not fit";
            return Err(misconfigured("credentials.identity", why));
        }
        let event = match &granted["lastEventId"] {
            Value::Null => None,
            Value::String(id) => Some(id.clone()),
            other => Some(json::write(other)),
        };
        let visitor = Self::granted(&granted, context.now)
            .ok_or_else(|| never(FailureReason::Rejected, "the vendor granted no access token"))?;
        Ok((visitor, event))
    }

    /// The session's.
    pub fn read(session: &Session) -> Result<Self, Failure> {
        let none = || never(FailureReason::ConversationGone, "the session has no visitor's access token");
        Self::parse(session.tokens.as_deref()).ok_or_else(none)
    }

    pub fn parse(tokens: Option<&str>) -> Option<Self> {
        let kept = json::read(tokens?);
        let time = |name: &str| kept[name].as_u64();
        Some(Self {
            access_token: kept["access_token"].as_str()?.to_owned(),
            issued: time("issued")?,
            expires: time("expires")?,
            tried: time("tried").unwrap_or_default(),
        })
    }

    pub fn write(&self) -> String {
        let Self { access_token, issued, expires, tried } = self;
        json::write(
            &json!({ "access_token": access_token, "issued": issued, "expires": expires, "tried": tried }),
        )
    }

    /// From the answer to a request for a token.
    fn granted(answer: &Value, now: u64) -> Option<Self> {
        let access_token = answer["accessToken"].as_str()?.to_owned();
        let claims = claims(&access_token);
        let time = |name: &str| claims[name].as_u64().map(|seconds| seconds.saturating_mul(1000));
        let (issued, expires) = (time("iat").unwrap_or(now), time("exp").unwrap_or(u64::MAX));
        Some(Self { access_token, issued, expires, tried: 0 })
    }

    pub fn has_expired(&self, now: u64) -> bool {
        now >= self.expires
    }

    /// In the last quarter of its life, and not tried a moment ago.
    fn is_due(&self, now: u64) -> bool {
        let life = self.expires.saturating_sub(self.issued);
        let patience = PATIENCE.min(life / 16);
        now >= self.expires.saturating_sub(life / 4) && now >= self.tried.saturating_add(patience)
    }

    /// Lives on with a fresh token where it is time, else as it is; whatever goes wrong shows with the old one.
    pub fn renewed(self, context: &Context, settings: &Settings, customer: &str) -> (Self, Option<String>) {
        if !self.is_due(context.now) {
            return (self, None);
        }
        let fresh = match settings.identity {
            // The same customer comes in again.
            Some(_) => Self::admit(context, settings, customer).ok().map(|(visitor, _)| visitor),
            None if self.has_expired(context.now) => None,
            None => self.continued(context.now),
        };
        let next = match fresh {
            Some(fresh) if fresh.expires > self.expires => fresh,
            // Salesforce says that a continuation extends nothing; where it does, it is taken.
            _ => Self { tried: context.now, ..self },
        };
        let tokens = next.write();
        (next, Some(tokens))
    }

    /// The same visitor with another token, for as long as the one at hand is good.
    fn continued(&self, now: u64) -> Option<Self> {
        let path = format!("{BASE}/authorization/continuation-access-token");
        let response = request::with_token(self, http::get(API, path)).send().ok()?;
        if response.is_success() { Self::granted(&response.value(), now) } else { None }
    }
}

/// The session's visitor, renewed where it is time, and what to store then.
pub fn of_session(
    context: &Context,
    settings: &Settings,
    session: &Session,
) -> Result<(Visitor, Update), Failure> {
    let visitor = Visitor::read(session)?;
    let (visitor, tokens) = visitor.renewed(context, settings, &session.customer.id);
    Ok((visitor, Update { state: None, tokens }))
}

/// Says who the customer is, signed (User Verification).
fn voucher(context: &Context, identity: &Identity, customer: &str) -> Result<String, Failure> {
    let now = context.now / 1000;
    let claims = json!({ "iss": identity.issuer, "sub": customer, "iat": now, "exp": now + VOUCHER_SECONDS });
    crypto::jwt_sign(IDENTITY, crypto::Algorithm::Rs256, &[("kid", &identity.key_id)], &claims)
}

/// The claims of a JSON Web Token (RFC 7519), unverified: they are only looked at for times. Null where it is none.
fn claims(token: &str) -> Value {
    let claims = token.split('.').nth(1).and_then(base64url);
    claims.and_then(|claims| serde_json::from_slice(&claims).ok()).unwrap_or_default()
}

/// RFC 4648, section 5, without padding.
fn base64url(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for character in text.trim_end_matches('=').bytes() {
        let value = match character {
            b'A'..=b'Z' => character - b'A',
            b'a'..=b'z' => character - b'a' + 26,
            b'0'..=b'9' => character - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    Some(bytes)
}
