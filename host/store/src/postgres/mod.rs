//! PostgreSQL: one database that any number of nodes share.
//!
//! Its tables are in a schema of their own, `handover`, or the one that the URL's `options` name by `search_path`.
//! The connections keep prepared statements and listen, so that a pooler in between has to give each of them a
//! session of its own.

mod claim;
mod connect;
mod dead;
mod fault;
mod feeds;
mod held;
mod kept;
mod keys;
mod lanes;
mod migrate;
mod names;
mod nodes;
mod notify;
mod pipeline;
mod reseal;
mod retention;
mod sealed;
mod sessions;
mod timers;
mod transact;

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use deadpool_postgres::Pool;
use handover_handoff::delivery::Delivery;
use handover_handoff::{Session, SessionId, Timestamp};
use tokio::sync::{Notify, oneshot, watch};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::seal::Keys;
use crate::{
    Callback, Capacity, Committed, Counts, DeadLetter, Decider, Due, Kept, Lane, Once, Place, Redrive,
    Redriver, Removed, Retention, Retried, Sifter, Store, StoreError, StoreFuture, Subject, Which, Zeroizing,
};
use claim::HandedOut;
use connect::{Connection, Way};
use fault::{Fault, Rows};
use timers::Share;

/// How long any operation may take, with all its tries.
const PATIENCE: Duration = Duration::from_secs(20);

/// How a node takes part.
#[derive(Debug, Clone)]
pub struct Node {
    /// Its name; one that another living node has would share its leases.
    pub id: Uuid,
    /// How many connections it keeps at most, besides the one that listens.
    pub connections: usize,
    /// How long another node may be silent before it counts as dead. Every node beats several times as often.
    pub silence: Duration,
    /// What records are sealed with; without keys they are written in the clear, and a database that something was
    /// sealed in is refused.
    pub keys: Option<Keys>,
}

impl Default for Node {
    fn default() -> Self {
        Self { id: Uuid::now_v7(), connections: 16, silence: Duration::from_secs(10), keys: None }
    }
}

/// What all operations share.
struct Engine {
    pool: Pool,
    place: String,
    node: Uuid,
    silence: Duration,
    keys: Keys,
    changes: watch::Sender<()>,
    /// Something that other nodes may care for.
    news: Arc<Notify>,
    /// The target that lanes were claimed for last.
    served: Mutex<String>,
    /// Which timers are this node's.
    share: Mutex<Share>,
}

impl Engine {
    fn share(&self) -> Share {
        *self.share.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something was committed that may be due or waited for.
    fn changed(&self) {
        self.changes.send_replace(());
        self.news.notify_one();
    }

    async fn within<T>(&self, work: impl Future<Output = Rows<T>> + Send) -> Result<T, StoreError> {
        let outcome = match tokio::time::timeout(PATIENCE, work).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Fault::Unreachable("it did not answer in time".to_owned())),
        };
        outcome.map_err(|fault| fault.at(&self.place))
    }
}

/// One operation on a connection of its own.
macro_rules! on_a_connection {
    ($store:ident, |$client:ident, $engine:ident| $work:expr) => {{
        let $engine = &$store.engine;
        Box::pin($engine.within(async move {
            let $client = Connection::of(&$engine.pool).await?;
            let outcome = $work.await;
            $client.end(outcome).await
        }))
    }};
}

/// The shared store.
pub struct PostgresStore {
    engine: Arc<Engine>,
    tasks: Vec<JoinHandle<()>>,
}

