//! Each open session's feed is one node's, and what it brings is committed as one.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use handover_handoff::delivery::Direction::ToCustomer;
use handover_handoff::{Session, SessionId, Timestamp};
use handover_store::{Once, Store, Subject, feed_job};

use crate::premises::{NOW, Premises, at, becomes, claimed, commit, ended, post, put_for, session, stored};

const LEASE: u64 = 30_000;

async fn leased(store: &dyn Store, connectors: &[&str], now: Timestamp, limit: usize) -> BTreeSet<SessionId> {
    let connectors = connectors.iter().map(|name| (*name).to_owned()).collect();
    store.feeds(connectors, now, LEASE, limit).await.unwrap().into_iter().collect()
}

fn named(keys: &[&str]) -> Vec<Once> {
    keys.iter().map(|key| Once { scope: "vendor".to_owned(), key: (*key).to_owned() }).collect()
}

/// Takes names in and changes the session where `changes`; which names were new.
async fn gather(store: &dyn Store, session: &Session, keys: &[&str], changes: bool) -> Vec<bool> {
    let (seen, session) = (Arc::new(Mutex::new(Vec::new())), session.clone());
    let slot = Arc::clone(&seen);
    let subject = Subject::Session(session.id);
    let sifter = move |_: Option<Session>, fresh: &[bool]| {
        *slot.lock().unwrap() = fresh.to_vec();
        let mut decision = becomes(&session, Vec::new());
        decision.session = decision.session.filter(|_| changes);
        decision
    };
    store.gather(subject, named(keys), NOW, Box::new(sifter)).await.unwrap();
    std::mem::take(&mut *seen.lock().unwrap())
}

pub async fn a_feed_is_leased_for_open_sessions_of_its_connector_only(premises: &dyn Premises) {
    let store = premises.open();
    for (n, connector) in [(1, "genesys"), (2, "contoso"), (3, "genesys"), (4, "salesforce")] {
        put_for(&*store, n, connector, NOW).await;
    }
    let mut over = session(3, "conversation 3");
    over.connector = "genesys".to_owned();
    commit(&*store, becomes(&ended(&over), Vec::new())).await.unwrap();
    let both = leased(&*store, &["genesys", "salesforce"], NOW, 10).await;
    assert_eq!(both, [session(1, "").id, session(4, "").id].into());
    assert!(leased(&*store, &[], NOW, 10).await.is_empty());
}

pub async fn a_feed_is_leased_anew_before_its_lease_ends(premises: &dyn Premises) {
    let store = premises.open();
    put_for(&*store, 1, "genesys", NOW).await;
    let one = BTreeSet::from([session(1, "").id]);
    assert_eq!(leased(&*store, &["genesys"], NOW, 10).await, one);
    assert!(leased(&*store, &["genesys"], at(1_000), 10).await.is_empty(), "it has it for long enough");
    assert_eq!(leased(&*store, &["genesys"], at(LEASE / 2 + 1), 10).await, one);
    store.end_lease(&feed_job(session(1, "").id)).await.unwrap();
    assert_eq!(leased(&*store, &["genesys"], at(LEASE / 2 + 2), 10).await, one, "and it may be had again");
}

pub async fn no_more_feeds_are_leased_than_there_is_room_for(premises: &dyn Premises) {
    let store = premises.open();
    for n in 1..=5 {
        put_for(&*store, n, if n % 2 == 0 { "genesys" } else { "salesforce" }, NOW).await;
    }
    let mut all = BTreeSet::new();
    for _ in 0..3 {
        let some = leased(&*store, &["genesys", "salesforce"], NOW, 2).await;
        assert!(some.len() <= 2);
        all.extend(some);
    }
    assert_eq!(all.len(), 5);
}

pub async fn a_feed_is_one_nodes_until_that_dies_or_leaves(premises: &dyn Premises) {
    let (one, Some(other)) = (premises.open(), premises.beside()) else { return };
    one.beat(NOW).await.unwrap();
    other.beat(NOW).await.unwrap();
    for n in 1..=4 {
        put_for(&*one, n, "genesys", NOW).await;
    }
    let (ones, others) =
        tokio::join!(leased(&*one, &["genesys"], NOW, 10), leased(&*other, &["genesys"], NOW, 10));
    assert!(ones.is_disjoint(&others), "both have {ones:?} {others:?}");
    assert_eq!(ones.len() + others.len(), 4);
    assert!(leased(&*other, &["genesys"], at(1_000), 10).await.is_empty(), "all are taken");
    // Whoever does not have it cannot end it either.
    for id in &ones {
        other.end_lease(&feed_job(*id)).await.unwrap();
    }
    assert!(leased(&*other, &["genesys"], at(1_000), 10).await.is_empty());
    one.leave(at(2_000)).await.unwrap();
    assert_eq!(leased(&*other, &["genesys"], at(2_000), 10).await, ones);
    // One that says nothing any more loses them when the lease ends, at the latest.
    assert_eq!(leased(&*one, &["genesys"], at(2_000 + LEASE), 10).await.len(), 4);
}

pub async fn of_many_names_the_new_ones_are_told(premises: &dyn Premises) {
    let store = premises.open();
    put_for(&*store, 1, "genesys", NOW).await;
    let session = store.session(session(1, "").id).await.unwrap().unwrap();
    assert_eq!(gather(&*store, &session, &["a", "b", "a"], true).await, [true, true, false]);
    assert_eq!(gather(&*store, &session, &["b", "c"], true).await, [false, true]);
    assert!(gather(&*store, &session, &[], true).await.is_empty());
}

pub async fn names_without_effect_may_come_again_and_known_ones_stay_known(premises: &dyn Premises) {
    let store = premises.open();
    put_for(&*store, 1, "genesys", NOW).await;
    let session = store.session(session(1, "").id).await.unwrap().unwrap();
    assert_eq!(gather(&*store, &session, &["a"], true).await, [true]);
    assert_eq!(gather(&*store, &session, &["a", "b"], false).await, [false, true]);
    assert_eq!(gather(&*store, &session, &["a", "b"], true).await, [false, true], "b had no effect");
    assert_eq!(gather(&*store, &session, &["a", "b"], true).await, [false, false]);
}

pub async fn what_a_feed_brings_is_committed_whole_or_not_at_all(premises: &dyn Premises) {
    let store = premises.open();
    let delivery = put_for(&*store, 1, "genesys", NOW).await;
    let mut session = store.session(delivery.session).await.unwrap().unwrap();
    let before = session.clone();
    session.vendor.state = "after".to_owned();
    let told = post(&mut session, ToCustomer, NOW);
    // One that cannot be written: its place in the lane is taken.
    let decision = becomes(&session, vec![told.clone(), told.clone()]);
    let refused = store
        .gather(Subject::Session(session.id), named(&["a"]), NOW, Box::new(move |_, _| decision.clone()))
        .await;
    assert!(refused.is_err());
    assert_eq!(stored(&*store, &session).await, Some(before));
    assert_eq!(gather(&*store, &session, &["a"], false).await, [true], "nor is the name known");
    let decision = becomes(&session, vec![told.clone()]);
    let subject = Subject::Session(session.id);
    store.gather(subject, named(&["a"]), NOW, Box::new(move |_, _| decision.clone())).await.unwrap();
    assert_eq!(stored(&*store, &session).await, Some(session.clone()));
    assert!(claimed(&*store, NOW).await.iter().any(|delivery| delivery.id == told.id));
}
