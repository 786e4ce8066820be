//! From the bot to the live chat: start, send, end, and small signs.
//!
//! Failures with the right advice decide whether the gateway tries again, and whether a customer's message may arrive
//! twice or never. The SDK's [`failure::of_status`] knows what statuses usually mean; what Contoso means besides is here.

use handover_connector::http::{self, Response};
use handover_connector::{
    AuthorKind, EndReason, Event, Failure, FailureReason, Message, NewSession, QueueStatus, Receipt,
    ReceiptOutcome, RetryAdvice, Sent, Session, StartOutcome, Started, Update, failure, time,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::API;

/// Nothing to remember.
const UNCHANGED: Update = Update { state: None, tokens: None };

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StartAnswer {
    conversation_id: String,
    status: Option<String>,
    #[serde(default)]
    problem_shown: bool,
}

pub fn start(session: &NewSession) -> Result<StartOutcome, Failure> {
    let customer = &session.customer;
    let transcript: Vec<Value> = session
        .transcript
        .iter()
        .map(|turn| {
            let time = turn.time.map(time::rfc3339);
            json!({ "role": role(turn.author), "name": turn.name, "text": turn.text, "time": time })
        })
        .collect();
    let attributes: Map<String, Value> =
        session.attributes.iter().chain(&session.routing).map(|a| (a.name.clone(), json!(a.value))).collect();
    let body = json!({
        "sessionId": session.id, // Contoso starts one conversation per id, however often it is asked.
        "customer": {
            "id": customer.id,
            "name": customer.name,
            "email": customer.email,
            "locale": customer.locale,
        },
        "channel": session.channel,
        "locale": customer.locale,
        "problem": session.problem,
        "transcript": transcript,
        "attributes": attributes,
    });
    let response = http::post(API, "/api/chat/start").json(&body).send()?;
    if !response.is_success() {
        return Err(refused_start(&response));
    }
    let answer: StartAnswer = response.json()?;
    let queued = QueueStatus { position: None, wait_seconds: None, text: None };
    let waits = answer.status.as_deref() == Some("waiting");
    Ok(StartOutcome::Started(Started {
        lookup_keys: vec![answer.conversation_id], // Callbacks will name the conversation so.
        state: String::new(),
        tokens: None,
        events: if waits { vec![Event::Queued(queued)] } else { Vec::new() },
        problem_told: answer.problem_shown, // Else the gateway delivers the problem as a message.
    }))
}

fn refused_start(response: &Response) -> Failure {
    let never = |reason, detail| Failure { reason, retry: RetryAdvice::Never, detail };
    let body: Value = response.json().unwrap_or_default();
    if body["code"] == "no-agents" {
        return never(FailureReason::NoAgents, "the live chat is closed".to_owned());
    }
    let usual = failure::of_status(response);
    if usual.reason == FailureReason::ConversationGone {
        // There is no conversation yet that could be gone: the address is wrong.
        return never(FailureReason::Misconfigured("upstreams.api.base_url".to_owned()), usual.detail);
    }
    usual
}

pub fn send(session: &Session, message: &Message) -> Result<Sent, Failure> {
    let mut text = message.text.clone();
    for file in &message.attachments {
        text.push_str(&format!("\n[{}]({})", file.name, file.url));
    }
    let sender = message.author.as_ref().or(session.customer.name.as_ref());
    let body = json!({
        "conversationId": conversation(session),
        "message": text.trim(),
        "sender": sender.map_or("unknown-user", String::as_str),
        "id": message.id, // The same on every attempt, so that Contoso shows the message once.
        "timestamp": time::rfc3339(message.time),
    });
    let response = http::post(API, "/api/chat/receive").json(&body).send()?;
    if !response.is_success() {
        return Err(failure::of_status(&response));
    }
    // The message was taken, whatever the answer looks like.
    let taken: Value = response.json().unwrap_or_default();
    Ok(Sent { vendor_message_id: taken["messageId"].as_str().map(str::to_owned), update: UNCHANGED })
}

pub fn end(session: &Session, reason: EndReason) -> Result<Update, Failure> {
    let body = json!({ "conversationId": conversation(session), "reason": word(reason) });
    let response = http::post(API, "/api/chat/end").json(&body).send()?;
    // A conversation that is gone has ended: ending is done again where its outcome was lost.
    if response.is_success() || matches!(response.status, 404 | 410) {
        return Ok(UNCHANGED);
    }
    Err(failure::of_status(&response))
}

pub fn typing(session: &Session, on: bool) -> Result<(), Failure> {
    let sender = &session.customer.name;
    signal(
        "/api/chat/typing",
        &json!({ "conversationId": conversation(session), "typing": on, "sender": sender }),
    )
}

pub fn report(session: &Session, receipt: &Receipt) -> Result<(), Failure> {
    let (status, reason) = match &receipt.outcome {
        ReceiptOutcome::Delivered => ("delivered", None),
        ReceiptOutcome::Read => ("read", None),
        ReceiptOutcome::NotDelivered(why) => ("not-delivered", Some(why)),
    };
    let body = json!({
        "conversationId": conversation(session),
        "messageId": receipt.message_id,
        "status": status,
        "reason": reason,
    });
    signal("/api/chat/receipt", &body)
}

/// Microsoft's own live chat has no such routes: it cannot show them, and that is no fault.
fn signal(path: &str, body: &Value) -> Result<(), Failure> {
    let response = http::post(API, path).json(body).send()?;
    if response.is_success() || matches!(response.status, 404 | 405 | 410) {
        return Ok(());
    }
    Err(failure::of_status(&response))
}

fn conversation(session: &Session) -> &str {
    session.lookup_keys.first().map_or("", String::as_str)
}

fn role(author: AuthorKind) -> &'static str {
    match author {
        AuthorKind::Customer => "customer",
        AuthorKind::Bot => "bot",
        AuthorKind::LiveAgent => "agent",
        AuthorKind::System => "system",
    }
}

fn word(reason: EndReason) -> &'static str {
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
