//! A start that comes to something, or to nothing: its answer to the bot, and the connector it goes to instead.

use crate::decision::{Draft, Fate};
use crate::delivery::{ActionResult, Delivery, Failure, Parcel, ResultCode, RetryAdvice};
use crate::ending::close;
use crate::event;
use crate::notice::Notice;
use crate::session::{Control, EndReason, Phase, Session, StartAnswer, StartStatus, VendorSide};
use crate::vendor::{Event, Routing};

/// The vendor has taken the start, and says this of the conversation at once.
pub(crate) fn started(draft: &mut Draft<'_>, events: &[Event], proved: bool) {
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

/// Whether a start is better off with the next connector than with another try here. What may exist at this vendor is
/// not left alone before its outcome is known.
pub(crate) fn goes_elsewhere(session: &Session, delivery: &Delivery, failure: &Failure) -> bool {
    let begun = delivery.maybe_duplicate || session.vendor.progress.is_some();
    has_elsewhere(session, delivery)
        && match failure.retry {
            RetryAdvice::Never => true,
            RetryAdvice::Safe(_) => !begun,
            RetryAdvice::UnknownOutcome => false,
        }
}

/// Whether this is a start that nobody has taken yet, and somebody else may.
pub(crate) fn has_elsewhere(session: &Session, delivery: &Delivery) -> bool {
    matches!(delivery.parcel, Parcel::Start(_))
        && session.phase == Phase::Requested
        && !session.further.is_empty()
}

/// The vendor took the request only to say that nobody will take the conversation.
pub(crate) fn is_turned_away(event: &Event) -> bool {
    matches!(event, Event::Routed(Routing::NoAgents | Routing::OutOfHours | Routing::Failed(_)))
}

/// The start goes to the next connector, ahead of whatever waits behind it.
pub(crate) fn elsewhere(draft: &mut Draft<'_>) -> Fate {
    draft.session.connector = draft.session.further.remove(0);
    draft.session.vendor = VendorSide::default();
    let now = draft.env.now;
    // Not at once: whoever has the lane in hand has a place at the vendor that it no longer leads to.
    Fate::Elsewhere { due: now.plus(1), deadline: now.plus(draft.env.policy.fresh_to_vendor) }
}
