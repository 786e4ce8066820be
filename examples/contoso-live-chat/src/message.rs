//! One message of a conversation, and how far an agent's message has come.

use serde_json::{Value, json};

/// The sender that stands for the live chat itself, as in the sample.
pub(crate) const SYSTEM: &str = "System";
/// The sender of customer messages that name none, as in the sample.
pub(crate) const REMOTE: &str = "Remote";
/// The agent's name where none is given, as in the sample.
pub(crate) const SUPPORT: &str = "Contoso Support";

/// The time now, as it stands on the wire: UTC, ISO 8601, always the same length so that texts sort as times do.
pub(crate) fn now() -> String {
    format!("{:.6}", jiff::Timestamp::now())
}

/// An id nobody can guess.
pub(crate) fn fresh_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Voice {
    Customer,
    Agent,
    System,
}

/// How far an agent's message has come on its way to the customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// Waits for its turn or for the webhook's answer.
    Sending,
    /// The webhook took it.
    Accepted,
    /// A receipt says the customer's channel has it.
    Delivered,
    /// A receipt says the customer has read it.
    Read,
    /// It did not reach the customer, and why.
    NotDelivered(String),
}

impl Delivery {
    fn word(&self) -> &'static str {
        match self {
            Self::Sending => "sending",
            Self::Accepted => "accepted",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::NotDelivered(_) => "not-delivered",
        }
    }

    /// Whether `news` may replace this state. Receipts overtake the webhook's own answer, and each other; what is
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
pub(crate) struct Message {
    pub(crate) id: String,
    /// What the webhook knows it by: `id`, until a receipt says that it did not reach the customer. To whoever took it
    /// a repeat of the same id is no news.
    pub(crate) sent_as: String,
    pub(crate) text: String,
    pub(crate) sender: String,
    pub(crate) voice: Voice,
    pub(crate) timestamp: String,
    /// When the customer wrote it, where the sender of the request said so.
    pub(crate) sent_at: Option<String>,
    /// Set on agents' messages only.
    pub(crate) delivery: Option<Delivery>,
}

impl Message {
    pub(crate) fn new(voice: Voice, sender: impl Into<String>, text: impl Into<String>) -> Self {
        let id = fresh_id();
        Self {
            sent_as: id.clone(),
            id,
            text: text.into(),
            sender: sender.into(),
            voice,
            timestamp: now(),
            sent_at: None,
            delivery: (voice == Voice::Agent).then_some(Delivery::Sending),
        }
    }

    /// The sample's message, with the fields this server adds.
    pub(crate) fn to_json(&self, conversation_id: &str) -> Value {
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
