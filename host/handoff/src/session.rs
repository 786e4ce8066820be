//! One handover, from the bot's start to its end.

use serde::{Deserialize, Serialize};

use crate::address::{ActionRef, ReturnAddress, Route};
use crate::delivery::{Direction, Target};
use crate::ids::{ConversationKey, SessionId, Timestamp};
use crate::repetition::Repetition;
use crate::vendor::Customer;

/// Why a session ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndReason {
    /// The customer said goodbye.
    Customer,
    /// The live agent closed the conversation.
    LiveAgent,
    /// The customer was silent for too long.
    CustomerInactivity,
    /// The live agent was silent for too long.
    AgentInactivity,
    /// Nobody took the conversation in time.
    QueueTimeout,
    /// The vendor failed for good.
    VendorFailure,
    /// An operator ended it.
    Operator,
    /// The bot released the skill.
    Bot,
}

impl EndReason {
    /// As configuration, logs and records spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            EndReason::Customer => "customer",
            EndReason::LiveAgent => "live-agent",
            EndReason::CustomerInactivity => "customer-inactivity",
            EndReason::AgentInactivity => "agent-inactivity",
            EndReason::QueueTimeout => "queue-timeout",
            EndReason::VendorFailure => "vendor-failure",
            EndReason::Operator => "operator",
            EndReason::Bot => "bot",
        }
    }
}

/// How far a session is: `requested → queued → active → ending → ended`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "phase", content = "reason", rename_all = "kebab-case")]
pub enum Phase {
    /// The vendor has not said yes.
    Requested,
    /// The vendor has it; no live agent yet.
    Queued,
    /// A live agent is there.
    Active,
    /// Over for the bot and the customer; the vendor has not been told yet.
    Ending(EndReason),
    /// Over for everybody.
    Ended(EndReason),
}

impl Phase {
    /// Whether messages still go through: neither ending nor ended.
    pub fn is_open(self) -> bool {
        matches!(self, Phase::Requested | Phase::Queued | Phase::Active)
    }

    /// As records and logs spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Phase::Requested => "requested",
            Phase::Queued => "queued",
            Phase::Active => "active",
            Phase::Ending(_) => "ending",
            Phase::Ended(_) => "ended",
        }
    }
}

/// What a topic of the bot can branch on: the `Status` output of `startConversation`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StartStatus {
    /// A live agent is there, or the vendor does not say otherwise.
    Connected,
    /// The customer waits for one.
    Queued,
    /// Nobody is there to take it.
    NoAgents,
    /// It cannot be had.
    Failed,
    /// The vendor has not answered within the start budget; the outcome follows in the chat.
    Pending,
}

impl StartStatus {
    /// As the wire spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            StartStatus::Connected => "connected",
            StartStatus::Queued => "queued",
            StartStatus::NoAgents => "no-agents",
            StartStatus::Failed => "failed",
            StartStatus::Pending => "pending",
        }
    }
}

/// Whether the bot has the answer to its `startConversation`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "kebab-case")]
pub enum StartAnswer {
    /// It is owed: by this time, whatever the vendor does.
    Owed {
        /// When the budget ends.
        by: Timestamp,
        /// The actions to answer; none where the turn's own response carries the answer.
        to: Vec<ActionRef>,
    },
    /// It was given.
    Given(StartStatus),
}

/// What the vendor's side of a session is known by and remembers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VendorSide {
    /// Ids that callbacks name this session by; the first is the vendor's conversation id.
    pub lookup_keys: Vec<String>,
    /// What the connector returned last.
    pub state: String,
    /// Secrets that the vendor made for this session.
    pub tokens: Option<String>,
    /// Progress of a start in several steps.
    pub progress: Option<String>,
    /// How much of the message that is under way has arrived, where it goes in several parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partly: Option<Partly>,
    /// Where the feed is looked on from; none before the first look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// Which schema of the connector's `state` is of; none where it was written before schemas were noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<u32>,
    /// Whether the start has shown the live agent the problem; none before it has come to something, and where it did
    /// so before this was noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem_told: Option<bool>,
}

