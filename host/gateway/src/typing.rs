//! Typing, both ways: passed on at once or not at all, never stored, never after a session's end.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use handover_handoff::{ConversationKey, SessionId};
use handover_relay::Heard;
use handover_store::{StoreError, Subject};
use tokio::sync::Notify;

use crate::clock;
use crate::gateway::Gateway;

/// How often the live agent is told that the customer still types: desktops let it wear off. In milliseconds.
const EVERY: u64 = 3_000;

/// Who has not typed for so long has stopped, in milliseconds.
const QUIET: u64 = 6_000;

/// How many customers' typing is told at the same time; that of more is not.
const MOST: usize = 1_000;

/// The customers who type just now.
#[derive(Default)]
pub(crate) struct Typists(Mutex<HashMap<SessionId, Arc<Typist>>>);

struct Typist {
    /// When the last sign came, in milliseconds.
    last: AtomicU64,
    /// What was typed has been sent.
    sent: Notify,
}

impl Typists {
    /// Notes a sign; the typist where it is the first one.
    fn begins(&self, id: SessionId, now: u64) -> Option<Arc<Typist>> {
        let mut typists = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(typist) = typists.get(&id) {
            typist.last.store(now, Ordering::Release);
            return None;
        }
        if typists.len() >= MOST {
            return None;
        }
        let typist = Arc::new(Typist { last: AtomicU64::new(now), sent: Notify::new() });
        typists.insert(id, Arc::clone(&typist));
        Some(typist)
    }

    /// The customer has sent what was typed.
    pub(crate) fn sent(&self, id: SessionId) {
        let typists = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(typist) = typists.get(&id) {
            typist.sent.notify_one();
        }
    }

    /// Forgets a typist who stopped at this time; false where there was another sign since.
    fn ends(&self, id: SessionId, stopped: u64) -> bool {
        let mut typists = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let again = typists.get(&id).is_some_and(|typist| typist.last.load(Ordering::Acquire) > stopped);
        if !again {
            typists.remove(&id);
        }
        !again
    }
}

/// The customer types: the live agent's desktop shows it, where the connector can.
pub(crate) async fn of_customer(
    gateway: &Arc<Gateway>,
    key: ConversationKey,
    caller: Option<&str>,
) -> Result<(), StoreError> {
    let session = gateway.open(Subject::Conversation(key)).await?;
    let Some(session) = session.filter(|session| session.address.caller.as_deref() == caller) else {
        return Ok(());
    };
    let known = !session.vendor.lookup_keys.is_empty();
    let Some(connector) = gateway.sandbox.connector_of(&session).await.filter(|_| known) else {
        return Ok(());
    };
    if !connector.description().capabilities.signals {
        return Ok(());
    }
    if let Some(typist) = gateway.typists.begins(session.id, clock::now().0) {
        let (gateway, id) = (Arc::clone(gateway), session.id);
        tokio::spawn(async move {
            // A sign that comes while the end is being told begins anew.
            loop {
                let stopped = typist.tells(&gateway, id).await;
                if gateway.typists.ends(id, stopped) {
                    return;
                }
            }
        });
    }
    Ok(())
}

impl Typist {
    /// Tells that the customer types, and goes on telling until that stops: when it did, in milliseconds, or never
    /// again.
    async fn tells(&self, gateway: &Gateway, id: SessionId) -> u64 {
        while tell(gateway, id, true).await {
            let told = clock::now().0;
            let (mut sent, mut now) = (false, told);
            let stops = || self.last.load(Ordering::Acquire).saturating_add(QUIET);
            // On and on only where there was another sign.
            while !sent && now < stops() && (now < told + EVERY || self.last.load(Ordering::Acquire) <= told)
            {
                let until = if self.last.load(Ordering::Acquire) > told { told + EVERY } else { stops() };
                let wait = Duration::from_millis(until.min(now + EVERY).saturating_sub(now).max(50));
                sent = tokio::time::timeout(wait, self.sent.notified()).await.is_ok();
                now = clock::now().0;
            }
            if sent || now >= stops() {
                tell(gateway, id, false).await;
                return now;
            }
        }
        u64::MAX
    }
}

/// False where it cannot be told any more: the session is over, or the vendor would not hear.
async fn tell(gateway: &Gateway, id: SessionId, on: bool) -> bool {
    let Ok(Some(session)) = gateway.open(Subject::Session(id)).await else { return false };
    let Some(connector) = gateway.sandbox.connector_of(&session).await else { return false };
    let told = connector.typing(&session, on, clock::now()).await;
    if let Err(error) = &told {
        tracing::debug!(session = %id, reason = %error, "typing was not told");
    }
    told.is_ok()
}

/// The live agent types: the customer's channel shows it. Channels know no stopping; it wears off.
pub(crate) async fn of_agent(
    gateway: &Arc<Gateway>,
    subject: Subject,
    on: bool,
) -> Result<Heard, StoreError> {
    let Some(session) = gateway.relay.look(subject).await? else {
        return Ok(Heard::Unknown);
    };
    if !session.phase.is_open() {
        return Ok(Heard::Closed);
    }
    if on {
        let gateway = Arc::clone(gateway);
        tokio::spawn(async move { gateway.outbound.typing(&session.address).await });
    }
    Ok(Heard::Accepted)
}