impl PostgresStore {
    /// Opens the database at a URL, and brings its schema up to date.
    ///
    /// # Errors
    /// Where it cannot be reached, or was made by a version whose schema this one cannot work on; where something is
    /// sealed with a key that is not there, or a key is not the one that goes by its id.
    pub async fn connect(url: &str, node: Node) -> Result<Self, StoreError> {
        let way = Arc::new(Way::read(url)?);
        let pool = way.pool(node.connections.max(2))?;
        let engine = Arc::new(Engine {
            pool: pool.clone(),
            place: way.place.clone(),
            node: node.id,
            silence: node.silence,
            keys: node.keys.unwrap_or_default(),
            changes: watch::Sender::new(()),
            news: Arc::new(Notify::new()),
            served: Mutex::new(String::new()),
            share: Mutex::new(Share::ALL),
        });
        let migrated = async {
            let connection = Connection::of(&pool).await?;
            let outcome = migrate::migrate(&connection, &engine.keys, &way.place).await;
            connection.end(outcome).await
        };
        migrated.await.map_err(|fault| fault.at(&way.place))??;
        engine.within(nodes::beat(&engine)).await?;
        let tasks = vec![
            tokio::spawn(notify::listen(way, node.id, engine.changes.clone())),
            tokio::spawn(notify::tell(pool, node.id, Arc::clone(&engine.news))),
        ];
        Ok(Self { engine, tasks })
    }
}

impl Drop for PostgresStore {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Store for PostgresStore {
    fn transact(
        &self,
        subject: Subject,
        once: Option<Once>,
        now: Timestamp,
        mut decider: Decider,
    ) -> StoreFuture<'_, Committed> {
        let engine = &self.engine;
        Box::pin(engine.within(async move {
            transact::transact(engine, &subject, once.as_ref(), now, &mut decider).await
        }))
    }

