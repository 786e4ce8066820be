//! From the desk: its webhook, with several events at a time.

use handover_connector::{
    AgentMessage, CallbackRequest, Context, EndReason, Ended, Event, Mapped, MappedEvent, Participant,
    Refusal, TextFormat,
};
use serde::Deserialize;

use crate::Mistake;

#[derive(Deserialize)]
struct Body {
    events: Vec<Told>,
}

#[derive(Deserialize)]
struct Told {
    id: String,
    ticket: String,
    kind: String,
    from: Option<String>,
    text: Option<String>,
}

/// Reads a callback.
///
/// # Errors
/// What cannot be read.
pub fn map(context: &Context, request: &CallbackRequest) -> Result<Mapped, Refusal> {
    let mistake = Mistake::of(context);
    let body: Body = match serde_json::from_slice(&request.body) {
        Ok(body) => body,
        Err(e) if mistake.is("nonsense-breaks-it") => panic!("{e}"),
        Err(_) if mistake.is("nonsense-is-a-message") => Body {
            events: vec![Told {
                id: "0".to_owned(),
                ticket: "t-1".to_owned(),
                kind: "note".to_owned(),
                from: None,
                text: Some(String::from_utf8_lossy(&request.body).into_owned() + "?"),
            }],
        },
        Err(e) => {
            return Err(Refusal::Malformed(format!("no events (line {}, column {})", e.line(), e.column())));
        }
    };
    let mut events =
        body.events.iter().map(|told| one(&mistake, context, told)).collect::<Result<Vec<_>, _>>()?;
    if mistake.is("second-event-dropped") {
        events.truncate(1);
    }
    if mistake.is("events-reversed") {
        events.reverse();
    }
    if mistake.is("first-event-twice") {
        events.extend(events.first().cloned());
    }
    Ok(Mapped { events, answer: None, answer_when_closed: None })
}

fn one(mistake: &Mistake, context: &Context, told: &Told) -> Result<MappedEvent, Refusal> {
    let event = event(mistake, told)?;
    let dedupe_id = match () {
        () if mistake.is("no-name") => None,
        () if mistake.is("one-name-for-all") => Some(told.ticket.clone()),
        () if mistake.is("name-from-the-time") => Some(format!("{}-{}", told.id, context.now / 86_400_000)),
        () if mistake.is("name-from-the-clock") => Some(format!("{}-{}", told.id, clock() / 60_000)),
        () if mistake.is("name-from-dice") => Some(format!("{}-{:?}", told.id, dice())),
        () => Some(told.id.clone()),
    };
    let lookup_key = if mistake.is("key-of-another-session") { told.id.clone() } else { told.ticket.clone() };
    Ok(MappedEvent { lookup_key, dedupe_id, time: None, event })
}

fn event(mistake: &Mistake, told: &Told) -> Result<Event, Refusal> {
    let from = told.from.as_deref().unwrap_or_default();
    let who = Participant { id: None, name: Some(from.to_owned()), role: None, avatar_url: None };
    match told.kind.as_str() {
        "note" if from == "customer" && !mistake.is("echo-as-a-message") => {
            Ok(Event::Ignored("our own message".to_owned()))
        }
        "note" => {
            let text = told.text.clone().unwrap_or_default();
            if text.is_empty() && !mistake.is("empty-text-sent") {
                return Ok(Event::Ignored("an empty note".to_owned()));
            }
            trip(mistake, &text);
            let text =
                if mistake.is("text-trimmed-to-a-tweet") { text.chars().take(280).collect() } else { text };
            Ok(Event::Message(AgentMessage {
                id: Some(told.id.clone()),
                author: who,
                text,
                format: TextFormat::Plain,
                attachments: Vec::new(),
                reply_to: None,
            }))
        }
        "joined" if mistake.is("kind-forgotten") => Ok(Event::Ignored("joined".to_owned())),
        "joined" => Ok(Event::Joined(who)),
        "closed" => Ok(Event::Ended(Ended { by: EndReason::LiveAgent, detail: None })),
        other => Err(Refusal::Unmapped(format!("events of kind {other:?} are not known"))),
    }
}

/// What strange texts do to careless code.
fn trip(mistake: &Mistake, text: &str) {
    if mistake.is("endless-loop") && text.contains('\u{301}') {
        loop {
            std::hint::black_box(text);
        }
    }
    if mistake.is("memory-grows") {
        let each: Vec<Vec<u8>> = text.chars().map(|c| vec![u8::from(c.is_ascii()); 4096]).collect();
        std::hint::black_box(each);
    }
}

#[cfg(target_arch = "wasm32")]
fn clock() -> u64 {
    handover_connector::bindings::connector::handover::connector::clock::now()
}

#[cfg(target_arch = "wasm32")]
fn dice() -> Vec<u8> {
    handover_connector::bindings::connector::handover::connector::random::bytes(4)
}

#[cfg(not(target_arch = "wasm32"))]
fn clock() -> u64 {
    0
}

#[cfg(not(target_arch = "wasm32"))]
fn dice() -> Vec<u8> {
    Vec::new()
}
