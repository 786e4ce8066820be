//! SQLite in memory for several nodes of one process, each call done where it is made: for simulations, which need
//! the same calls to come to the same each time.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::watch;

use super::desk::Desk;
use super::job::{self, Asked, Job};
use super::records::Rows;
use super::sealed::Database;
use super::{Runs, migrate};
use crate::seal::Keys;
use crate::{StoreError, StoreFuture};

const PLACE: &str = "database in memory";

/// A database in memory that any number of nodes have open. It is gone with the last of them.
#[derive(Clone)]
pub struct SqliteInline {
    connection: Arc<Mutex<Connection>>,
    changes: watch::Sender<()>,
}

impl SqliteInline {
    /// A new one with nothing in it.
    pub fn open_in_memory() -> Result<Self, StoreError> {
        let failed =
            |e: rusqlite::Error| StoreError::Database { place: PLACE.to_owned(), reason: e.to_string() };
        let mut connection = Connection::open_in_memory().map_err(failed)?;
        connection.set_prepared_statement_cache_capacity(64);
        // Plans do not depend on what is bound: without this each statement with a bound limit is planned each time.
        connection
            .set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
            .map_err(failed)?;
        migrate::migrate(&mut connection, PLACE)?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)), changes: watch::Sender::new(()) })
    }

    /// The store as a node of this name has it.
    pub fn node(&self, name: &str) -> SqliteNode {
        let desk = Desk::new(name, PLACE, Keys::default(), self.changes.clone());
        SqliteNode { connection: Arc::clone(&self.connection), desk: Mutex::new(desk) }
    }
}

/// One node's store on a [`SqliteInline`]. Its futures are ready the first time they are asked.
pub struct SqliteNode {
    connection: Arc<Mutex<Connection>>,
    desk: Mutex<Desk>,
}

impl Runs for SqliteNode {
    fn run<T: Send + 'static>(
        &self,
        asked: Asked,
        work: impl FnOnce(&Database<'_>, &mut Desk) -> Rows<T> + Send + 'static,
    ) -> StoreFuture<'_, T> {
        let (job, mut answer) = Job::new(asked, work);
        Box::pin(async move {
            // What a panic leaves behind is undone by its transaction.
            let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
            let mut desk = self.desk.lock().unwrap_or_else(PoisonError::into_inner);
            job::serve(&mut connection, &mut desk, job, || None);
            answer.try_recv().map_err(|_| StoreError::Closed)?
        })
    }

    fn changes(&self) -> watch::Receiver<()> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner).changes.subscribe()
    }
}
