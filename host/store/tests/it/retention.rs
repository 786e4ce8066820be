//! What is over is kept for so long, and then it is gone, all of it.

use std::slice::from_ref;

use handover_handoff::decision::{Decision, Fate};
use handover_handoff::delivery::Direction::{ToCustomer, ToVendor};
use handover_handoff::session::{EndReason, Phase};
use handover_handoff::{Session, Timestamp};
use handover_store::{Callback, Committed, Once, Removed, Retention, Store, Subject, Which};

use crate::premises::{
    NOW, Premises, at, becomes, claim, claimed, commit, commit_at, ended, post, put, session, settle, stored,
};

const RETENTION: Retention = Retention { sessions: 10_000, names: 2_000, callbacks: 5_000 };

async fn expire(store: &dyn Store, now: Timestamp) -> Removed {
    store.expire(now, RETENTION, 100).await.unwrap()
}

async fn sessions_expired(store: &dyn Store, now: Timestamp) -> u64 {
    expire(store, now).await.sessions
}

/// Ends a session at this time.
async fn end(store: &dyn Store, session: &Session, now: Timestamp) {
    commit_at(store, becomes(&ended(session), Vec::new()), now).await.unwrap();
}

pub async fn a_session_goes_with_all_that_was_said(premises: &dyn Premises) {
    let store = premises.open();
    let (mut over, deliveries) = put(&*store, 1, &[(ToVendor, 3), (ToCustomer, 1)]).await;
    over.vendor.lookup_keys = vec!["chat-7".to_owned()];
    commit(&*store, becomes(&over, Vec::new())).await.unwrap();
    let (open, _) = put(&*store, 2, &[(ToVendor, 1)]).await;
    claim(&*store, NOW).await;
    settle(&*store, &deliveries[0], Fate::Done, NOW).await;
    settle(&*store, &deliveries[1], Fate::Dead("no".to_owned()), NOW).await;
    end(&*store, &over, NOW).await;

    assert_eq!(sessions_expired(&*store, at(9_999)).await, 0, "not before its time");
    assert!(stored(&*store, &over).await.is_some());
    assert_eq!(sessions_expired(&*store, at(10_001)).await, 1);
    assert_eq!(stored(&*store, &over).await, None);
    let key = Subject::LookupKey { connector: "contoso".to_owned(), key: "chat-7".to_owned() };
    for subject in [key, Subject::Conversation(over.conversation.clone())] {
        let unknown =
            handover_store::decide(&*store, subject, None, NOW, |found| Decision::nothing(found.is_none()));
        assert!(unknown.await.unwrap().unwrap().0);
    }
    assert!(store.dead_letters(Which::default(), None, 10).await.unwrap().is_empty());
    assert!(store.take_held(over.id, NOW).await.unwrap().is_empty());
    let counts = store.counts().await.unwrap();
    assert_eq!((counts.pending, counts.dead), (1, 0), "the other's");
    assert_eq!(stored(&*store, &open).await, Some(open));
    assert_eq!(claimed(&*store, at(3_600_000)).await.len(), 1);
}

pub async fn an_open_session_is_never_too_old(premises: &dyn Premises) {
    let store = premises.open();
    let (open, _) = put(&*store, 1, &[(ToVendor, 1)]).await;
    let ending = Session { phase: Phase::Ending(EndReason::Customer), ..session(2, "two") };
    commit(&*store, becomes(&ending, Vec::new())).await.unwrap();
    assert_eq!(sessions_expired(&*store, at(1_000_000_000)).await, 0);
    assert!(stored(&*store, &open).await.is_some() && stored(&*store, &ending).await.is_some());
}

pub async fn a_session_that_ends_anew_is_kept_from_then(premises: &dyn Premises) {
    let store = premises.open();
    let (session, _) = put(&*store, 1, &[]).await;
    end(&*store, &session, NOW).await;
    end(&*store, &session, at(6_000)).await;
    assert_eq!(sessions_expired(&*store, at(9_000)).await, 0);
    let ending = Session { phase: Phase::Ending(EndReason::LiveAgent), ..session.clone() };
    commit_at(&*store, becomes(&ending, Vec::new()), at(9_000)).await.unwrap();
    assert_eq!(sessions_expired(&*store, at(30_000)).await, 0, "it has not ended");
    end(&*store, &session, at(30_000)).await;
    assert_eq!(sessions_expired(&*store, at(39_000)).await, 0);
    let otherwise = Session { phase: Phase::Ended(EndReason::Operator), ..session };
    commit_at(&*store, becomes(&otherwise, Vec::new()), at(39_500)).await.unwrap();
    assert_eq!(sessions_expired(&*store, at(40_001)).await, 1, "what is written later is no other end");
}

