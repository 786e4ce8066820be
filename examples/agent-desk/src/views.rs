//! What a conversation looks like from outside: in the list, in full, and as pushes to the consoles.

use serde_json::{Value, json};

use crate::{
    conversation::{Conversation, Party, Status},
    feed::Feed,
    message::Voice,
};

/// Longest preview of the last message in the list, in characters.
const PREVIEW: usize = 120;

impl Status {
    /// The status in the API: `waiting`, `active` or `ended`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Active => "active",
            Self::Ended => "ended",
        }
    }
}

impl Party {
    fn word(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Agent => "agent",
            Self::Vendor => "vendor",
        }
    }
}

impl Conversation {
    /// The conversation as it stands in the list.
    pub fn summary(&self) -> Value {
        let customer = &self.opening.customer;
        let last = self.messages.iter().rev().find(|message| message.voice != Voice::System);
        let ending = self.ending.as_ref();
        json!({
            "id": self.id(),
            "status": self.status.word(),
            "customer": {
                "id": customer.id,
                "name": customer.name,
                "email": customer.email,
                "locale": customer.locale,
            },
            "channel": self.opening.channel,
            "locale": self.opening.locale,
            "problem": self.opening.problem,
            "agent": self.agent,
            "unread": self.unread,
            "customerTyping": self.customer_typing,
            "queuePosition": self.queue_position,
            "startedAt": self.started_at,
            "lastMessageAt": last.map(|message| &message.timestamp),
            "lastMessage": last.map(|message| message.text.chars().take(PREVIEW).collect::<String>()),
            "endedAt": ending.map(|ending| &ending.at),
            "endedBy": ending.map(|ending| ending.by.word()),
            "endReason": ending.and_then(|ending| ending.reason.as_ref()),
            "revision": self.revision,
        })
    }

    /// The conversation with everything in it.
    pub fn detail(&self) -> Value {
        let mut detail = self.summary();
        detail["sessionId"] = json!(self.opening.session_id);
        detail["transcript"] = json!(self.opening.transcript);
        detail["attributes"] = json!(self.opening.attributes);
        detail["messages"] = self.messages_json();
        detail
    }

    /// Its messages, in order.
    pub fn messages_json(&self) -> Value {
        self.messages.iter().map(|message| message.to_json(self.id())).collect()
    }

    /// Tells the consoles what they have not heard yet.
    pub(crate) fn publish(&mut self, feed: &Feed) {
        let touched = std::mem::take(&mut self.touched);
        let changed = std::mem::take(&mut self.changed);
        if !changed && touched.is_empty() {
            return;
        }
        self.revision += 1;
        for position in touched {
            feed.push("message", || {
                json!({
                    "conversationId": self.id(),
                    "revision": self.revision,
                    "message": self.messages[position].to_json(self.id()),
                })
            });
        }
        if changed {
            feed.push("conversation", || self.summary());
        }
    }
}
