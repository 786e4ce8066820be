//! One attempt to carry a parcel to the vendor: a call of the session's connector.

use handover_handoff::Timestamp;
use handover_handoff::delivery::{Failure, FailureReason, Parcel, RetryAdvice};
use handover_handoff::notice::FileRefusal;
use handover_handoff::outcome::{Outcome, Update};
use handover_handoff::session::Partly;
use handover_handoff::vendor::CustomerMessage;
use handover_sandbox::{CallError, Generation, Sandbox};
use handover_store::Claim;

use crate::clock;
use crate::down_conversion::{part, rewritten};
use crate::hours::Hours;
use crate::media::Media;

pub(crate) async fn attempt(sandbox: &Sandbox, hours: &Hours, media: &Media, claim: &Claim) -> Outcome {
    let (session, delivery) = (&claim.session, &claim.delivery);
    // What an earlier attempt may have begun is gone on with, even where nothing new is taken.
    let begun = delivery.maybe_duplicate || session.vendor.progress.is_some();
    let begins = matches!(delivery.parcel, Parcel::Start(_)) && !begun;
    if begins && !sandbox.takes_sessions(&session.connector) {
        return failed(
            RetryAdvice::Never,
            format!("connector `{}` takes no new sessions", session.connector),
        );
    }
    let Some(connector) = sandbox.connector_of(session).await else {
        return failed(RetryAdvice::Safe(None), format!("connector `{}` is not there", session.connector));
    };
    let now = clock::now();
    let result = match &delivery.parcel {
        // Only before anything was begun.
        Parcel::Start(request)
            if begins && hours.are_over(&connector, session, &request.routing, now).await =>
        {
            return Outcome::Failed(Failure {
                reason: FailureReason::NoAgents,
                retry: RetryAdvice::Never,
                detail: "the vendor says that nobody is there".to_owned(),
            });
        }
        Parcel::Start(request) => connector.start(session, request, delivery.attempt, now).await,
        Parcel::Message(message) => return send(&connector, media, claim, message, now).await,
        Parcel::Receipt { message, receipt } => connector.report(session, message, receipt, now).await,
        Parcel::End { reason } => connector.end(session, *reason, now).await,
        Parcel::AgentMessage(_) | Parcel::Notice(_) | Parcel::ActionResult(_) => {
            return failed(RetryAdvice::Never, "this parcel does not go to a vendor".to_owned());
        }
    };
    result.unwrap_or_else(|error| Outcome::Failed(error.into_failure()))
}

/// Brings what the customer wrote, or the next part of it.
async fn send(
    connector: &Generation,
    media: &Media,
    claim: &Claim,
    message: &CustomerMessage,
    now: Timestamp,
) -> Outcome {
    let (session, delivery) = (&claim.session, &claim.delivery);
    let prepared = media.prepare(session, delivery, message, connector).await;
    if prepared.is_empty() {
        return without(Outcome::Done(Update::default()), prepared.refused);
    }
    let there = session.vendor.partly.unwrap_or(Partly { parts: 0, bytes: 0 });
    let whole = rewritten(prepared.message, connector.description());
    let (message, goes_on_at) = part(whole, there.bytes, connector.description());
    let (id, attempt) = (delivery.id.part(there.parts), delivery.attempt);
    // An attempt before this one ended without a known outcome: a connector that can asks the vendor.
    let found = match delivery.maybe_duplicate {
        true => connector.find(session, id, &message, attempt, now).await,
        false => Ok(None),
    };
    let sent = match found {
        Ok(Some(true)) => Ok(Outcome::Done(Update::default())),
        Ok(_) => connector.send(session, id, &message, attempt, now).await,
        // Nothing was sent now, and what was sent before stays as open as it was.
        Err(error) => return asked_in_vain(error),
    };
    match (sent, goes_on_at) {
        (Ok(Outcome::Done(update)), Some(bytes)) => {
            Outcome::DoneInPart { update, partly: Partly { parts: there.parts + 1, bytes } }
        }
        (Ok(outcome), _) => without(outcome, prepared.refused),
        (Err(error), _) => Outcome::Failed(error.into_failure()),
    }
}

/// What has arrived, but for these files.
fn without(outcome: Outcome, files: Vec<(String, FileRefusal)>) -> Outcome {
    match outcome {
        Outcome::Done(update) if !files.is_empty() => Outcome::DoneWithout { update, files },
        other => other,
    }
}

/// The vendor does not say whether it has the message: it is asked again before anything is sent.
fn asked_in_vain(error: CallError) -> Outcome {
    let failure = error.into_failure();
    let after = match failure.retry {
        RetryAdvice::Safe(after) => after,
        RetryAdvice::Never | RetryAdvice::UnknownOutcome => None,
    };
    Outcome::Failed(Failure { retry: RetryAdvice::Safe(after), ..failure })
}

fn failed(retry: RetryAdvice, detail: String) -> Outcome {
    Outcome::Failed(Failure { reason: FailureReason::Unavailable, retry, detail })
}
