//! What is decided is written whole or not at all, is there for good, and harms nobody else.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use handover_handoff::decision::Decision;
use handover_handoff::decision::Fate;
use handover_handoff::delivery::Direction::{ToCustomer, ToVendor};
use handover_handoff::{Session, Timestamp};
use handover_store::{Capacity, Committed, Once, Store, StoreError, Subject};

use crate::premises::{
    NOW, Premises, at, becomes, claim, claimed, commit, ended, post, put, session, settle, soon, stored,
};

fn once(key: &str) -> Once {
    Once { scope: "contoso".to_owned(), key: key.to_owned() }
}

pub async fn what_is_committed_is_there_when_it_is_opened_again(premises: &dyn Premises) {
    let store = premises.open();
    let mut session = session(1, "one");
    session.vendor.lookup_keys = vec!["chat-7".to_owned()];
    let deliveries = vec![post(&mut session, ToVendor, at(5)), post(&mut session, ToCustomer, at(7))];
    let decision = Decision { wake: Some(at(9)), ..becomes(&session, deliveries.clone()) };
    let taken = once("event-1");
    let again = decision.clone();
    let subject = || Subject::Session(session.id);
    store.transact(subject(), Some(taken.clone()), NOW, Box::new(move |_| again.clone())).await.unwrap();
    drop(store);

    let store = premises.open();
    assert_eq!(stored(&*store, &session).await, Some(session.clone()));
    let key = Subject::LookupKey { connector: "contoso".to_owned(), key: "chat-7".to_owned() };
    for subject in [subject(), key, Subject::Conversation(session.conversation.clone())] {
        let expected = session.clone();
        let (found, _) = handover_store::decide(&*store, subject, None, NOW, move |found| {
            Decision::nothing(found.as_ref() == Some(&expected))
        })
        .await
        .unwrap()
        .unwrap();
        assert!(found);
    }
    let known = store.transact(subject(), Some(taken), NOW, Box::new(|_| panic!("not asked"))).await.unwrap();
    assert!(matches!(known, Committed::Duplicate));
    assert_eq!(claim(&*store, NOW).await.next, Some(at(5)));
    let due = claim(&*store, at(9)).await;
    assert_eq!(due.claims.into_iter().map(|claim| claim.delivery).collect::<Vec<_>>(), deliveries);
    assert_eq!(due.timers, [session.id]);
}

pub async fn nothing_is_written_where_the_session_stays_as_it_is(premises: &dyn Premises) {
    let store = premises.open();
    let (session, _) = put(&*store, 1, &[]).await;
    let subject = Subject::Session(session.id);
    let nothing = store.transact(subject, None, NOW, Box::new(|_| Decision::nothing(()))).await.unwrap();
    assert!(matches!(nothing, Committed::Applied(None)));
    assert_eq!(stored(&*store, &session).await, Some(session));
}

pub async fn a_second_open_session_is_refused_whoever_asks(premises: &dyn Premises) {
    let store = premises.open();
    let first = session(1, "one");
    commit(&*store, becomes(&first, Vec::new())).await.unwrap();
    let mut second = session(2, "one");
    second.vendor.lookup_keys = vec!["chat-7".to_owned()];
    let delivery = post(&mut second, ToVendor, NOW);
    let refused = commit(&*store, Decision { wake: Some(at(1)), ..becomes(&second, vec![delivery]) });
    let elsewhere = session(3, "two");
    let fine = commit(&*store, becomes(&elsewhere, Vec::new()));
    let (refused, fine) = tokio::join!(refused, fine);
    assert!(matches!(refused, Err(StoreError::Database { .. })), "I1");
    fine.unwrap();
    assert_eq!(stored(&*store, &second).await, None);
    let due = claim(&*store, at(1)).await;
    assert!(due.claims.is_empty() && due.timers.is_empty());
    assert_eq!(stored(&*store, &first).await, Some(first.clone()));

    // The end of the first makes room.
    commit(&*store, becomes(&ended(&first), Vec::new())).await.unwrap();
    commit(&*store, becomes(&second, Vec::new())).await.unwrap();
}

