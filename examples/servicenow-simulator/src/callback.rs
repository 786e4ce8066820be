//! The outbound connection: one address, ten headers at most, perhaps Basic. Nothing is signed and nothing sent again.

use std::sync::{Arc, PoisonError, RwLock};

use agent_desk::{Carriage, Letter};
use anyhow::{Context, ensure};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::{Config, Instance};

/// "You can add maximum 10 headers."
const MOST_HEADERS: usize = 10;

pub struct Callback {
    url: Arc<RwLock<String>>,
    headers: HeaderMap,
}

/// What else a callback says.
#[derive(Clone, Copy, Default)]
pub struct Flags {
    pub agent_chat: bool,
    pub completed: bool,
    pub take_control: bool,
}

impl Callback {
    pub fn new(config: &Config) -> anyhow::Result<Self> {
        ensure!(config.callback_headers.len() <= MOST_HEADERS, "you can add maximum {MOST_HEADERS} headers");
        let mut headers = HeaderMap::new();
        for (name, value) in &config.callback_headers {
            let header: HeaderName = name.parse().with_context(|| format!("{name:?} is no header"))?;
            let mut value =
                HeaderValue::from_bytes(value.bytes()).context("a callback's header has no such value")?;
            value.set_sensitive(true);
            headers.insert(header, value);
        }
        if let Some((user, password)) = &config.callback_basic {
            let pair = STANDARD.encode([user.as_bytes(), b":", password.bytes()].concat());
            headers.insert(header::AUTHORIZATION, HeaderValue::from_str(&format!("Basic {pair}"))?);
        }
        Ok(Self { url: Arc::new(RwLock::new(config.callback_url.clone())), headers })
    }

    pub fn point_at(&self, url: &str) {
        url.clone_into(&mut self.url.write().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Instance {
    /// Sends a callback for a conversation, which repeats its last request.
    pub fn call(&self, kind: &str, conversation: &str, elements: &[Value], flags: Flags) -> Option<Carriage> {
        let last = self.users.last(conversation)?;
        let mut body = echo(&last.request, elements, flags);
        body["userId"] = json!(last.user);
        body["interactionId"] = json!(last.interaction);
        Some(self.post(kind, conversation, &body))
    }

    /// Sends one for a user without a conversation.
    pub fn answer(
        &self,
        user: &str,
        request: &serde_json::Map<String, Value>,
        elements: &[Value],
        flags: Flags,
    ) {
        let mut body = echo(request, elements, flags);
        body["userId"] = json!(user);
        let _ = self.post("answer", user, &body);
    }

    fn post(&self, kind: &str, lane: &str, body: &Value) -> Carriage {
        let (url, headers) = (Arc::clone(&self.callback.url), self.callback.headers.clone());
        let letter = Letter::json(lane, "", body)
            .named(format!("webhook.{kind}"))
            .to(move || url.read().unwrap_or_else(PoisonError::into_inner).clone())
            .with_headers(move |_| headers.clone());
        self.courier.send(letter)
    }
}

/// Flags that are down are not there.
fn echo(request: &serde_json::Map<String, Value>, elements: &[Value], flags: Flags) -> Value {
    let given = |name: &str| request.get(name).cloned().unwrap_or_default();
    let mut body = json!({
        "requestId": given("requestId"),
        "clientSessionId": request.get("clientSessionId").cloned().unwrap_or_else(|| json!("")),
        "nowSessionId": "",
        "body": elements,
        "score": 1,
    });
    for name in ["message", "clientVariables"] {
        if let Some(value) = request.get(name) {
            body[name] = value.clone();
        }
    }
    for (name, up) in
        [("agentChat", flags.agent_chat), ("completed", flags.completed), ("takeControl", flags.take_control)]
    {
        if up {
            body[name] = json!(true);
        }
    }
    body
}
