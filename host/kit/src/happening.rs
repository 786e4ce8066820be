//! Events as a scenario writes them: one flat table each, e.g. `{ message = "Hello", author = "Ann", key = "c-1" }`.

use handover_handoff::vendor::{AgentMessage, Event, MessageFate, Participant, Routing, TextFormat};
use handover_sandbox::{Happening, MappedEvent};
use serde_json::{Map, Value, json};

use crate::template::Names;

/// The kinds, each with what else may be told of it.
const KINDS: [(&str, &[&str]); 15] = [
    ("message", &["author", "author_id", "role", "message_id", "format", "attachments", "reply_to"]),
    ("edited", &["author", "author_id", "role", "message_id", "format", "attachments", "reply_to"]),
    ("deleted", &[]),
    ("typing", &[]),
    ("joined", &["author_id", "role"]),
    ("left", &["author_id", "role"]),
    ("transferred", &["to", "queue"]),
    ("queued", &["position", "wait_seconds", "text"]),
    ("routed", &["why"]),
    ("delivery", &["of", "why"]),
    ("ended", &["detail"]),
    ("control_returned", &[]),
    ("reference", &[]),
    ("identity_changed", &[]),
    ("ignored", &[]),
];

/// What may be told of every event besides.
const ALWAYS: [&str; 3] = ["key", "id", "without_id"];

/// One event of a callback, or of a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    /// None for what a start or a feed tells: the session is known there.
    pub(crate) key: Option<String>,
    pub(crate) id: Option<String>,
    pub(crate) happening: Happening,
}

impl Told {
    pub(crate) fn mapped(event: &MappedEvent) -> Self {
        let (key, id) = (Some(event.lookup_key.clone()), event.dedupe_id.clone());
        Self { key, id, happening: event.happening.clone() }
    }

    pub(crate) fn of_start(event: &Event) -> Self {
        Self { key: None, id: None, happening: Happening::Event(Box::new(event.clone())) }
    }

    pub(crate) fn gleaned((id, happening): &(String, Happening)) -> Self {
        Self { key: None, id: Some(id.clone()), happening: happening.clone() }
    }

    /// As a scenario would write it.
    pub(crate) fn shown(&self) -> Value {
        let mut shown = flat(&self.happening);
        if let Some(key) = &self.key {
            shown.insert("key".to_owned(), json!(key));
        }
        if let Some(id) = &self.id {
            shown.insert("id".to_owned(), json!(id));
        }
        shown.retain(|_, value| !value.is_null());
        Value::Object(shown)
    }

    /// The text of a message.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.happening {
            Happening::Event(event) => match &**event {
                Event::Message(message) => Some(&message.text),
                _ => None,
            },
            Happening::Typing(_) => None,
        }
    }

    /// A message with nothing in it.
    pub(crate) fn is_empty_message(&self) -> bool {
        match &self.happening {
            Happening::Event(event) => match &**event {
                Event::Message(message) => message.text.trim().is_empty() && message.attachments.is_empty(),
                _ => false,
            },
            Happening::Typing(_) => false,
        }
    }

    pub(crate) fn is_ignored(&self) -> bool {
        matches!(&self.happening, Happening::Event(event) if matches!(**event, Event::Ignored(_)))
    }

    /// Whether a second one of it would be shown twice if it had no id.
    pub(crate) fn wants_id(&self) -> bool {
        !self.is_ignored() && !matches!(self.happening, Happening::Typing(_))
    }

    /// Whether it is what a scenario wants; the difference where it is not.
    pub(crate) fn difference(&self, wanted: &Map<String, Value>, names: &Names) -> Option<String> {
        let mut wanted = wanted.clone();
        let without_id = wanted.remove("without_id").is_some_and(|told| told == Value::Bool(true));
        let shown = self.shown();
        if without_id && self.id.is_some() {
            return Some(format!("{shown} has an id, and should have none"));
        }
        let found = names.differences(&Value::Object(wanted), &shown);
        let first = found.first()?;
        let place = first.place.trim_start_matches('/');
        Some(format!("`{place}` should be {}, and is {}, in {shown}", first.wanted, first.there))
    }
}