pub async fn a_decision_that_cannot_be_written_harms_nobody_else(premises: &dyn Premises) {
    let store = premises.open();
    let mut sessions: Vec<Session> = (1..=9).map(|n| session(n, &format!("conversation {n}"))).collect();
    let jobs = sessions.iter_mut().enumerate().map(|(index, session)| {
        let mut deliveries = vec![post(session, ToVendor, NOW)];
        if index % 3 == 1 {
            // The same place in the lane twice.
            deliveries.push(deliveries[0].clone());
        }
        let decision = becomes(session, deliveries);
        let store = Arc::clone(&store);
        tokio::spawn(async move { commit(&*store, decision).await.is_ok() })
    });
    let jobs: Vec<_> = jobs.collect();
    for (index, job) in jobs.into_iter().enumerate() {
        assert_eq!(job.await.unwrap(), index % 3 != 1);
    }
    for (index, session) in sessions.iter().enumerate() {
        assert_eq!(stored(&*store, session).await.is_some(), index % 3 != 1);
    }
    assert_eq!(claimed(&*store, NOW).await.len(), 6);
}

pub async fn a_decider_that_panics_harms_nobody_else(premises: &dyn Premises) {
    let store = premises.open();
    let (session, _) = put(&*store, 1, &[]).await;
    let subject = || Subject::Session(session.id);
    let panicking = store.transact(subject(), Some(once("event-1")), NOW, Box::new(|_| panic!("a bug")));
    let fine = commit(&*store, becomes(&ended(&session), Vec::new()));
    let (panicking, fine) = tokio::join!(panicking, fine);
    assert!(panicking.is_err());
    fine.unwrap();
    assert_eq!(stored(&*store, &session).await, Some(ended(&session)));
    let again = becomes(&session, Vec::new());
    let again = store.transact(subject(), Some(once("event-1")), NOW, Box::new(move |_| again.clone())).await;
    assert!(matches!(again.unwrap(), Committed::Applied(None)), "it did not take effect");
}

pub async fn what_is_to_take_effect_once_does(premises: &dyn Premises) {
    let store = premises.open();
    let (session, _) = put(&*store, 1, &[]).await;
    let effects = Arc::new(AtomicU32::new(0));
    let jobs: Vec<_> = (0..32)
        .map(|n| {
            let (store, effects, id) = (Arc::clone(&store), Arc::clone(&effects), session.id);
            tokio::spawn(async move {
                let decider = move |session: Option<Session>| {
                    effects.fetch_add(1, Ordering::SeqCst);
                    let mut session = session.unwrap();
                    let delivery = post(&mut session, ToCustomer, NOW);
                    becomes(&session, vec![delivery])
                };
                let name = once(["event-1", "event-2"][n % 2]);
                store.transact(Subject::Session(id), Some(name), NOW, Box::new(decider)).await.unwrap()
            })
        })
        .collect();
    let mut applied = 0;
    for job in jobs {
        applied += u32::from(matches!(job.await.unwrap(), Committed::Applied(_)));
    }
    assert_eq!((applied, effects.load(Ordering::SeqCst)), (2, 2));
    assert_eq!(stored(&*store, &session).await.unwrap().to_customer, 2);

    // The same key in another scope is another name.
    let other = Once { scope: "genesys".to_owned(), ..once("event-1") };
    let same = becomes(&session, Vec::new());
    let other =
        store.transact(Subject::Session(session.id), Some(other), NOW, Box::new(move |_| same.clone())).await;
    assert!(matches!(other.unwrap(), Committed::Applied(_)));
}

