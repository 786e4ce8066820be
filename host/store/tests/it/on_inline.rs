//! The contract on SQLite in memory, where several nodes of one process share it, and what simulations need besides:
//! an answer at once.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Waker};

use handover_store::{SqliteInline, Store};

use crate::premises::{NOW, Premises};

struct Memory {
    database: SqliteInline,
    nodes: AtomicU32,
}

impl Memory {
    fn new() -> Self {
        Self { database: SqliteInline::open_in_memory().unwrap(), nodes: AtomicU32::new(0) }
    }
}

impl Premises for Memory {
    fn open(&self) -> Arc<dyn Store> {
        let n = self.nodes.fetch_add(1, Ordering::SeqCst);
        Arc::new(self.database.node(&format!("node {n}")))
    }

    fn beside(&self) -> Option<Arc<dyn Store>> {
        Some(self.open())
    }
}

crate::contract!(Memory::new());

#[test]
fn answers_are_ready_at_once() {
    let store = Memory::new().open();
    let mut beat = store.beat(NOW);
    let answer = Pin::new(&mut beat).poll(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(answer, Poll::Ready(Ok(()))));
}