/// The kind of an event that is written so.
pub(crate) fn kind(event: &Map<String, Value>) -> Option<&'static str> {
    KINDS.iter().map(|(kind, _)| *kind).find(|kind| event.contains_key(*kind))
}

/// What is wrong with the way an expected event is written.
pub(crate) fn misspelt(event: &Map<String, Value>) -> Option<String> {
    let shown = Value::Object(event.clone());
    let kinds: Vec<_> = KINDS.iter().filter(|(kind, _)| event.contains_key(*kind)).collect();
    let [(kind, further)] = kinds[..] else {
        let known: Vec<&str> = KINDS.iter().map(|(kind, _)| *kind).collect();
        return Some(format!("the event {shown} needs exactly one of {}", known.join(", ")));
    };
    let known = |name: &str| name == *kind || further.contains(&name) || ALWAYS.contains(&name);
    let strange = event.keys().find(|name| !known(name))?;
    let mut may: Vec<&str> = further.to_vec();
    may.extend(ALWAYS);
    Some(format!("the event {shown} has `{strange}`; beside `{kind}` there may be {}", may.join(", ")))
}

fn flat(happening: &Happening) -> Map<String, Value> {
    let event = match happening {
        Happening::Typing(on) => return object(json!({ "typing": on })),
        Happening::Event(event) => event,
    };
    match &**event {
        Event::Message(message) => agent_message("message", message),
        Event::MessageEdited(message) => agent_message("edited", message),
        Event::MessageDeleted(id) => object(json!({ "deleted": id })),
        Event::Joined(who) => participant("joined", who),
        Event::Left(who) => participant("left", who),
        Event::Transferred { to, queue } => object(json!({ "transferred": true, "to": to, "queue": queue })),
        Event::Queued(status) => object(json!({
            "queued": true, "position": status.position, "wait_seconds": status.wait_seconds,
            "text": status.text,
        })),
        Event::Routed(routing) => match routing {
            Routing::Accepted => object(json!({ "routed": "accepted" })),
            Routing::NoAgents => object(json!({ "routed": "no-agents" })),
            Routing::OutOfHours => object(json!({ "routed": "out-of-hours" })),
            Routing::Failed(why) => object(json!({ "routed": "failed", "why": why })),
        },
        Event::Delivery { message, fate } => match fate {
            MessageFate::Delivered => object(json!({ "delivery": "delivered", "of": message })),
            MessageFate::Read => object(json!({ "delivery": "read", "of": message })),
            MessageFate::Failed(why) => object(json!({ "delivery": "failed", "of": message, "why": why })),
        },
        Event::Ended { by, detail } => object(json!({ "ended": by.as_str(), "detail": detail })),
        Event::ControlReturned => object(json!({ "control_returned": true })),
        Event::Reference(keys) => object(json!({ "reference": keys })),
        Event::IdentityChanged(id) => object(json!({ "identity_changed": id })),
        Event::Ignored(why) => object(json!({ "ignored": why })),
    }
}

fn agent_message(kind: &str, message: &AgentMessage) -> Map<String, Value> {
    let format = match message.format {
        TextFormat::Plain => "plain",
        TextFormat::Markdown => "markdown",
        TextFormat::Html => "html",
    };
    let files: Vec<&str> = message.attachments.iter().map(|file| file.name.as_str()).collect();
    object(json!({
        kind: message.text, "author": message.author.name, "author_id": message.author.id,
        "role": message.author.role, "message_id": message.id, "format": format,
        "attachments": if files.is_empty() { Value::Null } else { json!(files) },
        "reply_to": message.reply_to,
    }))
}

fn participant(kind: &str, who: &Participant) -> Map<String, Value> {
    let name = who.name.as_ref().map_or(Value::Bool(true), |name| json!(name));
    object(json!({ kind: name, "author_id": who.id, "role": who.role }))
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
