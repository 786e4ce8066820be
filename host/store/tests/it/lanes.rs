//! Lanes keep their order: the head alone is handed out, to one claimer at a time (I5).

use handover_handoff::Timestamp;
use handover_handoff::decision::{Decision, Fate, Settlement};
use handover_handoff::delivery::Direction::{ToCustomer, ToVendor};
use handover_store::{Capacity, Committed, Subject};

use crate::premises::{
    NOW, Premises, at, becomes, claim, claimed, commit, post, put, session, settle, stored,
};

/// Longer than any lease.
const AN_HOUR: u64 = 3_600_000;

fn again(due: Timestamp) -> Fate {
    Fate::Again { due, maybe_duplicate: false, counts: true }
}

pub async fn only_the_head_is_handed_out_and_once(premises: &dyn Premises) {
    let store = premises.open();
    let (session, deliveries) = put(&*store, 1, &[(ToVendor, 3)]).await;
    let due = claim(&*store, NOW).await;
    assert_eq!(due.claims.len(), 1);
    assert_eq!((&due.claims[0].delivery, &due.claims[0].session), (&deliveries[0], &session));
    let due = claim(&*store, NOW).await;
    assert!(due.claims.is_empty(), "somebody has it");
    assert!(due.next.unwrap() > NOW, "and there is nothing to hurry for");
    assert!(claimed(&*store, due.next.unwrap().plus(0)).await.len() == 1, "until the lease runs out");
}

pub async fn a_settlement_hands_out_the_next(premises: &dyn Premises) {
    let store = premises.open();
    let (session, deliveries) = put(&*store, 1, &[(ToVendor, 3)]).await;
    claim(&*store, NOW).await;
    for next in 1..3 {
        let claim = settle(&*store, &deliveries[next - 1], Fate::Done, NOW).await.unwrap();
        assert_eq!((claim.delivery, claim.session), (deliveries[next].clone(), session.clone()));
        assert!(claimed(&*store, NOW).await.is_empty());
    }
    assert_eq!(settle(&*store, &deliveries[2], Fate::Done, NOW).await, None);
    let due = claim(&*store, at(AN_HOUR)).await;
    assert!(due.claims.is_empty() && due.next.is_none());
}

pub async fn what_is_dead_lets_the_next_go_on(premises: &dyn Premises) {
    let store = premises.open();
    let (_, deliveries) = put(&*store, 1, &[(ToVendor, 2)]).await;
    claim(&*store, NOW).await;
    let next = settle(&*store, &deliveries[0], Fate::Dead("too large".to_owned()), NOW).await;
    assert_eq!(next.unwrap().delivery, deliveries[1]);
}

pub async fn a_retry_keeps_its_place_and_its_time(premises: &dyn Premises) {
    let store = premises.open();
    let (_, deliveries) = put(&*store, 1, &[(ToVendor, 2)]).await;
    claim(&*store, NOW).await;
    let fate = Fate::Again { due: at(500), maybe_duplicate: true, counts: true };
    assert_eq!(settle(&*store, &deliveries[0], fate, NOW).await, None);
    let due = claim(&*store, at(499)).await;
    assert!(due.claims.is_empty());
    assert_eq!(due.next, Some(at(500)));
    let head = claimed(&*store, at(500)).await.remove(0);
    assert_eq!((head.id, head.attempt, head.due, head.maybe_duplicate), (deliveries[0].id, 2, at(500), true));
    settle(&*store, &head, again(at(600)), at(500)).await;
    let head = claimed(&*store, at(600)).await.remove(0);
    assert_eq!((head.attempt, head.maybe_duplicate), (3, true), "what may have arrived stays marked");
    assert_eq!(settle(&*store, &head, Fate::Done, at(600)).await.unwrap().delivery, deliveries[1]);
}

pub async fn a_retry_that_is_due_comes_back_at_once(premises: &dyn Premises) {
    let store = premises.open();
    let (_, deliveries) = put(&*store, 1, &[(ToVendor, 2)]).await;
    claim(&*store, NOW).await;
    let head = settle(&*store, &deliveries[0], again(NOW), NOW).await.unwrap().delivery;
    assert_eq!((head.id, head.attempt), (deliveries[0].id, 2));
    assert!(claimed(&*store, NOW).await.is_empty(), "its claimer has it");
}

pub async fn a_step_is_no_attempt(premises: &dyn Premises) {
    let store = premises.open();
    let (_, deliveries) = put(&*store, 1, &[(ToVendor, 1)]).await;
    claim(&*store, NOW).await;
    let step = Fate::Again { due: NOW, maybe_duplicate: false, counts: false };
    let head = settle(&*store, &deliveries[0], step, NOW).await.unwrap().delivery;
    assert_eq!((head.attempt, head.maybe_duplicate), (1, false));
}

pub async fn directions_do_not_wait_for_each_other(premises: &dyn Premises) {
    let store = premises.open();
    let (_, deliveries) = put(&*store, 1, &[(ToVendor, 2), (ToCustomer, 2)]).await;
    let mut heads = claimed(&*store, NOW).await;
    heads.sort_by_key(|delivery| delivery.direction.as_str());
    assert_eq!(heads, [deliveries[2].clone(), deliveries[0].clone()]);
    assert_eq!(settle(&*store, &heads[0], Fate::Done, NOW).await.unwrap().delivery, deliveries[3]);
    assert_eq!(settle(&*store, &heads[1], Fate::Done, NOW).await.unwrap().delivery, deliveries[1]);
}

