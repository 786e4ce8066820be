//! Nodes come and go: what one had in hand another carries, and nothing is settled twice.

use handover_handoff::decision::{Decision, Fate, Settlement};
use handover_handoff::delivery::Delivery;
use handover_handoff::delivery::Direction::{ToCustomer, ToVendor};
use handover_store::{Committed, Lane, Store, Subject};

use crate::premises::{NOW, Premises, at, becomes, claim, claimed, commit, post, put, settle, soon, stored};

/// After this a node is not silent yet, and after twice as long it is.
const A_WHILE: u64 = 8_000;

fn lost(delivery: &Delivery) -> Delivery {
    Delivery { attempt: delivery.attempt + 1, maybe_duplicate: true, ..delivery.clone() }
}

/// Settles a delivery and writes and posts something with it; whether it counted.
async fn settles(store: &dyn Store, delivery: &Delivery) -> bool {
    let settlement = Settlement { delivery: delivery.id, attempt: delivery.attempt, fate: Fate::Done };
    let mut session = store.session(delivery.session).await.unwrap().unwrap();
    let before = session.clone();
    session.vendor.state = format!("settled attempt {}", delivery.attempt);
    let posted = post(&mut session, ToCustomer, NOW);
    let decision = Decision { settlement: Some(settlement), ..becomes(&session, vec![posted]) };
    commit(store, decision).await.unwrap();
    stored(store, &session).await.unwrap() != before
}

pub async fn a_node_that_falls_silent_loses_what_it_has_in_hand(premises: &dyn Premises) {
    let store = premises.open();
    let Some(other) = premises.beside() else { return };
    store.beat(NOW).await.unwrap();
    other.beat(NOW).await.unwrap();
    let (_, deliveries) = put(&*store, 1, &[(ToVendor, 2), (ToCustomer, 1)]).await;
    assert_eq!(claimed(&*store, NOW).await.len(), 2);
    let later = Fate::Again { due: at(60_000), maybe_duplicate: false, counts: true };
    settle(&*store, &deliveries[2], later, NOW).await;

    other.beat(at(A_WHILE)).await.unwrap();
    assert!(claimed(&*other, at(A_WHILE)).await.is_empty());
    let mut changes = other.changes();
    other.beat(at(2 * A_WHILE)).await.unwrap();
    soon(changes.changed()).await.unwrap();
    assert_eq!(claimed(&*other, at(2 * A_WHILE)).await, [lost(&deliveries[0])], "it may have arrived");
    assert_eq!(
        claimed(&*other, at(60_000)).await[0].attempt,
        2,
        "what it did not have in hand keeps its time"
    );
}

pub async fn what_nobody_works_on_is_given_back(premises: &dyn Premises) {
    let store = premises.open();
    store.beat(NOW).await.unwrap();
    let (session, deliveries) = put(&*store, 1, &[(ToVendor, 2), (ToCustomer, 1)]).await;
    assert_eq!(claimed(&*store, NOW).await.len(), 2);
    store.give_back(vec![Lane { session: session.id, direction: ToCustomer }]).await.unwrap();
    assert_eq!(claimed(&*store, NOW).await, [lost(&deliveries[0])], "and only that");
    assert!(settles(&*store, &deliveries[2]).await, "what is worked on is settled as ever");
    assert!(!settles(&*store, &deliveries[0]).await, "the answer that never came comes too late");
}

pub async fn a_node_that_lives_keeps_what_it_has_in_hand(premises: &dyn Premises) {
    let store = premises.open();
    let Some(other) = premises.beside() else { return };
    put(&*store, 1, &[(ToVendor, 1)]).await;
    store.beat(NOW).await.unwrap();
    claim(&*store, NOW).await;
    for beat in 1..=6 {
        store.beat(at(beat * A_WHILE)).await.unwrap();
        other.beat(at(beat * A_WHILE)).await.unwrap();
        assert!(claimed(&*other, at(beat * A_WHILE)).await.is_empty());
    }
}

pub async fn a_node_that_was_silent_settles_nothing_that_it_lost(premises: &dyn Premises) {
    let store = premises.open();
    let Some(other) = premises.beside() else { return };
    store.beat(NOW).await.unwrap();
    let (_, deliveries) = put(&*store, 1, &[(ToVendor, 2)]).await;
    claim(&*store, NOW).await;
    let now = at(2 * A_WHILE);
    other.beat(now).await.unwrap();
    assert!(!settles(&*store, &deliveries[0]).await, "nobody has it");
    assert_eq!(claimed(&*other, now).await, [lost(&deliveries[0])]);
    assert!(!settles(&*store, &deliveries[0]).await, "another has it");
    assert!(settles(&*other, &lost(&deliveries[0])).await);
    assert!(!settles(&*store, &deliveries[0]).await, "it is settled");

    // It goes on as any other.
    store.beat(now).await.unwrap();
    let (_, more) = put(&*store, 2, &[(ToVendor, 1)]).await;
    let claimed = claimed(&*store, now).await;
    assert!(claimed.contains(&more[0]));
    assert!(settles(&*store, &more[0]).await);
}

