//! Where a sealed value belongs.

use std::fmt;

use handover_handoff::SessionId;
use handover_handoff::delivery::Direction;

/// The place of a sealed value: it can be read in no other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// The document of a session.
    Session(SessionId),
    /// The parcel of a delivery.
    Delivery(SessionId, Direction, u64),
    /// The request of a kept callback.
    Callback(u64),
    /// What shows that a key is the one that goes by its id.
    Proof(String),
}

impl Place {
    /// Table, row and column, as they are authenticated. What is once sealed depends on these words.
    pub(super) fn bind(&self, into: &mut Vec<u8>) {
        let named = match self {
            Place::Session(id) => format!("sessions/{id}/document"),
            Place::Delivery(session, direction, seq) => {
                format!("deliveries/{session}/{}/{seq}/parcel", direction.as_str())
            }
            Place::Callback(id) => format!("callbacks/{id}/request"),
            Place::Proof(key) => format!("keys/{key}/proof"),
        };
        into.extend_from_slice(named.as_bytes());
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Session(id) => write!(f, "session {id}"),
            Place::Delivery(session, direction, seq) => {
                write!(f, "delivery {} {seq} of session {session}", direction.as_str())
            }
            Place::Callback(id) => write!(f, "kept callback {id}"),
            Place::Proof(key) => write!(f, "proof of key `{key}`"),
        }
    }
}
