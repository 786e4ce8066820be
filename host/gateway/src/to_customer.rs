//! One attempt to carry a parcel to the customer, or to the bot that holds the customer's channel.

use std::sync::Arc;

use handover_handoff::outcome::{Outcome, Update};
use handover_store::Claim;

use crate::gateway::Gateway;

pub(crate) async fn attempt(gateway: &Arc<Gateway>, claim: &Claim) -> Outcome {
    match gateway.outbound.deliver(&claim.session, &claim.delivery).await {
        Ok(()) => Outcome::Done(Update::default()),
        Err(failure) => Outcome::Failed(failure),
    }
}
