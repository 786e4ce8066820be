//! Requests to Zendesk, their credential, and what its errors mean.

use handover_connector::failure::{self, misconfigured, never, odd};
use handover_connector::http::{self, Method, Outgoing, Part, Response};
use handover_connector::{Context, Failure, FailureReason, Session, crypto, text};
use serde_json::{Value, json};

use crate::settings::Settings;
use crate::{API, USER_KEY};

/// How long a token is good for, in seconds.
const TOKEN_LIFE: u64 = 300;

/// One app of an account.
pub struct Api {
    pub settings: Settings,
    token: Option<String>,
}

impl Api {
    /// Reads the settings, and signs a token where there is a key for it.
    pub fn of(context: &Context) -> Result<Self, Failure> {
        let settings = Settings::of(context)?;
        let token = match &settings.key_id {
            None => None,
            Some(key) => {
                let expires = context.now / 1000 + TOKEN_LIFE;
                let claims = json!({ "scope": settings.key_scope, "exp": expires });
                Some(crypto::jwt_sign(API, crypto::Algorithm::Hs256, &[("kid", key)], &claims)?)
            }
        };
        Ok(Self { settings, token })
    }

    /// A request below the app.
    pub fn request(&self, method: Method, path: &str) -> Outgoing<'static> {
        let request = http::request(method, API, format!("/v2/apps/{}{path}", self.settings.app_id));
        match &self.token {
            Some(token) => request.header("authorization", format!("Bearer {token}")),
            None => request,
        }
    }

    /// `GET` below the app, of what is there.
    pub fn get(&self, path: &str) -> Result<Value, Failure> {
        let response = self.request(Method::Get, path).send()?;
        if response.is_success() { response.json() } else { Err(refused(&response).repeatable()) }
    }

    /// `POST` below the app, of what may be posted twice.
    pub fn post(&self, path: &str, body: &Value) -> Result<Response, Failure> {
        self.request(Method::Post, path).json(body).repeatable().send()
    }

    /// Posts one message and gives its id.
    pub fn say(&self, conversation: &str, body: &Value) -> Result<String, Failure> {
        let path = format!("{}/messages", place(conversation));
        let response = self.request(Method::Post, &path).json(body).send()?;
        if !response.is_success() {
            return Err(refused(&response));
        }
        let body: Value = response.json()?;
        // A message that Zendesk took is not posted again for want of an id.
        Ok(body["messages"][0]["id"].as_str().unwrap_or_default().to_owned())
    }

    /// The last hundred messages, the page that Zendesk gives without a cursor.
    pub fn recent(&self, conversation: &str) -> Result<Vec<Value>, Failure> {
        self.list(&format!("{}/messages", place(conversation)), "messages")
    }

    /// A page of a list.
    pub fn list(&self, path: &str, member: &str) -> Result<Vec<Value>, Failure> {
        match self.get(path)?[member].take() {
            Value::Array(list) => Ok(list),
            _ => Err(never(FailureReason::Rejected, format!("an answer without `{member}`"))),
        }
    }

    /// Uploads a file; the address that a message names it by.
    pub fn upload(&self, conversation: &str, name: &str, kind: &str, file: &[u8]) -> Result<String, Failure> {
        let id = text::percent(conversation);
        let path = format!("/attachments?access=public&for=message&conversationId={id}");
        let part = Part { name: "source", file_name: Some(name), content_type: Some(kind), body: file };
        // What no message names is seen by nobody.
        let response = self.request(Method::Post, &path).multipart(&[part]).repeatable().send()?;
        if !response.is_success() {
            return Err(refused(&response).repeatable());
        }
        found(&response, "attachment", "mediaUrl")
    }

    /// Acts on the switchboard: `passControl`, `offerControl`. `key` is the setting that names `target`.
    pub fn switch(
        &self,
        conversation: &str,
        action: &str,
        (key, target): (&str, &str),
        metadata: &Value,
    ) -> Result<(), Failure> {
        let body = json!({ "switchboardIntegration": target, "metadata": metadata });
        let path = format!("{}/{action}", place(conversation));
        // Naming the target makes it idempotent (switchboard guide, "Pass control").
        let response = self.post(&path, &body)?;
        if response.is_success() {
            return Ok(());
        }
        let code = code(&response);
        let gone = response.status == 404 && code.as_deref() == Some("conversation_not_found");
        if !gone && matches!(response.status, 400 | 404) && code.as_deref() != Some("app_not_found") {
            let detail = format!("the switchboard has no such integration: {}", refused(&response).detail);
            return Err(misconfigured(&format!("settings.{key}"), detail));
        }
        Err(refused(&response).repeatable())
    }
}

/// Where a conversation is, below the app.
pub fn place(conversation: &str) -> String {
    format!("/conversations/{}", text::percent(conversation))
}

/// The session's conversation: the last one that it learnt of.
pub fn conversation(session: &Session) -> Result<&str, Failure> {
    let found = session.lookup_keys.iter().rev().find(|key| !key.starts_with(USER_KEY));
    let none = || never(FailureReason::ConversationGone, "the session has no conversation");
    found.map(String::as_str).ok_or_else(none)
}

/// The user of the session: the last one that it learnt of.
pub fn user(session: &Session) -> String {
    let learnt = session.lookup_keys.iter().rev().find_map(|key| key.strip_prefix(USER_KEY));
    learnt.map_or_else(|| session.state.clone(), str::to_owned)
}

/// A text of this object in an answer.
pub fn found(response: &Response, object: &str, member: &str) -> Result<String, Failure> {
    let body: Value = response.json()?;
    body[object][member].as_str().map(str::to_owned).ok_or_else(|| odd(response))
}

/// Zendesk's word for an error.
fn code(response: &Response) -> Option<String> {
    let word = |c: &char| c.is_ascii_alphanumeric() || "_-.".contains(*c);
    let body = response.value();
    body["errors"][0]["code"].as_str().map(|code| code.chars().filter(word).take(64).collect())
}

/// An answer that is no success.
pub fn refused(response: &Response) -> Failure {
    let mut failure = failure::of_status(response).with_credential(API);
    let code = code(response);
    match (response.status, code.as_deref()) {
        (404, Some("app_not_found")) => failure = failure.before_conversation("settings.app_id"),
        // 30 000 messages are the end of a conversation.
        (423, _) => failure.reason = FailureReason::ConversationGone,
        _ => {}
    }
    if let Some(code) = code {
        failure.detail.push_str(&format!(" ({code})"));
    }
    failure
}
