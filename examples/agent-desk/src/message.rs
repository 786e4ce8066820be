//! One message of a conversation, and how far an agent's message has come.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The sender that stands for the live chat, or for the customer's side, itself.
pub const SYSTEM: &str = "System";
/// The sender of customer messages that name none.
pub const REMOTE: &str = "Remote";

/// The time now, as the desk tells it: UTC, ISO 8601, always the same length so that texts sort as times do.
pub fn now() -> String {
    format!("{:.6}", jiff::Timestamp::now())
}

/// An id nobody can guess: a UUID, version 4.
pub fn fresh_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voice {
    /// The customer.
    Customer,
    /// A live agent.
    Agent,
    /// The live chat itself; only agents see it.
    System,
}

/// How a text is to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// As it stands.
    #[default]
    Plain,
    /// As Markdown.
    Markdown,
    /// As HTML.
    Html,
}

/// A file that goes with a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Attachment {
    /// The file's name.
    pub name: String,
    /// Its media type, such as `image/png`.
    pub content_type: String,
    /// Where it can be fetched.
    pub url: String,
}

/// How far an agent's message has come on its way to the customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Waits for its turn or for the gateway's answer.
    Sending,
    /// The gateway took it.
    Accepted,
    /// A receipt says the customer's channel has it.
    Delivered,
    /// A receipt says the customer has read it.
    Read,
    /// It did not reach the customer, and why.
    NotDelivered(String),
}

impl Delivery {
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Sending => "sending",
            Self::Accepted => "accepted",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::NotDelivered(_) => "not-delivered",
        }
    }

    /// Whether `news` may replace this state. Receipts overtake the gateway's own answer, and each other; what is
    /// known to have arrived does not become less.
    pub(crate) fn yields_to(&self, news: &Self) -> bool {
        match (self, news) {
            (Self::Read, _) => false,
            (Self::Delivered, news) => *news == Self::Read,
            (Self::Accepted, Self::Sending) | (Self::NotDelivered(_), Self::Accepted) => false,
            (old, new) => old != new,
        }
    }
}

/// One message.
#[derive(Clone, Debug)]
pub struct Message {
    /// The vendor's id of the message; it stays the same whatever happens.
    pub id: String,
    /// The id for the wire: `id`, until a receipt says that the message did not reach the customer. To whoever took it
    /// a repeat of the same id is no news.
    pub sent_as: String,
    /// What is said.
    pub text: String,
    /// How the text is to be read.
    pub format: Format,
    /// The files with it.
    pub attachments: Vec<Attachment>,
    /// Who says it, by name.
    pub sender: String,
    /// Who says it, by side.
    pub voice: Voice,
    /// When the desk had it, see [`now`].
    pub timestamp: String,
    /// When the customer wrote it, where the sender of the request said so.
    pub sent_at: Option<String>,
    /// Set on agents' messages only.
    pub delivery: Option<Delivery>,
}

impl Message {
    pub(crate) fn new(id: String, voice: Voice, sender: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            sent_as: id.clone(),
            id,
            text: text.into(),
            format: Format::Plain,
            attachments: Vec::new(),
            sender: sender.into(),
            voice,
            timestamp: now(),
            sent_at: None,
            delivery: (voice == Voice::Agent).then_some(Delivery::Sending),
        }
    }

    /// The message as the desk's API shows it.
    pub fn to_json(&self, conversation_id: &str) -> Value {
        let kind = match self.voice {
            Voice::Customer => "customer",
            Voice::Agent => "agent",
            Voice::System => "system",
        };
        let mut json = json!({
            "conversationId": conversation_id,
            "id": self.id,
            "message": self.text,
            "sender": self.sender,
            "timestamp": self.timestamp,
            "kind": kind,
        });
        if self.format != Format::Plain {
            json["format"] = json!(self.format);
        }
        if !self.attachments.is_empty() {
            json["attachments"] = json!(self.attachments);
        }
        if let Some(sent_at) = &self.sent_at {
            json["sentAt"] = json!(sent_at);
        }
        if let Some(delivery) = &self.delivery {
            json["status"] = json!(delivery.word());
            if let Delivery::NotDelivered(reason) = delivery {
                json["reason"] = json!(reason);
            }
        }
        json
    }
}

#[cfg(test)]
mod tests {
    use super::Delivery::{Accepted, Delivered, NotDelivered, Read, Sending};

    #[test]
    fn a_receipt_that_overtakes_the_answer_is_kept() {
        assert!(Sending.yields_to(&Delivered));
        assert!(!Delivered.yields_to(&Accepted));
        assert!(!Read.yields_to(&Delivered));
        assert!(!Delivered.yields_to(&NotDelivered("late".into())));
    }

    #[test]
    fn a_failure_may_turn_out_well() {
        assert!(Accepted.yields_to(&NotDelivered("channel closed".into())));
        assert!(NotDelivered("no answer".into()).yields_to(&Delivered));
        assert!(NotDelivered("no answer".into()).yields_to(&Sending));
    }
}
