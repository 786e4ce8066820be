//! One attempt to carry a parcel to the customer, or to the bot that holds the customer's channel.

use handover_channel::Outbound;
use handover_handoff::outcome::{Outcome, Update};
use handover_store::Claim;

pub(crate) async fn attempt(outbound: &Outbound, claim: &Claim) -> Outcome {
    match outbound.deliver(&claim.session, &claim.delivery).await {
        Ok(()) => Outcome::Done(Update::default()),
        Err(failure) => Outcome::Failed(failure),
    }
}