    fn gather(
        &self,
        subject: Subject,
        names: Vec<Once>,
        now: Timestamp,
        mut sifter: Sifter,
    ) -> StoreFuture<'_, ()> {
        let engine = &self.engine;
        Box::pin(
            engine.within(async move { transact::gather(engine, &subject, &names, now, &mut sifter).await }),
        )
    }

    fn claim(&self, now: Timestamp, capacity: Capacity) -> StoreFuture<'_, Due> {
        let engine = Arc::clone(&self.engine);
        Box::pin(async move {
            let (reply, answer) = oneshot::channel();
            let (took, taken) = oneshot::channel();
            // It comes to its end even where whoever asked goes away, who then is not to have it.
            tokio::spawn(async move {
                let due = engine.within(claim::claim(&engine, now, &capacity)).await;
                let handed_out = match &due {
                    Ok(due) => HandedOut::of(&due.claims).unwrap_or_default(),
                    Err(_) => HandedOut::default(),
                };
                // An answer that was sent is not one that was taken: whoever asked may go away in between.
                let taken = reply.send(due).is_ok() && taken.await.is_ok();
                if !taken && !handed_out.is_empty() {
                    // Where that fails they are due again when their lease ends.
                    drop(engine.within(claim::let_go(&engine, handed_out)).await);
                }
            });
            let due = answer.await.unwrap_or(Err(StoreError::Closed));
            let _ = took.send(());
            due
        })
    }

    fn beat(&self, _now: Timestamp) -> StoreFuture<'_, ()> {
        Box::pin(self.engine.within(nodes::beat(&self.engine)))
    }

    fn give_back(&self, but: Vec<Lane>) -> StoreFuture<'_, ()> {
        Box::pin(self.engine.within(async move { nodes::give_back(&self.engine, &but).await }))
    }

    fn leave(&self, _now: Timestamp) -> StoreFuture<'_, ()> {
        Box::pin(self.engine.within(nodes::leave(&self.engine)))
    }

    fn lease(&self, job: &str, now: Timestamp, ms: u64) -> StoreFuture<'_, bool> {
        let (engine, job) = (&self.engine, job.to_owned());
        Box::pin(engine.within(async move { nodes::lease(engine, &job, now, ms).await }))
    }

    fn end_lease(&self, job: &str) -> StoreFuture<'_, ()> {
        let (engine, job) = (&self.engine, job.to_owned());
        Box::pin(engine.within(async move { nodes::end_lease(engine, &job).await }))
    }

    fn feeds(
        &self,
        connectors: Vec<String>,
        now: Timestamp,
        ms: u64,
        limit: usize,
    ) -> StoreFuture<'_, Vec<SessionId>> {
        on_a_connection!(self, |client, engine| feeds::lease(
            &client,
            engine.node,
            &connectors,
            now,
            ms,
            limit
        ))
    }

    fn take_held(&self, session: SessionId, now: Timestamp) -> StoreFuture<'_, Vec<Delivery>> {
        Box::pin(self.engine.within(held::take(&self.engine, session, now)))
    }

    fn session(&self, id: SessionId) -> StoreFuture<'_, Option<Session>> {
        on_a_connection!(self, |client, engine| sessions::session(&client, &engine.keys, id))
    }

    fn starting(&self, connector: &str) -> StoreFuture<'_, bool> {
        let connector = connector.to_owned();
        on_a_connection!(self, |client, engine| sessions::starting(&client, &connector))
    }

    fn keep(&self, callback: Callback) -> StoreFuture<'_, ()> {
        on_a_connection!(self, |client, engine| kept::keep(&client, &engine.keys, callback))
    }

    fn kept(
        &self,
        connector: &str,
        untried_by: &str,
        after: u64,
        limit: usize,
    ) -> StoreFuture<'_, Vec<Kept>> {
        let (connector, untried_by) = (connector.to_owned(), untried_by.to_owned());
        on_a_connection!(self, |client, engine| kept::kept(
            &client,
            &engine.keys,
            &connector,
            &untried_by,
            after,
            limit
        ))
    }

    fn retried(&self, id: u64, retried: Retried) -> StoreFuture<'_, ()> {
        on_a_connection!(self, |client, engine| kept::retried(&client, id, retried))
    }

    fn dead_letters(
        &self,
        which: Which,
        after: Option<Place>,
        limit: usize,
    ) -> StoreFuture<'_, Vec<DeadLetter>> {
        on_a_connection!(self, |client, engine| dead::list(&client, &engine.keys, &which, after, limit))
    }

    fn redrive(&self, place: Place, now: Timestamp, mut redriver: Redriver) -> StoreFuture<'_, Redrive> {
        let engine = &self.engine;
        Box::pin(engine.within(async move { dead::redrive(engine, place, now, &mut redriver).await }))
    }

    fn delivery(&self, place: Place) -> StoreFuture<'_, Option<Delivery>> {
        on_a_connection!(self, |client, engine| lanes::one(&client, &engine.keys, place))
    }

    fn roots(&self) -> StoreFuture<'_, Vec<Zeroizing<[u8; 32]>>> {
        on_a_connection!(self, |client, engine| keys::roots(&client, &engine.keys))
    }

    fn discard(&self, place: Place) -> StoreFuture<'_, bool> {
        on_a_connection!(self, |client, engine| dead::discard(&client, place))
    }

    fn of_customer(&self, customer: &str, forget: bool) -> StoreFuture<'_, Vec<Session>> {
        let customer = customer.to_owned();
        on_a_connection!(self, |client, engine| retention::of_customer(
            &client,
            &engine.keys,
            &customer,
            forget
        ))
    }

    fn expire(&self, now: Timestamp, retention: Retention, limit: usize) -> StoreFuture<'_, Removed> {
        on_a_connection!(self, |client, engine| retention::expire(&client, now, retention, limit))
    }

    fn reseal(&self, limit: usize) -> StoreFuture<'_, usize> {
        on_a_connection!(self, |client, engine| reseal::reseal(&client, &engine.keys, limit))
    }

    fn sealed_with(&self) -> StoreFuture<'_, Vec<(Option<String>, u64)>> {
        on_a_connection!(self, |client, engine| reseal::sealed_with(&client, &engine.keys))
    }

    fn counts(&self) -> StoreFuture<'_, Counts> {
        on_a_connection!(self, |client, engine| sessions::counts(&client))
    }

    fn check(&self) -> StoreFuture<'_, ()> {
        on_a_connection!(self, |client, engine| async {
            let sql = "SELECT true WHERE current_setting('transaction_read_only') = 'off'";
            match pipeline::ask(&client, sql, vec![]).await?.is_empty() {
                false => Ok(()),
                true => Err(Fault::Unreachable("it takes no writes".to_owned())),
            }
        })
    }

    fn changes(&self) -> watch::Receiver<()> {
        self.engine.changes.subscribe()
    }
}
