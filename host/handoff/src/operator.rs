//! What an operator does: ends a session, and sends on its way again what did not arrive.

use crate::address::Route;
use crate::decision::{Decision, Draft};
use crate::delivery::{Delivery, Direction, Parcel};
use crate::ending::end_session;
use crate::ids::Timestamp;
use crate::notice::Notice;
use crate::policy::Env;
use crate::session::{EndReason, Phase, Session};

/// Ends a session; true where it was open.
pub fn end(session: Option<Session>, env: Env<'_>) -> Decision<bool> {
    match session {
        Some(session) if session.phase.is_open() => {
            let mut draft = Draft::new(session, env);
            end_session(&mut draft, EndReason::Operator, false);
            draft.finish(true)
        }
        _ => Decision::nothing(false),
    }
}

/// Why a dead letter cannot be sent on its way again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The session has ended, and nothing follows an end (I3).
    Ended,
    /// It was about a moment that has passed.
    Passed,
    /// Nothing can be pushed to this customer.
    Held,
}

impl Refusal {
    /// For the operator.
    pub fn as_str(self) -> &'static str {
        match self {
            Refusal::Ended => "its session has ended",
            Refusal::Passed => "it was about a moment that has passed",
            Refusal::Held => "this customer is reached only in the response to their next turn",
        }
    }
}

/// A dead letter that goes on its way again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redriven {
    /// The session as it becomes.
    pub session: Session,
    /// When its sender is told once more that it did not arrive.
    pub deadline: Timestamp,
    /// When the session's next timer runs out.
    pub wake: Option<Timestamp>,
}

/// Decides whether a dead letter may go on its way again.
///
/// # Errors
/// Why it may not.
pub fn redrive(session: Session, dead: &Delivery, env: Env<'_>) -> Result<Redriven, Refusal> {
    let open = session.phase.is_open();
    let mut draft = Draft::new(session, env);
    let held = draft.session.address.to_customer == Route::Held;
    if held && dead.direction == Direction::ToCustomer {
        return Err(Refusal::Held);
    }
    match &dead.parcel {
        Parcel::Message(_) if open => draft.session.in_hand += 1,
        Parcel::AgentMessage(_) | Parcel::Notice(Notice::NotDelivered) if open => {}
        Parcel::Message(_) | Parcel::AgentMessage(_) | Parcel::Notice(Notice::NotDelivered) => {
            return Err(Refusal::Ended);
        }
        // The vendor still has the conversation open, and is told after all.
        Parcel::End { reason } => match draft.session.phase {
            Phase::Ended(_) => draft.session.phase = Phase::Ending(*reason),
            _ => return Err(Refusal::Passed),
        },
        Parcel::Receipt { .. } | Parcel::ActionResult(_) => {}
        Parcel::Start(_) | Parcel::Notice(_) => return Err(Refusal::Passed),
    }
    let deadline = env.now.plus(env.policy.patience(&dead.parcel));
    let (session, wake) = draft.timed();
    Ok(Redriven { session, deadline, wake })
}
