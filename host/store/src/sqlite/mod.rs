//! SQLite: one file, one writer thread that commits whatever has gathered as one transaction.
//!
//! `synchronous=FULL` makes each commit a disk flush; what arrives while one is under way shares the next.
//! The library is rusqlite and not sqlx: each statement of sqlx's SQLite driver is a round trip between threads,
//! which would cost more than the statement, and the writer wants a thread of its own anyway.

mod lanes;
mod records;
mod writer;

#[cfg(test)]
mod plans;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use handover_handoff::delivery::Delivery;
use handover_handoff::{Session, SessionId, Timestamp};
use rusqlite::Connection;
use tokio::sync::{Notify, mpsc, oneshot};

use crate::{Committed, Counts, Decider, Due, Once, Store, StoreError, StoreFuture, Subject};
use writer::Job;

/// The schema that this version writes.
const SCHEMA: i64 = 1;

/// How many jobs may wait for the writer; those who ask for more wait before they are taken in.
const QUEUE: usize = 4096;

/// The embedded store.
pub struct SqliteStore {
    /// None once it shuts down.
    jobs: Option<mpsc::Sender<Job>>,
    writer: Option<JoinHandle<()>>,
    changed: Arc<Notify>,
}

impl SqliteStore {
    /// Opens the file `handover.db` in `folder`, making both where they are not there. Leases of a process that
    /// has died are void: only one process has the file.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let file = folder.join("handover.db");
        let place = file.display().to_string();
        let failed = |reason: String| StoreError::Database { place: place.clone(), reason };
        std::fs::create_dir_all(folder).map_err(|e| failed(e.to_string()))?;
        let connection = prepare(&file)?;
        let (jobs, inbox) = mpsc::channel(QUEUE);
        let changed = Arc::new(Notify::new());
        let told = Arc::clone(&changed);
        let writer = std::thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || writer::run(connection, inbox, &told, &file))
            .map_err(|e| failed(e.to_string()))?;
        Ok(Self { jobs: Some(jobs), writer: Some(writer), changed })
    }

    async fn ask<T>(
        &self,
        job: impl FnOnce(oneshot::Sender<Result<T, StoreError>>) -> Job,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let jobs = self.jobs.as_ref().ok_or(StoreError::Closed)?;
        jobs.send(job(reply)).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
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

impl Store for SqliteStore {
    fn transact(
        &self,
        subject: Subject,
        once: Option<Once>,
        now: Timestamp,
        decider: Decider,
    ) -> StoreFuture<'_, Committed> {
        Box::pin(self.ask(move |reply| Job::Transact { subject, once, now, decider, reply }))
    }

    fn claim(&self, now: Timestamp, limit: usize) -> StoreFuture<'_, Due> {
        Box::pin(self.ask(move |reply| Job::Claim { now, limit, reply }))
    }

    fn take_held(&self, session: SessionId, now: Timestamp) -> StoreFuture<'_, Vec<Delivery>> {
        Box::pin(self.ask(move |reply| Job::TakeHeld { session, now, reply }))
    }

    fn session(&self, id: SessionId) -> StoreFuture<'_, Option<Session>> {
        Box::pin(self.ask(move |reply| Job::Session { id, reply }))
    }

    fn counts(&self) -> StoreFuture<'_, Counts> {
        Box::pin(self.ask(|reply| Job::Counts { reply }))
    }

    fn check(&self) -> StoreFuture<'_, ()> {
        Box::pin(self.ask(|reply| Job::Check { reply }))
    }

    fn changed(&self) -> &Notify {
        &self.changed
    }
}

fn prepare(file: &PathBuf) -> Result<Connection, StoreError> {
    let place = file.display().to_string();
    let refused = |reason: String| StoreError::Database { place: place.clone(), reason };
    let failed = |e: rusqlite::Error| match e.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => refused(
            "another process has it open; two gateways need PostgreSQL, or a data folder each".to_owned(),
        ),
        _ => refused(e.to_string()),
    };
    let mut connection = Connection::open(file).map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(64);
    // Whoever has the file keeps it: waiting for it would only delay the message.
    connection.busy_timeout(Duration::ZERO).map_err(failed)?;
    // A second process on the same file would void the first one's leases. Asked for before anything is read, it
    // keeps the index of the write-ahead log in this process's own memory, too.
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE").map_err(failed)?;
    connection.pragma_update(None, "journal_mode", "WAL").map_err(failed)?;
    connection.pragma_update(None, "synchronous", "FULL").map_err(failed)?;
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(failed)?;
    if found > SCHEMA {
        return Err(StoreError::Newer { place, found, known: SCHEMA });
    }
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(failed)?;
    if found == 0 {
        transaction.execute_batch(include_str!("schema.sql")).map_err(failed)?;
        transaction.pragma_update(None, "user_version", SCHEMA).map_err(failed)?;
    }
    lanes::void_leases(&transaction).map_err(|e| e.at(&place))?;
    transaction.commit().map_err(failed)?;
    Ok(connection)
}
