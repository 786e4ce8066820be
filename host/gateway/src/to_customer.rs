//! One attempt to carry a parcel to the customer, or to the bot that holds the customer's channel.

use handover_channel::Outbound;
use handover_handoff::outcome::{Outcome, Update};
use handover_store::Claim;

use crate::clock;
use crate::media::Media;

pub(crate) async fn attempt(outbound: &Outbound, media: &Media, claim: &Claim) -> Outcome {
    let delivery = media.for_customer(&claim.delivery, clock::now());
    match outbound.deliver(&claim.session, &delivery).await {
        Ok(()) => Outcome::Done(Update::default()),
        Err(failure) => Outcome::Failed(failure),
    }
}
