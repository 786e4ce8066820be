//! What all handlers share, and the gate that every request passes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use agent_desk::Desk;
use axum::http::{HeaderMap, header};
use serde_json::Value;

use crate::{
    attachments::Media,
    book::{Book, Integration, Talk},
    key::Key,
    refusal::Refused,
    schema::Schema,
    support::Support,
    webhook::{News, Webhook},
};

/// "JSON payloads are limited to 100kb."
const MOST_JSON: usize = 100 * 1024;

/// The simulated account.
pub(crate) struct App {
    pub(crate) desk: Desk,
    pub(crate) app_id: String,
    pub(crate) key: Key,
    pub(crate) schema: Option<Arc<Schema>>,
    pub(crate) webhook: Webhook,
    /// The gateway's own integration.
    pub(crate) ours: Integration,
    pub(crate) agents: Integration,
    pub(crate) answer_bot: Integration,
    pub(crate) multi_conversations: bool,
    pub(crate) message_limit: usize,
    pub(crate) media: Media,
    pub(crate) support: Support,
    book: Mutex<Book>,
}

impl App {
    #[expect(clippy::too_many_arguments, reason = "the parts of an account")]
    pub(crate) fn new(
        desk: Desk,
        app_id: String,
        key: Key,
        schema: Option<Arc<Schema>>,
        webhook: Webhook,
        integration: &str,
        multi_conversations: bool,
        message_limit: usize,
        media: Media,
        support: Support,
    ) -> Self {
        Self {
            desk,
            app_id,
            key,
            schema,
            webhook,
            ours: Integration::new(integration, "custom"),
            agents: Integration::new("zd-agentWorkspace", "zd:agentWorkspace"),
            answer_bot: Integration::new("zd-answerBot", "zd:answerBot"),
            multi_conversations,
            message_limit,
            media,
            support,
            book: Mutex::default(),
        }
    }

    pub(crate) fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Key and app.
    pub(crate) fn admit(&self, headers: &HeaderMap, app_id: &str) -> Result<(), Refused> {
        self.key.admit(headers)?;
        if app_id == self.app_id { Ok(()) } else { Err(Refused::new(404, "app_not_found", "App not found")) }
    }

    /// A JSON body as the operation wants it.
    pub(crate) fn read(&self, operation: &str, headers: &HeaderMap, body: &[u8]) -> Result<Value, Refused> {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.to_ascii_lowercase().starts_with("application/json") {
            return Err(Refused::new(415, "unsupported_media_type", "content-type must be application/json"));
        }
        if body.len() > MOST_JSON {
            return Err(Refused::new(413, "payload_too_large", "JSON payloads are limited to 100kb"));
        }
        let value: Value = serde_json::from_slice(body).map_err(|_| Refused::bad("Invalid JSON"))?;
        if !value.is_object() {
            return Err(Refused::bad("The body must be an object"));
        }
        self.hold_against_schema(operation, &value)?;
        Ok(value)
    }

    pub(crate) fn hold_against_schema(&self, operation: &str, value: &Value) -> Result<(), Refused> {
        let problems = self.schema.as_ref().map(|schema| schema.check(operation, value)).unwrap_or_default();
        if problems.is_empty() {
            return Ok(());
        }
        Err(Refused::bad(format!("{operation} is not as the schema says: {}", problems.join("; "))))
    }

    /// The switchboard integration of this id, name or type, in that order.
    pub(crate) fn integration(&self, target: &Value, talk: &Talk) -> Result<Integration, Refused> {
        let target = target.as_str().unwrap_or_default();
        let all = [&self.answer_bot, &self.ours, &self.agents];
        if target == "next" {
            let at = talk.active.as_ref().and_then(|active| all.iter().position(|one| *one == active));
            let next = at.and_then(|at| all.get(at + 1)).copied().cloned();
            return next.ok_or_else(|| Refused::bad("There is no next switchboard integration"));
        }
        let by = |same: &dyn Fn(&Integration) -> bool| all.iter().find(|one| same(one)).copied().cloned();
        by(&|one| one.id == target)
            .or_else(|| by(&|one| one.name == target))
            .or_else(|| by(&|one| one.kind == target))
            .ok_or_else(|| {
                Refused::new(400, "switchboard_integration_not_found", "Switchboard integration not found")
            })
    }

    /// Tells our integration, unless it is on standby (`before` is where it stood before what happened).
    pub(crate) fn tell(&self, talk: &Talk, before: bool, news: Vec<News>) {
        if before || talk.involves(&self.ours) {
            // It is carried whether or not anybody waits for it.
            drop(self.webhook.tell(&talk.id, news));
        }
    }
}
