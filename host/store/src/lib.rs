//! Durable sessions, lookup keys, inbox and outbox behind one trait.
//!
//! The store commits what the domain decides: [`Store::transact`] loads the session a subject names, hands it to a
//! decider and writes all that follows from it in one transaction, or nothing. What is committed is durable
//! before the call returns; edges acknowledge after that.
//!
//! Lanes keep order (I5): of each session and direction only the first pending delivery is ever handed out, to one
//! claimer at a time, under a lease. Any number of nodes may share a store where its engine serves many.
//!
//! With [`Keys`] what was said, and the secrets that go with it, are sealed at rest; see [`Keys`] for how keys change.

#![forbid(unsafe_code)]

mod claim;
mod dead;
mod error;
mod kept;
mod postgres;
mod retention;
mod seal;
mod sqlite;

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use handover_handoff::delivery::Delivery;
use handover_handoff::{ConversationKey, Decision, Session, SessionId, Timestamp};
use tokio::sync::watch;

pub use claim::{Capacity, Claim, Due, Lane, Room};
pub use dead::{DeadLetter, Place, Redrive, Redriver, Which};
pub use error::StoreError;
pub use kept::{Callback, Kept, Retried};
pub use postgres::{Node, PostgresStore};
pub use retention::{Removed, Retention};
pub use seal::{Key, KeyError, Keys};
pub use sqlite::{SqliteInline, SqliteNode, SqliteStore};
pub use zeroize::Zeroizing;

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

/// Decides on a session with what is known of several names: of each, in order, whether it is new. It may be called
/// again where a transaction has to be repeated.
pub type Sifter = Box<dyn FnMut(Option<Session>, &[bool]) -> Decision<()> + Send>;

/// How much of everything a store holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Sessions by their phase, but for those that have ended: there may be millions, and nobody waits for them.
    pub sessions: BTreeMap<String, u64>,
    /// Deliveries on their way.
    pub pending: u64,
    /// Deliveries that did not arrive.
    pub dead: u64,
    /// Callbacks that could not be read yet, by connector.
    pub unread: BTreeMap<String, u64>,
}

/// What a transaction came to.
#[derive(Debug)]
pub enum Committed {
    /// All of it is durable. After a settlement: the next delivery of the same lane, where one is due.
    Applied(Option<Box<Claim>>),
    /// The `Once` was known; the decider was not asked.
    Duplicate,
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

    /// As [`Store::transact`], with any number of names of which some may be known. Those that are new are kept where
    /// the sifter changes something, and may come again where it does not.
    fn gather(
        &self,
        subject: Subject,
        names: Vec<Once>,
        now: Timestamp,
        sifter: Sifter,
    ) -> StoreFuture<'_, ()>;

    /// Claims lanes whose first pending delivery is due, target by target as far as there is room, and lists timers
    /// that have run out, whatever room there is for lanes; not all of very many at once.
    fn claim(&self, now: Timestamp, capacity: Capacity) -> StoreFuture<'_, Due>;

    /// Says that this node lives, and frees what nodes that have fallen silent had in hand: it may have arrived, and
    /// is due again.
    fn beat(&self, now: Timestamp) -> StoreFuture<'_, ()>;

    /// Gives back what this node has in hand but for these lanes: what an answer that never came handed out, nobody
    /// works on. Nothing may be claimed at the same time.
    fn give_back(&self, but: Vec<Lane>) -> StoreFuture<'_, ()>;

    /// Gives back all that this node has in hand: it may have arrived, and is due again.
    fn leave(&self, now: Timestamp) -> StoreFuture<'_, ()>;

    /// Whether this node may do a job that one node at a time does, until `ms` milliseconds from now; asked again by
    /// the node that has it, it has it longer.
    fn lease(&self, job: &str, now: Timestamp, ms: u64) -> StoreFuture<'_, bool>;

    /// Ends this node's turn at a job that it has by [`Store::lease`] or [`Store::feeds`]: others may do it at once.
    fn end_lease(&self, job: &str) -> StoreFuture<'_, ()>;

    /// Leases the feeds of open sessions of these connectors, up to `limit` at once: those that no living node has,
    /// and those that this node has and will not have for much longer. Each is its own until `ms` milliseconds from
    /// now; see [`feed_job`].
    fn feeds(
        &self,
        connectors: Vec<String>,
        now: Timestamp,
        ms: u64,
        limit: usize,
    ) -> StoreFuture<'_, Vec<SessionId>>;

    /// Takes everything that waits for this session's customer to come back, in order. It counts as delivered:
    /// the response that carries it is written at once.
    fn take_held(&self, session: SessionId, now: Timestamp) -> StoreFuture<'_, Vec<Delivery>>;

    /// One session.
    fn session(&self, id: SessionId) -> StoreFuture<'_, Option<Session>>;

