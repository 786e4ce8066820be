//! What follows from the outcome of a delivery: receipts, retries, a start that is proved, an end that is told.

use crate::address::Action;
use crate::decision::{Decision, Draft, Fate};
use crate::delivery::{
    ActionResult, Delivery, Failure, FailureReason, Parcel, Receipt, ResultCode, RetryAdvice,
};
use crate::event;
use crate::ids::Timestamp;
use crate::notice::{FileRefusal, Notice};
use crate::policy::{Env, Policy};
use crate::retry;
use crate::session::{Control, EndReason, Partly, Phase, Session, StartAnswer, StartStatus, VendorSide};
use crate::vendor::{Event, Routing};

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
    /// It was not tried: the session that it belongs to is over.
    Unwanted,
    /// It was not tried: its deadline has passed.
    Stale,
    /// It was not tried: where it leads to does not answer for now.
    Postponed {
        /// When to look again.
        until: Timestamp,
    },
}

/// Whether a delivery is still to be carried. What a session's end leaves in its lanes is not.
pub fn is_wanted(session: &Session, delivery: &Delivery) -> bool {
    let ended = matches!(session.phase, Phase::Ended(_));
    match &delivery.parcel {
        // A start that may have reached the vendor is brought to its end, so that there is something to close.
        Parcel::Start(_) => {
            let begun = delivery.maybe_duplicate || session.vendor.progress.is_some();
            session.phase.is_open() || (!ended && begun)
        }
        // The start is before it in the lane: where the session is open after that, the vendor has it, by name or
        // not.
        Parcel::Message(_) => session.phase.is_open() || (!ended && !session.vendor.lookup_keys.is_empty()),
        Parcel::End { .. } => !ended && !session.vendor.lookup_keys.is_empty(),
        Parcel::Receipt { .. } | Parcel::AgentMessage(_) | Parcel::Notice(_) | Parcel::ActionResult(_) => {
            true
        }
    }
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
        Outcome::Started { lookup_keys, update, events, proved } => {
            draft.session.vendor.lookup_keys = lookup_keys;
            draft.session.vendor.progress = None;
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
                overtaken(&mut draft);
                Fate::Dead("the session had ended".to_owned())
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

/// Whether a start is better off with the next connector than with another try here. What may exist at this vendor is
/// not left alone before its outcome is known.
fn goes_elsewhere(session: &Session, delivery: &Delivery, failure: &Failure) -> bool {
    let begun = delivery.maybe_duplicate || session.vendor.progress.is_some();
    has_elsewhere(session, delivery)
        && match failure.retry {
            RetryAdvice::Never => true,
            RetryAdvice::Safe(_) => !begun,
            RetryAdvice::UnknownOutcome => false,
        }
}

fn has_elsewhere(session: &Session, delivery: &Delivery) -> bool {
    matches!(delivery.parcel, Parcel::Start(_))
        && session.phase == Phase::Requested
        && !session.further.is_empty()
}

/// The vendor took the request only to say that nobody will take the conversation.
fn is_turned_away(event: &Event) -> bool {
    matches!(event, Event::Routed(Routing::NoAgents | Routing::OutOfHours | Routing::Failed(_)))
}

/// The start goes to the next connector, ahead of whatever waits behind it.
fn elsewhere(draft: &mut Draft<'_>) -> Fate {
    draft.session.connector = draft.session.further.remove(0);
    draft.session.vendor = VendorSide::default();
    let now = draft.env.now;
    // Not at once: whoever has the lane in hand has a place at the vendor that it no longer leads to.
    Fate::Elsewhere { due: now.plus(1), deadline: now.plus(draft.env.policy.fresh_to_vendor) }
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

fn started(draft: &mut Draft<'_>, events: &[Event], proved: bool) {
    for event in events {
        if draft.session.phase.is_open() {
            event::apply(draft, event);
        }
    }
    if proved && draft.session.phase == Phase::Requested {
        // A vendor that says nothing of queues has somebody there, as far as anyone can tell.
        draft.session.phase = Phase::Active;
        draft.session.marks.agent = draft.env.now;
        draft.session.marks.customer = draft.env.now;
    }
    if draft.session.phase.is_open() && draft.session.phase != Phase::Requested {
        // Keys or none: more than the start's own outcome brings is not to be waited for.
        let status = draft.session.start_status();
        answer_start(draft, status);
    }
}

/// The vendor has the conversation: the bot gets its answer, unless it has one.
pub(crate) fn prove_start(draft: &mut Draft<'_>) {
    // Before the vendor's id is known there is nothing to name the conversation by; the start's own outcome
    // brings it.
    if !draft.session.vendor.lookup_keys.is_empty() {
        let status = draft.session.start_status();
        answer_start(draft, status);
    }
}

/// Gives the bot the answer to its start, once.
pub(crate) fn answer_start(draft: &mut Draft<'_>, status: StartStatus) {
    let StartAnswer::Owed { to, .. } = &mut draft.session.answer else { return };
    let actions = std::mem::take(to);
    draft.session.answer = StartAnswer::Given(status);
    let id = draft.session.live_chat_conversation_id();
    for action in actions {
        draft.post(Parcel::ActionResult(ActionResult {
            to: action,
            code: ResultCode::CompletedSuccessfully,
            started: Some((id.clone(), status)),
        }));
    }
}

/// The start has come to nothing: the topic branches on its status, or the customer is told where the topic has
/// gone on already.
pub(crate) fn fail_start(draft: &mut Draft<'_>, status: StartStatus, vendor_knows: bool) {
    // A bot that forwards what the customer writes has gone on already, answer or not.
    let told_by_topic = matches!(draft.session.answer, StartAnswer::Owed { .. })
        && !matches!(draft.session.control, Control::Skill { .. });
    answer_start(draft, status);
    if !told_by_topic {
        draft.session.answer = StartAnswer::Given(status);
        draft.post(Parcel::Notice(match status {
            StartStatus::NoAgents => Notice::NoAgents,
            _ => Notice::StartFailed,
        }));
    }
    close(draft, EndReason::VendorFailure, vendor_knows);
}

/// Ends an open session: the customer is told why, control returns to the bot, and the vendor is told unless it
/// knows.
pub(crate) fn end_session(draft: &mut Draft<'_>, reason: EndReason, vendor_knows: bool) {
    answer_start(draft, StartStatus::Failed);
    // Who has said goodbye here needs no news of it; where the vendor says so, it is news.
    if vendor_knows || !matches!(reason, EndReason::Customer | EndReason::Bot) {
        // Those that still wait to be carried may arrive or not; nothing can be told any more once they have not.
        let unseen = draft.session.in_hand;
        draft.post(Parcel::Notice(Notice::Ended { reason, unseen }));
    }
    close(draft, reason, vendor_knows);
}

fn close(draft: &mut Draft<'_>, reason: EndReason, vendor_knows: bool) {
    draft.session.phase = if vendor_knows { Phase::Ended(reason) } else { Phase::Ending(reason) };
    draft.session.agent = None;
    if let Control::Skill { action } = &draft.session.control {
        let to = action.clone();
        draft.session.control = Control::Returning { further: 0 };
        draft.post(Parcel::ActionResult(ActionResult {
            to,
            code: ResultCode::CompletedSuccessfully,
            started: None,
        }));
    }
    if !vendor_knows {
        draft.post(Parcel::End { reason });
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

/// A message that an end has overtaken did not arrive. Where the other side ended the session the news of it has counted
/// this message; who has left of their own accord has had no such news.
fn overtaken(draft: &mut Draft<'_>) {
    let left = EndReason::Customer;
    if matches!(draft.session.phase, Phase::Ending(reason) | Phase::Ended(reason) if reason == left) {
        draft.post(Parcel::Notice(Notice::NotDelivered));
    }
}

fn returned(draft: &mut Draft<'_>, result: &ActionResult) {
    if let (Action::SendMessage, Control::Returning { further }) =
        (result.to.action, &mut draft.session.control)
    {
        match further.checked_sub(1) {
            Some(left) => *further = left,
            None => draft.session.control = Control::Bot,
        }
    }
}
