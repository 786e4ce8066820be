//! Files of either side, at addresses of this gateway: sealed, short-lived, and good for one file each.
//!
//! [`token`] is what an address says and how nobody else can say it. [`to_vendor`] gives the vendor addresses for the
//! customer's files and holds back what it would not take; [`to_customer`] gives the customer addresses for what only
//! this gateway may fetch at the vendor. [`route`] serves both; [`files`] hands the customer's to connectors that upload.
//! [`source`] is where the customer's files come from.

mod files;
mod kind;
mod route;
mod source;
mod to_customer;
mod to_vendor;
mod token;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use handover_channel::Outbound;
use handover_handoff::delivery::Delivery;
use handover_handoff::{Session, Timestamp};
use handover_store::{Place, Store};
use tokio::sync::Semaphore;
use url::Url;

use self::source::Source;
use self::token::{Seals, Statement};
use crate::config::{MediaSection, with_slash};
use crate::front::Seldom;

pub(crate) use self::route::serve;

/// Below the public address; a token follows.
const PATH: &str = "api/media/";

/// Everything about files.
pub(crate) struct Media {
    seals: Seals,
    /// The public address up to the token.
    base: String,
    store: Arc<dyn Store>,
    source: Source,
    limits: MediaSection,
    /// For files that are served at the same time.
    places: Arc<Semaphore>,
    full: Seldom,
}

/// Neither keys nor addresses show (I7).
impl fmt::Debug for Media {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Media").finish_non_exhaustive()
    }
}

impl Media {
    /// With the keys that all nodes on this store have.
    pub(crate) async fn open(
        store: Arc<dyn Store>,
        outbound: Arc<Outbound>,
        public_url: &Url,
        limits: MediaSection,
    ) -> anyhow::Result<Self> {
        let seals = Seals::new(&store.roots().await?)?;
        let source = Source::new(outbound, limits.patience())?;
        let places = Arc::new(Semaphore::new(limits.files.get()));
        Ok(Self {
            seals,
            base: format!("{}{PATH}", with_slash(public_url)),
            store,
            source,
            limits,
            places,
            full: Seldom::default(),
        })
    }

    /// The address of a delivery's file; the same one whenever it is asked for with the same `from`.
    fn address(&self, delivery: &Delivery, nth: usize, from: Timestamp) -> Option<String> {
        let statement = Statement {
            place: Place { session: delivery.session, direction: delivery.direction, seq: delivery.seq },
            nth: u16::try_from(nth).ok()?,
            expires: from.plus(self.limits.address_seconds.get().saturating_mul(1000)),
        };
        Some(format!("{}{}", self.base, self.seals.seal(&statement)?))
    }

    /// What a statement is about, where it is still kept.
    async fn find(&self, statement: &Statement) -> anyhow::Result<Option<(Session, Delivery)>> {
        let Some(delivery) = self.store.delivery(statement.place).await? else { return Ok(None) };
        let session = self.store.session(statement.place.session).await?;
        Ok(session.map(|session| (session, delivery)))
    }
}

impl MediaSection {
    /// How long a file may take to begin.
    fn patience(&self) -> Duration {
        Duration::from_millis(self.begin_ms.get())
    }
}
