//! Which exchanges belong to which call, and what the call must come to.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::Answer;

/// The person who chats.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CustomerCast {
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) locale: Option<String>,
}

impl Default for CustomerCast {
    fn default() -> Self {
        Self {
            id: "29:kit-customer".to_owned(),
            name: Some("Jane Doe".to_owned()),
            email: Some("jane@example.com".to_owned()),
            locale: Some("en-US".to_owned()),
        }
    }
}

/// A call that has its requests and nothing else to tell.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Call {
    /// In order.
    pub(crate) exchanges: Vec<String>,
}

/// The customer types, and stops.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Typing {
    /// Of both, where neither has its own.
    #[serde(default)]
    exchanges: Vec<String>,
    on: Option<Vec<String>>,
    off: Option<Vec<String>>,
}

impl Typing {
    pub(crate) fn of(&self, on: bool) -> &[String] {
        let own = if on { &self.on } else { &self.off };
        own.as_ref().unwrap_or(&self.exchanges)
    }
}

/// What became of the live agent's messages.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Receipts {
    /// Of each fate that has none of its own.
    #[serde(default)]
    exchanges: Vec<String>,
    delivered: Option<Vec<String>>,
    not_delivered: Option<Vec<String>>,
}

impl Receipts {
    pub(crate) fn of(&self, delivered: bool) -> &[String] {
        let own = if delivered { &self.delivered } else { &self.not_delivered };
        own.as_ref().unwrap_or(&self.exchanges)
    }
}

/// A message with a file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileCase {
    pub(crate) name: String,
    /// In order, for the file and for what the customer writes beside it.
    pub(crate) exchanges: Vec<String>,
    /// What the file is called.
    #[serde(default = "photo")]
    pub(crate) file: String,
    #[serde(default = "png")]
    pub(crate) content_type: String,
    /// What the customer writes beside it.
    #[serde(default)]
    pub(crate) text: String,
}

fn photo() -> String {
    "photo.png".to_owned()
}

fn png() -> String {
    "image/png".to_owned()
}

/// Beginning a conversation.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Start {
    /// In order, over all steps where there are several.
    pub(crate) exchanges: Vec<String>,
    /// The names by which callbacks will find the session; the first is the conversation's.
    pub(crate) lookup_keys: Vec<String>,
    /// What is known at once.
    #[serde(default)]
    pub(crate) events: Vec<Map<String, Value>>,
    /// Only a later callback proves that the conversation exists.
    #[serde(default)]
    pub(crate) accepted: bool,
    /// What the customer needs.
    #[serde(default = "problem")]
    pub(crate) problem: String,
    /// Inputs of the bot's action.
    #[serde(default)]
    pub(crate) attributes: BTreeMap<String, String>,
    /// What the routing rules say.
    #[serde(default)]
    pub(crate) routing: BTreeMap<String, String>,
}

fn problem() -> String {
    "My laptop does not start".to_owned()
}

/// Ending it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct End {
    /// In order.
    pub(crate) exchanges: Vec<String>,
    /// The statuses by which the vendor says that the conversation is gone already.
    #[serde(default = "gone")]
    pub(crate) gone: Vec<u16>,
}

fn gone() -> Vec<u16> {
    vec![404, 410]
}

/// The vendor says no in a way of its own.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefusalCase {
    pub(crate) name: String,
    /// `start`, `send` or `end`.
    pub(crate) call: String,
    /// Which of the call's exchanges is answered so.
    pub(crate) exchange: String,
    pub(crate) answer: Answer,
    /// The failure's reason, e.g. `no-agents`; `success` where it is none.
    pub(crate) reason: String,
    /// `never`, `safe` or `unknown-outcome`.
    pub(crate) retry: Option<String>,
}

/// Whether anybody is there.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Availability {
    pub(crate) name: String,
    pub(crate) exchanges: Vec<String>,
    pub(crate) anybody: bool,
}

/// One look at what has happened.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Poll {
    pub(crate) name: String,
    pub(crate) exchanges: Vec<String>,
    /// Where the look before this one ended; none is the first.
    pub(crate) cursor: Option<String>,
    pub(crate) events: Vec<Map<String, Value>>,
}

/// One frame of the vendor's stream.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FeedFrame {
    pub(crate) name: String,
    /// The event's name, as the stream tells it.
    pub(crate) event: Option<String>,
    pub(crate) id: Option<String>,
    pub(crate) json: Option<Value>,
    pub(crate) data: Option<String>,
    pub(crate) events: Vec<Map<String, Value>>,
}

/// The vendor's stream: the frames that it tells after each other.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FeedStream {
    pub(crate) name: String,
    /// The request that opens it; its answer is the frames.
    pub(crate) exchange: String,
    /// The request that opens it again after a break, where the vendor goes on behind the last frame that it is told.
    /// None where it begins anew.
    pub(crate) resumed: Option<String>,
    /// Where the look before it ended; none is the first.
    pub(crate) cursor: Option<String>,
    /// By the names of [[frame]], in order.
    pub(crate) frames: Vec<String>,
}

/// Whether the vendor has a message.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Find {
    pub(crate) name: String,
    pub(crate) exchanges: Vec<String>,
    /// `taken`, `not-taken` or `unknown`.
    pub(crate) verdict: String,
}

/// State that an older version has left.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Migration {
    pub(crate) from_schema: u32,
    pub(crate) state: String,
}
