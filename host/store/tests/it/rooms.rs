//! Each target has its own places: what one cannot take waits without anybody else waiting for it.

use std::collections::BTreeSet;

use handover_handoff::address::Route;
use handover_handoff::decision::{Fate, Settlement};
use handover_handoff::delivery::Direction::{ToCustomer, ToVendor};
use handover_handoff::delivery::{Delivery, Target};
use handover_handoff::{Decision, Timestamp};
use handover_store::{Capacity, Committed, Due, Room};

use crate::premises::{
    NOW, PATIENCE, Premises, at, becomes, claim, claim_with, claimed, commit, post, put, put_for, session,
    settle,
};

const FULL: Room = Room { lanes: 0, shut: false };
const SHUT: Room = Room { lanes: 10, shut: true };

fn contoso() -> Target {
    Target::connector("contoso")
}

fn ids(due: &Due) -> BTreeSet<u128> {
    due.claims.iter().map(|claim| claim.session.id.0.as_u128()).collect()
}

pub async fn each_target_has_its_own_places(premises: &dyn Premises) {
    let store = premises.open();
    for n in 1..=8 {
        put_for(&*store, n, if n <= 5 { "contoso" } else { "genesys" }, at(n as u64)).await;
    }
    let capacity = Capacity { each: 2, ..Capacity::of(100) };
    let due = store.claim(at(10), capacity.clone()).await.unwrap();
    assert_eq!(ids(&due), [1, 2, 6, 7].into(), "of each those that have been due for longest");
    assert_eq!(due.next, None, "they are full: whoever claims knows when that changes");
    let due = store.claim(at(10), capacity).await.unwrap();
    assert_eq!(ids(&due), [3, 4, 8].into());
    assert!(due.next.unwrap() > at(10), "there is room, and all of it is in hand");
}

pub async fn a_target_that_is_full_is_left_alone(premises: &dyn Premises) {
    let store = premises.open();
    put_for(&*store, 1, "contoso", NOW).await;
    put_for(&*store, 2, "genesys", at(50)).await;
    for room in [FULL, Room { shut: true, ..FULL }] {
        let due = claim_with(&*store, NOW, &contoso(), room).await;
        assert!(due.claims.is_empty());
        assert_eq!(due.next, Some(at(50)), "of the other");
    }
    assert_eq!(ids(&claim_with(&*store, at(50), &contoso(), FULL).await), [2].into());
    assert_eq!(ids(&claim_with(&*store, at(50), &contoso(), Room { lanes: 1, ..FULL }).await), [1].into());
}

pub async fn no_target_starves(premises: &dyn Premises) {
    let store = premises.open();
    let connectors = ["contoso", "genesys", "zendesk"];
    for n in 1..=30 {
        put_for(&*store, n, connectors[usize::from(n > 24) + usize::from(n > 27)], at(n as u64)).await;
    }
    let mut seen = Vec::new();
    for _ in 0..9 {
        let due = store.claim(at(100), Capacity { lanes: 1, ..Capacity::of(50) }).await.unwrap();
        assert!(due.next.unwrap() <= at(100), "there is more");
        seen.extend(due.claims.into_iter().map(|claim| claim.session.connector));
    }
    for connector in connectors {
        assert_eq!(seen.iter().filter(|seen| *seen == connector).count(), 3, "in turn: {seen:?}");
    }
}

pub async fn of_a_shut_target_only_what_is_stale_is_claimed(premises: &dyn Premises) {
    let store = premises.open();
    let early = put_for(&*store, 1, "contoso", NOW).await;
    let late = put_for(&*store, 2, "contoso", at(500)).await;
    put_for(&*store, 3, "genesys", NOW).await;
    let due = claim_with(&*store, NOW, &contoso(), SHUT).await;
    assert_eq!(ids(&due), [3].into(), "nobody else waits for it");
    let due = claim_with(&*store, early.deadline, &contoso(), SHUT).await;
    let told: Vec<_> = due
        .claims
        .iter()
        .filter(|claim| claim.session.connector == "contoso")
        .map(|claim| claim.delivery.id)
        .collect();
    assert_eq!(told, [early.id], "that has to be told, and the other has time");
    assert_eq!(claimed(&*store, early.deadline).await, [late], "once it is open");
}

pub async fn a_shut_target_is_waited_for_until_something_gets_stale(premises: &dyn Premises) {
    let store = premises.open();
    let early = put_for(&*store, 1, "contoso", NOW).await;
    let late = put_for(&*store, 2, "contoso", at(500)).await;
    assert_eq!(claim_with(&*store, NOW, &contoso(), SHUT).await.next, Some(early.deadline));
    let due = claim_with(&*store, early.deadline, &contoso(), SHUT).await;
    assert_eq!((ids(&due), due.next), ([1].into(), Some(late.deadline)), "what is in hand is not waited for");
    let due = claim_with(&*store, late.deadline, &contoso(), Room { lanes: 1, shut: true }).await;
    assert_eq!((ids(&due), due.next), ([2].into(), None), "it is full");
}

pub async fn what_is_stale_is_told_before_it_is_tried_again(premises: &dyn Premises) {
    let store = premises.open();
    let delivery = put_for(&*store, 1, "contoso", NOW).await;
    claim(&*store, NOW).await;
    let again = Fate::Again { due: at(2 * PATIENCE), maybe_duplicate: false, counts: false };
    settle(&*store, &delivery, again, NOW).await;
    assert_eq!(claim(&*store, delivery.deadline).await.claims.len(), 0, "it is open, and not due");
    let due = claim_with(&*store, NOW, &contoso(), SHUT).await;
    assert_eq!((due.claims.len(), due.next), (0, Some(delivery.deadline)));
    let claims = claim_with(&*store, delivery.deadline, &contoso(), SHUT).await.claims;
    assert_eq!(claims[0].delivery, Delivery { due: at(2 * PATIENCE), ..delivery });
}

