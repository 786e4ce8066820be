//! What the edges and the workers share.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use handover_channel::{BotSide, Outbound};
use handover_handoff::policy::Policy;
use handover_handoff::{Decision, Session, SessionId, Timestamp};
use handover_sandbox::Sandbox;
use handover_store::{Store, StoreError, Subject, decide};
use tokio::sync::Notify;
use url::Url;
use uuid::Uuid;

use crate::clock;

/// One running gateway.
pub(crate) struct Gateway {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) sandbox: Arc<Sandbox>,
    pub(crate) outbound: Outbound,
    pub(crate) side: BotSide,
    pub(crate) policy: Policy,
    /// The connector that new sessions go to.
    pub(crate) connector: String,
    /// What the manifest names.
    pub(crate) app_id: Uuid,
    pub(crate) public_url: Url,
    pub(crate) starts: Starts,
    pub(crate) typists: Mutex<HashMap<SessionId, Timestamp>>,
}

impl Gateway {
    /// The session that a subject names, as it is.
    pub(crate) async fn look(&self, subject: Subject) -> Result<Option<Session>, StoreError> {
        let found = decide(&*self.store, subject, None, clock::now(), Decision::nothing).await?;
        Ok(found.and_then(|(session, _)| session))
    }

    /// The same, where it is open.
    pub(crate) async fn open(&self, subject: Subject) -> Result<Option<Session>, StoreError> {
        Ok(self.look(subject).await?.filter(|session| session.phase.is_open()))
    }

    /// The session, once this holds of it, or as it is when the time is up.
    pub(crate) async fn wait_for(
        &self,
        id: SessionId,
        limit: Duration,
        holds: impl Fn(&Session) -> bool,
    ) -> Result<Option<Session>, StoreError> {
        let deadline = tokio::time::Instant::now() + limit;
        loop {
            // Listening begins before looking: what happens in between is heard.
            let news = self.starts.news.notified();
            tokio::pin!(news);
            news.as_mut().enable();
            let session = self.store.session(id).await?;
            if session.as_ref().is_none_or(&holds) {
                return Ok(session);
            }
            if tokio::time::timeout_at(deadline, news).await.is_err() {
                return self.store.session(id).await;
            }
        }
    }

    /// True at most once in so many milliseconds for a session: typing is told now and then, not at each key.
    pub(crate) fn may_tell_typing(&self, id: SessionId, now: Timestamp, every: u64) -> bool {
        let mut typists = self.typists.lock().unwrap_or_else(PoisonError::into_inner);
        typists.retain(|_, told| now.since(*told) < every);
        typists.insert(id, now).is_none()
    }
}

/// Starts that are under way at vendors: others wait for what they come to.
#[derive(Default)]
pub(crate) struct Starts {
    under_way: AtomicUsize,
    news: Notify,
}

impl Starts {
    /// Counts a start until the guard is dropped.
    pub(crate) fn begin(self: &Starts) -> StartUnderWay<'_> {
        self.under_way.fetch_add(1, Ordering::AcqRel);
        StartUnderWay(self)
    }

    /// Something was committed that a waiter may look for.
    pub(crate) fn tell(&self) {
        self.news.notify_waiters();
    }

    /// Waits until some start has come to something; false where none is under way or the time is up.
    pub(crate) async fn next(&self, limit: Duration) -> bool {
        let news = self.news.notified();
        self.under_way.load(Ordering::Acquire) > 0 && tokio::time::timeout(limit, news).await.is_ok()
    }
}

/// A start under way.
pub(crate) struct StartUnderWay<'a>(&'a Starts);

impl Drop for StartUnderWay<'_> {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::AcqRel);
        self.0.tell();
    }
}
