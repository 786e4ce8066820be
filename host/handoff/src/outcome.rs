//! What follows from the outcome of a delivery: it arrived, goes again, or did not arrive and is told.

use crate::beginning::{elsewhere, fail_start, goes_elsewhere, has_elsewhere, is_turned_away, started};
use crate::decision::{Decision, Draft, Fate};
use crate::delivery::{Delivery, Failure, FailureReason, Parcel, Receipt, RetryAdvice};
use crate::ending::{end_session, overtaken, returned};
use crate::ids::Timestamp;
use crate::notice::{FileRefusal, Notice};
use crate::policy::{Env, Policy};
use crate::repetition;
use crate::retry;
use crate::session::{EndReason, Partly, Phase, Session, StartStatus};
use crate::vendor::Event;

/// What a connector leaves behind after a call that succeeded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Update {
    /// The new state.
    pub state: Option<String>,
    /// The new tokens.
    pub tokens: Option<String>,
    /// Which schema the new state is of.
    pub schema: Option<u32>,
}

/// How an attempt went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The vendor has the conversation.
    Started {
        /// Ids that callbacks will name it by.
        lookup_keys: Vec<String>,
        /// What the connector remembers.
        update: Update,
        /// What is known at once.
        events: Vec<Event>,
        /// Whether the conversation exists, or only a later callback proves it.
        proved: bool,
        /// Whether the live agent sees the problem that the start was given.
        problem_told: bool,
    },
    /// A step of the start is done; the next one may follow at once.
    Progressed {
        /// What the next step goes on with.
        progress: String,
        /// Secrets that the step made.
        tokens: Option<String>,
    },
    /// It arrived.
    Done(Update),
    /// It arrived but for these files.
    DoneWithout {
        /// What the connector leaves behind.
        update: Update,
        /// Their names, and why they are not passed on.
        files: Vec<(String, FileRefusal)>,
    },
    /// A part of it arrived; the next one may follow at once.
    DoneInPart {
        /// What the connector leaves behind.
        update: Update,
        /// How much of it is there by now.
        partly: Partly,
    },
    /// The customer has been told of the session's end, and of so many messages that crossed it.
    EndTold {
        /// How many.
        crossed: u32,
    },
    /// It did not.
    Failed(Failure),
    /// It was not tried: the session that it belongs to is over, or the vendor has it with the start.
    Unwanted,
    /// It was not tried: its deadline has passed.
    Stale,
    /// It was not tried: where it leads to does not answer for now.
    Postponed {
        /// When to look again.
        until: Timestamp,
    },
}

/// Whether a delivery is still to be carried. What a session's end leaves in its lanes is not, nor what the vendor has
/// been told with the start.
pub fn is_wanted(session: &Session, delivery: &Delivery) -> bool {
    let ended = matches!(session.phase, Phase::Ended(_));
    match &delivery.parcel {
        // A start that may have reached the vendor is brought to its end, so that there is something to close.
        Parcel::Start(_) => {
            let begun = delivery.maybe_duplicate || session.vendor.progress.is_some();
            session.phase.is_open() || (!ended && begun)
        }
        Parcel::Message(_) => is_known(session) && !repetition::is_in_the_start(session, delivery),
        Parcel::End { .. } => !ended && !session.vendor.lookup_keys.is_empty(),
        Parcel::Receipt { .. } | Parcel::AgentMessage(_) | Parcel::Notice(_) | Parcel::ActionResult(_) => {
            true
        }
    }
}

/// Whether the vendor has the conversation that a message is for. The start is before it in the lane: where the session
/// is open after that, the vendor has it, by name or not.
fn is_known(session: &Session) -> bool {
    let ended = matches!(session.phase, Phase::Ended(_));
    session.phase.is_open() || (!ended && !session.vendor.lookup_keys.is_empty())
}