pub async fn a_lane_is_as_old_as_its_head(premises: &dyn Premises) {
    let store = premises.open();
    let mut session = session(1, "one");
    let deliveries: Vec<_> = [0, 300, 100].map(|ms| post(&mut session, ToVendor, at(ms))).into();
    let deadline = |index: usize| Some(deliveries[index].deadline);
    let next = async || claim_with(&*store, NOW, &contoso(), SHUT).await.next;
    commit(&*store, becomes(&session, deliveries[..1].to_vec())).await.unwrap();
    assert_eq!(next().await, deadline(0));
    commit(&*store, becomes(&session, deliveries[1..].to_vec())).await.unwrap();
    assert_eq!(next().await, deadline(0), "what comes behind it does not count");
    claim(&*store, NOW).await;
    assert_eq!(next().await, None);
    assert_eq!(settle(&*store, &deliveries[0], Fate::Done, NOW).await, None);
    assert_eq!(next().await, deadline(1), "now it is the first");
    claim(&*store, at(300)).await;
    let last = settle(&*store, &deliveries[1], Fate::Dead("no".to_owned()), at(300)).await.unwrap();
    let again = Fate::Again { due: at(400), maybe_duplicate: false, counts: true };
    settle(&*store, &last.delivery, again, at(300)).await;
    assert_eq!(next().await, deadline(2));
}

pub async fn a_lane_leads_where_its_session_says(premises: &dyn Premises) {
    let store = premises.open();
    let (mut session, deliveries) = put(&*store, 1, &[(ToCustomer, 2), (ToVendor, 1)]).await;
    let old = session.target(ToCustomer);
    assert_eq!(ids(&claim_with(&*store, NOW, &old, FULL).await), [1].into(), "to the vendor");
    session.address.to_customer = Route::ChannelAsBot { base: "https://elsewhere.example/".to_owned() };
    assert_eq!(session.target(ToCustomer), Target("host elsewhere.example".to_owned()));
    commit(&*store, becomes(&session, Vec::new())).await.unwrap();
    assert!(claim_with(&*store, NOW, &session.target(ToCustomer), FULL).await.claims.is_empty());
    let claims = claim_with(&*store, NOW, &old, FULL).await.claims;
    assert_eq!(claims[0].delivery, deliveries[0]);

    // While it is in hand, too.
    session.address.to_customer = Route::ChannelAsBot { base: "https://third.example/".to_owned() };
    commit(&*store, becomes(&session, Vec::new())).await.unwrap();
    let later = Fate::Again { due: at(5), maybe_duplicate: false, counts: true };
    assert_eq!(settle(&*store, &deliveries[0], later, NOW).await, None);
    assert!(claim_with(&*store, at(5), &session.target(ToCustomer), FULL).await.claims.is_empty());
    assert_eq!(claimed(&*store, at(5)).await.len(), 1);
}

pub async fn a_start_goes_elsewhere_ahead_of_what_waits_behind_it(premises: &dyn Premises) {
    let store = premises.open();
    let (mut session, deliveries) = put(&*store, 1, &[(ToVendor, 2)]).await;
    let old = session.target(ToVendor);
    claim(&*store, NOW).await;
    session.connector = "second".to_owned();
    let (delivery, deadline) = (deliveries[0].id, deliveries[0].deadline.plus(1_000));
    let fate = Fate::Elsewhere { due: at(1), deadline };
    let settlement = Some(Settlement { delivery, attempt: 1, fate });
    let decision = Decision { settlement, ..becomes(&session, Vec::new()) };
    assert!(matches!(commit(&*store, decision).await.unwrap(), Committed::Applied(None)));

    assert_eq!(
        claim_with(&*store, at(1), &session.target(ToVendor), FULL).await.claims.len(),
        0,
        "it leads there"
    );
    let claims = claim_with(&*store, at(1), &old, FULL).await.claims;
    let moved = Delivery { attempt: 2, due: at(1), deadline, ..deliveries[0].clone() };
    assert_eq!((&claims[0].delivery, &claims[0].session.connector), (&moved, &session.connector));
    assert_eq!(settle(&*store, &moved, Fate::Done, at(1)).await.unwrap().delivery, deliveries[1]);
}

pub async fn what_is_held_is_never_stale(premises: &dyn Premises) {
    let store = premises.open();
    let mut session = session(1, "one");
    session.address.to_customer = Route::Held;
    let held = post(&mut session, ToCustomer, Timestamp::NEVER);
    commit(&*store, becomes(&session, vec![held.clone()])).await.unwrap();
    let due = claim_with(&*store, Timestamp(Timestamp::NEVER.0 - 1), &session.target(ToCustomer), SHUT).await;
    assert_eq!((due.claims.len(), due.next), (0, None));

    session.address = crate::premises::session(1, "one").address;
    let released = Decision { released: Some(at(70)), ..becomes(&session, Vec::new()) };
    commit(&*store, released).await.unwrap();
    let due = claim_with(&*store, NOW, &session.target(ToCustomer), SHUT).await;
    assert_eq!((due.claims.len(), due.next), (0, Some(at(70))), "it is as fresh as what is written now");
}
