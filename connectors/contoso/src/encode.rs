//! To the vendor: start, send, end, typing and receipts as Contoso's requests.

use handover_connector::failure::{self, never};
use handover_connector::http::{self, Response};
use handover_connector::{
    AuthorKind, Context, EndReason, Event, Failure, FailureReason, Message, NewSession, Receipt,
    ReceiptOutcome, Sent, Session, Signals, StartOutcome, Started, Update, time,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{API, Contoso};

#[derive(Deserialize)]
struct StartAnswer {
    #[serde(rename = "conversationId")]
    conversation_id: String,
    /// The sample's own live chat tells none.
    status: Option<String>,
    /// Its agents see the problem. The sample's own live chat shows them none, and does not say so.
    #[serde(rename = "problemShown", default)]
    problem_shown: bool,
}

#[derive(Deserialize)]
struct Refused {
    code: Option<String>,
}

pub fn start(session: &NewSession) -> Result<StartOutcome, Failure> {
    let given = session.given().map(|(name, value)| (name.to_owned(), json!(value)));
    let attributes: Map<String, Value> = given.collect();
    let transcript: Vec<Value> = session
        .transcript
        .iter()
        .map(|turn| {
            json!({
                "role": role(turn.author),
                "name": turn.name,
                "text": turn.text,
                "time": turn.time.map(time::rfc3339),
            })
        })
        .collect();
    let body = json!({
        "sessionId": session.id,
        "customer": {
            "id": session.customer.id,
            "name": session.customer.name,
            "email": session.customer.email,
            "locale": session.customer.locale,
        },
        "channel": session.channel,
        "locale": session.customer.locale,
        "problem": session.problem,
        "transcript": transcript,
        "attributes": attributes,
    });
    let response = http::post(API, "/api/chat/start").json(&body).send()?;
    if !response.is_success() {
        return Err(refused_start(&response));
    }
    let answer: StartAnswer = response.json()?;
    let queued = answer.status.as_deref() == Some("waiting");
    Ok(StartOutcome::Started(Started {
        lookup_keys: vec![answer.conversation_id],
        state: String::new(),
        tokens: None,
        events: if queued { vec![Event::QUEUED] } else { Vec::new() },
        problem_told: answer.problem_shown,
    }))
}

fn refused_start(response: &Response) -> Failure {
    let code = response.json::<Refused>().ok().and_then(|refused| refused.code);
    if code.as_deref() == Some("no-agents") {
        return never(FailureReason::NoAgents, "the live chat is closed");
    }
    // There is no conversation yet that could be gone: the address is wrong.
    failure::of_status(response).before_conversation("upstreams.api.base_url")
}

pub fn send(session: &Session, message: &Message) -> Result<Sent, Failure> {
    let mut text = message.text.clone();
    for file in &message.attachments {
        text.push_str(&format!("\n[{}]({})", file.name, file.url));
    }
    let body = json!({
        "conversationId": session.lookup_key(),
        "message": text.trim(),
        "sender": message.author.as_ref().or(session.customer.name.as_ref()).map_or("unknown-user", String::as_str),
        "id": message.id,
        "timestamp": time::rfc3339(message.time),
    });
    let response = http::post(API, "/api/chat/receive").json(&body).send()?;
    if !response.is_success() {
        return Err(failure::of_status(&response));
    }
    let taken: Value = response.json().unwrap_or_default();
    Ok(Sent { vendor_message_id: taken["messageId"].as_str().map(str::to_owned), update: Update::UNCHANGED })
}

pub fn end(session: &Session, reason: EndReason) -> Result<Update, Failure> {
    let body = json!({ "conversationId": session.lookup_key(), "reason": why(reason) });
    let response = http::post(API, "/api/chat/end").json(&body).send()?;
    // A conversation that is gone has ended.
    if response.is_success() || matches!(response.status, 404 | 410) {
        return Ok(Update::UNCHANGED);
    }
    Err(failure::of_status(&response))
}

impl Signals for Contoso {
    fn typing(_: Context, session: Session, on: bool) -> Result<(), Failure> {
        let body = json!({
            "conversationId": session.lookup_key(),
            "typing": on,
            "sender": session.customer.name,
        });
        signal("/api/chat/typing", &body)
    }

    fn report(_: Context, session: Session, receipt: Receipt) -> Result<(), Failure> {
        let (status, reason) = match &receipt.outcome {
            ReceiptOutcome::Delivered => ("delivered", None),
            ReceiptOutcome::Read => ("read", None),
            ReceiptOutcome::NotDelivered(why) => ("not-delivered", Some(why)),
        };
        let body = json!({
            "conversationId": session.lookup_key(),
            "messageId": receipt.message_id,
            "status": status,
            "reason": reason,
        });
        signal("/api/chat/receipt", &body)
    }
}

/// The sample's own live chat has no such routes: it cannot show them, and that is no fault.
fn signal(path: &str, body: &Value) -> Result<(), Failure> {
    let response = http::post(API, path).json(body).send()?;
    if response.is_success() || matches!(response.status, 404 | 405 | 410) {
        return Ok(());
    }
    Err(failure::of_status(&response))
}

fn role(author: AuthorKind) -> &'static str {
    match author {
        AuthorKind::Customer => "customer",
        AuthorKind::Bot => "bot",
        AuthorKind::LiveAgent => "agent",
        AuthorKind::System => "system",
    }
}

fn why(reason: EndReason) -> &'static str {
    match reason {
        EndReason::Customer => "customer",
        EndReason::LiveAgent => "agent",
        EndReason::CustomerInactivity => "customer-inactivity",
        EndReason::AgentInactivity => "agent-inactivity",
        EndReason::QueueTimeout => "queue-timeout",
        EndReason::VendorFailure => "failure",
        EndReason::Operator => "operator",
        EndReason::Bot => "bot",
    }
}