pub async fn a_name_is_kept_for_its_time(premises: &dyn Premises) {
    let store = premises.open();
    let (session, _) = put(&*store, 1, &[]).await;
    let taken = async |now: Timestamp| {
        let once = Once { scope: "contoso".to_owned(), key: "event-1".to_owned() };
        let same = becomes(&session, Vec::new());
        let subject = Subject::Session(session.id);
        let done = store.transact(subject, Some(once), now, Box::new(move |_| same.clone())).await.unwrap();
        matches!(done, Committed::Applied(_))
    };
    assert!(taken(NOW).await);
    assert_eq!(expire(&*store, at(1_999)).await.names, 0);
    assert!(!taken(at(1_999)).await);
    assert_eq!(expire(&*store, at(2_001)).await.names, 1);
    assert!(taken(at(2_001)).await);
}

pub async fn a_callback_that_nobody_can_read_goes(premises: &dyn Premises) {
    let store = premises.open();
    for received in [NOW, at(1_000)] {
        let callback = Callback {
            connector: "contoso".to_owned(),
            received,
            tried: "version 1".to_owned(),
            reason: "what is this?".to_owned(),
            request: Vec::new(),
        };
        store.keep(callback).await.unwrap();
    }
    assert_eq!(expire(&*store, at(4_999)).await.callbacks, 0);
    assert_eq!(expire(&*store, at(5_001)).await.callbacks, 1);
    assert_eq!(store.kept("contoso", "", 0, 10).await.unwrap()[0].callback.received, at(1_000));
}

pub async fn no_more_goes_at_once_than_is_asked_for(premises: &dyn Premises) {
    let store = premises.open();
    for n in 1..=5_u64 {
        end(&*store, &session(n.into(), "one"), at(n)).await;
    }
    let mut removed = Vec::new();
    for _ in 0..4 {
        removed.push(store.expire(at(50_000), RETENTION, 2).await.unwrap().sessions);
    }
    assert_eq!(removed, [2, 2, 1, 0]);
    assert_eq!(store.expire(Timestamp(0), RETENTION, 2).await.unwrap(), Removed::default());
}

fn of(n: u128, customer: &str) -> Session {
    let mut session = session(n, &format!("conversation {n}"));
    session.customer.id = customer.to_owned();
    session
}

async fn found(store: &dyn Store, customer: &str, forget: bool) -> Vec<Session> {
    let mut found = store.of_customer(customer, forget).await.unwrap();
    found.sort_by_key(|session| session.id);
    found
}

pub async fn the_sessions_of_a_customer_are_found(premises: &dyn Premises) {
    let store = premises.open();
    let sessions = [of(1, "ann"), ended(&of(2, "ann")), of(3, "bob"), of(4, "")];
    for session in &sessions {
        commit(&*store, becomes(session, Vec::new())).await.unwrap();
    }
    assert_eq!(found(&*store, "ann", false).await, sessions[..2]);
    assert_eq!(found(&*store, "bob", false).await, sessions[2..3]);
    assert!(found(&*store, "", false).await.is_empty(), "who is not known is nobody");
    // The channel may tell it later.
    commit(&*store, becomes(&of(4, "bob"), Vec::new())).await.unwrap();
    assert_eq!(found(&*store, "bob", false).await.len(), 2);
}

pub async fn what_is_to_be_forgotten_does_not_outlive_its_end(premises: &dyn Premises) {
    let store = premises.open();
    let (open, over, other) = (of(1, "ann"), ended(&of(2, "ann")), ended(&of(3, "bob")));
    for session in [&open, &over, &other] {
        commit(&*store, becomes(session, Vec::new())).await.unwrap();
    }
    assert_eq!(found(&*store, "ann", true).await, [open.clone(), over.clone()]);
    assert_eq!(sessions_expired(&*store, NOW).await, 1);
    assert_eq!(found(&*store, "ann", false).await, from_ref(&open), "it is still under way");
    end(&*store, &open, at(1)).await;
    assert_eq!(sessions_expired(&*store, at(1)).await, 1);
    assert!(found(&*store, "ann", false).await.is_empty());
    assert!(stored(&*store, &other).await.is_some(), "nobody asked for that");
}

pub async fn what_is_still_on_its_way_is_carried_before_it_is_forgotten(premises: &dyn Premises) {
    let store = premises.open();
    let mut over = ended(&of(1, "ann"));
    let control = post(&mut over, ToCustomer, at(5));
    commit(&*store, becomes(&over, vec![control.clone()])).await.unwrap();
    let mut held = ended(&of(2, "ann"));
    let waiting = post(&mut held, ToCustomer, Timestamp::NEVER);
    commit(&*store, becomes(&held, vec![waiting])).await.unwrap();
    found(&*store, "ann", true).await;
    assert_eq!(sessions_expired(&*store, at(5)).await, 1, "what waits for the customer is not waited for");
    assert_eq!(claimed(&*store, at(5)).await, from_ref(&control));
    assert_eq!(sessions_expired(&*store, at(5)).await, 0, "it is under way");
    settle(&*store, &control, Fate::Done, at(5)).await;
    assert_eq!(sessions_expired(&*store, at(5)).await, 1);
}
