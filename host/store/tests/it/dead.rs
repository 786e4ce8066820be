//! Dead letters are kept for an operator, who sends them on their way again or discards them.

use std::slice::from_ref;

use handover_handoff::decision::Fate;
use handover_handoff::delivery::Direction::{Receipts, ToCustomer, ToVendor};
use handover_handoff::delivery::{Delivery, Direction};
use handover_handoff::operator::{Redriven, Refusal};
use handover_handoff::session::{EndReason, Phase};
use handover_handoff::{Session, Timestamp};
use handover_store::{DeadLetter, Place, Redrive, Room, Store, Which};

use crate::premises::{
    NOW, Premises, at, becomes, claim, claim_with, claimed, commit, ended, put, session, settle, soon, stored,
};

const FAR: Timestamp = Timestamp(super::premises::NOW.0 + 900_000);

fn dead(reason: &str) -> Fate {
    Fate::Dead(reason.to_owned())
}

fn place(delivery: &Delivery) -> Place {
    Place { session: delivery.session, direction: delivery.direction, seq: delivery.seq }
}

async fn letters(store: &dyn Store, which: Which, after: Option<Place>, limit: usize) -> Vec<DeadLetter> {
    store.dead_letters(which, after, limit).await.unwrap()
}

/// Sends it on its way again and leaves its session as it is.
async fn redrive(store: &dyn Store, delivery: &Delivery, now: Timestamp) -> Redrive {
    let redriver = |session, _: &Delivery| Ok(Redriven { session, deadline: FAR, wake: None });
    store.redrive(place(delivery), now, Box::new(redriver)).await.unwrap()
}

/// As it comes again at this time.
fn redriven(delivery: &Delivery, now: Timestamp) -> Delivery {
    // How its last attempt went is not known any more.
    let maybe_duplicate = true;
    let attempt = delivery.attempt + 1;
    Delivery { attempt, created: now, due: now, deadline: FAR, maybe_duplicate, ..delivery.clone() }
}

/// A session of which every delivery is dead.
async fn lost(store: &dyn Store, n: u128, connector: &str, lanes: &[(Direction, u64)]) -> Vec<Delivery> {
    let mut session = Session { connector: connector.to_owned(), ..session(n, &format!("conversation {n}")) };
    let mut deliveries = Vec::new();
    for (direction, count) in lanes {
        deliveries.extend((0..*count).map(|_| super::premises::post(&mut session, *direction, NOW)));
    }
    commit(store, becomes(&session, deliveries.clone())).await.unwrap();
    for head in claimed(store, NOW).await {
        let mut next = Some(head);
        while let Some(delivery) = next {
            let claim = settle(store, &delivery, dead("too large"), at(7)).await;
            next = claim.map(|claim| claim.delivery);
        }
    }
    deliveries
}

pub async fn dead_letters_are_listed_by_their_place(premises: &dyn Premises) {
    let store = premises.open();
    let two = lost(&*store, 2, "genesys", &[(ToVendor, 1)]).await;
    let one = lost(&*store, 1, "contoso", &[(Receipts, 1), (ToCustomer, 1), (ToVendor, 11)]).await;
    let three = lost(&*store, 3, "contoso", &[(ToVendor, 2)]).await;
    put(&*store, 4, &[(ToVendor, 3)]).await;

    let listed = async |which: Which, page: usize| {
        let mut seen: Vec<Delivery> = Vec::new();
        loop {
            let letters = letters(&*store, which.clone(), seen.last().map(place), page).await;
            assert!(letters.len() <= page);
            seen.extend(letters.iter().map(|letter| letter.delivery.clone()));
            if letters.len() < page {
                return seen;
            }
        }
    };
    let all: Vec<_> = [&one[..], &two, &three].concat();
    let of = |session: Option<&Delivery>, connector: Option<&str>| Which {
        session: session.map(|delivery| delivery.session),
        connector: connector.map(str::to_owned),
    };
    for page in [1, 2, 5, 100] {
        assert_eq!(listed(Which::default(), page).await, all);
        assert_eq!(listed(of(Some(&one[0]), None), page).await, one);
        assert_eq!(listed(of(None, Some("contoso")), page).await, [&one[..], &three].concat());
        assert_eq!(listed(of(Some(&three[0]), Some("contoso")), page).await, three);
        assert!(listed(of(Some(&three[0]), Some("genesys")), page).await.is_empty());
    }
    assert!(letters(&*store, Which::default(), None, 0).await.is_empty());
}

