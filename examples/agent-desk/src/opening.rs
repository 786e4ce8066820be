//! What a conversation begins with, and what the customer's side says in it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::message::{Attachment, Format};

/// The person who chats, as far as the gateway told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Customer {
    /// The gateway's or the channel's id of the person.
    pub id: Option<String>,
    /// The name agents see.
    pub name: Option<String>,
    /// An email address.
    pub email: Option<String>,
    /// A language tag, such as `en-US`.
    pub locale: Option<String>,
}

/// One line of what was said before the handover.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// `customer`, `bot` or `agent`; other words are shown as they are.
    pub role: String,
    /// Who spoke, where it is known.
    pub name: Option<String>,
    /// What was said.
    pub text: String,
    /// When, as it was told.
    pub time: Option<String>,
}

/// What a conversation is opened with. Nothing but the id must be known; [`crate::Desk::amend`] adds the rest later.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opening {
    /// The vendor's id of the conversation.
    pub id: String,
    /// What makes a repeated start the same start: the gateway's session, the client's conversation id, …
    pub session_id: Option<String>,
    /// Who chats.
    pub customer: Customer,
    /// Where the customer chats, such as `msteams`.
    pub channel: Option<String>,
    /// The language of the conversation.
    pub locale: Option<String>,
    /// What the customer needs.
    pub problem: Option<String>,
    /// What was said before.
    pub transcript: Vec<Turn>,
    /// Names and values that came along.
    pub attributes: BTreeMap<String, String>,
}

impl Opening {
    /// A conversation with this id of the vendor's and nothing else known.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), ..Self::default() }
    }
}

/// A message from the customer's side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Incoming {
    /// What was written; may be empty where there are attachments.
    pub text: String,
    /// How the text is to be read.
    pub format: Format,
    /// Files that came with it.
    pub attachments: Vec<Attachment>,
    /// The sender's name; `System` stands for the customer's side itself.
    pub sender: Option<String>,
    /// The sender's own id of the message; the same one again is the same message.
    pub id: Option<String>,
    /// The id the vendor gives the message; [`crate::Settings::message_id`] makes one without it.
    pub message_id: Option<String>,
    /// When the customer wrote it, where the request said so.
    pub sent_at: Option<String>,
}

impl Incoming {
    /// A message of plain text.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

/// What became of a message from the customer's side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The vendor's id of the message.
    pub message_id: String,
    /// Whether it was known already, by the sender's own id.
    pub repeated: bool,
}
