//! What a worker asks for, and what it gets.

use std::collections::BTreeMap;

use handover_handoff::delivery::{Delivery, Direction, Target};
use handover_handoff::{Session, SessionId, Timestamp};

/// How much a claimer can take on. A lane leads to a target, and each target has its own places, so that one that does
/// not answer slows nobody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capacity {
    /// Lanes in sum.
    pub lanes: usize,
    /// Lanes of each target that is not named below.
    pub each: usize,
    /// Targets with less room, or none.
    pub targets: BTreeMap<Target, Room>,
}

impl Capacity {
    /// So many lanes, wherever they lead.
    pub fn of(lanes: usize) -> Self {
        Self { lanes, each: lanes, targets: BTreeMap::new() }
    }

    /// The room for a target.
    pub fn room(&self, target: &Target) -> Room {
        self.targets.get(target).copied().unwrap_or(Room { lanes: self.each, shut: false })
    }
}

/// The room for lanes of one target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// How many lanes.
    pub lanes: usize,
    /// Nothing is to be sent there now: only lanes whose first delivery's deadline has passed are wanted, because
    /// that has to be told.
    pub shut: bool,
}

/// A session and a direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lane {
    /// The session.
    pub session: SessionId,
    /// The direction.
    pub direction: Direction,
}

/// A delivery that is due, with the session it belongs to; nobody else has it until the lease runs out.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// What is to be carried.
    pub delivery: Delivery,
    /// Whose it is, as of now.
    pub session: Session,
}

/// What is due.
#[derive(Debug, Default)]
pub struct Due {
    /// The heads of lanes that were claimed.
    pub claims: Vec<Claim>,
    /// Sessions whose timer has run out.
    pub timers: Vec<SessionId>,
    /// When the next delivery that there is room for, or the next timer, is due, where nothing changes before.
    pub next: Option<Timestamp>,
}
