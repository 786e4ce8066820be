//! The connectors: how a callback is written and read, and versions that cannot read one kind of it.

use std::sync::{Mutex, PoisonError};

use handover_handoff::session::EndReason;
use handover_handoff::vendor::{AgentMessage, Event, Participant, QueueStatus, Routing, TextFormat};
use handover_relay::Happened;

/// One version of a connector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// What it is told by.
    pub digest: String,
    /// The kind of callback that it cannot read.
    pub blind: Option<&'static str>,
}

/// The versions of one connector, each with the time it was installed at.
#[derive(Debug)]
pub struct Versions(Mutex<Vec<(u64, Version)>>);

impl Default for Versions {
    fn default() -> Self {
        Self(Mutex::new(vec![(0, Version { digest: "version 1".to_owned(), blind: None })]))
    }
}

impl Versions {
    /// Installs the next version.
    pub fn install(&self, at: u64, blind: Option<&'static str>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let digest = format!("version {}", all.len() + 1);
        all.push((at, Version { digest, blind }));
    }

    /// The version that serves for somebody who has seen what was installed until then.
    pub fn serving(&self, seen: u64) -> Version {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all.iter().rev().find(|(at, _)| *at <= seen);
        known.map_or_else(|| all[0].1.clone(), |(_, version)| version.clone())
    }
}

/// A callback as the vendor writes it.
#[derive(Debug, Clone)]
pub struct Wire {
    /// Which conversation, as the vendor names it.
    pub key: String,
    /// The vendor's name of the event.
    pub name: String,
    /// What kind of event.
    pub kind: &'static str,
    /// What else there is to say.
    pub text: String,
}

impl Wire {
    /// As bytes.
    pub fn write(&self) -> Vec<u8> {
        [&self.key, &self.name, self.kind, &self.text].join("|").into_bytes()
    }
}

/// Reads a callback; none is typing, which is of its moment.
///
/// # Errors
/// Why this version cannot.
pub fn read(version: &Version, request: &[u8]) -> Result<Option<Happened>, String> {
    let text = String::from_utf8_lossy(request);
    let parts: Vec<&str> = text.split('|').collect();
    let [key, name, kind, text] = parts[..] else { return Err("it is no callback".to_owned()) };
    if version.blind == Some(kind) {
        return Err(format!("{} cannot read `{kind}`", version.digest));
    }
    let event = match kind {
        "message" => Event::Message(message(text)),
        "joined" => Event::Joined(somebody(text)),
        "left" => Event::Left(somebody(text)),
        "transferred" => Event::Transferred { to: Some(text.to_owned()), queue: None },
        "queued" => Event::Queued(QueueStatus { position: text.parse().ok(), ..QueueStatus::default() }),
        "accepted" => Event::Routed(Routing::Accepted),
        "reference" => Event::Reference(vec![text.to_owned()]),
        "returned" => Event::ControlReturned,
        "ended" => Event::Ended { by: EndReason::LiveAgent, detail: None },
        _ => return Ok(None),
    };
    Ok(Some(Happened { key: key.to_owned(), name: Some(name.to_owned()), event }))
}

/// What a live agent writes; its text is its name.
pub fn message(text: &str) -> AgentMessage {
    AgentMessage {
        id: Some(text.to_owned()),
        author: somebody("Ada"),
        text: text.to_owned(),
        format: TextFormat::Plain,
        attachments: Vec::new(),
        reply_to: None,
    }
}

/// Somebody at the vendor.
pub fn somebody(name: &str) -> Participant {
    Participant { name: Some(name.to_owned()), ..Participant::default() }
}
