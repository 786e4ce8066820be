//! To the vendor: start, send, end, typing and receipts as inbound requests of Open Messaging.

use handover_connector::failure::never;
use handover_connector::http::{self, Method, Response};
use handover_connector::text::{clean, percent};
use handover_connector::{
    Context, Event, Failure, FailureReason, Message, NewSession, Progress, Receipt, ReceiptOutcome, Sent,
    Session, Signals, StartOutcome, Started, Update, json,
};
use serde_json::{Value, json};

use crate::api::{conversation, inbound, refused, refused_inbound};
use crate::conversation::fetch;
use crate::settings::Settings;
use crate::wire::{self, Inbound};
use crate::{API, Genesys, opening, state};

/// First the time is put down, then each message is posted in a step of its own: none is posted under two times, and
/// none twice after a crash.
pub fn start(context: &Context, session: &NewSession) -> Result<StartOutcome, Failure> {
    let settings = Settings::of(context)?;
    let step = session.progress.as_deref().map(json::read).unwrap_or_default();
    let Some(began) = step["time"].as_u64() else { return Ok(on(context.now, 0, None)) };
    let mut sent = step["sent"].as_u64().unwrap_or(0) as usize;
    let mut conversation = step["conversation"].as_str().map(str::to_owned);
    let texts = opening::texts(session, &settings);
    if let Some(text) = texts.get(sent) {
        let message = Inbound {
            id: numbered(&session.id, sent),
            // They are shown in the order of their times.
            time: began + sent as u64,
            text: text.clone(),
            file: None,
        };
        let mut body = message.body(&session.id, &session.customer);
        if sent == 0 {
            wire::attach(&mut body, settings.attributes, opening::attributes(session));
        }
        let taken = post(&settings, &body)?;
        conversation = taken["conversationId"].as_str().map(str::to_owned).or(conversation);
        sent += 1;
    }
    if sent < texts.len() {
        return Ok(on(began, sent, conversation));
    }
    Ok(StartOutcome::Started(Started {
        lookup_keys: conversation.iter().chain([&session.id]).cloned().collect(),
        state: state::text(conversation.as_deref()),
        tokens: None,
        events: vec![Event::QUEUED],
        // All of it is in the messages.
        problem_told: opening::has_problem(session),
    }))
}

/// How far a start has come: when it began, which is part of what Genesys knows a message by, and how many messages it
/// has.
fn on(began: u64, sent: usize, conversation: Option<String>) -> StartOutcome {
    let state = json!({ "time": began, "sent": sent, "conversation": conversation });
    StartOutcome::Continue(Progress { state: json::write(&state), tokens: None })
}

pub fn send(context: &Context, session: &Session, message: &Message) -> Result<Sent, Failure> {
    let settings = Settings::of(context)?;
    let known = state::conversation(session);
    let mut sent = Sent { vendor_message_id: None, update: Update::UNCHANGED };
    let parts = parts(session, message);
    if parts.is_empty() {
        let why = "there is nothing in the message that Genesys could show";
        return Err(never(FailureReason::Unsupported, why));
    }
    for part in parts {
        let taken = post(&settings, &part.body(&session.id, &session.customer))?;
        sent.vendor_message_id = sent.vendor_message_id.or(taken["id"].as_str().map(str::to_owned));
        let now = taken["conversationId"].as_str();
        if now.is_some() && now != known.as_deref() {
            sent.update.state = Some(state::text(now));
        }
    }
    Ok(sent)
}

/// What is posted for one message: its text with the first file, and each further file by itself.
pub fn parts<'a>(session: &Session, message: &'a Message) -> Vec<Inbound<'a>> {
    let mut text = clean(&message.text).trim().to_owned();
    // In a group chat somebody else may have written it; Genesys knows one customer a conversation.
    if let Some(author) = message.other_author(session) {
        text = format!("{}: {text}", clean(author)).trim_end().to_owned();
    }
    let part = |at: usize, text: String| Inbound {
        id: numbered(&message.id, at),
        time: message.time,
        text,
        file: message.attachments.get(at),
    };
    if message.attachments.is_empty() && clean(&message.text).trim().is_empty() {
        return Vec::new();
    }
    let mut parts = vec![part(0, text)];
    parts.extend((1..message.attachments.len()).map(|at| part(at, String::new())));
    parts
}

/// The first is known by the id itself.
fn numbered(id: &str, at: usize) -> String {
    if at == 0 { id.to_owned() } else { format!("{id}-{}", at + 1) }
}

/// Posts an inbound message. The conversation is asked for each time: where the live agent has just left, Genesys puts
/// it into another one. `OpenMessageNormalizedMessage`, of which nothing is certain but that it was taken.
fn post(settings: &Settings, body: &Value) -> Result<Value, Failure> {
    let path = format!("{}?prefetchConversationId=true", inbound(settings, "message"));
    let response = http::post(API, path).json(body).send()?;
    // It has this message already.
    if !response.is_success() && response.status != 409 {
        return Err(refused_inbound(&response));
    }
    Ok(response.json().unwrap_or_default())
}

/// There is no route to end a conversation: the customer's participant is disconnected.
pub fn end(session: &Session) -> Result<Update, Failure> {
    let Some(id) = state::conversation(session) else {
        let why = "Genesys has not named the conversation: it ends by its own timeout";
        return Err(never(FailureReason::Rejected, why));
    };
    let Some((found, _)) = fetch(&id)? else { return Ok(Update::UNCHANGED) };
    for customer in found.participants().filter(|one| one.is_customer() && !one.is_gone()) {
        let path = format!("{}/participants/{}", conversation(&id), percent(customer.id()));
        let gone = json!({ "state": "disconnected" });
        let response = http::request(Method::Patch, API, path).json(&gone).repeatable().send()?;
        // Somebody else was faster.
        if !response.is_success() && !matches!(response.status, 404 | 409 | 410) {
            return Err(refused(&response).repeatable());
        }
    }
    Ok(Update::UNCHANGED)
}

impl Signals for Genesys {
    fn typing(context: Context, session: Session, on: bool) -> Result<(), Failure> {
        if !on {
            return Ok(());
        }
        let body = wire::typing(&session.id, &session.customer, context.now);
        signal(&http::post(API, inbound(&Settings::of(&context)?, "event")).json(&body).send()?)
    }

    fn report(context: Context, session: Session, receipt: Receipt) -> Result<(), Failure> {
        let failed = match &receipt.outcome {
            ReceiptOutcome::Delivered => None,
            ReceiptOutcome::NotDelivered(why) => Some(why.as_str()),
            // Inbound receipts have no such status.
            ReceiptOutcome::Read => return Ok(()),
        };
        let body = wire::receipt(&session.id, &receipt.message_id, failed, context.now);
        let path = inbound(&Settings::of(&context)?, "receipt");
        signal(&http::post(API, path).json(&body).repeatable().send()?)
    }
}

fn signal(response: &Response) -> Result<(), Failure> {
    if response.is_success() { Ok(()) } else { Err(refused_inbound(response).repeatable()) }
}
