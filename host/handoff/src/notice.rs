//! What Handover itself tells the customer; the words are chosen at the channel, in the customer's language.

use serde::{Deserialize, Serialize};

use crate::session::EndReason;
use crate::vendor::QueueStatus;

/// One announcement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "notice", rename_all = "kebab-case")]
pub enum Notice {
    /// The customer waits for a live agent.
    Queued(QueueStatus),
    /// A live agent has come.
    AgentJoined {
        /// The agent's name.
        name: Option<String>,
    },
    /// A live agent has gone; the conversation goes on.
    AgentLeft {
        /// The agent's name.
        name: Option<String>,
    },
    /// Somebody else takes over.
    Transferred {
        /// The new agent's name.
        name: Option<String>,
    },
    /// A start that was `pending` has come to nothing: nobody is there.
    NoAgents,
    /// A start that was `pending` has come to nothing: it failed.
    StartFailed,
    /// The vendor does not answer; messages wait and are still tried.
    Delayed,
    /// A message of the customer did not reach the live agent.
    NotDelivered,
    /// A file of the customer did not reach the live agent; the rest of its message did.
    FileNotDelivered {
        /// The file's name.
        name: String,
        /// Why not.
        why: FileRefusal,
    },
    /// The handover is over.
    Ended {
        /// Why.
        reason: EndReason,
        /// Messages of the customer that the live agent may not have seen.
        unseen: u32,
    },
}

/// Why a file is not passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileRefusal {
    /// It is larger than this, in bytes.
    TooLarge(u64),
    /// The vendor takes none of its kind.
    Kind,
    /// The channel does not give it to us.
    Gone,
}

impl Notice {
    /// Whether it says that something came to nothing or is over, which the customer has to learn however late.
    pub fn is_report(&self) -> bool {
        matches!(
            self,
            Notice::NoAgents
                | Notice::StartFailed
                | Notice::NotDelivered
                | Notice::FileNotDelivered { .. }
                | Notice::Ended { .. }
        )
    }
}