pub async fn what_had_no_effect_may_come_again(premises: &dyn Premises) {
    let store = premises.open();
    let subject = || Subject::LookupKey { connector: "contoso".to_owned(), key: "chat-7".to_owned() };
    let early = store.transact(
        subject(),
        Some(once("event-1")),
        NOW,
        Box::new(|found| {
            assert_eq!(found, None);
            Decision::nothing(())
        }),
    );
    assert!(matches!(early.await.unwrap(), Committed::Applied(None)));

    let mut session = session(1, "one");
    session.vendor.lookup_keys = vec!["chat-7".to_owned()];
    commit(&*store, becomes(&session, Vec::new())).await.unwrap();
    let decider = |found: Option<Session>| {
        let mut session = found.unwrap();
        let delivery = post(&mut session, ToCustomer, NOW);
        becomes(&session, vec![delivery])
    };
    let late = store.transact(subject(), Some(once("event-1")), NOW, Box::new(decider)).await.unwrap();
    assert!(matches!(late, Committed::Applied(_)), "the vendor sent it again, and now it counts");
    assert_eq!(claimed(&*store, NOW).await.len(), 1);
}

pub async fn what_failed_may_come_again(premises: &dyn Premises) {
    let store = premises.open();
    let (session, _) = put(&*store, 1, &[]).await;
    let mut bad = session.clone();
    let delivery = post(&mut bad, ToVendor, NOW);
    let bad = becomes(&bad, vec![delivery.clone(), delivery]);
    let good = becomes(&session, Vec::new());
    let subject = || Subject::Session(session.id);
    store.transact(subject(), Some(once("event-1")), NOW, Box::new(move |_| bad.clone())).await.unwrap_err();
    let again = store.transact(subject(), Some(once("event-1")), NOW, Box::new(move |_| good.clone())).await;
    assert!(matches!(again.unwrap(), Committed::Applied(_)));
}

pub async fn whoever_waits_is_woken(premises: &dyn Premises) {
    let store = premises.open();
    let mut changes = store.changes();
    // Before it waits: it is told when it comes.
    let (_, deliveries) = put(&*store, 1, &[(ToVendor, 1)]).await;
    soon(changes.changed()).await.unwrap();
    // While it waits.
    claim(&*store, NOW).await;
    changes.mark_unchanged();
    let waiting = tokio::spawn(async move { soon(changes.changed()).await.unwrap() });
    tokio::task::yield_now().await;
    settle(&*store, &deliveries[0], Fate::Again { due: at(5), maybe_duplicate: false, counts: true }, NOW)
        .await;
    waiting.await.unwrap();
}

pub async fn verdicts_come_back(premises: &dyn Premises) {
    let store = premises.open();
    let (session, _) = put(&*store, 1, &[]).await;
    let subject = || Subject::Session(session.id);
    let decide = |store: Arc<dyn Store>| async move {
        handover_store::decide(&*store, subject(), Some(once("event-1")), NOW, |session| Decision {
            session,
            deliveries: Vec::new(),
            settlement: None,
            released: None,
            wake: None,
            verdict: "accepted",
        })
        .await
        .unwrap()
    };
    assert_eq!(decide(Arc::clone(&store)).await.unwrap().0, "accepted");
    assert!(decide(Arc::clone(&store)).await.is_none(), "a duplicate has none");
}

pub async fn it_serves(premises: &dyn Premises) {
    let store = premises.open();
    store.check().await.unwrap();
    assert_eq!(stored(&*store, &session(1, "one")).await, None);
    let due = store.claim(Timestamp(0), Capacity::of(0)).await.unwrap();
    assert!(due.claims.is_empty() && due.timers.is_empty());
}

pub async fn everything_is_counted(premises: &dyn Premises) {
    let store = premises.open();
    let (_, deliveries) = put(&*store, 1, &[(ToVendor, 3)]).await;
    let (two, _) = put(&*store, 2, &[(ToCustomer, 1)]).await;
    commit(&*store, becomes(&ended(&two), Vec::new())).await.unwrap();
    claim(&*store, NOW).await;
    settle(&*store, &deliveries[0], Fate::Dead("too large".to_owned()), NOW).await;
    settle(&*store, &deliveries[1], Fate::Done, NOW).await;
    let counts = store.counts().await.unwrap();
    let phase =
        |name: &str| counts.sessions.iter().find(|(phase, _)| *phase == name).map(|(_, count)| *count);
    assert_eq!((phase("requested"), phase("ended"), phase("active")), (Some(1), None, None));
    assert_eq!((counts.pending, counts.dead), (2, 1));
}
