//! [`Store`] for whoever runs jobs on SQLite: each operation is one job.

use handover_handoff::delivery::Delivery;
use handover_handoff::{Session, SessionId, Timestamp};
use tokio::sync::watch;

use super::job::Asked::{ForGood, ToTake};
use super::{
    Runs, claim, counts, dead, deliveries, feeds, held, kept, keys, nodes, reseal, retention, sessions,
    transact,
};
use crate::{
    Callback, Capacity, Committed, Counts, DeadLetter, Decider, Due, Kept, Lane, Once, Place, Redrive,
    Redriver, Removed, Retention, Retried, Sifter, Store, StoreFuture, Subject, Which, Zeroizing,
};

impl<R: Runs> Store for R {
    fn transact(
        &self,
        subject: Subject,
        once: Option<Once>,
        now: Timestamp,
        mut decider: Decider,
    ) -> StoreFuture<'_, Committed> {
        self.run(ForGood, move |db, desk| {
            transact::transact(db, desk, &subject, once.as_ref(), now, &mut decider)
        })
    }

    fn gather(
        &self,
        subject: Subject,
        names: Vec<Once>,
        now: Timestamp,
        mut sifter: Sifter,
    ) -> StoreFuture<'_, ()> {
        self.run(ForGood, move |db, desk| transact::gather(db, desk, &subject, &names, now, &mut sifter))
    }

    fn claim(&self, now: Timestamp, capacity: Capacity) -> StoreFuture<'_, Due> {
        self.run(ToTake, move |db, desk| claim::claim(db, desk, now, &capacity))
    }

    fn beat(&self, now: Timestamp) -> StoreFuture<'_, ()> {
        self.run(ForGood, move |db, desk| nodes::beat(db, desk, now))
    }

    fn give_back(&self, but: Vec<Lane>) -> StoreFuture<'_, ()> {
        self.run(ForGood, move |db, desk| nodes::give_back(db, desk, &but))
    }

    fn leave(&self, _now: Timestamp) -> StoreFuture<'_, ()> {
        self.run(ForGood, nodes::leave)
    }

    fn lease(&self, job: &str, now: Timestamp, ms: u64) -> StoreFuture<'_, bool> {
        let job = job.to_owned();
        self.run(ForGood, move |db, desk| nodes::lease(db, desk, &job, now, ms))
    }

    fn end_lease(&self, job: &str) -> StoreFuture<'_, ()> {
        let job = job.to_owned();
        self.run(ForGood, move |db, desk| nodes::end_lease(db, desk, &job))
    }

    fn feeds(
        &self,
        connectors: Vec<String>,
        now: Timestamp,
        ms: u64,
        limit: usize,
    ) -> StoreFuture<'_, Vec<SessionId>> {
        self.run(ForGood, move |db, desk| feeds::lease(db, desk, &connectors, now, ms, limit))
    }

    fn take_held(&self, session: SessionId, now: Timestamp) -> StoreFuture<'_, Vec<Delivery>> {
        self.run(ToTake, move |db, desk| held::take(db, desk, session, now))
    }

    fn session(&self, id: SessionId) -> StoreFuture<'_, Option<Session>> {
        self.run(ForGood, move |db, _| sessions::find(db, &Subject::Session(id)))
    }

    fn starting(&self, connector: &str) -> StoreFuture<'_, bool> {
        let connector = connector.to_owned();
        self.run(ForGood, move |db, _| sessions::starting(db, &connector))
    }

    fn keep(&self, callback: Callback) -> StoreFuture<'_, ()> {
        self.run(ForGood, move |db, _| kept::keep(db, &callback))
    }

    fn kept(
        &self,
        connector: &str,
        untried_by: &str,
        after: u64,
        limit: usize,
    ) -> StoreFuture<'_, Vec<Kept>> {
        let (connector, untried_by) = (connector.to_owned(), untried_by.to_owned());
        self.run(ForGood, move |db, _| kept::kept(db, &connector, &untried_by, after, limit))
    }

    fn retried(&self, id: u64, retried: Retried) -> StoreFuture<'_, ()> {
        self.run(ForGood, move |db, _| kept::retried(db, id, &retried))
    }

    fn dead_letters(
        &self,
        which: Which,
        after: Option<Place>,
        limit: usize,
    ) -> StoreFuture<'_, Vec<DeadLetter>> {
        self.run(ForGood, move |db, _| dead::letters(db, &which, after, limit))
    }

    fn redrive(&self, place: Place, now: Timestamp, mut redriver: Redriver) -> StoreFuture<'_, Redrive> {
        self.run(ForGood, move |db, desk| dead::redrive(db, desk, place, now, &mut redriver))
    }

    fn delivery(&self, place: Place) -> StoreFuture<'_, Option<Delivery>> {
        self.run(ForGood, move |db, _| deliveries::one(db, place))
    }

    fn roots(&self) -> StoreFuture<'_, Vec<Zeroizing<[u8; 32]>>> {
        self.run(ForGood, |db, _| keys::roots(db))
    }

    fn discard(&self, place: Place) -> StoreFuture<'_, bool> {
        self.run(ForGood, move |db, desk| dead::discard(db, desk, place))
    }

    fn of_customer(&self, customer: &str, forget: bool) -> StoreFuture<'_, Vec<Session>> {
        let customer = customer.to_owned();
        self.run(ForGood, move |db, _| sessions::of_customer(db, &customer, forget))
    }

    fn expire(&self, now: Timestamp, retention: Retention, limit: usize) -> StoreFuture<'_, Removed> {
        self.run(ForGood, move |db, desk| retention::expire(db, desk, now, retention, limit))
    }

    fn reseal(&self, limit: usize) -> StoreFuture<'_, usize> {
        self.run(ForGood, move |db, desk| reseal::reseal(db, desk, limit))
    }

    fn sealed_with(&self) -> StoreFuture<'_, Vec<(Option<String>, u64)>> {
        self.run(ForGood, |db, _| reseal::sealed_with(db))
    }

    fn counts(&self) -> StoreFuture<'_, Counts> {
        self.run(ForGood, |db, _| counts::counts(db))
    }

    fn check(&self) -> StoreFuture<'_, ()> {
        self.run(ForGood, |_, _| Ok(()))
    }

    fn changes(&self) -> watch::Receiver<()> {
        Runs::changes(self)
    }
}
