//! Dead letters: what did not arrive, kept for an operator.

use handover_handoff::delivery::{Delivery, Direction};
use handover_handoff::operator::{Redriven, Refusal};
use handover_handoff::{Session, SessionId, Timestamp};

/// One that did not arrive.
#[derive(Debug, Clone, PartialEq)]
pub struct DeadLetter {
    /// What it is.
    pub delivery: Delivery,
    /// Whose connector.
    pub connector: String,
    /// Why it did not arrive.
    pub reason: String,
    /// When it was given up.
    pub given_up: Timestamp,
}

/// Where a dead letter is. Stores list them by session, then by direction as records spell it, then by place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    /// Its session.
    pub session: SessionId,
    /// Its lane.
    pub direction: Direction,
    /// Its place in the lane.
    pub seq: u64,
}

/// Which dead letters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Which {
    /// Of this session only.
    pub session: Option<SessionId>,
    /// Of this connector only.
    pub connector: Option<String>,
}

/// Says whether a dead letter may go on its way again.
pub type Redriver = Box<dyn FnMut(Session, &Delivery) -> Result<Redriven, Refusal> + Send>;

/// What became of the attempt to send a dead letter on its way again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redrive {
    /// It is in its lane again, at its old place.
    Queued,
    /// It may not.
    Refused(Refusal),
    /// There is no such dead letter.
    Unknown,
}
