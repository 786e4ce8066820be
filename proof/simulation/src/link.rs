//! A node's line to the store: slow, cut at times, and at times what was done is not known to have been done. The book
//! sees all that was really committed.

use std::future::Future;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use handover_handoff::delivery::Delivery;
use handover_handoff::{Session, SessionId, Timestamp};
use handover_store::{
    Callback, Capacity, Committed, Counts, DeadLetter, Decider, Due, Kept, Lane, Once, Place, Redrive,
    Redriver, Removed, Retention, Retried, Sifter, SqliteNode, Store, StoreError, StoreFuture, Subject,
    Which, Zeroizing,
};
use tokio::sync::watch;

use crate::chance::Chance;
use crate::node::Line;
use crate::wire::pause;
use crate::world::World;

/// The longest that a call waits where the store cannot be reached.
const HANG: u64 = 5_000;

/// The store as one node reaches it.
pub struct Link {
    world: Arc<World>,
    store: SqliteNode,
    line: Arc<Line>,
    chance: Chance,
}

impl Link {
    /// A line that is well.
    pub fn new(world: &Arc<World>, store: SqliteNode, line: Arc<Line>, chance: Chance) -> Self {
        Self { world: Arc::clone(world), store, line, chance }
    }

    async fn through<T>(&self, call: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        self.there().await?;
        let answer = call.await;
        self.back(answer).await
    }

    async fn there(&self) -> Result<(), StoreError> {
        if self.world.spins() {
            pause(1).await;
        }
        self.takes_time().await;
        if self.line.is_cut(self.world.elapsed()) {
            self.world.tally.count("store not reached");
            if self.line.hangs.load(Ordering::Relaxed) {
                pause(self.chance.below(HANG)).await;
            }
            self.lives().await;
            return Err(failed("cut off"));
        }
        Ok(())
    }

    async fn back<T>(&self, answer: Result<T, StoreError>) -> Result<T, StoreError> {
        self.takes_time().await;
        let rough = self.world.healed().is_none();
        if self.line.is_cut(self.world.elapsed())
            || (rough && self.chance.of_thousand(self.world.weather.ambiguous))
        {
            self.world.tally.count("answer of the store lost");
            return Err(failed("the answer is lost"));
        }
        answer
    }

    async fn takes_time(&self) {
        let most = self.world.weather.store_ms;
        if most > 0 {
            pause(self.chance.below(most)).await;
        }
        self.lives().await;
    }

    /// Whoever has died does nothing any more.
    async fn lives(&self) {
        if self.line.dead.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
    }

    async fn decided(
        &self,
        subject: Subject,
        once: Option<Once>,
        now: Timestamp,
        mut decider: Decider,
    ) -> Result<Committed, StoreError> {
        let seen = Arc::new(Mutex::new(None));
        let slot = Arc::clone(&seen);
        let watched: Decider = Box::new(move |before| {
            let decision = decider(before.clone());
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some((before, decision.clone()));
            decision
        });
        let committed = self.store.transact(subject.clone(), once.clone(), now, watched).await;
        let decided = seen.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let (Ok(committed), Some((before, decision))) = (&committed, decided) {
            self.world.tally.count("commits");
            let id = decision.session.as_ref().map(|session| session.id);
            let stored = match id {
                Some(id) => self.store.session(id).await?,
                None => None,
            };
            self.world.book.committed(&self.world, before, &decision, stored, once.as_ref());
            if let Some(id) = id {
                self.looks_for_a_second_open_session(id).await?;
            }
            if let Committed::Applied(Some(next)) = committed {
                self.world.book.claimed(&self.world, next);
            }
        }
        committed
    }

    /// I1, as the database has it.
    async fn looks_for_a_second_open_session(&self, id: SessionId) -> Result<(), StoreError> {
        let Some(session) = self.world.book.opened(id) else { return Ok(()) };
        let all = self.store.of_customer(&session.customer.id, false).await?;
        let open = all.iter().filter(|one| one.phase.is_open() && one.conversation == session.conversation);
        if open.count() > 1 {
            self.world.broken("I1", format!("two open sessions in {}", session.conversation.conversation));
        }
        Ok(())
    }
}

fn failed(reason: &str) -> StoreError {
    StoreError::Database { place: "simulated".to_owned(), reason: reason.to_owned() }
}

