//! What a simulator must be able to do: show on its wire what agents do.

use std::{future::Future, pin::Pin, time::Duration};

use serde::{Deserialize, Serialize};

use crate::message::Message;

/// A vendor's own part.
pub trait Vendor: Send + Sync + 'static {
    /// What agents' pages are headed with, such as `Contoso Live Chat`. The first word is shown the strongest.
    fn name(&self) -> &str;

    /// The page's accent colour, `#rrggbb`.
    fn colour(&self) -> &str {
        "#0f6d6a"
    }

    /// What agents here can do beyond accepting, writing and ending. The rest is answered with 501.
    fn skills(&self) -> &'static [Skill] {
        Skill::ALL
    }

    /// Whether the deeds of one conversation are carried one after another, each after the outcome of the one before.
    /// Typing is never waited for.
    fn in_turn(&self) -> bool {
        true
    }

    /// Does on the wire what an agent did at the desk, which shows what becomes of it: for a message whether it was
    /// delivered, for the rest a note where it failed.
    fn act(&self, deed: Deed) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// The same, behind a pointer.
pub(crate) trait Hands: Send + Sync {
    fn in_turn(&self) -> bool;
    fn skills(&self) -> &'static [Skill];
    fn act(&self, deed: Deed) -> Pin<Box<dyn Future<Output = Result<(), Failure>> + Send + '_>>;
}

impl<V: Vendor> Hands for V {
    fn in_turn(&self) -> bool {
        Vendor::in_turn(self)
    }

    fn skills(&self) -> &'static [Skill] {
        Vendor::skills(self)
    }

    fn act(&self, deed: Deed) -> Pin<Box<dyn Future<Output = Result<(), Failure>> + Send + '_>> {
        Box::pin(Vendor::act(self, deed))
    }
}

/// What agents can do at some vendors and not at others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Skill {
    /// Show that they write.
    Typing,
    /// Show that they have read.
    Read,
    /// Hand a conversation back to those who wait.
    Leave,
    /// Give a conversation to another agent or queue.
    Transfer,
    /// Tell those who wait how many wait before them.
    Queue,
    /// Send files.
    Attachments,
}

impl Skill {
    /// All of them.
    pub const ALL: &'static [Skill] =
        &[Self::Typing, Self::Read, Self::Leave, Self::Transfer, Self::Queue, Self::Attachments];
}

/// Something an agent did.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Deed {
    /// The vendor's id of the conversation.
    pub conversation: String,
    /// Who did it, by name.
    pub agent: String,
    /// What was done.
    pub action: AgentAction,
}

/// What agents do.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum AgentAction {
    /// Takes the conversation.
    Accept,
    /// Writes, or sends again what failed: then `id` is the same, and `sent_as` another one where the gateway had it.
    Say(Message),
    /// Begins or stops to write.
    Typing(bool),
    /// Has looked at the conversation, up to this message of the customer's (its id at the desk).
    Read(String),
    /// Gives the conversation back to those who wait.
    Leave,
    /// Gives the conversation away.
    Transfer(Recipient),
    /// How many wait before this customer; nobody in particular did it.
    Queue(u32),
    /// Ends the conversation.
    End,
}

/// Who gets a conversation that is given away.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Recipient {
    /// Another agent, who has it from now on.
    Agent(String),
    /// A queue; the customer waits again.
    Queue(String),
}

/// Why something that an agent did has not reached the gateway. Its text is shown to agents.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The webhook's answer was no success.
    #[error("The webhook answered {status}{}", after_colon(body))]
    Refused {
        /// The answer's status; 502 for what is neither success nor error.
        status: u16,
        /// The answer's body, at most 16 KiB.
        body: String,
        /// When the answer asks to come again.
        retry_after: Option<Duration>,
    },
    /// There was no answer, and why.
    #[error("{0}")]
    Unreachable(String),
    /// Nobody is there to be told.
    #[error("No webhook URL is configured")]
    Unset,
    /// The customer ended the conversation before its turn came.
    #[error("The customer ended the conversation first")]
    TooLate,
    /// The simulator stops.
    #[error("The live chat is shutting down")]
    Stopping,
    /// The vendor has no such thing, or its rules forbid it here.
    #[error("{0}")]
    Forbidden(String),
}

fn after_colon(body: &str) -> String {
    match body.trim() {
        "" => String::new(),
        body => format!(": {body}"),
    }
}
