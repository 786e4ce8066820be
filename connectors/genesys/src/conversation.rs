//! A conversation as Genesys tells it: `MessageConversation`, its participants, and who of them is there.

use handover_connector::http::{self, Response};
use handover_connector::json::list;
use handover_connector::{Failure, FailureReason};
use serde_json::Value;

use crate::API;
use crate::api::{conversation, refused};

/// `MessageConversation`.
pub struct Conversation(Value);

/// `MessageMediaParticipant`.
#[derive(Clone, Copy)]
pub struct Participant<'a>(&'a Value);

impl Conversation {
    /// Everybody who was ever in it.
    pub fn participants(&self) -> impl DoubleEndedIterator<Item = Participant<'_>> {
        list(&self.0["participants"]).iter().map(Participant)
    }
}

impl<'a> Participant<'a> {
    fn word(self, name: &str) -> Option<&'a str> {
        self.0[name].as_str()
    }

    /// Its id.
    pub fn id(self) -> &'a str {
        self.word("id").unwrap_or_default()
    }

    /// Its name to show.
    pub fn name(self) -> Option<&'a str> {
        self.word("name")
    }

    /// Why it was disconnected.
    pub fn disconnect_type(self) -> Option<&'a str> {
        self.word("disconnectType")
    }

    /// When it came.
    pub fn connected_time(self) -> Option<&'a str> {
        self.word("connectedTime")
    }

    /// When it went; as ISO 8601, so that texts sort as times do.
    pub fn end_time(self) -> Option<&'a str> {
        self.word("endTime")
    }

    /// Its queue's name, or id where no name is told.
    pub fn queue(self) -> Option<&'a str> {
        let queue = &self.0["queue"];
        queue["name"].as_str().or(queue["id"].as_str())
    }

    /// Genesys' ids of its messages.
    pub fn messages(self) -> impl Iterator<Item = &'a str> {
        list(&self.0["messages"]).iter().filter_map(|message| message["messageId"].as_str())
    }

    /// The customer.
    pub fn is_customer(self) -> bool {
        matches!(self.word("purpose"), Some("customer" | "external"))
    }

    /// Watches without being seen.
    pub fn is_watching(self) -> bool {
        self.word("monitoredParticipantId").is_some()
    }

    /// A live agent whom the customer may know of.
    pub fn is_agent(self) -> bool {
        matches!(self.word("purpose"), Some("agent" | "user")) && !self.is_watching()
    }

    /// Waits in a queue.
    pub fn is_queue(self) -> bool {
        self.word("purpose") == Some("acd")
    }

    /// Has gone.
    pub fn is_gone(self) -> bool {
        matches!(self.word("state"), Some("disconnected" | "terminated"))
    }

    /// Is there: who has parked a conversation has it still.
    pub fn is_there(self) -> bool {
        matches!(self.word("state"), Some("connected" | "parked"))
    }
}

/// Asks for a conversation; none where Genesys does not know it.
pub fn fetch(id: &str) -> Result<Option<(Conversation, Response)>, Failure> {
    let response = http::get(API, conversation(id)).send()?;
    if response.is_success() {
        return Ok(Some((Conversation(response.json()?), response)));
    }
    let failure = refused(&response).repeatable();
    if failure.reason == FailureReason::ConversationGone { Ok(None) } else { Err(failure) }
}
