//! Where a store is, and what the contract's deciders put into it.

use std::sync::Arc;

use handover_handoff::address::{Account, ReturnAddress, Route};
use handover_handoff::decision::{Decision, Fate, Settlement};
use handover_handoff::delivery::{Delivery, Direction, Parcel, Receipt};
use handover_handoff::notice::Notice;
use handover_handoff::policy::{Env, Policy};
use handover_handoff::session::{EndReason, Phase};
use handover_handoff::turn::{self, Opening, Request, Turn};
use handover_handoff::vendor::{Customer, StartRequest};
use handover_handoff::{ConversationKey, DeliveryId, Session, SessionId, Timestamp};
use handover_store::{Claim, Committed, Due, Store, StoreError, Subject};
use uuid::Uuid;

/// Data that outlives the stores that are opened on it.
pub trait Premises: Send + Sync {
    /// Opens the store. Whoever opened it before has dropped it.
    fn open(&self) -> Arc<dyn Store>;
}

pub const NOW: Timestamp = Timestamp(1_800_000_000_000);

pub fn at(ms: u64) -> Timestamp {
    NOW.plus(ms)
}

pub fn conversation(name: &str) -> ConversationKey {
    ConversationKey {
        tenant: "tenant".to_owned(),
        channel: "msteams".to_owned(),
        conversation: name.to_owned(),
    }
}

/// An open session that nothing has been posted for.
pub fn session(n: u128, name: &str) -> Session {
    session_of(n, conversation(name))
}

pub fn session_of(n: u128, key: ConversationKey) -> Session {
    let decision = turn::decide(
        None,
        &start_turn(key),
        Opening { id: SessionId(Uuid::from_u128(n)), connector: "contoso".to_owned() },
        Env { now: NOW, policy: &Policy::default() },
    );
    Session { to_vendor: 0, ..decision.session.unwrap() }
}

pub fn start_turn(key: ConversationKey) -> Turn {
    let route = Route::SkillCallback { base: "https://bot.example/".to_owned() };
    Turn {
        address: ReturnAddress {
            to_bot: route.clone(),
            to_customer: route,
            channel: key.channel.clone(),
            conversation: key.conversation.clone(),
            service_url: "https://bot.example/".to_owned(),
            bot: None,
            customer: Account::default(),
            locale: None,
            caller: None,
        },
        key,
        customer: Customer::default(),
        activity: Some("activity".to_owned()),
        inline: false,
        request: Request::Start(StartRequest::default()),
    }
}

pub fn ended(session: &Session) -> Session {
    Session { phase: Phase::Ended(EndReason::LiveAgent), ..session.clone() }
}

/// Puts something at the end of a session's lane.
pub fn post(session: &mut Session, direction: Direction, due: Timestamp) -> Delivery {
    let (seq, parcel) = match direction {
        Direction::ToVendor => {
            (&mut session.to_vendor, Parcel::Receipt { message: "m".to_owned(), receipt: Receipt::Delivered })
        }
        Direction::ToCustomer => (&mut session.to_customer, Parcel::Notice(Notice::NotDelivered)),
    };
    *seq += 1;
    Delivery {
        id: DeliveryId::of(session.id, direction, *seq),
        session: session.id,
        direction,
        seq: *seq,
        parcel,
        attempt: 1,
        created: NOW,
        due,
        maybe_duplicate: false,
    }
}

pub fn becomes(session: &Session, deliveries: Vec<Delivery>) -> Decision<()> {
    Decision { session: Some(session.clone()), deliveries, settlement: None, wake: None, verdict: () }
}

/// Commits a decision as it stands.
pub async fn commit(store: &dyn Store, decision: Decision<()>) -> Result<Committed, StoreError> {
    let subject = Subject::Session(decision.session.as_ref().unwrap().id);
    store.transact(subject, None, NOW, Box::new(move |_| decision.clone())).await
}

/// A session with so many deliveries in each lane that is named.
pub async fn put(store: &dyn Store, n: u128, lanes: &[(Direction, u64)]) -> (Session, Vec<Delivery>) {
    let mut session = session(n, &format!("conversation {n}"));
    let mut deliveries = Vec::new();
    for (direction, count) in lanes {
        deliveries.extend((0..*count).map(|_| post(&mut session, *direction, NOW)));
    }
    commit(store, becomes(&session, deliveries.clone())).await.unwrap();
    (session, deliveries)
}

/// Settles a delivery and leaves its session as it is; the next one, where it is handed out.
pub async fn settle(
    store: &dyn Store,
    delivery: &Delivery,
    fate: Fate,
    now: Timestamp,
) -> Option<Box<Claim>> {
    let id = delivery.id;
    let decider = move |session: Option<Session>| Decision {
        settlement: Some(Settlement { delivery: id, fate: fate.clone() }),
        ..becomes(&session.unwrap(), Vec::new())
    };
    match store.transact(Subject::Session(delivery.session), None, now, Box::new(decider)).await.unwrap() {
        Committed::Applied(next) => next,
        Committed::Duplicate => panic!("nothing was named"),
    }
}

pub async fn claim(store: &dyn Store, now: Timestamp) -> Due {
    store.claim(now, 100).await.unwrap()
}

/// The deliveries that can be claimed now.
pub async fn claimed(store: &dyn Store, now: Timestamp) -> Vec<Delivery> {
    claim(store, now).await.claims.into_iter().map(|claim| claim.delivery).collect()
}

pub async fn stored(store: &dyn Store, session: &Session) -> Option<Session> {
    store.session(session.id).await.unwrap()
}