pub async fn what_a_node_gives_back_another_carries(premises: &dyn Premises) {
    let store = premises.open();
    let Some(other) = premises.beside() else { return };
    let (_, ours) = put(&*store, 1, &[(ToVendor, 1)]).await;
    claim(&*store, NOW).await;
    let (_, theirs) = put(&*other, 2, &[(ToVendor, 1)]).await;
    claim(&*other, NOW).await;
    let mut changes = other.changes();
    store.leave(NOW).await.unwrap();
    soon(changes.changed()).await.unwrap();
    assert_eq!(claimed(&*other, NOW).await, [lost(&ours[0])]);
    assert!(settles(&*other, &theirs[0]).await, "the other's is the other's");
}

pub async fn what_is_given_back_is_due_again_and_marked(premises: &dyn Premises) {
    let store = premises.open();
    store.beat(NOW).await.unwrap();
    let (_, deliveries) = put(&*store, 1, &[(ToVendor, 2), (ToCustomer, 1)]).await;
    claim(&*store, NOW).await;
    let later = Fate::Again { due: at(5_000), maybe_duplicate: false, counts: true };
    settle(&*store, &deliveries[2], later, NOW).await;
    store.leave(NOW).await.unwrap();
    let due = claim(&*store, NOW).await;
    assert_eq!(due.claims.len(), 1);
    assert_eq!(due.claims[0].delivery, lost(&deliveries[0]));
    assert_eq!(due.next, Some(at(5_000)), "what was not in hand keeps its time");
    let next = settle(&*store, &lost(&deliveries[0]), Fate::Done, NOW).await.unwrap();
    assert_eq!(next.delivery, deliveries[1], "nor was the one behind");
}

pub async fn one_node_at_a_time_does_a_job(premises: &dyn Premises) {
    let store = premises.open();
    assert!(store.lease("sweep", NOW, 1_000).await.unwrap());
    assert!(store.lease("sweep", at(500), 1_000).await.unwrap(), "it has it longer");
    let Some(other) = premises.beside() else { return };
    assert!(!other.lease("sweep", at(1_200), 1_000).await.unwrap());
    assert!(other.lease("another", at(1_200), 1_000).await.unwrap());
    assert!(other.lease("sweep", at(1_501), 1_000).await.unwrap());
    assert!(!store.lease("sweep", at(1_502), 1_000).await.unwrap());
}

pub async fn whoever_leaves_leaves_its_jobs(premises: &dyn Premises) {
    let store = premises.open();
    let Some(other) = premises.beside() else { return };
    assert!(store.lease("sweep", NOW, 60_000).await.unwrap());
    assert!(!other.lease("sweep", NOW, 60_000).await.unwrap());
    store.leave(NOW).await.unwrap();
    assert!(other.lease("sweep", NOW, 60_000).await.unwrap());
}

pub async fn what_one_node_commits_all_are_told_of(premises: &dyn Premises) {
    let store = premises.open();
    let Some(other) = premises.beside() else { return };
    let mut changes = other.changes();
    let (session, deliveries) = put(&*store, 1, &[(ToVendor, 1)]).await;
    soon(changes.changed()).await.unwrap();
    assert_eq!(stored(&*other, &session).await, Some(session.clone()));
    assert_eq!(claimed(&*other, NOW).await, deliveries);
    assert!(claimed(&*store, NOW).await.is_empty(), "one has it");
}

pub async fn one_of_two_nodes_takes_in_a_name(premises: &dyn Premises) {
    let store = premises.open();
    let Some(other) = premises.beside() else { return };
    let (session, _) = put(&*store, 1, &[]).await;
    let taken = async |store: &dyn Store| {
        let once = handover_store::Once { scope: "contoso".to_owned(), key: "event-1".to_owned() };
        let same = becomes(&session, Vec::new());
        let subject = Subject::Session(session.id);
        store.transact(subject, Some(once), NOW, Box::new(move |_| same.clone())).await.unwrap()
    };
    let (one, two) = tokio::join!(taken(&*store), taken(&*other));
    let applied = [&one, &two].iter().filter(|done| matches!(done, Committed::Applied(_))).count();
    assert_eq!(applied, 1);
}
