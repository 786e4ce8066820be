//! Webhooks of Zendesk Support: one event per request, signed with `X-Zendesk-Webhook-Signature`, and what agents do to
//! tickets.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use agent_desk::{AgentAction, Attempt, Carriage, Courier, Deed, Desk, Failure, Letter, Policy, Secret};
use axum::http::{HeaderMap, HeaderValue};
use base64::{Engine, engine::general_purpose::STANDARD};
use ring::hmac;
use serde_json::{Value, json};

use crate::{
    app::App,
    book::{fresh, now},
};

/// How long Zendesk Support waits for an answer.
const PATIENCE: Duration = Duration::from_secs(12);

/// The longest `Retry-After` that is heeded.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Where events of tickets go.
pub(crate) struct SupportWebhook {
    url: Arc<RwLock<String>>,
    secret: Secret,
    courier: Courier,
}

impl SupportWebhook {
    pub(crate) fn new(desk: &Desk, url: &str, secret: Secret, pauses: Option<Vec<Duration>>) -> Self {
        let pauses = pauses.unwrap_or_else(|| vec![Duration::from_secs(5); 3]);
        let policy = Policy {
            again: |status| matches!(status, 409 | 429 | 503),
            retry_after: Some(LONGEST_PAUSE),
            ..Policy::retrying(PATIENCE, pauses)
        };
        Self { url: Arc::new(RwLock::new(url.to_owned())), secret, courier: Courier::new(desk, policy) }
    }

    pub(crate) fn point_at(&self, url: &str) {
        url.clone_into(&mut self.url.write().unwrap_or_else(PoisonError::into_inner));
    }

    fn tell(&self, ticket: u64, kind: &str, detail: &Value, event: &Value) -> Carriage {
        let body = json!({
            "account_id": 12_514_403,
            "id": fresh(),
            "subject": format!("zen:ticket:{ticket}"),
            "time": now(),
            "type": format!("zen:event-type:ticket.{kind}"),
            "zendesk_event_version": "2022-11-06",
            "detail": detail,
            "event": event,
        });
        let (url, secret) = (Arc::clone(&self.url), self.secret.clone());
        let letter = Letter::json(ticket.to_string(), "", &body)
            .named("webhook.support")
            .to(move || url.read().unwrap_or_else(PoisonError::into_inner).clone())
            .with_headers(move |attempt| sign(&secret, attempt));
        self.courier.send(letter)
    }
}

/// `base64(HMACSHA256(TIMESTAMP + BODY))`
fn sign(secret: &Secret, attempt: &Attempt<'_>) -> HeaderMap {
    let timestamp = format!("{:.0}", attempt.time);
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.bytes());
    let mut signing = hmac::Context::with_key(&key);
    signing.update(timestamp.as_bytes());
    signing.update(attempt.body);
    let signature = STANDARD.encode(signing.sign());
    let mut headers = HeaderMap::new();
    for (name, value) in
        [("x-zendesk-webhook-signature", signature), ("x-zendesk-webhook-signature-timestamp", timestamp)]
    {
        // Base64 and times always are a header's value.
        headers.extend(
            HeaderValue::try_from(value).ok().map(|value| (axum::http::HeaderName::from_static(name), value)),
        );
    }
    headers
}

impl App {
    /// What an agent does to a ticket.
    pub(crate) async fn act_on_ticket(&self, ticket: u64, deed: Deed) -> Result<(), Failure> {
        let carriage = match deed.action {
            AgentAction::Say(message) => {
                let author = json!({ "id": "360001", "is_staff": true, "name": deed.agent });
                let comment = json!({ "id": message.sent_as, "is_public": true, "body": message.text, "author": author });
                let detail = self.support.tickets().detail(ticket);
                self.support.webhook.tell(ticket, "comment_added", &detail, &json!({ "comment": comment }))
            }
            AgentAction::End => {
                let mut tickets = self.support.tickets();
                tickets.set(ticket, "solved");
                let event = json!({ "current": "SOLVED", "previous": "OPEN" });
                self.support.webhook.tell(ticket, "status_changed", &tickets.detail(ticket), &event)
            }
            // Tickets have nobody who types, and nobody is told who has one.
            _ => return Ok(()),
        };
        carriage.outcome().await
    }
}
