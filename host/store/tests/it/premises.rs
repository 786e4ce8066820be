//! Where a store is, and what the contract's deciders put into it.

use std::sync::Arc;
use std::time::Duration;

use handover_handoff::address::{Account, ReturnAddress, Route};
use handover_handoff::decision::{Decision, Fate, Settlement};
use handover_handoff::delivery::{Delivery, Direction, Parcel, Receipt, Target};
use handover_handoff::notice::Notice;
use handover_handoff::policy::{Env, Policy};
use handover_handoff::session::{EndReason, Phase};
use handover_handoff::turn::{self, Opening, Request, Turn};
use handover_handoff::vendor::{Customer, CustomerMessage, StartRequest, TextFormat};
use handover_handoff::{ConversationKey, DeliveryId, Session, SessionId, Timestamp};
use handover_store::{Capacity, Claim, Committed, Due, Room, Store, StoreError, Subject};
use uuid::Uuid;

/// Data that outlives the stores that are opened on it.
pub trait Premises: Send + Sync {
    /// Opens the store. Whoever opened it before has dropped it.
    fn open(&self) -> Arc<dyn Store>;

    /// Opens it as a further node beside those that have it open; none where the engine serves one process only.
    fn beside(&self) -> Option<Arc<dyn Store>>;
}

pub const NOW: Timestamp = Timestamp(1_800_000_000_000);

/// How long what is posted may be on its way, in milliseconds.
pub const PATIENCE: u64 = 120_000;

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
        Opening {
            id: SessionId(Uuid::from_u128(n)),
            connector: "contoso".to_owned(),
            further: Vec::new(),
            routing: Vec::new(),
        },
        Env::new(NOW, &Policy::default()),
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

fn hello() -> CustomerMessage {
    CustomerMessage {
        author: None,
        text: "hello".to_owned(),
        format: TextFormat::Plain,
        attachments: Vec::new(),
        time: NOW,
    }
}

/// Puts something at the end of a session's lane.
pub fn post(session: &mut Session, direction: Direction, due: Timestamp) -> Delivery {
    let (seq, parcel) = match direction {
        Direction::ToVendor => (&mut session.to_vendor, Parcel::Message(hello())),
        Direction::ToCustomer => (&mut session.to_customer, Parcel::Notice(Notice::NotDelivered)),
        Direction::Receipts => {
            (&mut session.receipts, Parcel::Receipt { message: "m".to_owned(), receipt: Receipt::Delivered })
        }
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
        deadline: due.plus(PATIENCE),
        maybe_duplicate: false,
    }
}

pub fn becomes(session: &Session, deliveries: Vec<Delivery>) -> Decision<()> {
    Decision {
        session: Some(session.clone()),
        deliveries,
        settlement: None,
        released: None,
        wake: None,
        verdict: (),
    }
}

/// Commits a decision as it stands.
pub async fn commit(store: &dyn Store, decision: Decision<()>) -> Result<Committed, StoreError> {
    commit_at(store, decision, NOW).await
}

/// Commits a decision as it stands, at this time.
pub async fn commit_at(
    store: &dyn Store,
    decision: Decision<()>,
    now: Timestamp,
) -> Result<Committed, StoreError> {
    let subject = Subject::Session(decision.session.as_ref().unwrap().id);
    store.transact(subject, None, now, Box::new(move |_| decision.clone())).await
}

/// An open session of a connector, with one delivery to its vendor that is due at this time.
pub async fn put_for(store: &dyn Store, n: u128, connector: &str, due: Timestamp) -> Delivery {
    let mut session = session(n, &format!("conversation {n}"));
    session.connector = connector.to_owned();
    let delivery = post(&mut session, Direction::ToVendor, due);
    commit(store, becomes(&session, vec![delivery.clone()])).await.unwrap();
    delivery
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
    let settlement = Settlement { delivery: delivery.id, attempt: delivery.attempt, fate };
    let decider = move |session: Option<Session>| Decision {
        settlement: Some(settlement.clone()),
        ..becomes(&session.unwrap(), Vec::new())
    };
    match store.transact(Subject::Session(delivery.session), None, now, Box::new(decider)).await.unwrap() {
        Committed::Applied(next) => next,
        Committed::Duplicate => panic!("nothing was named"),
    }
}

pub async fn claim(store: &dyn Store, now: Timestamp) -> Due {
    store.claim(now, Capacity::of(100)).await.unwrap()
}

/// What can be claimed where this target has that room and all others have plenty.
pub async fn claim_with(store: &dyn Store, now: Timestamp, target: &Target, room: Room) -> Due {
    let targets = [(target.clone(), room)].into();
    store.claim(now, Capacity { targets, ..Capacity::of(100) }).await.unwrap()
}

/// The deliveries that can be claimed now.
pub async fn claimed(store: &dyn Store, now: Timestamp) -> Vec<Delivery> {
    claim(store, now).await.claims.into_iter().map(|claim| claim.delivery).collect()
}

pub async fn stored(store: &dyn Store, session: &Session) -> Option<Session> {
    store.session(session.id).await.unwrap()
}

/// Waits for what comes at once or not at all.
pub async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), what).await.expect("it does not come")
}
