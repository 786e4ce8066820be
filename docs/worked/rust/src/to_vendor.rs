//! From the bot to Acme.

use handover_connector::http::{self, Response};
use handover_connector::text::percent;
use handover_connector::{
    Event, Failure, FailureReason, Message, NewSession, Progress, QueueStatus, Sent, Session, StartOutcome,
    Started, Update, failure, json,
};
use serde_json::{Value, json};

use crate::API;

/// First the visitor, then the chat.
pub fn start(session: &NewSession) -> Result<StartOutcome, Failure> {
    let Some(progress) = &session.progress else {
        let customer = &session.customer;
        let name = customer.name.as_deref().unwrap_or("Customer");
        let made = begun(&post("/visitors", &[("external_id", &customer.id), ("name", name)])?)?;
        let state = json::write(&json!({ "visitor": text(&made["visitor"])? }));
        // Stored; `start` is called again with it.
        return Ok(StartOutcome::Continue(Progress { state, tokens: None }));
    };
    let done = json::read(progress);
    let topic = session.problem.as_deref().unwrap_or("Chat");
    let fields = [("visitor", &*text(&done["visitor"])?), ("topic", topic), ("request_id", &session.id)];
    let made = begun(&post("/chats", &fields)?)?;
    let position = made["position"].as_u64().and_then(|place| u32::try_from(place).ok());
    Ok(StartOutcome::Started(Started {
        lookup_keys: vec![text(&made["chat"])?],
        state: String::new(),
        tokens: None,
        events: vec![Event::Queued(QueueStatus { position, wait_seconds: None, text: None })],
        problem_told: session.problem.is_some(), // It is the topic: the gateway need not send it as a message, too.
    }))
}

/// What a step of the start has made.
fn begun(response: &Response) -> Result<Value, Failure> {
    let body = response.value();
    if response.is_success() {
        return Ok(body);
    }
    if body["error"] == "desk_closed" {
        return Err(failure::never(FailureReason::NoAgents, "the desk is closed"));
    }
    // There is no chat yet that could be gone: the address is wrong.
    Err(refused(response).before_conversation("upstreams.api.base_url"))
}

/// What a status means; a token that is refused names its credential.
fn refused(response: &Response) -> Failure {
    failure::of_status(response).with_credential(API)
}

/// An id of Acme's.
fn text(value: &Value) -> Result<String, Failure> {
    let odd = || failure::never(FailureReason::Rejected, "a success with an unexpected body");
    json::owned(value).ok_or_else(odd)
}

pub fn send(session: &Session, message: &Message) -> Result<Sent, Failure> {
    // `request_id` is the same on each attempt: Acme shows the message once.
    let fields = [("text", &*message.text), ("request_id", &*message.id)];
    let response = post(&format!("{}/messages", path(session)), &fields)?;
    if !response.is_success() {
        return Err(refused(&response));
    }
    Ok(Sent { vendor_message_id: json::owned(&response.value()["message"]), update: Update::UNCHANGED })
}

pub fn end(session: &Session) -> Result<Update, Failure> {
    let response = post(&format!("{}/close", path(session)), &[])?;
    // Closed already, or gone: it has ended.
    if response.is_success() || matches!(response.status, 404 | 409 | 410) {
        return Ok(Update::UNCHANGED);
    }
    Err(refused(&response))
}

/// An id is data: it must not become another path.
fn path(session: &Session) -> String {
    format!("/chats/{}", percent(session.lookup_key()))
}

/// A form goes, JSON comes.
fn post(path: &str, fields: &[(&str, &str)]) -> Result<Response, Failure> {
    let form: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", percent(value))).collect();
    http::post(API, path).body("application/x-www-form-urlencoded", form.join("&")).send()
}