pub async fn a_dead_letter_tells_whose_it_is_and_why(premises: &dyn Premises) {
    let store = premises.open();
    let deliveries = lost(&*store, 1, "genesys", &[(ToVendor, 1)]).await;
    let expected = DeadLetter {
        delivery: deliveries[0].clone(),
        connector: "genesys".to_owned(),
        reason: "too large".to_owned(),
        given_up: at(7),
    };
    assert_eq!(letters(&*store, Which::default(), None, 10).await, [expected]);
}

pub async fn a_dead_letter_takes_its_old_place(premises: &dyn Premises) {
    let store = premises.open();
    let (_, deliveries) = put(&*store, 1, &[(ToVendor, 2)]).await;
    claim(&*store, NOW).await;
    settle(&*store, &deliveries[0], dead("no"), NOW).await;
    let later = Fate::Again { due: at(900), maybe_duplicate: false, counts: true };
    settle(&*store, &deliveries[1], later, NOW).await;

    let mut changes = store.changes();
    assert_eq!(redrive(&*store, &deliveries[0], at(50)).await, Redrive::Queued);
    soon(changes.changed()).await.unwrap();
    assert!(letters(&*store, Which::default(), None, 10).await.is_empty());
    assert_eq!(
        claimed(&*store, at(50)).await,
        [redriven(&deliveries[0], at(50))],
        "before the one that waits"
    );
    assert_eq!(settle(&*store, &redriven(&deliveries[0], at(50)), Fate::Done, at(50)).await, None);
    assert_eq!(claim(&*store, at(50)).await.next, Some(at(900)));
    assert_eq!(claimed(&*store, at(900)).await[0].id, deliveries[1].id);
}

pub async fn a_lane_that_is_in_hand_comes_to_it_next(premises: &dyn Premises) {
    let store = premises.open();
    let (_, deliveries) = put(&*store, 1, &[(ToVendor, 3)]).await;
    claim(&*store, NOW).await;
    settle(&*store, &deliveries[0], dead("no"), NOW).await;
    assert_eq!(redrive(&*store, &deliveries[0], NOW).await, Redrive::Queued);
    assert!(claimed(&*store, NOW).await.is_empty(), "the second is still in hand");
    let next = settle(&*store, &deliveries[1], Fate::Done, NOW).await.unwrap();
    assert_eq!(next.delivery, redriven(&deliveries[0], NOW));
    let next = settle(&*store, &next.delivery, Fate::Done, NOW).await.unwrap();
    assert_eq!(next.delivery, deliveries[2]);
}

pub async fn a_lane_that_is_lost_from_hand_loses_what_was_in_it(premises: &dyn Premises) {
    let store = premises.open();
    let (_, deliveries) = put(&*store, 1, &[(ToVendor, 2)]).await;
    claim(&*store, NOW).await;
    settle(&*store, &deliveries[0], dead("no"), NOW).await;
    redrive(&*store, &deliveries[0], NOW).await;
    store.leave(NOW).await.unwrap();
    let first = redriven(&deliveries[0], NOW);
    assert_eq!(claimed(&*store, NOW).await, from_ref(&first), "it was not under way");
    let second = settle(&*store, &first, Fate::Done, NOW).await.unwrap().delivery;
    assert_eq!(second, Delivery { attempt: 2, maybe_duplicate: true, ..deliveries[1].clone() });
}

