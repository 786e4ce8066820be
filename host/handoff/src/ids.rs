//! Names and times: which session, which delivery, which conversation, when.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub u64);

impl Timestamp {
    /// Later than anything: due only when somebody asks for it.
    pub const NEVER: Timestamp = Timestamp(i64::MAX as u64);

    /// This time and so many milliseconds more; nothing is later than [`Timestamp::NEVER`].
    pub fn plus(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms).min(Self::NEVER.0))
    }

    /// Milliseconds from `earlier` to this time; none is zero.
    pub fn since(self, earlier: Timestamp) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// Names one session for its whole life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(pub Uuid);

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Names one delivery. It follows from the session, the direction and the place in the lane, so that whoever
/// decides the same thing twice names it the same; vendors get it as their idempotency key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeliveryId(pub Uuid);

impl DeliveryId {
    /// The id of the `seq`-th delivery of a session in one direction.
    pub fn of(session: SessionId, direction: crate::delivery::Direction, seq: u64) -> Self {
        let name = format!("{}/{seq}", direction.as_str());
        Self(Uuid::new_v5(&session.0, name.as_bytes()))
    }

    /// The id of the `nth` part, from 0, of what goes in several: the first has the delivery's own, so that what turns
    /// out to be one part was named so all along.
    #[must_use]
    pub fn part(self, nth: u32) -> Self {
        match nth {
            0 => self,
            nth => Self(Uuid::new_v5(&self.0, format!("part/{nth}").as_bytes())),
        }
    }
}

impl fmt::Display for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One conversation on one channel of one tenant. At most one open session belongs to it (I1).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ConversationKey {
    /// The operator's tenant.
    pub tenant: String,
    /// E.g. `msteams`.
    pub channel: String,
    /// The channel's id of the conversation.
    pub conversation: String,
}
