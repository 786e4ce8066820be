//! A database that crashes under load: operations fail with an error, later go on by themselves, and nothing is lost
//! or doubled.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use handover_handoff::decision::{Decision, Fate, Settlement};
use handover_handoff::delivery::Direction::ToVendor;
use handover_handoff::{Session, SessionId};
use handover_store::{Capacity, Claim, Committed, Node, Once, PostgresStore, Store, StoreError, Subject};
use tokio::task::JoinSet;

use crate::postgres_cluster::Cluster;
use crate::premises::{NOW, becomes, claim, post, put, session, soon};

const SESSIONS: u128 = 12;
const EACH: u64 = 60;

/// What the database says came of something; where it does not say, that may be done once more, because everything
/// is told once.
async fn told<T>(outcome: Result<T, StoreError>, failed: &AtomicU64) -> Option<T> {
    match outcome {
        Ok(done) => Some(done),
        Err(StoreError::Database { .. }) => {
            failed.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(20)).await;
            None
        }
        Err(other) => panic!("{other}"),
    }
}

async fn write(store: &PostgresStore, id: SessionId, seq: u64, failed: &AtomicU64) {
    loop {
        let once = Once { scope: id.to_string(), key: seq.to_string() };
        let decider = |session: Option<Session>| {
            let mut session = session.unwrap();
            let delivery = post(&mut session, ToVendor, NOW);
            becomes(&session, vec![delivery])
        };
        let outcome = store.transact(Subject::Session(id), Some(once), NOW, Box::new(decider)).await;
        if told(outcome, failed).await.is_some() {
            return;
        }
    }
}

/// Carries what was claimed and all that follows it in its lane. Each effect is noted by the session itself, in the
/// same transaction as the settlement.
async fn carry(store: &PostgresStore, first: Claim, failed: &AtomicU64) {
    let mut next = Some(Box::new(first));
    while let Some(claim) = &next {
        let delivery = &claim.delivery;
        let settlement = Settlement { delivery: delivery.id, attempt: delivery.attempt, fate: Fate::Done };
        let seq = delivery.seq;
        let decider = move |session: Option<Session>| {
            let mut session = session.unwrap();
            session.vendor.state.push_str(&format!(" {seq}"));
            Decision { settlement: Some(settlement.clone()), ..becomes(&session, Vec::new()) }
        };
        let outcome = store.transact(Subject::Session(delivery.session), None, NOW, Box::new(decider)).await;
        match told(outcome, failed).await {
            Some(Committed::Applied(after)) => next = after,
            Some(Committed::Duplicate) => panic!("nothing was named"),
            None => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_crashes_loses_and_doubles_nothing() {
    let cluster = Arc::new(Cluster::start(""));
    let url = cluster.database();
    let mut stores = Vec::new();
    for _ in 0..2 {
        let node = Node { connections: 6, silence: Duration::from_secs(600), ..Node::default() };
        stores.push(Arc::new(PostgresStore::connect(&url, node).await.unwrap()));
    }
    for n in 1..=SESSIONS {
        put(&*stores[0], n, &[]).await;
    }
    let failed = Arc::new(AtomicU64::new(0));
    let written = Arc::new(AtomicBool::new(false));
    let mut writers = JoinSet::new();
    for n in 1..=SESSIONS {
        let (store, failed) = (Arc::clone(&stores[n as usize % 2]), Arc::clone(&failed));
        writers.spawn(async move {
            for seq in 1..=EACH {
                write(&store, session(n, "").id, seq, &failed).await;
                tokio::time::sleep(Duration::from_millis(25)).await;
            }
        });
    }
    let mut workers = JoinSet::new();
    for store in &stores {
        let (store, failed, written) = (Arc::clone(store), Arc::clone(&failed), Arc::clone(&written));
        workers.spawn(async move {
            let mut now = NOW;
            loop {
                let last = written.load(Ordering::SeqCst);
                let due = match store.claim(now, Capacity::of(50)).await {
                    Ok(due) => due,
                    Err(_) => {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                        continue;
                    }
                };
                if due.claims.is_empty() {
                    if last && due.next.is_none() {
                        return;
                    }
                    // What was claimed while the connection broke is nobody's until its lease ends: it does here.
                    now = if last { due.next.unwrap_or(now).max(now) } else { now };
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                for claim in due.claims {
                    carry(&store, claim, &failed).await;
                }
            }
        });
    }
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(400)).await;
        let cluster = Arc::clone(&cluster);
        tokio::task::spawn_blocking(move || cluster.crash()).await.unwrap();
    }
    tokio::time::timeout(Duration::from_secs(60), writers.join_all()).await.expect("writers go on");
    written.store(true, Ordering::SeqCst);
    tokio::time::timeout(Duration::from_secs(60), workers.join_all()).await.expect("workers go on");
    assert!(failed.load(Ordering::SeqCst) > 0, "the crash was noticed");
    for n in 1..=SESSIONS {
        let session = stores[0].session(session(n, "").id).await.unwrap().unwrap();
        assert_eq!(session.to_vendor, EACH, "taken in once");
        let expected: String = (1..=EACH).map(|seq| format!(" {seq}")).collect();
        assert_eq!(session.vendor.state, expected, "in effect once, in order");
    }
    let counts = stores[0].counts().await.unwrap();
    assert_eq!((counts.pending, counts.dead), (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_away_is_told_of_and_found_again() {
    let cluster = Arc::new(Cluster::start(""));
    let url = cluster.database();
    let store = PostgresStore::connect(&url, Node::default()).await.unwrap();
    put(&store, 1, &[(ToVendor, 1)]).await;
    cluster.control(&["stop", "-m", "immediate"]);
    let answers: HashMap<_, _> = [
        ("check", store.check().await.err()),
        ("claim", store.claim(NOW, Capacity::of(1)).await.err()),
        ("beat", store.beat(NOW).await.err()),
    ]
    .into();
    for (what, error) in answers {
        assert!(matches!(error, Some(StoreError::Database { .. })), "{what}");
    }
    let mut changes = store.changes();
    changes.mark_unchanged();
    cluster.control(&["start"]);
    store.check().await.unwrap();
    soon(changes.changed()).await.expect("whoever waits looks again: something may have been missed");
    assert_eq!(claim(&store, NOW).await.claims.len(), 1);
}
