//! The relay's outside, as it really is: this machine's clock and chance, the connectors, and the bot's side.

use std::sync::Arc;

use handover_channel::Outbound;
use handover_handoff::delivery::{Direction, Failure};
use handover_handoff::outcome::Outcome;
use handover_handoff::{Session, Timestamp};
use handover_relay::{Batch, Frame, Happened, Later, Outside, Stream};
use handover_sandbox::Sandbox;
use handover_store::{Callback, Claim};

use crate::hours::Hours;
use crate::media::Media;
use crate::{clock, feeds, kept, to_customer, to_vendor};

/// Connectors and the bot's side.
pub(crate) struct World {
    pub(crate) sandbox: Arc<Sandbox>,
    pub(crate) outbound: Arc<Outbound>,
    pub(crate) media: Arc<Media>,
    pub(crate) hours: Hours,
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
                    to_vendor::attempt(&self.sandbox, &self.hours, &self.media, claim).await
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

    /// One that is not there just now may have them again when it is.
    fn takes_reports(&self, connector: &str) -> bool {
        self.sandbox.connector(connector).is_none_or(|one| one.description().capabilities.signals)
    }

    fn feeds(&self) -> Vec<(String, String)> {
        feeds::of(&self.sandbox)
    }

    fn poll<'a>(&'a self, session: &'a Session) -> Later<'a, Result<Batch, Failure>> {
        Box::pin(feeds::poll(&self.sandbox, session))
    }

    fn open<'a>(&'a self, session: &'a Session) -> Later<'a, Result<Option<Box<dyn Stream>>, Failure>> {
        Box::pin(feeds::open(&self.sandbox, session))
    }

    fn read_frame<'a>(&'a self, session: &'a Session, frame: Frame) -> Later<'a, Result<Batch, Failure>> {
        Box::pin(feeds::read(&self.sandbox, session, frame))
    }

    /// Channels know no stopping; it wears off.
    fn shows_typing(&self, session: &Session, on: bool) {
        if on {
            let (outbound, address) = (Arc::clone(&self.outbound), session.address.clone());
            tokio::spawn(async move { outbound.typing(&address).await });
        }
    }
}
