//! Many at once: nothing is lost, order holds, and one of many starts wins.

use std::collections::HashMap;
use std::sync::Arc;

use handover_handoff::decision::Fate;
use handover_handoff::delivery::Direction::{ToCustomer, ToVendor};
use handover_handoff::policy::{Env, Policy};
use handover_handoff::turn::{self, Opening, Verdict};
use handover_handoff::{Session, SessionId};
use handover_store::{Capacity, Subject};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::premises::{
    NOW, Premises, becomes, claim, claimed, commit, conversation, post, put, session, settle, start_turn,
    stored,
};

const SESSIONS: u64 = 50;
const DECISIONS: u64 = 200;

pub async fn nothing_is_lost_and_order_holds(premises: &dyn Premises) {
    let store = premises.open();
    let sessions: Vec<Session> =
        (1..=SESSIONS).map(|n| session(n.into(), &format!("conversation {n}"))).collect();
    for session in &sessions {
        commit(&*store, becomes(session, Vec::new())).await.unwrap();
    }
    let mut jobs = JoinSet::new();
    for session in &sessions {
        // Several that know nothing of each other decide on each session.
        for _ in 0..4 {
            let (store, id) = (Arc::clone(&store), session.id);
            jobs.spawn(async move {
                for n in 0..DECISIONS / 4 {
                    let decider = move |session: Option<Session>| {
                        let mut session = session.unwrap();
                        let direction = if n % 2 == 0 { ToVendor } else { ToCustomer };
                        let delivery = post(&mut session, direction, NOW);
                        becomes(&session, vec![delivery])
                    };
                    store.transact(Subject::Session(id), None, NOW, Box::new(decider)).await.unwrap();
                }
            });
        }
    }
    jobs.join_all().await;
    drop(store);

    let store = premises.open();
    for session in &sessions {
        let session = stored(&*store, session).await.unwrap();
        assert_eq!((session.to_vendor, session.to_customer), (DECISIONS / 2, DECISIONS / 2));
    }
    let mut seen: HashMap<_, u64> = HashMap::new();
    // A worker for each lane, so that many settlements share a commit.
    let mut workers = JoinSet::new();
    for head in store.claim(NOW, Capacity::of(1_000)).await.unwrap().claims {
        let store = Arc::clone(&store);
        workers.spawn(async move {
            let mut carried = Vec::new();
            let mut next = Some(Box::new(head));
            while let Some(claim) = next {
                next = settle(&*store, &claim.delivery, Fate::Done, NOW).await;
                carried.push(claim.delivery);
            }
            carried
        });
    }
    for delivery in workers.join_all().await.into_iter().flatten() {
        let last = seen.entry((delivery.session, delivery.direction)).or_default();
        *last += 1;
        assert_eq!(delivery.seq, *last, "I5");
    }
    assert_eq!(seen.len() as u64, 2 * SESSIONS);
    assert!(seen.values().all(|last| *last == DECISIONS / 2));
    assert_eq!(claim(&*store, NOW).await.next, None);
}

pub async fn workers_share_the_lanes(premises: &dyn Premises) {
    let store = premises.open();
    for n in 1..=20 {
        put(&*store, n, &[(ToVendor, 10), (ToCustomer, 10)]).await;
    }
    let mut workers = JoinSet::new();
    for _ in 0..8 {
        let store = Arc::clone(&store);
        workers.spawn(async move {
            let mut carried = Vec::new();
            loop {
                let Some(first) = store.claim(NOW, Capacity::of(1)).await.unwrap().claims.pop() else {
                    return carried;
                };
                let mut next = Some(Box::new(first));
                while let Some(claim) = next {
                    carried.push(claim.delivery.id);
                    next = settle(&*store, &claim.delivery, Fate::Done, NOW).await;
                }
            }
        });
    }
    let mut carried: Vec<_> = workers.join_all().await.into_iter().flatten().collect();
    assert_eq!(carried.len(), 400);
    carried.sort();
    carried.dedup();
    assert_eq!(carried.len(), 400, "each by one");
    assert!(claimed(&*store, NOW).await.is_empty());
}

pub async fn one_of_many_starts_opens_the_session(premises: &dyn Premises) {
    let store = premises.open();
    let mut turns = JoinSet::new();
    for n in 1..=32_u128 {
        let store = Arc::clone(&store);
        turns.spawn(async move {
            let subject = Subject::Conversation(conversation("one"));
            let decide = move |session| {
                let opening = Opening {
                    id: SessionId(Uuid::from_u128(n)),
                    connector: "contoso".to_owned(),
                    further: Vec::new(),
                    routing: Vec::new(),
                };
                let policy = Policy::default();
                turn::decide(session, &start_turn(conversation("one")), opening, Env::new(NOW, &policy))
            };
            handover_store::decide(&*store, subject, None, NOW, decide).await.unwrap().unwrap().0
        });
    }
    let verdicts = turns.join_all().await;
    assert!(matches!(verdicts[0], Verdict::Starting(_)));
    assert!(verdicts.iter().all(|verdict| *verdict == verdicts[0]), "I1: all are told of the same session");
    assert_eq!(claimed(&*store, NOW).await.len(), 1, "the vendor is asked once");
}