/// Decides on the outcome of one attempt. `jitter`, from 0 up to 1, spreads the retries.
pub fn decide(
    session: Session,
    delivery: &Delivery,
    outcome: Outcome,
    jitter: f64,
    env: Env<'_>,
) -> Decision<()> {
    let mut draft = Draft::new(session, env);
    let fate = match outcome {
        Outcome::Started { events, .. }
            if has_elsewhere(&draft.session, delivery) && events.iter().any(is_turned_away) =>
        {
            elsewhere(&mut draft)
        }
        Outcome::Started { lookup_keys, update, events, proved, problem_told } => {
            draft.session.vendor.lookup_keys = lookup_keys;
            draft.session.vendor.progress = None;
            repetition::learn(&mut draft.session, delivery, problem_told);
            remember(&mut draft, update);
            if draft.session.phase.is_open() {
                started(&mut draft, &events, proved);
            }
            Fate::Done
        }
        Outcome::Progressed { progress, tokens } => {
            draft.session.vendor.progress = Some(progress);
            remember(&mut draft, Update { tokens, ..Update::default() });
            if env.now > delivery.deadline {
                // A start that never comes to an end would be stepped on and on.
                give_up(&mut draft, delivery, too_late("the start took too many steps"))
            } else {
                Fate::Again { due: env.now, maybe_duplicate: false, counts: false }
            }
        }
        Outcome::Done(update) => {
            remember(&mut draft, update);
            arrived(&mut draft, &delivery.parcel);
            Fate::Done
        }
        Outcome::DoneWithout { update, files } => {
            remember(&mut draft, update);
            arrived(&mut draft, &delivery.parcel);
            // After an end the news of that has counted the message.
            let files = if draft.session.phase.is_open() { files } else { Vec::new() };
            for (name, why) in files {
                draft.post(Parcel::Notice(Notice::FileNotDelivered { name, why }));
            }
            Fate::Done
        }
        Outcome::DoneInPart { update, partly } => {
            remember(&mut draft, update);
            draft.session.vendor.partly = Some(partly);
            Fate::Again { due: env.now, maybe_duplicate: false, counts: false }
        }
        Outcome::EndTold { crossed } => {
            draft.session.end_told = true;
            for _ in crossed..draft.session.crossed {
                // It came while the news was on its way.
                draft.post(Parcel::Notice(Notice::NotDelivered));
            }
            Fate::Done
        }
        Outcome::Unwanted => {
            if let Parcel::Message(_) = delivery.parcel {
                draft.session.vendor.partly = None;
                draft.session.in_hand = draft.session.in_hand.saturating_sub(1);
                if is_known(&draft.session) && repetition::is_in_the_start(&draft.session, delivery) {
                    Fate::Done
                } else {
                    overtaken(&mut draft);
                    Fate::Dead("the session had ended".to_owned())
                }
            } else {
                if let (Parcel::End { reason }, Phase::Ending(_)) = (&delivery.parcel, draft.session.phase) {
                    draft.session.phase = Phase::Ended(*reason);
                }
                Fate::Done
            }
        }
        Outcome::Failed(failure) if goes_elsewhere(&draft.session, delivery, &failure) => {
            elsewhere(&mut draft)
        }
        Outcome::Failed(failure) => match retry::next(delivery, failure.retry, jitter, env) {
            Some(due) => Fate::Again {
                due,
                maybe_duplicate: failure.retry == RetryAdvice::UnknownOutcome,
                counts: true,
            },
            None => give_up(&mut draft, delivery, failure),
        },
        Outcome::Stale => give_up(&mut draft, delivery, too_late("it waited too long")),
        Outcome::Postponed { until } => {
            Fate::Again { due: until.max(env.now), maybe_duplicate: false, counts: false }
        }
    };
    draft.settle(delivery, fate, ())
}

fn too_late(detail: &str) -> Failure {
    Failure { reason: FailureReason::TimedOut, retry: RetryAdvice::Never, detail: detail.to_owned() }
}

fn give_up(draft: &mut Draft<'_>, delivery: &Delivery, failure: Failure) -> Fate {
    if has_elsewhere(&draft.session, delivery) {
        return elsewhere(draft);
    }
    lost(draft, &delivery.parcel, &failure);
    Fate::Dead(format!("{}: {}", failure.reason.as_str(), failure.detail))
}

/// What follows where held deliveries have gone out in a response, which is their arrival: the session as it
/// becomes, and what goes out because of it. No timer depends on it.
pub fn taken(session: Session, deliveries: &[Delivery], now: Timestamp) -> (Session, Vec<Delivery>) {
    let policy = Policy::default();
    let mut draft = Draft::new(session, Env::new(now, &policy));
    for delivery in deliveries {
        arrived(&mut draft, &delivery.parcel);
    }
    draft.parts()
}

pub(crate) fn remember(draft: &mut Draft<'_>, update: Update) {
    if let Some(state) = update.state {
        draft.session.vendor.state = state;
        draft.session.vendor.schema = update.schema;
    }
    if let Some(tokens) = update.tokens {
        draft.session.vendor.tokens = Some(tokens);
    }
}

fn arrived(draft: &mut Draft<'_>, parcel: &Parcel) {
    match parcel {
        Parcel::Message(_) => {
            draft.session.vendor.partly = None;
            draft.session.in_hand = draft.session.in_hand.saturating_sub(1);
            draft.session.delay_told = false;
        }
        Parcel::AgentMessage(message) => {
            if let Some(id) = &message.id {
                draft.report(id, Receipt::Delivered);
            }
        }
        Parcel::End { reason } => draft.session.phase = Phase::Ended(*reason),
        Parcel::ActionResult(result) => returned(draft, result),
        // What is taken in a response is made of the session as it is.
        Parcel::Notice(Notice::Ended { .. }) => draft.session.end_told = true,
        Parcel::Start(_) | Parcel::Receipt { .. } | Parcel::Notice(_) => {}
    }
}

fn lost(draft: &mut Draft<'_>, parcel: &Parcel, failure: &Failure) {
    match parcel {
        Parcel::Start(_) => {
            if draft.session.phase.is_open() {
                let status = match failure.reason {
                    FailureReason::NoAgents => StartStatus::NoAgents,
                    _ => StartStatus::Failed,
                };
                fail_start(draft, status, true);
            }
        }
        Parcel::Message(_) => {
            draft.session.vendor.partly = None;
            draft.session.in_hand = draft.session.in_hand.saturating_sub(1);
            if !draft.session.phase.is_open() {
                overtaken(draft);
                return;
            }
            draft.post(Parcel::Notice(Notice::NotDelivered));
            if failure.reason == FailureReason::ConversationGone {
                end_session(draft, EndReason::VendorFailure, true);
            }
        }
        Parcel::AgentMessage(message) => {
            if let Some(id) = &message.id {
                draft.report(id, Receipt::NotDelivered(failure.reason.for_the_agent().to_owned()));
            }
        }
        // There is nobody left to tell: the operator finds it among the dead letters.
        Parcel::End { reason } => draft.session.phase = Phase::Ended(*reason),
        Parcel::ActionResult(result) => returned(draft, result),
        Parcel::Notice(Notice::Ended { .. }) => draft.session.end_told = true,
        Parcel::Receipt { .. } | Parcel::Notice(_) => {}
    }
}
