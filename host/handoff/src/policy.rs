//! The figures that decisions depend on, and the moment they are made at.

use crate::delivery::Parcel;
use crate::ids::Timestamp;

/// How long things may take, in milliseconds; set by the operator.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// Until the bot has an answer to its start; channels want one within 15 s.
    pub start_budget: u64,
    /// How long after a start the customer's first message is taken for the bot's repetition of the problem, where its
    /// words are the same; zero where it never is.
    pub repetition: u64,
    /// How old a message of the customer may get before the customer is told that it was not delivered.
    pub fresh_to_vendor: u64,
    /// How old a message of the live agent may get before the agent is told that it was not delivered.
    pub fresh_to_customer: u64,
    /// How long ends, results of actions and reports are tried: nobody can be told instead.
    pub persistence: u64,
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
            repetition: MINUTE / 2,
            fresh_to_vendor: 2 * MINUTE,
            fresh_to_customer: 2 * MINUTE,
            persistence: 60 * MINUTE,
            retry_base: 500,
            retry_cap: 15_000,
            queue_timeout: Some(30 * MINUTE),
            customer_inactivity: Some(60 * MINUTE),
            agent_inactivity: Some(60 * MINUTE),
            hard_limit: 24 * 60 * MINUTE,
        }
    }
}

impl Policy {
    /// How long a parcel may be on its way, in milliseconds. What is said in a chat is fresh or told; what ends
    /// something, or reports what did not arrive, is worth more patience.
    pub fn patience(&self, parcel: &Parcel) -> u64 {
        match parcel {
            Parcel::Start(_) | Parcel::Message(_) => self.fresh_to_vendor,
            Parcel::AgentMessage(_) => self.fresh_to_customer,
            Parcel::Notice(notice) if notice.is_report() => self.persistence,
            Parcel::Notice(_) => self.fresh_to_customer,
            Parcel::Receipt { .. } | Parcel::End { .. } | Parcel::ActionResult(_) => self.persistence,
        }
    }
}

/// What every decision is made with.
#[derive(Debug, Clone, Copy)]
pub struct Env<'a> {
    /// The time.
    pub now: Timestamp,
    /// The operator's figures for the session's connector.
    pub policy: &'a Policy,
    /// The session's vendor does not answer: its breaker is open.
    pub vendor_down: bool,
    /// The session's connector tells the live agent what became of a message.
    pub reports: bool,
}

impl<'a> Env<'a> {
    /// With a vendor that answers and is told everything, as far as anybody knows.
    pub fn new(now: Timestamp, policy: &'a Policy) -> Self {
        Self { now, policy, vendor_down: false, reports: true }
    }
}
