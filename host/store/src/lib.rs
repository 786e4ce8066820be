//! Durable sessions, lookup keys, inbox and outbox behind one trait.
//!
//! The store commits what the domain decides: [`Store::transact`] loads the session a subject names, hands it to a
//! decider and writes all that follows from it in one transaction, or nothing. What is committed is durable
//! before the call returns; edges acknowledge after that.
//!
//! Lanes keep order (I5): of each session and direction only the first pending delivery is ever handed out, to one
//! claimer at a time, under a lease.

#![forbid(unsafe_code)]

mod sqlite;

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use handover_handoff::delivery::Delivery;
use handover_handoff::{ConversationKey, Decision, Session, SessionId, Timestamp};
use tokio::sync::Notify;

pub use sqlite::SqliteStore;

/// Which session a decision is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// The open session of this conversation, else its latest one.
    Conversation(ConversationKey),
    /// This one.
    Session(SessionId),
    /// The one that a vendor's callback names.
    LookupKey {
        /// The connector whose vendor it is; keys of different connectors never meet (I2).
        connector: String,
        /// The key.
        key: String,
    },
}

/// Names something that must take effect once: kept in the same transaction as the effect. Where the decider changes
/// nothing there is no effect, and the name may come again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    /// Who names it, e.g. a connector or a conversation.
    pub scope: String,
    /// The name.
    pub key: String,
}

/// Decides on a session. It may be called again where a transaction has to be repeated.
pub type Decider = Box<dyn FnMut(Option<Session>) -> Decision<()> + Send>;

/// A delivery that is due, with the session it belongs to; nobody else has it until the lease runs out.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// What is to be carried.
    pub delivery: Delivery,
    /// Whose it is, as of now.
    pub session: Session,
}

/// What is due.
#[derive(Debug, Default)]
pub struct Due {
    /// The heads of lanes that were claimed.
    pub claims: Vec<Claim>,
    /// Sessions whose timer has run out.
    pub timers: Vec<SessionId>,
    /// When the next delivery or timer is due, where nothing changes before.
    pub next: Option<Timestamp>,
}

/// How much of everything a store holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Sessions by their phase.
    pub sessions: BTreeMap<String, u64>,
    /// Deliveries on their way.
    pub pending: u64,
    /// Deliveries that did not arrive.
    pub dead: u64,
}

/// What a transaction came to.
#[derive(Debug)]
pub enum Committed {
    /// All of it is durable. After a settlement: the next delivery of the same lane, where one is due.
    Applied(Option<Box<Claim>>),
    /// The `Once` was known; the decider was not asked.
    Duplicate,
}

/// Why the store could not do it. Nothing of it took effect.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or could not be reached.
    #[error("the database {place} failed: {reason}")]
    Database {
        /// Which.
        place: String,
        /// What it said.
        reason: String,
    },
    /// A record cannot be read: it was written by something else.
    #[error("the {record} in {place} cannot be read: {reason}")]
    Unreadable {
        /// Which kind of record.
        record: &'static str,
        /// Where.
        place: String,
        /// Why.
        reason: String,
    },
    /// The database was made by a newer version of Handover.
    #[error(
        "{place} has schema {found}, this version knows up to {known}: start the version that made it, or a newer one"
    )]
    Newer {
        /// Which.
        place: String,
        /// Its schema.
        found: i64,
        /// The newest that is known.
        known: i64,
    },
    /// The store has shut down.
    #[error("the store has shut down")]
    Closed,
}

/// What a store's operations return.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// A store. Every engine passes the same contract suite.
pub trait Store: Send + Sync + 'static {
    /// Loads, decides and commits in one transaction; `now` is when, for what is due next.
    fn transact(
        &self,
        subject: Subject,
        once: Option<Once>,
        now: Timestamp,
        decider: Decider,
    ) -> StoreFuture<'_, Committed>;

    /// Claims up to `limit` lanes whose first pending delivery is due, and lists timers that have run out.
    fn claim(&self, now: Timestamp, limit: usize) -> StoreFuture<'_, Due>;

    /// Takes everything that waits for this session's customer to come back, in order. It counts as delivered:
    /// the response that carries it is written at once.
    fn take_held(&self, session: SessionId, now: Timestamp) -> StoreFuture<'_, Vec<Delivery>>;

    /// One session.
    fn session(&self, id: SessionId) -> StoreFuture<'_, Option<Session>>;

    /// How much of everything there is.
    fn counts(&self) -> StoreFuture<'_, Counts>;

    /// Whether it serves.
    fn check(&self) -> StoreFuture<'_, ()>;

    /// Told whenever something was committed that may be due.
    fn changed(&self) -> &Notify;
}

/// [`Store::transact`] with a verdict; none is a duplicate. After a settlement comes the lane's next delivery.
pub async fn decide<V: Send + 'static>(
    store: &dyn Store,
    subject: Subject,
    once: Option<Once>,
    now: Timestamp,
    mut decide: impl FnMut(Option<Session>) -> Decision<V> + Send + 'static,
) -> Result<Option<(V, Option<Box<Claim>>)>, StoreError> {
    let verdict = Arc::new(Mutex::new(None));
    let slot = Arc::clone(&verdict);
    let decider: Decider = Box::new(move |session| {
        let Decision { session, deliveries, settlement, wake, verdict } = decide(session);
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(verdict);
        Decision { session, deliveries, settlement, wake, verdict: () }
    });
    match store.transact(subject, once, now, decider).await? {
        Committed::Duplicate => Ok(None),
        Committed::Applied(next) => {
            let verdict = verdict.lock().unwrap_or_else(PoisonError::into_inner).take();
            Ok(verdict.map(|verdict| (verdict, next)))
        }
    }
}
