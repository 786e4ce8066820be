//! The webhook of our integration: envelopes of version v2 with the shared secret in `X-API-Key`.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use agent_desk::{Carriage, Courier, Desk, Letter, Policy, Secret};
use axum::http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};

use crate::book::{fresh, now};

/// How long Zendesk waits for an answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Five tries within fifteen minutes, each pause twice the one before.
const PAUSES: [Duration; 4] =
    [Duration::from_secs(60), Duration::from_secs(120), Duration::from_secs(240), Duration::from_secs(480)];

/// Where events go.
pub(crate) struct Webhook {
    app_id: String,
    id: String,
    url: Arc<RwLock<String>>,
    secret: Arc<RwLock<Secret>>,
    courier: Courier,
}

/// An event: its type, and what it tells.
pub(crate) type News = (&'static str, Value);

impl Webhook {
    pub(crate) fn new(
        desk: &Desk,
        app_id: &str,
        url: &str,
        secret: Secret,
        pauses: Option<Vec<Duration>>,
    ) -> Self {
        // Everything is told again but what is answered with one of these ("Webhooks", retries).
        let again = |status| !matches!(status, 400 | 401 | 403 | 404 | 406);
        let pauses = pauses.unwrap_or_else(|| PAUSES.to_vec());
        let policy = Policy { again, ..Policy::retrying(PATIENCE, pauses) };
        Self {
            app_id: app_id.to_owned(),
            id: fresh(),
            url: Arc::new(RwLock::new(url.to_owned())),
            secret: Arc::new(RwLock::new(secret)),
            courier: Courier::new(desk, policy),
        }
    }

    pub(crate) fn point_at(&self, url: &str) {
        url.clone_into(&mut self.url.write().unwrap_or_else(PoisonError::into_inner));
    }

    pub(crate) fn sign_with(&self, secret: Secret) {
        *self.secret.write().unwrap_or_else(PoisonError::into_inner) = secret;
    }

    /// Sends these events of a conversation in one request.
    pub(crate) fn tell(&self, conversation: &str, news: Vec<News>) -> Carriage {
        let name = news.first().map_or("webhook", |(kind, _)| operation(kind));
        let events: Vec<Value> = news
            .into_iter()
            .map(|(kind, payload)| json!({ "id": fresh(), "createdAt": now(), "type": kind, "payload": payload }))
            .collect();
        let body = json!({
            "app": { "id": self.app_id },
            "webhook": { "id": self.id, "version": "v2" },
            "events": events,
        });
        let (url, secret) = (Arc::clone(&self.url), Arc::clone(&self.secret));
        let letter = Letter::json(conversation, "", &body)
            .named(name)
            .to(move || url.read().unwrap_or_else(PoisonError::into_inner).clone())
            .with_headers(move |_| {
                let mut headers = HeaderMap::new();
                let secret = secret.read().unwrap_or_else(PoisonError::into_inner);
                headers.extend(
                    HeaderValue::from_bytes(secret.bytes())
                        .ok()
                        .map(|value| (axum::http::HeaderName::from_static("x-api-key"), value)),
                );
                headers
            });
        self.courier.send(letter)
    }
}

/// The name for faults and the wire log.
fn operation(kind: &str) -> &'static str {
    match kind {
        "conversation:message" => "webhook.message",
        "conversation:typing" => "webhook.typing",
        "conversation:read" => "webhook.read",
        "user:merge" => "webhook.merge",
        kind if kind.starts_with("switchboard:") => "webhook.control",
        _ => "webhook.other",
    }
}
