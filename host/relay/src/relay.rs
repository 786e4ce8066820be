//! What the relay's parts share.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use handover_handoff::delivery::Target;
use handover_handoff::policy::{Env, Policy};
use handover_handoff::{Decision, Session, SessionId, Timestamp};
use handover_store::{Retention, Store, StoreError, Subject, decide};

use crate::breaker::{Breakers, State};
use crate::feeds::Feeds;
use crate::outside::Outside;
use crate::places::Places;

/// How long things may take, by connector.
#[derive(Debug, Clone, Default)]
pub struct Policies {
    /// For connectors that are not named.
    pub default: Policy,
    /// For those that are.
    pub connectors: BTreeMap<String, Policy>,
}

impl Policies {
    /// For a connector's sessions.
    pub fn of(&self, connector: &str) -> &Policy {
        self.connectors.get(connector).unwrap_or(&self.default)
    }
}

/// What an operator sets.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// How long things may take.
    pub policies: Policies,
    /// How long what is over is kept.
    pub retention: Retention,
}

/// One node's relay.
pub struct Relay {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) outside: Arc<dyn Outside>,
    pub(crate) settings: Settings,
    pub(crate) breakers: Breakers,
    pub(crate) places: Arc<Places>,
    pub(crate) feeds: Feeds,
    /// When the store last heard that this node lives, in milliseconds.
    pub(crate) heard: AtomicU64,
    /// The store has answered with an error: it may have handed out what nobody here knows of.
    pub(crate) doubt: AtomicBool,
}

impl Relay {
    /// A relay that does nothing yet: see [`Relay::run`].
    pub fn new(store: Arc<dyn Store>, outside: Arc<dyn Outside>, settings: Settings) -> Arc<Self> {
        Arc::new(Self {
            store,
            outside,
            settings,
            breakers: Breakers::default(),
            places: Arc::default(),
            feeds: Feeds::default(),
            heard: AtomicU64::new(0),
            doubt: AtomicBool::new(false),
        })
    }

    /// Where everything is kept.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// Targets that are not sent to, or tried with one delivery at a time.
    pub fn breakers(&self) -> Vec<(Target, State)> {
        self.breakers.not_closed(self.outside.now())
    }

    /// What decisions on sessions of a connector are made with.
    pub fn env(&self, connector: &str, now: Timestamp) -> Env<'_> {
        let state = self.breakers.state(&Target::connector(connector), now);
        Env {
            vendor_down: matches!(state, State::Open(_)),
            reports: self.outside.takes_reports(connector),
            ..Env::new(now, self.settings.policies.of(connector))
        }
    }

    /// The session that a subject names, as it is.
    ///
    /// # Errors
    /// What the store says.
    pub async fn look(&self, subject: Subject) -> Result<Option<Session>, StoreError> {
        let found = decide(&*self.store, subject, None, self.outside.now(), Decision::nothing).await?;
        Ok(found.and_then(|(session, _)| session))
    }

    /// The session, once this holds of it, or as it is when the time is up.
    ///
    /// # Errors
    /// What the store says.
    pub async fn wait_for(
        &self,
        id: SessionId,
        limit: Duration,
        holds: impl Fn(&Session) -> bool,
    ) -> Result<Option<Session>, StoreError> {
        let deadline = tokio::time::Instant::now() + limit;
        // Listening begins before looking: what happens in between is heard.
        let mut changes = self.store.changes();
        loop {
            changes.mark_unchanged();
            let session = self.store.session(id).await?;
            if session.as_ref().is_none_or(&holds) {
                return Ok(session);
            }
            if !matches!(tokio::time::timeout_at(deadline, changes.changed()).await, Ok(Ok(()))) {
                return self.store.session(id).await;
            }
        }
    }

    pub(crate) fn heard_at(&self) -> Timestamp {
        Timestamp(self.heard.load(Ordering::Acquire))
    }
}
