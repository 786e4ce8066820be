//! One attempt to carry a parcel to the vendor: a call of the session's connector.

use std::sync::Arc;

use handover_handoff::delivery::{Failure, FailureReason, Parcel, RetryAdvice};
use handover_handoff::outcome::Outcome;
use handover_store::Claim;

use crate::clock;
use crate::gateway::Gateway;

pub(crate) async fn attempt(gateway: &Arc<Gateway>, claim: &Claim) -> Outcome {
    let (session, delivery) = (&claim.session, &claim.delivery);
    let starting = matches!(delivery.parcel, Parcel::Start(_));
    if starting && !gateway.sandbox.takes_sessions(&session.connector) {
        return failed(
            RetryAdvice::Never,
            format!("connector `{}` takes no new sessions", session.connector),
        );
    }
    let Some(connector) = gateway.sandbox.connector(&session.connector) else {
        return failed(RetryAdvice::Safe(None), format!("connector `{}` is not there", session.connector));
    };
    let now = clock::now();
    let result = match &delivery.parcel {
        Parcel::Start(request) => {
            let _under_way = gateway.starts.begin();
            connector.start(session, request, delivery.attempt, now).await
        }
        Parcel::Message(message) => {
            connector.send(session, delivery.id, message, delivery.attempt, now).await
        }
        Parcel::Receipt { message, receipt } => connector.report(session, message, receipt, now).await,
        Parcel::End { reason } => connector.end(session, *reason, now).await,
        Parcel::AgentMessage(_) | Parcel::Notice(_) | Parcel::ActionResult(_) => {
            return failed(RetryAdvice::Never, "this parcel does not go to a vendor".to_owned());
        }
    };
    result.unwrap_or_else(|error| Outcome::Failed(error.into_failure()))
}

fn failed(retry: RetryAdvice, detail: String) -> Outcome {
    Outcome::Failed(Failure { reason: FailureReason::Unavailable, retry, detail })
}
