//! What the edges share.

use std::sync::Arc;

use handover_channel::{BotSide, Outbound};
use handover_credentials::Keyring;
use handover_handoff::Session;
use handover_identity::Doorkeeper;
use handover_relay::Relay;
use handover_sandbox::Sandbox;
use handover_store::{StoreError, Subject};
use url::Url;
use uuid::Uuid;

use crate::capacity::Capacity;
use crate::config::RoutingSection;
use crate::front::overload::Overload;
use crate::media::Media;
use crate::refusals::Refusals;
use crate::typing::Typists;
use crate::verification::Callbacks;

/// One running gateway.
pub(crate) struct Gateway {
    pub(crate) relay: Arc<Relay>,
    pub(crate) sandbox: Arc<Sandbox>,
    pub(crate) outbound: Arc<Outbound>,
    pub(crate) media: Arc<Media>,
    pub(crate) side: BotSide,
    /// Which connector new sessions go to.
    pub(crate) routing: RoutingSection,
    /// What the manifest names.
    pub(crate) app_id: Uuid,
    pub(crate) public_url: Url,
    /// Judges the bot's tokens; none where the bot's side takes none.
    pub(crate) doorkeeper: Option<Doorkeeper>,
    /// Judges callbacks.
    pub(crate) callbacks: Callbacks,
    pub(crate) refusals: Refusals,
    /// Keeps the secrets fresh for as long as it is here.
    pub(crate) _keyring: Keyring,
    pub(crate) overload: Overload,
    pub(crate) capacity: Capacity,
    pub(crate) typists: Typists,
}

impl Gateway {
    /// The session that a subject names, where it is open.
    pub(crate) async fn open(&self, subject: Subject) -> Result<Option<Session>, StoreError> {
        Ok(self.relay.look(subject).await?.filter(|session| session.phase.is_open()))
    }
}
