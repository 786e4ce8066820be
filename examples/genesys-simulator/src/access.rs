//! Tokens: who has one, how long it lives, and how many requests it has left in this minute.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use agent_desk::{Secret, fresh_id};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{App, refusal::Refusal};

const MINUTE: Duration = Duration::from_secs(60);

/// The OAuth client and its tokens.
pub(crate) struct Access {
    client_id: String,
    client_secret: Secret,
    life: Duration,
    allowed: u64,
    tokens: Mutex<HashMap<String, Token>>,
}

struct Token {
    until: Instant,
    minute: Instant,
    count: u64,
}

/// What is left of a token's minute.
struct Meter {
    count: u64,
    allowed: u64,
    reset: u64,
}

impl Access {
    pub(crate) fn new(client_id: String, client_secret: Secret, life: Duration, allowed: u64) -> Self {
        Self { client_id, client_secret, life, allowed, tokens: Mutex::default() }
    }

    pub(crate) fn is_client(&self, id: &str, secret: &str) -> bool {
        self.client_id == id && self.client_secret.is(secret.as_bytes())
    }

    /// A new token, and how many seconds it lives.
    pub(crate) fn grant(&self) -> (String, u64) {
        let token = fresh_id();
        let now = Instant::now();
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.retain(|_, token| token.until > now);
        tokens.insert(token.clone(), Token { until: now + self.life, minute: now, count: 0 });
        (token, self.life.as_secs())
    }

    fn spend(&self, given: &str) -> Result<Meter, Refusal> {
        let now = Instant::now();
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let token =
            tokens.get_mut(given).filter(|token| token.until > now).ok_or_else(Refusal::bad_credentials)?;
        if now.duration_since(token.minute) >= MINUTE {
            (token.minute, token.count) = (now, 0);
        }
        token.count += 1;
        let left = MINUTE.saturating_sub(now.duration_since(token.minute));
        Ok(Meter { count: token.count, allowed: self.allowed, reset: left.as_secs() + 1 })
    }
}

/// Lets in who has a token and requests left.
pub(crate) async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let Some(token) = bearer(request.headers()) else { return Refusal::unauthenticated().into_response() };
    let meter = match app.access.spend(&token) {
        Ok(meter) => meter,
        Err(refusal) => return refusal.into_response(),
    };
    let mut response = if meter.count > meter.allowed {
        let mut response = Refusal::too_many(meter.allowed).into_response();
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(meter.reset));
        response
    } else {
        next.run(request).await
    };
    for (name, value) in [
        ("inin-ratelimit-count", meter.count),
        ("inin-ratelimit-allowed", meter.allowed),
        ("inin-ratelimit-reset", meter.reset),
    ] {
        response.headers_mut().insert(name, HeaderValue::from(value));
    }
    response
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}
