//! The relay's outside, as it really is: this machine's clock and chance, the connectors, and the bot's side.

use std::sync::Arc;

use handover_channel::Outbound;
use handover_handoff::Timestamp;
use handover_handoff::delivery::Direction;
use handover_handoff::outcome::Outcome;
use handover_relay::{Happened, Later, Outside};
use handover_sandbox::Sandbox;
use handover_store::{Callback, Claim};

use crate::media::Media;
use crate::{clock, kept, to_customer, to_vendor};

/// Connectors and the bot's side.
pub(crate) struct World {
    pub(crate) sandbox: Arc<Sandbox>,
    pub(crate) outbound: Arc<Outbound>,
    pub(crate) media: Arc<Media>,
}

impl Outside for World {
    fn now(&self) -> Timestamp {
        clock::now()
    }

    /// Without randomness retries come at once, which is worse than nothing but no error.
    fn chance(&self) -> f64 {
        f64::from(getrandom::u32().unwrap_or_default()) / (f64::from(u32::MAX) + 1.0)
    }

    fn carry<'a>(&'a self, claim: &'a Claim) -> Later<'a, Outcome> {
        Box::pin(async move {
            match claim.delivery.direction {
                Direction::ToVendor | Direction::Receipts => {
                    to_vendor::attempt(&self.sandbox, &self.media, claim).await
                }
                Direction::ToCustomer => to_customer::attempt(&self.outbound, &self.media, claim).await,
            }
        })
    }

    fn connectors(&self) -> Vec<(String, String)> {
        self.sandbox.serving().into_iter().map(|(name, one)| (name, one.digest().to_owned())).collect()
    }

    fn read<'a>(&'a self, callback: &'a Callback) -> Later<'a, Result<Vec<Happened>, String>> {
        Box::pin(kept::read(&self.sandbox, callback))
    }
}
