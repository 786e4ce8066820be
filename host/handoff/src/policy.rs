//! The figures that decisions depend on, and the moment they are made at.

use crate::ids::Timestamp;

/// How long things may take, in milliseconds; set by the operator.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// Until the bot has an answer to its start; channels want one within 15 s.
    pub start_budget: u64,
    /// How old a parcel may get before its sender is told that it was not delivered.
    pub fresh: u64,
    /// The first retry's longest delay; doubled with each attempt.
    pub retry_base: u64,
    /// No retry waits longer, but where the other side asks for it.
    pub retry_cap: u64,
    /// How long a customer waits for a live agent.
    pub queue_timeout: Option<u64>,
    /// How long an active customer may be silent.
    pub customer_inactivity: Option<u64>,
    /// How long a live agent may be silent.
    pub agent_inactivity: Option<u64>,
    /// How long any session lasts: the last guard of I6.
    pub hard_limit: u64,
}

impl Default for Policy {
    fn default() -> Self {
        const MINUTE: u64 = 60_000;
        Self {
            start_budget: 8_000,
            fresh: 2 * MINUTE,
            retry_base: 500,
            retry_cap: 15_000,
            queue_timeout: Some(30 * MINUTE),
            customer_inactivity: Some(60 * MINUTE),
            agent_inactivity: Some(60 * MINUTE),
            hard_limit: 24 * 60 * MINUTE,
        }
    }
}

/// What every decision is made with.
#[derive(Debug, Clone, Copy)]
pub struct Env<'a> {
    /// The time.
    pub now: Timestamp,
    /// The operator's figures.
    pub policy: &'a Policy,
}
