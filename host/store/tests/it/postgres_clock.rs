//! Time as the contract tells it, on a database that goes by its own clock: what passes for the one who beats has
//! passed for all nodes.

use std::sync::{Arc, Mutex};

use handover_handoff::delivery::Delivery;
use handover_handoff::{Session, SessionId, Timestamp};
use handover_store::{
    Callback, Capacity, Committed, Counts, DeadLetter, Decider, Due, Kept, Once, Place, PostgresStore,
    Redrive, Redriver, Removed, Retention, Retried, Sifter, Store, StoreFuture, Subject, Which,
};
use tokio::sync::watch;

use crate::postgres_cluster::execute;

/// A store whose nodes fall silent in the caller's time.
pub struct Aging {
    pub store: PostgresStore,
    pub url: String,
    /// The latest time that any node of the database was told.
    pub latest: Arc<Mutex<Timestamp>>,
}

impl Aging {
    fn passes(&self, now: Timestamp) -> Option<u64> {
        let mut latest = self.latest.lock().unwrap();
        let passed = now.since(*latest);
        *latest = now.max(*latest);
        (passed > 0).then_some(passed)
    }
}

/// Passes a call on.
macro_rules! on {
    ($($name:ident($($value:ident: $kind:ty),*) -> $answer:ty;)*) => {
        $(fn $name(&self, $($value: $kind),*) -> $answer {
            self.store.$name($($value),*)
        })*
    };
}

impl Store for Aging {
    fn beat(&self, now: Timestamp) -> StoreFuture<'_, ()> {
        let passed = self.passes(now);
        Box::pin(async move {
            if let Some(ms) = passed {
                let sql = format!("UPDATE handover.nodes SET seen = seen - {ms} * interval '1 millisecond'");
                execute(self.url.clone(), sql).await;
            }
            self.store.beat(now).await
        })
    }

    on! {
        transact(subject: Subject, once: Option<Once>, now: Timestamp, decider: Decider) -> StoreFuture<'_, Committed>;
        gather(subject: Subject, names: Vec<Once>, now: Timestamp, sifter: Sifter) -> StoreFuture<'_, ()>;
        claim(now: Timestamp, capacity: Capacity) -> StoreFuture<'_, Due>;
        give_back(but: Vec<handover_store::Lane>) -> StoreFuture<'_, ()>;
        leave(now: Timestamp) -> StoreFuture<'_, ()>;
        lease(job: &str, now: Timestamp, ms: u64) -> StoreFuture<'_, bool>;
        end_lease(job: &str) -> StoreFuture<'_, ()>;
        feeds(connectors: Vec<String>, now: Timestamp, ms: u64, limit: usize) -> StoreFuture<'_, Vec<SessionId>>;
        take_held(session: SessionId, now: Timestamp) -> StoreFuture<'_, Vec<Delivery>>;
        session(id: SessionId) -> StoreFuture<'_, Option<Session>>;
        starting(connector: &str) -> StoreFuture<'_, bool>;
        keep(callback: Callback) -> StoreFuture<'_, ()>;
        kept(connector: &str, untried_by: &str, after: u64, limit: usize) -> StoreFuture<'_, Vec<Kept>>;
        retried(id: u64, retried: Retried) -> StoreFuture<'_, ()>;
        dead_letters(which: Which, after: Option<Place>, limit: usize) -> StoreFuture<'_, Vec<DeadLetter>>;
        redrive(place: Place, now: Timestamp, redriver: Redriver) -> StoreFuture<'_, Redrive>;
        delivery(place: Place) -> StoreFuture<'_, Option<Delivery>>;
        roots() -> StoreFuture<'_, Vec<handover_store::Zeroizing<[u8; 32]>>>;
        discard(place: Place) -> StoreFuture<'_, bool>;
        of_customer(customer: &str, forget: bool) -> StoreFuture<'_, Vec<Session>>;
        expire(now: Timestamp, retention: Retention, limit: usize) -> StoreFuture<'_, Removed>;
        reseal(limit: usize) -> StoreFuture<'_, usize>;
        sealed_with() -> StoreFuture<'_, Vec<(Option<String>, u64)>>;
        counts() -> StoreFuture<'_, Counts>;
        check() -> StoreFuture<'_, ()>;
        changes() -> watch::Receiver<()>;
    }
}