pub async fn an_empty_lane_opens_for_it(premises: &dyn Premises) {
    let store = premises.open();
    let deliveries = lost(&*store, 1, "contoso", &[(ToVendor, 1)]).await;
    assert_eq!(redrive(&*store, &deliveries[0], at(20)).await, Redrive::Queued);
    let target = session(1, "").target(ToVendor);
    let due = claim_with(&*store, at(20), &target, Room { lanes: 1, shut: true }).await;
    assert_eq!((due.claims.len(), due.next), (0, Some(FAR)), "it is fresh again");
    let again = redriven(&deliveries[0], at(20));
    assert_eq!(claimed(&*store, at(20)).await, from_ref(&again));
    settle(&*store, &again, dead("again"), at(30)).await;
    let letters = letters(&*store, Which::default(), None, 10).await;
    assert_eq!((letters[0].reason.as_str(), letters[0].given_up), ("again", at(30)));
}

pub async fn a_session_that_takes_it_back_is_written_with_it(premises: &dyn Premises) {
    let store = premises.open();
    let deliveries = lost(&*store, 1, "contoso", &[(ToVendor, 1)]).await;
    let over = ended(&store.session(deliveries[0].session).await.unwrap().unwrap());
    commit(&*store, becomes(&over, Vec::new())).await.unwrap();
    let expected = (over.clone(), deliveries[0].clone());
    let redriver = move |mut session: Session, dead: &Delivery| {
        assert_eq!((&session, dead), (&expected.0, &expected.1));
        session.phase = Phase::Ending(EndReason::LiveAgent);
        Ok(Redriven { session, deadline: FAR, wake: Some(at(3)) })
    };
    store.redrive(place(&deliveries[0]), NOW, Box::new(redriver)).await.unwrap();
    let ending = Session { phase: Phase::Ending(EndReason::LiveAgent), ..over };
    assert_eq!(stored(&*store, &ending).await, Some(ending.clone()));
    let due = claim(&*store, at(3)).await;
    assert_eq!(due.timers, [ending.id]);
    assert_eq!(due.claims[0].session, ending);
}

pub async fn what_may_not_go_stays_dead(premises: &dyn Premises) {
    let store = premises.open();
    let deliveries = lost(&*store, 1, "contoso", &[(ToVendor, 1)]).await;
    let before = letters(&*store, Which::default(), None, 10).await;
    for refusal in [Refusal::Ended, Refusal::Passed] {
        let refused = store.redrive(place(&deliveries[0]), NOW, Box::new(move |_, _| Err(refusal))).await;
        assert_eq!(refused.unwrap(), Redrive::Refused(refusal));
    }
    store.redrive(place(&deliveries[0]), NOW, Box::new(|_, _| panic!("a bug"))).await.unwrap_err();
    assert_eq!(letters(&*store, Which::default(), None, 10).await, before);
    assert!(claimed(&*store, NOW).await.is_empty());
}

pub async fn what_is_not_dead_is_unknown(premises: &dyn Premises) {
    let store = premises.open();
    let (session, deliveries) = put(&*store, 1, &[(ToVendor, 2)]).await;
    claim(&*store, NOW).await;
    settle(&*store, &deliveries[0], Fate::Done, NOW).await;
    let nowhere = Place { session: session.id, direction: Receipts, seq: 1 };
    for place in [place(&deliveries[0]), place(&deliveries[1]), nowhere] {
        let unknown = store.redrive(place, NOW, Box::new(|_, _| panic!("not asked"))).await.unwrap();
        assert_eq!(unknown, Redrive::Unknown);
        assert!(!store.discard(place).await.unwrap());
    }
    assert_eq!(settle(&*store, &deliveries[1], Fate::Done, NOW).await, None);
}

pub async fn what_is_discarded_is_gone(premises: &dyn Premises) {
    let store = premises.open();
    let deliveries = lost(&*store, 1, "contoso", &[(ToVendor, 2)]).await;
    assert!(store.discard(place(&deliveries[0])).await.unwrap());
    assert!(!store.discard(place(&deliveries[0])).await.unwrap());
    assert_eq!(redrive(&*store, &deliveries[0], NOW).await, Redrive::Unknown);
    let left = letters(&*store, Which::default(), None, 10).await;
    assert_eq!(left.iter().map(|letter| &letter.delivery).collect::<Vec<_>>(), [&deliveries[1]]);
    assert_eq!(store.counts().await.unwrap().dead, 1);
}