/// A message that is too long for the vendor goes in parts, each carried for itself and none of them twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partly {
    /// So many parts have arrived.
    pub parts: u32,
    /// So much of the text as the vendor gets it was in them, in bytes of UTF-8.
    pub bytes: usize,
}

/// Who holds the customer's turn (I8: it goes back to the bot exactly once for each time the bot gave it).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "control", rename_all = "kebab-case")]
pub enum Control {
    /// The bot.
    Bot,
    /// This skill: the bot keeps a `sendMessage` action open and forwards what the customer writes.
    Skill {
        /// The open action.
        action: ActionRef,
    },
    /// On its way back: the action's result is in the customer's lane.
    Returning {
        /// Results behind it, of actions that the bot opened once it had the one before.
        #[serde(default)]
        further: u32,
    },
}

/// When things last happened; what the timers run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marks {
    /// The bot asked for it.
    pub started: Timestamp,
    /// The customer's last sign of life.
    pub customer: Timestamp,
    /// The live agent's last sign of life.
    pub agent: Timestamp,
}

/// One handover.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its name.
    pub id: SessionId,
    /// The conversation it belongs to.
    pub conversation: ConversationKey,
    /// Which connector speaks for the vendor.
    pub connector: String,
    /// Connectors to go to where that one cannot take it, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub further: Vec<String>,
    /// How far it is.
    pub phase: Phase,
    /// The person who chats.
    pub customer: Customer,
    /// Where replies go.
    pub address: ReturnAddress,
    /// The bot's answer to `startConversation`.
    pub answer: StartAnswer,
    /// Who holds the customer's turn.
    pub control: Control,
    /// The vendor has been told what the customer needs, or is about to be.
    pub problem_told: bool,
    /// Whether the first message repeats what the start has told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repetition: Option<Repetition>,
    /// The vendor's side.
    pub vendor: VendorSide,
    /// The name of the live agent who is there.
    pub agent: Option<String>,
    /// How many deliveries there have been to the vendor.
    pub to_vendor: u64,
    /// How many deliveries there have been to the customer.
    pub to_customer: u64,
    /// How many receipts there have been.
    #[serde(default)]
    pub receipts: u64,
    /// Messages of the customer that came when the end was decided and not told yet.
    #[serde(default)]
    pub crossed: u32,
    /// The customer knows that the session is over.
    #[serde(default)]
    pub end_told: bool,
    /// The customer knows that the vendor does not answer.
    #[serde(default)]
    pub delay_told: bool,
    /// Messages of the customer whose outcome is not known yet.
    pub in_hand: u32,
    /// When things last happened.
    pub marks: Marks,
}

impl Session {
    /// What a lane of this session leads to. Lanes that lead to the same share its breaker and its places.
    pub fn target(&self, direction: Direction) -> Target {
        match direction {
            Direction::ToVendor | Direction::Receipts => Target::connector(&self.connector),
            Direction::ToCustomer => match &self.address.to_customer {
                Route::Held => Target("held".to_owned()),
                route => Target(format!("host {}", route.host().unwrap_or("unknown"))),
            },
        }
    }

    /// What the bot calls this conversation: the vendor's id, or the session's where the vendor has given none.
    pub fn live_chat_conversation_id(&self) -> String {
        match self.vendor.lookup_keys.first() {
            Some(key) => key.clone(),
            None => self.id.to_string(),
        }
    }

    /// The status that a start would be answered with now.
    pub fn start_status(&self) -> StartStatus {
        match (self.phase, &self.answer) {
            (Phase::Active, _) => StartStatus::Connected,
            (Phase::Queued, _) => StartStatus::Queued,
            (Phase::Requested, _) => StartStatus::Pending,
            (_, StartAnswer::Given(status)) => *status,
            (_, StartAnswer::Owed { .. }) => StartStatus::Failed,
        }
    }
}
