//! Several nodes on one database: each lane in one hand, order everywhere, and none waits for the dead.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use handover_handoff::decision::Fate;
use handover_handoff::delivery::Direction::{ToCustomer, ToVendor};
use handover_handoff::{Decision, SessionId};
use handover_store::{Capacity, Node, PostgresStore, Store, Subject};
use tokio::task::JoinSet;

use crate::on_postgres::Database;
use crate::premises::{NOW, becomes, claim, claimed, commit, post, put, session, settle, soon};

async fn node(database: &Database, silence: Duration) -> Arc<PostgresStore> {
    let node = Node { connections: 6, silence, ..Node::default() };
    Arc::new(PostgresStore::connect(&database.0, node).await.unwrap())
}

const LONG: Duration = Duration::from_secs(600);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_nodes_share_the_lanes_and_keep_their_order() {
    const SESSIONS: u128 = 40;
    const EACH: u64 = 12;
    let database = Database::new();
    let mut nodes = Vec::new();
    for _ in 0..3 {
        nodes.push(node(&database, LONG).await);
    }
    for n in 1..=SESSIONS {
        put(&*nodes[0], n, &[(ToVendor, EACH / 2)]).await;
    }
    let carried = Arc::new(Mutex::new(HashMap::<SessionId, Vec<u64>>::new()));
    let under_way = Arc::new(Mutex::new(HashSet::new()));
    let count = Arc::new(AtomicU64::new(0));
    let mut work = JoinSet::new();
    for node in &nodes {
        for _ in 0..3 {
            let (node, carried, under_way) = (Arc::clone(node), Arc::clone(&carried), Arc::clone(&under_way));
            let count = Arc::clone(&count);
            work.spawn(async move {
                while count.load(Ordering::SeqCst) < SESSIONS as u64 * EACH {
                    for head in node.claim(NOW, Capacity::of(5)).await.unwrap().claims {
                        let mut next = Some(Box::new(head));
                        while let Some(claim) = next {
                            let delivery = claim.delivery;
                            assert!(
                                under_way.lock().unwrap().insert(delivery.session),
                                "in one hand at a time"
                            );
                            tokio::task::yield_now().await;
                            carried.lock().unwrap().entry(delivery.session).or_default().push(delivery.seq);
                            under_way.lock().unwrap().remove(&delivery.session);
                            next = settle(&*node, &delivery, Fate::Done, NOW).await;
                            count.fetch_add(1, Ordering::SeqCst);
                        }
                    }
                }
            });
        }
        // What comes in meanwhile comes in by any of them.
        let node = Arc::clone(node);
        work.spawn(async move {
            for turn in 0..SESSIONS * u128::from(EACH) / 6 {
                let id = session(turn % SESSIONS + 1, "").id;
                let decider = |session: Option<handover_handoff::Session>| {
                    let mut session = session.unwrap();
                    let delivery = post(&mut session, ToVendor, NOW);
                    becomes(&session, vec![delivery])
                };
                node.transact(Subject::Session(id), None, NOW, Box::new(decider)).await.unwrap();
            }
        });
    }
    tokio::time::timeout(Duration::from_secs(60), work.join_all()).await.unwrap();
    let carried = std::mem::take(&mut *carried.lock().unwrap());
    assert_eq!(carried.len() as u128, SESSIONS);
    for seqs in carried.values() {
        assert_eq!(*seqs, (1..=EACH).collect::<Vec<_>>(), "I5, and each once");
    }
    assert_eq!(claim(&*nodes[0], NOW).await.next, None);
}

#[tokio::test]
async fn the_database_tells_who_is_silent() {
    let database = Database::new();
    let silence = Duration::from_millis(400);
    let (dies, lives) = (node(&database, silence).await, node(&database, silence).await);
    let (_, deliveries) = put(&*dies, 1, &[(ToVendor, 2), (ToCustomer, 1)]).await;
    assert_eq!(claimed(&*dies, NOW).await.len(), 2);
    let mut changes = lives.changes();
    changes.mark_unchanged();
    for _ in 0..3 {
        // Whatever the callers' clocks say.
        tokio::time::sleep(silence / 4).await;
        dies.beat(handover_handoff::Timestamp(0)).await.unwrap();
        lives.beat(NOW.plus(3_600_000)).await.unwrap();
        assert!(claimed(&*lives, NOW).await.is_empty());
    }
    tokio::time::sleep(silence + Duration::from_millis(50)).await;
    lives.beat(NOW).await.unwrap();
    soon(changes.changed()).await.unwrap();
    let lost = claimed(&*lives, NOW).await;
    assert_eq!(lost.len(), 2);
    assert!(lost.iter().all(|delivery| delivery.attempt == 2 && delivery.maybe_duplicate));

    // It was not dead after all: what it settles does not count, and it takes part again.
    assert_eq!(settle(&*dies, &deliveries[0], Fate::Done, NOW).await, None);
    dies.beat(NOW).await.unwrap();
    let next = settle(&*lives, &lost[0], Fate::Done, NOW).await;
    let other = settle(&*lives, &lost[1], Fate::Done, NOW).await;
    assert_eq!(next.or(other).unwrap().delivery, deliveries[1]);
}

#[tokio::test]
async fn nodes_share_timers_and_none_is_left() {
    let database = Database::new();
    let (one, two) = (node(&database, LONG).await, node(&database, LONG).await);
    for n in 1..=40 {
        let session = session(n, &format!("conversation {n}"));
        commit(&*one, Decision { wake: Some(NOW), ..becomes(&session, Vec::new()) }).await.unwrap();
    }
    one.beat(NOW).await.unwrap();
    two.beat(NOW).await.unwrap();
    let (first, second) = (claim(&*one, NOW).await, claim(&*two, NOW).await);
    assert_eq!(first.timers.len() + second.timers.len(), 40);
    assert!(first.timers.iter().all(|id| !second.timers.contains(id)), "each by one");
    assert!(!first.timers.is_empty() && !second.timers.is_empty());
    let later = first.next.unwrap();
    assert!(later > NOW && later <= NOW.plus(5_000));
    assert_eq!(claim(&*one, later).await.timers.len(), 40, "those of one that does nothing are not left");
}

#[tokio::test]
async fn nodes_are_told_of_each_others_commits_and_not_of_their_own() {
    let database = Database::new();
    let (one, two) = (node(&database, LONG).await, node(&database, LONG).await);
    let mut theirs = two.changes();
    let mut own = one.changes();
    // Each has heard that it listens.
    tokio::time::sleep(Duration::from_millis(300)).await;
    for n in 1..=20 {
        theirs.mark_unchanged();
        put(&*one, n, &[(ToVendor, 1)]).await;
        soon(theirs.changed()).await.unwrap();
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    own.mark_unchanged();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!own.has_changed().unwrap(), "an echo");
}
