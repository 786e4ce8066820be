//! What runs out: the start budget, the wait for a live agent, silence, and the hard limit (I6).

use crate::beginning::answer_start;
use crate::decision::{Decision, Draft};
use crate::ending::end_session;
use crate::ids::Timestamp;
use crate::policy::{Env, Policy};
use crate::session::{EndReason, Phase, Session, StartAnswer, StartStatus};

/// What runs out next, and when.
fn running(session: &Session, policy: &Policy) -> impl Iterator<Item = (Timestamp, EndReason)> {
    let marks = session.marks;
    let waiting = matches!(session.phase, Phase::Requested | Phase::Queued);
    let active = session.phase == Phase::Active;
    let after =
        |from: Timestamp, ms: Option<u64>, applies: bool| ms.filter(|_| applies).map(|ms| from.plus(ms));
    [
        (after(marks.started, policy.queue_timeout, waiting), EndReason::QueueTimeout),
        (after(marks.customer, policy.customer_inactivity, active), EndReason::CustomerInactivity),
        (after(marks.agent, policy.agent_inactivity, active), EndReason::AgentInactivity),
        (after(marks.started, Some(policy.hard_limit), session.phase.is_open()), EndReason::VendorFailure),
    ]
    .into_iter()
    .filter_map(|(at, reason)| at.map(|at| (at, reason)))
}

/// When to look at the session again, if ever.
pub fn next(session: &Session, policy: &Policy) -> Option<Timestamp> {
    let owed = match session.answer {
        StartAnswer::Owed { by, .. } => Some(by),
        StartAnswer::Given(_) => None,
    };
    running(session, policy).map(|(at, _)| at).chain(owed).min()
}

/// Does what is due.
pub fn decide(session: Option<Session>, env: Env<'_>) -> Decision<()> {
    let Some(session) = session else { return Decision::nothing(()) };
    let due = running(&session, env.policy).filter(|(at, _)| *at <= env.now).min_by_key(|(at, _)| *at);
    let budget_spent = matches!(session.answer, StartAnswer::Owed { by, .. } if by <= env.now);
    // Where nothing is due the session is written all the same: its next look is by today's figures, which the
    // operator may have changed since it was noted.
    let mut draft = Draft::new(session, env);
    if budget_spent {
        answer_start(&mut draft, StartStatus::Pending);
    }
    if let Some((_, reason)) = due {
        end_session(&mut draft, reason, false);
    }
    draft.finish(())
}
