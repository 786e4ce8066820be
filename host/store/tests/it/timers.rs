//! Timers that have run out are listed, and what is next is neither missed nor hurried to.

use handover_handoff::delivery::Direction::ToVendor;
use handover_handoff::{Decision, Session, Timestamp};
use handover_store::{Capacity, Store};

use crate::premises::{NOW, Premises, at, becomes, claim, commit, post, session};

async fn wake(store: &dyn Store, session: &Session, wake: Option<Timestamp>) {
    commit(store, Decision { wake, ..becomes(session, Vec::new()) }).await.unwrap();
}

pub async fn a_timer_is_listed_until_it_is_set_anew(premises: &dyn Premises) {
    let store = premises.open();
    let session = session(1, "one");
    wake(&*store, &session, Some(at(10))).await;
    let due = claim(&*store, at(9)).await;
    assert!(due.timers.is_empty());
    assert_eq!(due.next, Some(at(10)));
    for _ in 0..2 {
        let due = claim(&*store, at(10)).await;
        assert_eq!(due.timers, [session.id]);
        assert_eq!(due.next, None, "what is listed is not to be waited for");
    }
    wake(&*store, &session, Some(at(20))).await;
    assert_eq!(claim(&*store, at(10)).await.next, Some(at(20)));
    wake(&*store, &session, None).await;
    let due = claim(&*store, at(30)).await;
    assert!(due.timers.is_empty() && due.next.is_none());
    wake(&*store, &session, Some(Timestamp::NEVER)).await;
    assert_eq!(claim(&*store, at(30)).await.next, None);
}

pub async fn more_than_fit_one_answer_are_not_forgotten(premises: &dyn Premises) {
    let store = premises.open();
    const SESSIONS: u64 = 700;
    for n in 1..=SESSIONS {
        wake(&*store, &session(n.into(), &format!("conversation {n}")), Some(at(n))).await;
    }
    // A claimer that has no room for lanes is told of timers all the same.
    let mut seen = Vec::new();
    while seen.len() < 700 {
        let due = store.claim(at(SESSIONS), Capacity::of(0)).await.unwrap();
        assert!(!due.timers.is_empty(), "as many as fit");
        assert_eq!(due.next.is_some_and(|next| next <= at(SESSIONS)), seen.len() + due.timers.len() < 700);
        for id in due.timers {
            let session = store.session(id).await.unwrap().unwrap();
            wake(&*store, &session, None).await;
            seen.push(id);
        }
    }
    assert_eq!(
        seen,
        (1..=SESSIONS).map(|n| session(n.into(), "").id).collect::<Vec<_>>(),
        "the oldest first"
    );
}

pub async fn what_is_next_is_the_earliest_of_all(premises: &dyn Premises) {
    let store = premises.open();
    wake(&*store, &session(1, "one"), Some(at(30))).await;
    let mut two = session(2, "two");
    let delivery = post(&mut two, ToVendor, at(20));
    commit(&*store, becomes(&two, vec![delivery])).await.unwrap();
    assert_eq!(claim(&*store, NOW).await.next, Some(at(20)));
    assert_eq!(claim(&*store, at(20)).await.claims.len(), 1);
    assert_eq!(
        claim(&*store, at(20)).await.next,
        Some(at(30)),
        "a lane in hand is not due before its lease ends"
    );
}