pub async fn lanes_are_claimed_in_the_order_they_are_due(premises: &dyn Premises) {
    let store = premises.open();
    for n in 1..=6_u64 {
        let mut session = session(n.into(), &format!("conversation {n}"));
        let delivery = post(&mut session, ToVendor, at(10 - n));
        commit(&*store, becomes(&session, vec![delivery])).await.unwrap();
    }
    let mut seen = Vec::new();
    for wanted in [4, 2] {
        let due = store.claim(at(9), Capacity { lanes: 4, ..Capacity::of(9) }).await.unwrap();
        assert_eq!(due.claims.len(), wanted);
        if wanted == 4 {
            assert!(due.next.unwrap() <= at(9), "there is more to claim at once");
        } else {
            assert!(due.next.unwrap() > at(9), "all are in hand");
        }
        seen.extend(due.claims.into_iter().map(|claim| claim.delivery.due));
    }
    assert_eq!(seen, (4..10).map(at).collect::<Vec<_>>());
}

pub async fn a_claimer_that_vanishes_loses_its_lane(premises: &dyn Premises) {
    let store = premises.open();
    let (_, deliveries) = put(&*store, 1, &[(ToVendor, 2)]).await;
    claim(&*store, NOW).await;
    let lease = claim(&*store, NOW).await.next.unwrap();
    assert!(claimed(&*store, Timestamp(lease.0 - 1)).await.is_empty());
    let head = claimed(&*store, lease).await.remove(0);
    assert_eq!(head.id, deliveries[0].id);
    assert_eq!((head.attempt, head.maybe_duplicate), (2, true), "the vanished attempt may have arrived");
    assert!(claimed(&*store, lease).await.is_empty(), "a new lease");
}

pub async fn a_late_settlement_changes_nothing(premises: &dyn Premises) {
    let store = premises.open();
    let (session, deliveries) = put(&*store, 1, &[(ToVendor, 3)]).await;
    claim(&*store, NOW).await;
    settle(&*store, &deliveries[0], Fate::Done, NOW).await.unwrap();

    let mut changed = session.clone();
    changed.vendor.state = "late".to_owned();
    let posted = post(&mut changed, ToCustomer, NOW);
    for delivery in [deliveries[0].id, deliveries[2].id] {
        let late = Decision {
            settlement: Some(Settlement { delivery, attempt: 1, fate: Fate::Dead("late".to_owned()) }),
            ..becomes(&changed, vec![posted.clone()])
        };
        let late =
            store.transact(Subject::Session(session.id), None, NOW, Box::new(move |_| late.clone())).await;
        assert!(matches!(late.unwrap(), Committed::Applied(None)));
    }
    assert_eq!(stored(&*store, &session).await, Some(session));
    assert!(claimed(&*store, NOW).await.is_empty(), "the second is in hand as before");
    assert_eq!(settle(&*store, &deliveries[1], Fate::Done, NOW).await.unwrap().delivery, deliveries[2]);
}

pub async fn what_is_posted_with_a_settlement_follows_it(premises: &dyn Premises) {
    let store = premises.open();
    let (mut session, deliveries) = put(&*store, 1, &[(ToVendor, 1)]).await;
    claim(&*store, NOW).await;
    let same_lane = post(&mut session, ToVendor, NOW);
    let other_lane = post(&mut session, ToCustomer, NOW);
    let decision = Decision {
        settlement: Some(Settlement { delivery: deliveries[0].id, attempt: 1, fate: Fate::Done }),
        ..becomes(&session, vec![same_lane.clone(), other_lane.clone()])
    };
    let Committed::Applied(Some(next)) = commit(&*store, decision).await.unwrap() else {
        panic!("nothing next")
    };
    assert_eq!(next.delivery, same_lane);
    assert_eq!(claimed(&*store, NOW).await, [other_lane]);
}

pub async fn an_idle_store_has_nothing_next(premises: &dyn Premises) {
    let store = premises.open();
    for _ in 0..2 {
        let due = claim(&*store, NOW).await;
        assert!(due.claims.is_empty() && due.timers.is_empty());
        assert_eq!(due.next, None);
        put(&*store, 1, &[]).await;
    }
}

pub async fn a_gap_or_a_repetition_is_refused(premises: &dyn Premises) {
    let store = premises.open();
    let (session, deliveries) = put(&*store, 1, &[(ToVendor, 1)]).await;
    commit(&*store, becomes(&session, deliveries.clone())).await.unwrap_err();
    claim(&*store, NOW).await;
    settle(&*store, &deliveries[0], Fate::Done, NOW).await;
    commit(&*store, becomes(&session, deliveries)).await.unwrap_err();
}

pub async fn a_lost_attempt_settles_nothing(premises: &dyn Premises) {
    let store = premises.open();
    let (session, deliveries) = put(&*store, 1, &[(ToVendor, 2)]).await;
    let mut changed = session.clone();
    changed.vendor.state = "lost".to_owned();
    let posted = post(&mut changed, ToCustomer, NOW);
    let lost = || Decision {
        settlement: Some(Settlement { delivery: deliveries[0].id, attempt: 1, fate: Fate::Done }),
        ..becomes(&changed, vec![posted.clone()])
    };
    commit(&*store, lost()).await.unwrap();
    assert_eq!(stored(&*store, &session).await, Some(session.clone()), "nobody has claimed it");
    claim(&*store, NOW).await;
    let again = claimed(&*store, at(AN_HOUR)).await.remove(0);
    assert_eq!((again.id, again.attempt), (deliveries[0].id, 2));
    assert!(matches!(commit(&*store, lost()).await.unwrap(), Committed::Applied(None)));
    assert_eq!(stored(&*store, &session).await, Some(session), "it is another's by now");
    let next = settle(&*store, &again, Fate::Done, at(AN_HOUR)).await.unwrap();
    assert_eq!(next.delivery, deliveries[1], "whose attempt counts");
}
