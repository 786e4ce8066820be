//! The vendor's side in the domain's words: customers, messages and events as the contract (`wit/`) names them.

use serde::{Deserialize, Serialize};

use crate::ids::Timestamp;
use crate::session::EndReason;

/// A name and a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
}

/// The person who chats.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// The channel's id of this person.
    pub id: String,
    /// The name to show.
    pub name: Option<String>,
    /// Where the channel or the bot tells it.
    pub email: Option<String>,
    /// BCP 47.
    pub locale: Option<String>,
    /// Whatever else the channel tells.
    pub attributes: Vec<Attribute>,
}

/// Who said something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuthorKind {
    /// The person who chats.
    Customer,
    /// The bot.
    Bot,
    /// The human who answers.
    LiveAgent,
    /// The vendor's own announcements.
    System,
}

/// One turn of the conversation before the handover.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Utterance {
    /// Who said it.
    pub author: AuthorKind,
    /// The author's name.
    pub name: Option<String>,
    /// What was said.
    pub text: String,
    /// When.
    pub time: Option<Timestamp>,
}

/// How a text is to be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TextFormat {
    /// As it stands.
    Plain,
    /// CommonMark.
    #[default]
    Markdown,
    /// HTML.
    Html,
}

/// A file that goes with a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// The file's name.
    pub name: String,
    /// A media type.
    pub content_type: String,
    /// Where it can be fetched.
    pub url: String,
    /// Bytes, where known.
    pub size: Option<u64>,
}

/// A message of the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerMessage {
    /// Who wrote it, where the channel says.
    pub author: Option<String>,
    /// The text.
    pub text: String,
    /// How the text is to be read.
    pub format: TextFormat,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// When it was taken in.
    pub time: Timestamp,
}

/// What the vendor is asked to begin.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartRequest {
    /// What the customer needs.
    pub problem: Option<String>,
    /// What was said before.
    pub transcript: Vec<Utterance>,
    /// Inputs of the bot's action.
    pub attributes: Vec<Attribute>,
    /// What the routing rules say.
    pub routing: Vec<Attribute>,
}

/// Somebody on the vendor's side.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Participant {
    /// The vendor's id.
    pub id: Option<String>,
    /// The name to show.
    pub name: Option<String>,
    /// The vendor's word for the role.
    pub role: Option<String>,
    /// A picture.
    pub avatar_url: Option<String>,
}

impl Participant {
    /// Whether this is the vendor's own bot, or the vendor itself: no person.
    pub fn is_machine(&self) -> bool {
        let is = |role: &str, word: &str| role.eq_ignore_ascii_case(word);
        self.role.as_deref().is_some_and(|role| is(role, "bot") || is(role, "system"))
    }
}

/// A message of the live agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentMessage {
    /// The vendor's id.
    pub id: Option<String>,
    /// Who wrote it.
    pub author: Participant,
    /// The text.
    pub text: String,
    /// How the text is to be read.
    pub format: TextFormat,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// The message that it answers.
    pub reply_to: Option<String>,
}

/// Where the customer stands in the queue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueStatus {
    /// 1 is next.
    pub position: Option<u32>,
    /// Seconds.
    pub wait_seconds: Option<u32>,
    /// The vendor's own words.
    pub text: Option<String>,
}

/// What the vendor's routing came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Routing {
    /// Somebody will answer.
    Accepted,
    /// Nobody is there.
    NoAgents,
    /// Nobody is there at this time of day.
    OutOfHours,
    /// It failed, and why.
    Failed(String),
}

/// The fate of a message of ours, as the vendor tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum MessageFate {
    /// It is on the live agent's desktop.
    Delivered,
    /// The live agent has read it.
    Read,
    /// It is not there, and why.
    Failed(String),
}

/// What happened at the vendor. Typing is no event of the domain: it is passed on at once or not at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// The live agent wrote.
    Message(AgentMessage),
    /// The live agent changed a message.
    MessageEdited(AgentMessage),
    /// The live agent withdrew a message: the vendor's id.
    MessageDeleted(String),
    /// Somebody joined.
    Joined(Participant),
    /// Somebody left.
    Left(Participant),
    /// The conversation went to somebody else.
    Transferred {
        /// The new participant's name, where told.
        to: Option<String>,
        /// The new queue, where told.
        queue: Option<String>,
    },
    /// The customer waits.
    Queued(QueueStatus),
    /// What routing came to.
    Routed(Routing),
    /// The fate of a message of ours.
    Delivery {
        /// The vendor's id of the message, or ours.
        message: String,
        /// What became of it.
        fate: MessageFate,
    },
    /// The conversation ended.
    Ended {
        /// By whom.
        by: EndReason,
        /// The vendor's word for why.
        detail: Option<String>,
    },
    /// The vendor hands the conversation back to the bot.
    ControlReturned,
    /// Further lookup keys.
    Reference(Vec<String>),
    /// The vendor's new id of the customer.
    IdentityChanged(String),
    /// Nothing to do, and why.
    Ignored(String),
}