impl Store for Link {
    fn transact(
        &self,
        subject: Subject,
        once: Option<Once>,
        now: Timestamp,
        decider: Decider,
    ) -> StoreFuture<'_, Committed> {
        Box::pin(self.through(self.decided(subject, once, now, decider)))
    }

    fn gather(
        &self,
        subject: Subject,
        names: Vec<Once>,
        now: Timestamp,
        sifter: Sifter,
    ) -> StoreFuture<'_, ()> {
        Box::pin(self.through(self.store.gather(subject, names, now, sifter)))
    }

    fn claim(&self, now: Timestamp, capacity: Capacity) -> StoreFuture<'_, Due> {
        Box::pin(self.through(async move {
            let due = self.store.claim(now, capacity).await?;
            for claim in &due.claims {
                self.world.book.claimed(&self.world, claim);
            }
            Ok(due)
        }))
    }

    fn take_held(&self, session: SessionId, now: Timestamp) -> StoreFuture<'_, Vec<Delivery>> {
        Box::pin(self.through(async move {
            let held = self.store.take_held(session, now).await?;
            self.world.book.taken(&self.world, session, &held, now);
            Ok(held)
        }))
    }

    fn redrive(&self, place: Place, now: Timestamp, redriver: Redriver) -> StoreFuture<'_, Redrive> {
        Box::pin(self.through(async move {
            let redriven = self.store.redrive(place, now, redriver).await?;
            if redriven == Redrive::Queued {
                let session = self.store.session(place.session).await?;
                self.world.book.redriven(&self.world, place, session);
            }
            Ok(redriven)
        }))
    }

    fn expire(&self, now: Timestamp, retention: Retention, limit: usize) -> StoreFuture<'_, Removed> {
        Box::pin(self.through(async move {
            let removed = self.store.expire(now, retention, limit).await?;
            if removed.sessions > 0 {
                self.world.tally.count("sessions erased");
            }
            Ok(removed)
        }))
    }

    fn of_customer(&self, customer: &str, forget: bool) -> StoreFuture<'_, Vec<Session>> {
        let customer = customer.to_owned();
        Box::pin(self.through(async move {
            let sessions = self.store.of_customer(&customer, forget).await?;
            if forget {
                self.world.book.forgotten(&sessions);
            }
            Ok(sessions)
        }))
    }

    fn beat(&self, now: Timestamp) -> StoreFuture<'_, ()> {
        Box::pin(self.through(self.store.beat(now)))
    }

    fn give_back(&self, but: Vec<Lane>) -> StoreFuture<'_, ()> {
        Box::pin(self.through(self.store.give_back(but)))
    }

    fn leave(&self, now: Timestamp) -> StoreFuture<'_, ()> {
        Box::pin(self.through(self.store.leave(now)))
    }

    fn lease(&self, job: &str, now: Timestamp, ms: u64) -> StoreFuture<'_, bool> {
        Box::pin(self.through(self.store.lease(job, now, ms)))
    }

    fn end_lease(&self, job: &str) -> StoreFuture<'_, ()> {
        Box::pin(self.through(self.store.end_lease(job)))
    }

    fn feeds(
        &self,
        connectors: Vec<String>,
        now: Timestamp,
        ms: u64,
        limit: usize,
    ) -> StoreFuture<'_, Vec<SessionId>> {
        Box::pin(self.through(self.store.feeds(connectors, now, ms, limit)))
    }

    fn session(&self, id: SessionId) -> StoreFuture<'_, Option<Session>> {
        Box::pin(self.through(self.store.session(id)))
    }

    fn starting(&self, connector: &str) -> StoreFuture<'_, bool> {
        Box::pin(self.through(self.store.starting(connector)))
    }

    fn keep(&self, callback: Callback) -> StoreFuture<'_, ()> {
        Box::pin(self.through(self.store.keep(callback)))
    }

    fn kept(
        &self,
        connector: &str,
        untried_by: &str,
        after: u64,
        limit: usize,
    ) -> StoreFuture<'_, Vec<Kept>> {
        Box::pin(self.through(self.store.kept(connector, untried_by, after, limit)))
    }

    fn retried(&self, id: u64, retried: Retried) -> StoreFuture<'_, ()> {
        Box::pin(self.through(self.store.retried(id, retried)))
    }

    fn dead_letters(
        &self,
        which: Which,
        after: Option<Place>,
        limit: usize,
    ) -> StoreFuture<'_, Vec<DeadLetter>> {
        Box::pin(self.through(self.store.dead_letters(which, after, limit)))
    }

    fn delivery(&self, place: Place) -> StoreFuture<'_, Option<Delivery>> {
        Box::pin(self.through(self.store.delivery(place)))
    }

    fn roots(&self) -> StoreFuture<'_, Vec<Zeroizing<[u8; 32]>>> {
        Box::pin(self.through(self.store.roots()))
    }

    fn discard(&self, place: Place) -> StoreFuture<'_, bool> {
        Box::pin(self.through(self.store.discard(place)))
    }

    fn counts(&self) -> StoreFuture<'_, Counts> {
        Box::pin(self.through(self.store.counts()))
    }

    fn check(&self) -> StoreFuture<'_, ()> {
        Box::pin(self.through(self.store.check()))
    }

    fn changes(&self) -> watch::Receiver<()> {
        self.world.news.listen(&self.line)
    }
}
