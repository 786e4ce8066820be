//! The book: a page for each session, which sources and sinks write into side by side.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::Notify;

use crate::pages::Pages;

/// A count that all may add to.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    /// One more.
    pub fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// How many.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// One session.
#[derive(Debug)]
pub struct Session {
    /// Its number in the run.
    pub number: u32,
    pages: Mutex<Pages>,
    changed: Notify,
}

impl Session {
    /// The conversation in the channel.
    pub fn conversation(&self) -> String {
        format!("a:1s{}", self.number)
    }

    /// Writes; whoever waits for something looks again.
    pub fn write<T>(&self, write: impl FnOnce(&mut Pages) -> T) -> T {
        let written = write(&mut self.pages.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_waiters();
        written
    }

    /// Reads.
    pub fn read<T>(&self, read: impl FnOnce(&Pages) -> T) -> T {
        read(&self.pages.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits for something to be there, so long and no longer.
    pub async fn until<T>(&self, longest: Duration, look: impl Fn(&Pages) -> Option<T>) -> Option<T> {
        let found = async {
            loop {
                let changed = self.changed.notified();
                tokio::pin!(changed);
                // From here on no change is missed.
                changed.as_mut().enable();
                if let Some(found) = self.read(&look) {
                    return found;
                }
                changed.await;
            }
        };
        within(longest, found).await
    }
}

async fn within<T>(longest: Duration, what: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(longest, what).await.ok()
}

/// All sessions of a run.
#[derive(Debug, Default)]
pub struct Book {
    sessions: RwLock<Vec<Arc<Session>>>,
    /// Customers' messages that were acknowledged.
    pub from_customers: Count,
    /// Agents' messages that were acknowledged.
    pub from_agents: Count,
}

impl Book {
    /// A new session; the first is number 0.
    pub fn open(&self) -> Arc<Session> {
        let mut sessions = self.sessions.write().unwrap_or_else(PoisonError::into_inner);
        let number = u32::try_from(sessions.len()).unwrap_or(u32::MAX);
        let session = Arc::new(Session { number, pages: Mutex::default(), changed: Notify::new() });
        sessions.push(Arc::clone(&session));
        session
    }

    /// One session.
    pub fn session(&self, number: u32) -> Option<Arc<Session>> {
        let sessions = self.sessions.read().unwrap_or_else(PoisonError::into_inner);
        sessions.get(usize::try_from(number).ok()?).cloned()
    }

    /// All of them.
    pub fn sessions(&self) -> Vec<Arc<Session>> {
        self.sessions.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The session whose conversation in the channel, or whose customer, goes by this name.
    pub fn named(&self, name: &str) -> Option<Arc<Session>> {
        self.session(name.rsplit_once('s')?.1.parse().ok()?)
    }

    /// Messages that were acknowledged, both ways.
    pub fn accepted(&self) -> u64 {
        self.from_customers.get() + self.from_agents.get()
    }
}
