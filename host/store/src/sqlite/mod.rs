//! SQLite: one file, one writer thread that commits whatever has gathered as one transaction.
//!
//! `synchronous=FULL` makes each commit a disk flush; what arrives while one is under way shares the next.
//! The library is rusqlite and not sqlx: each statement of sqlx's SQLite driver is a round trip between threads,
//! which would cost more than the statement, and the writer wants a thread of its own anyway.

mod claim;
mod counts;
mod dead;
mod deliveries;
mod desk;
mod feeds;
mod folder;
mod held;
mod inbox;
mod inline;
mod job;
mod kept;
mod keys;
mod lanes;
mod migrate;
mod nodes;
mod records;
mod reseal;
mod retention;
mod sealed;
mod sessions;
mod store;
mod transact;

#[cfg(test)]
mod plans;

use std::path::Path;
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode};
use tokio::sync::{mpsc, watch};

use crate::seal::Keys;
use crate::{StoreError, StoreFuture};
use desk::Desk;
use job::{Asked, Job};
use records::Rows;
use sealed::Database;

pub use inline::{SqliteInline, SqliteNode};

/// How many jobs may wait for the writer; those who ask for more wait before they are taken in.
const QUEUE: usize = 4096;

/// The one node that a file has.
const NODE: &str = "this process";

/// Whoever runs jobs for those who ask; [`crate::Store`] follows from it.
trait Runs: Send + Sync + 'static {
    /// Runs a job; its answer comes once what it wrote is durable.
    fn run<T: Send + 'static>(
        &self,
        asked: Asked,
        work: impl FnOnce(&Database<'_>, &mut Desk) -> Rows<T> + Send + 'static,
    ) -> StoreFuture<'_, T>;

    /// Changes with each commit that may be due or waited for.
    fn changes(&self) -> watch::Receiver<()>;
}

/// The embedded store.
pub struct SqliteStore {
    /// None once it shuts down.
    jobs: Option<mpsc::Sender<Job>>,
    writer: Option<JoinHandle<()>>,
    changes: watch::Sender<()>,
}

impl SqliteStore {
    /// Opens the file `handover.db` in `folder`, making both where they are not there. Leases of a process that
    /// has died are void: only one process has the file.
    ///
    /// Records are written in the clear; a file that something was sealed in is refused.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        Self::open_sealed(folder, Keys::default())
    }

    /// As [`SqliteStore::open`], with records sealed. What was written in the clear before is read, and sealed when
    /// it is written again, or by [`crate::Store::reseal`].
    ///
    /// # Errors
    /// Also where something is sealed with a key that is not there, or a key is not the one that goes by its id.
    pub fn open_sealed(folder: &Path, keys: Keys) -> Result<Self, StoreError> {
        let file = folder.join("handover.db");
        let place = file.display().to_string();
        let failed = |reason: String| StoreError::Database { place: place.clone(), reason };
        for warning in folder::make(folder, &file).map_err(|e| failed(e.to_string()))? {
            tracing::warn!("{warning}");
        }
        let connection = prepare(&file, &place, &keys)?;
        let (jobs, inbox) = mpsc::channel(QUEUE);
        let changes = watch::Sender::new(());
        let desk = Desk::new(NODE, &place, keys, changes.clone());
        let writer = std::thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || write(connection, inbox, desk))
            .map_err(|e| failed(e.to_string()))?;
        Ok(Self { jobs: Some(jobs), writer: Some(writer), changes })
    }
}

impl Drop for SqliteStore {
    /// Waits until what was taken in is written and the file is free for the next one.
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(writer) = self.writer.take()
            && writer.thread().id() != std::thread::current().id()
        {
            // A writer that has panicked has answered nobody; there is nothing to add.
            drop(writer.join());
        }
    }
}

impl Runs for SqliteStore {
    fn run<T: Send + 'static>(
        &self,
        asked: Asked,
        work: impl FnOnce(&Database<'_>, &mut Desk) -> Rows<T> + Send + 'static,
    ) -> StoreFuture<'_, T> {
        let (job, answer) = Job::new(asked, work);
        Box::pin(async move {
            let jobs = self.jobs.as_ref().ok_or(StoreError::Closed)?;
            jobs.send(job).await.map_err(|_| StoreError::Closed)?;
            answer.await.map_err(|_| StoreError::Closed)?
        })
    }

    fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }
}

/// The writer: runs until every sender is gone.
fn write(mut connection: Connection, mut jobs: mpsc::Receiver<Job>, mut desk: Desk) {
    while let Some(first) = jobs.blocking_recv() {
        job::serve(&mut connection, &mut desk, first, || jobs.try_recv().ok());
    }
}

fn prepare(file: &Path, place: &str, keys: &Keys) -> Result<Connection, StoreError> {
    let refused = |reason: String| StoreError::Database { place: place.to_owned(), reason };
    let failed = |e: rusqlite::Error| match e.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => refused(
            "another process has it open; two gateways need PostgreSQL, or a data folder each".to_owned(),
        ),
        _ => refused(e.to_string()),
    };
    let mut connection = Connection::open(file).map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(64);
    // Plans do not depend on what is bound: without this each statement with a bound limit is planned each time.
    connection
        .set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map_err(failed)?;
    // Whoever has the file keeps it: waiting for it would only delay the message.
    connection.busy_timeout(Duration::ZERO).map_err(failed)?;
    // A second process on the same file would void the first one's leases. Asked for before anything is read, it
    // keeps the index of the write-ahead log in this process's own memory, too.
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE").map_err(failed)?;
    connection.pragma_update(None, "journal_mode", "WAL").map_err(failed)?;
    connection.pragma_update(None, "synchronous", "FULL").map_err(failed)?;
    // What is removed is overwritten. FAST would leave whole pages as they were when they become free, and most of
    // a long conversation stands in such pages.
    connection.pragma_update(None, "secure_delete", "ON").map_err(failed)?;
    // Each job has a savepoint, and a savepoint remembers the pages it changes: in memory, not in a file beside.
    connection.pragma_update(None, "temp_store", "MEMORY").map_err(failed)?;
    migrate::migrate(&mut connection, place)?;
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(failed)?;
    keys::check(&transaction, keys, place)?;
    nodes::void(&Database::new(&transaction, keys)).map_err(|e| e.at(place))?;
    transaction.commit().map_err(failed)?;
    Ok(connection)
}
