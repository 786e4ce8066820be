//! What goes out: parcels, their lanes, and what became of them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::address::ActionRef;
use crate::ids::{DeliveryId, SessionId, Timestamp};
use crate::notice::Notice;
use crate::session::{EndReason, StartStatus};
use crate::vendor::{AgentMessage, CustomerMessage, StartRequest};

/// The ways. With the session each names a lane: within a lane order is strict (I5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// From the customer, by the connector, to the live agent.
    ToVendor,
    /// To the customer, and to the bot that holds the customer's channel.
    ToCustomer,
    /// To the live agent's desktop: what became of a message. On its own, so that no message waits for it.
    Receipts,
}

impl Direction {
    /// All of them.
    pub const ALL: [Direction; 3] = [Direction::ToVendor, Direction::ToCustomer, Direction::Receipts];

    /// As records spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Direction::ToVendor => "to-vendor",
            Direction::ToCustomer => "to-customer",
            Direction::Receipts => "receipts",
        }
    }
}

/// What deliveries lead to: a connector's vendor, or a host of the bot's side. What leads to the same fails together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Target(pub String);

impl Target {
    /// The target of what goes to a connector's vendor.
    pub fn connector(name: &str) -> Self {
        Self(format!("connector {name}"))
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What the live agent is told about a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", content = "reason", rename_all = "kebab-case")]
pub enum Receipt {
    /// It is with the customer's channel.
    Delivered,
    /// It is not, and why.
    NotDelivered(String),
}

/// What the bot is told when an action is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResultCode {
    /// As it was meant.
    CompletedSuccessfully,
    /// It failed.
    Error,
}

/// The outputs of an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionResult {
    /// Which action it answers.
    pub to: ActionRef,
    /// How it went.
    pub code: ResultCode,
    /// `LiveChatConversationId` and `Status`, for `startConversation`.
    pub started: Option<(String, StartStatus)>,
}

/// What is carried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Parcel {
    /// To the vendor: begin.
    Start(StartRequest),
    /// To the vendor: a message of the customer.
    Message(CustomerMessage),
    /// To the vendor: what became of a message of the live agent.
    Receipt {
        /// The vendor's id of the message.
        message: String,
        /// What became of it.
        receipt: Receipt,
    },
    /// To the vendor: it is over.
    End {
        /// Why.
        reason: EndReason,
    },
    /// To the customer: a message of the live agent.
    AgentMessage(AgentMessage),
    /// To the customer: an announcement.
    Notice(Notice),
    /// To the bot: an action is over.
    ActionResult(ActionResult),
}

impl Parcel {
    /// Which way it goes.
    pub fn direction(&self) -> Direction {
        match self {
            Parcel::Start(_) | Parcel::Message(_) | Parcel::End { .. } => Direction::ToVendor,
            Parcel::Receipt { .. } => Direction::Receipts,
            Parcel::AgentMessage(_) | Parcel::Notice(_) | Parcel::ActionResult(_) => Direction::ToCustomer,
        }
    }

    /// As logs and records spell it.
    pub fn kind(&self) -> &'static str {
        match self {
            Parcel::Start(_) => "start",
            Parcel::Message(_) => "message",
            Parcel::Receipt { .. } => "receipt",
            Parcel::End { .. } => "end",
            Parcel::AgentMessage(_) => "agent-message",
            Parcel::Notice(_) => "notice",
            Parcel::ActionResult(_) => "action-result",
        }
    }
}

/// One parcel on its way, with its place in its lane.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Its name; the same on every attempt.
    pub id: DeliveryId,
    /// Whose.
    pub session: SessionId,
    /// Which way.
    pub direction: Direction,
    /// Its place in the lane, from 1.
    pub seq: u64,
    /// What is carried.
    pub parcel: Parcel,
    /// The attempt that is due, or under way: 1 is the first.
    pub attempt: u32,
    /// When it was decided.
    pub created: Timestamp,
    /// Not before this time.
    pub due: Timestamp,
    /// Not after this time: what has not arrived by then is told to its sender (I4).
    pub deadline: Timestamp,
    /// An earlier attempt may have arrived: it ended without a known outcome.
    pub maybe_duplicate: bool,
}

/// Whether an attempt that failed may be made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RetryAdvice {
    /// It will fail again.
    Never,
    /// Nothing has happened; after so many milliseconds, where somebody said so.
    Safe(Option<u64>),
    /// It may have happened.
    UnknownOutcome,
}

/// Why an attempt failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FailureReason {
    /// The other side refused it.
    Rejected,
    /// Too much at once.
    RateLimited,
    /// The other side is down or silent.
    Unavailable,
    /// Nobody is there to take the conversation.
    NoAgents,
    /// The other side no longer knows the conversation.
    ConversationGone,
    /// It is too large.
    TooLarge,
    /// It cannot be carried.
    Unsupported,
    /// The vendor moved the account here.
    Moved(String),
    /// The configuration does not work: the key at fault.
    Misconfigured(String),
    /// The call took too long.
    TimedOut,
    /// The connector broke down.
    Trapped,
    /// The connector wanted more than it may have.
    OverLimit,
    /// The connector asked for what it is not granted.
    Denied,
}

impl FailureReason {
    /// As logs, metrics and records spell it.
    pub fn as_str(&self) -> &'static str {
        match self {
            FailureReason::Rejected => "rejected",
            FailureReason::RateLimited => "rate-limited",
            FailureReason::Unavailable => "unavailable",
            FailureReason::NoAgents => "no-agents",
            FailureReason::ConversationGone => "conversation-gone",
            FailureReason::TooLarge => "too-large",
            FailureReason::Unsupported => "unsupported",
            FailureReason::Moved(_) => "moved",
            FailureReason::Misconfigured(_) => "misconfigured",
            FailureReason::TimedOut => "timed-out",
            FailureReason::Trapped => "trapped",
            FailureReason::OverLimit => "over-limit",
            FailureReason::Denied => "denied",
        }
    }
}

impl FailureReason {
    /// For the live agent whose message did not arrive.
    pub fn for_the_agent(&self) -> &'static str {
        match self {
            FailureReason::Rejected => "the customer's channel refused it",
            FailureReason::RateLimited => "the customer's channel took no more messages",
            FailureReason::Unavailable | FailureReason::TimedOut => {
                "the customer's channel did not answer in time"
            }
            FailureReason::ConversationGone => "the customer can no longer be reached there",
            FailureReason::TooLarge => "it is too long for the customer's channel",
            FailureReason::Unsupported => "the customer's channel cannot show it",
            _ => "it could not be sent",
        }
    }
}

/// An attempt that did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Why.
    pub reason: FailureReason,
    /// Whether it may be made again.
    pub retry: RetryAdvice,
    /// For the operator; neither a message text nor a secret.
    pub detail: String,
}