    /// Whether some session of this connector waits for its vendor's answer to a start.
    fn starting(&self, connector: &str) -> StoreFuture<'_, bool>;

    /// Keeps a callback that cannot be read.
    fn keep(&self, callback: Callback) -> StoreFuture<'_, ()>;

    /// Callbacks of a connector that this version has not tried, oldest first, from the one after `after` on.
    fn kept(&self, connector: &str, untried_by: &str, after: u64, limit: usize)
    -> StoreFuture<'_, Vec<Kept>>;

    /// Writes what became of a callback that was tried again.
    fn retried(&self, id: u64, retried: Retried) -> StoreFuture<'_, ()>;

    /// Dead letters in the order of their lanes, from the one after `after` on.
    fn dead_letters(
        &self,
        which: Which,
        after: Option<Place>,
        limit: usize,
    ) -> StoreFuture<'_, Vec<DeadLetter>>;

    /// Sends a dead letter on its way again, at its old place in the lane, where the redriver lets it. How its last
    /// attempt went is not known any more: it may be a duplicate.
    fn redrive(&self, place: Place, now: Timestamp, redriver: Redriver) -> StoreFuture<'_, Redrive>;

    /// What is or was carried there, whatever became of it; none where it is not kept any more.
    fn delivery(&self, place: Place) -> StoreFuture<'_, Option<Delivery>>;

    /// What other keys of this installation are made of: the same on all nodes and after a restart. The first is for
    /// what is new, all of them for what there is. With [`Keys`] they are derived from those; else the database keeps
    /// one, as clear as all that it keeps.
    fn roots(&self) -> StoreFuture<'_, Vec<Zeroizing<[u8; 32]>>>;

    /// Removes a dead letter; false where there is none.
    fn discard(&self, place: Place) -> StoreFuture<'_, bool>;

    /// The sessions of a customer, by the channel's id of that person; those of nobody known are nobody's. With
    /// `forget` they do not outlive their end, but for what is still on its way then (I8).
    fn of_customer(&self, customer: &str, forget: bool) -> StoreFuture<'_, Vec<Session>>;

    /// Removes up to `limit` of each kind of what has been kept for long enough.
    fn expire(&self, now: Timestamp, retention: Retention, limit: usize) -> StoreFuture<'_, Removed>;

    /// Seals up to `limit` values with the current key that are sealed with another one or in the clear; how many
    /// there were. Where none is left, keys that are not current can be taken away. A store without a current key
    /// seals nothing.
    fn reseal(&self, limit: usize) -> StoreFuture<'_, usize> {
        let _ = limit;
        Box::pin(async { Ok(0) })
    }

    /// How many values are sealed with which key, by its id; without an id those in the clear, which are counted only
    /// where there is a current key. It takes time that grows with what is stored.
    fn sealed_with(&self) -> StoreFuture<'_, Vec<(Option<String>, u64)>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    /// How much of everything there is.
    fn counts(&self) -> StoreFuture<'_, Counts>;

    /// Whether it serves.
    fn check(&self) -> StoreFuture<'_, ()>;

    /// Changes whenever something was committed, here or by another node, that may be due or waited for.
    fn changes(&self) -> watch::Receiver<()>;
}

/// The job of following a session's feed, as [`Store::end_lease`] knows it.
pub fn feed_job(session: SessionId) -> String {
    format!("feed {session}")
}

/// [`Store::gather`] with a verdict.
pub async fn sift<V: Send + 'static>(
    store: &dyn Store,
    subject: Subject,
    names: Vec<Once>,
    now: Timestamp,
    mut sift: impl FnMut(Option<Session>, &[bool]) -> Decision<V> + Send + 'static,
) -> Result<Option<V>, StoreError> {
    let verdict = Arc::new(Mutex::new(None));
    let slot = Arc::clone(&verdict);
    let sifter: Sifter = Box::new(move |session, fresh| {
        let Decision { session, deliveries, settlement, released, wake, verdict } = sift(session, fresh);
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(verdict);
        Decision { session, deliveries, settlement, released, wake, verdict: () }
    });
    store.gather(subject, names, now, sifter).await?;
    let verdict = verdict.lock().unwrap_or_else(PoisonError::into_inner).take();
    Ok(verdict)
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
        let Decision { session, deliveries, settlement, released, wake, verdict } = decide(session);
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(verdict);
        Decision { session, deliveries, settlement, released, wake, verdict: () }
    });
    match store.transact(subject, once, now, decider).await? {
        Committed::Duplicate => Ok(None),
        Committed::Applied(next) => {
            let verdict = verdict.lock().unwrap_or_else(PoisonError::into_inner).take();
            Ok(verdict.map(|verdict| (verdict, next)))
        }
    }
}
