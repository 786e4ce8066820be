//! What is to be sealed, and keys to seal it with.

use handover_handoff::address::Route;
use handover_handoff::decision::Fate;
use handover_handoff::delivery::Direction::{ToCustomer, ToVendor};
use handover_handoff::delivery::{Delivery, Parcel};
use handover_handoff::vendor::{
    AgentMessage, Attribute, AuthorKind, Participant, StartRequest, TextFormat, Utterance,
};
use handover_handoff::{Session, SessionId};
use handover_store::{Callback, Capacity, Kept, Key, Keys, Place, Store, StoreError, Zeroizing};

use crate::premises::{NOW, becomes, claimed, commit, post, put, session, settle};

/// Everything that must not stand anywhere in the clear.
pub const SECRETS: [&str; 12] = [
    "my-number-is-4711",
    "my-problem-is-4712",
    "i-said-4713-before",
    "attribute-4714",
    "name-4715",
    "mail-4716@example.org",
    "sig=4717",
    "state-4718",
    "token-4719",
    "progress-4720",
    "the-agent-said-4721",
    "the-vendor-posted-4722",
];

/// The key of this id; each byte makes another one.
pub fn key(id: &str, byte: u8) -> Key {
    Key::new(id, Zeroizing::new([byte; 32])).unwrap()
}

/// Seals with the first of these, reads the others.
pub fn keys(ids: &[&str]) -> Keys {
    let mut keys = ids.iter().map(|id| key(id, id.len() as u8));
    Keys::new(keys.next().unwrap(), keys).unwrap()
}

/// All that a store can hold of a session; where a secret is kept, it is there.
pub async fn plant(store: &dyn Store, n: u128) -> (Session, Vec<Delivery>) {
    let mut session = session(n, &format!("conversation {n}"));
    session.customer.id = "ann".to_owned();
    session.customer.name = Some("name-4715".to_owned());
    session.customer.email = Some("mail-4716@example.org".to_owned());
    session.customer.attributes =
        vec![Attribute { name: "account".to_owned(), value: "attribute-4714".to_owned() }];
    session.address.to_customer =
        Route::SignedUrl { url: "https://channel.example/reply?sig=4717".to_owned() };
    session.vendor.state = "state-4718".to_owned();
    session.vendor.tokens = Some("token-4719".to_owned());
    session.vendor.progress = Some("progress-4720".to_owned());
    let mut start = post(&mut session, ToVendor, NOW);
    start.parcel = Parcel::Start(StartRequest {
        problem: Some("my-problem-is-4712".to_owned()),
        transcript: vec![Utterance {
            author: AuthorKind::Customer,
            name: None,
            text: "i-said-4713-before".to_owned(),
            time: None,
        }],
        ..StartRequest::default()
    });
    let mut message = post(&mut session, ToVendor, NOW);
    if let Parcel::Message(message) = &mut message.parcel {
        message.text = "my-number-is-4711 ".repeat(500);
    }
    let mut answer = post(&mut session, ToCustomer, NOW);
    answer.parcel = Parcel::AgentMessage(AgentMessage {
        id: None,
        author: Participant::default(),
        text: "the-agent-said-4721".to_owned(),
        format: TextFormat::Plain,
        attachments: Vec::new(),
        reply_to: None,
    });
    let deliveries = vec![start, message, answer];
    commit(store, becomes(&session, deliveries.clone())).await.unwrap();
    (session, deliveries)
}

/// One dead letter of a session that was planted, and one callback that nobody could read.
pub async fn plant_failures(store: &dyn Store, planted: &[Delivery]) {
    let claims = store.claim(NOW, Capacity::of(100)).await.unwrap().claims;
    let head = claims.into_iter().find(|claim| claim.delivery.id == planted[0].id).unwrap().delivery;
    settle(store, &head, Fate::Dead("too large".to_owned()), NOW).await;
    store.leave(NOW).await.unwrap();
    keep(store, "the-vendor-posted-4722").await;
}

pub async fn keep(store: &dyn Store, request: &str) {
    let callback = Callback {
        connector: "contoso".to_owned(),
        received: NOW,
        tried: "version 1".to_owned(),
        reason: "what is this?".to_owned(),
        request: request.into(),
    };
    store.keep(callback).await.unwrap();
}

/// What a store gives back of what was planted.
#[derive(Debug, PartialEq)]
pub struct Shown {
    sessions: Vec<Session>,
    dead: Vec<Parcel>,
    waiting: Vec<Parcel>,
    kept: Vec<Kept>,
}

/// Everything that was planted as it comes back.
pub async fn show(store: &dyn Store) -> Shown {
    let dead = store.dead_letters(Default::default(), None, 100).await.unwrap();
    let mut waiting = store.claim(NOW, Capacity::of(100)).await.unwrap().claims;
    store.leave(NOW).await.unwrap();
    waiting.sort_by_key(|claim| claim.delivery.id);
    Shown {
        sessions: store.of_customer("ann", false).await.unwrap(),
        dead: dead.into_iter().map(|letter| letter.delivery.parcel).collect(),
        waiting: waiting.into_iter().map(|claim| claim.delivery.parcel).collect(),
        kept: store.kept("contoso", "version 2", 0, 100).await.unwrap(),
    }
}

/// Those of the secrets that occur in these bytes.
pub fn found(bytes: &[u8]) -> Vec<&'static str> {
    let occurs = |secret: &&str| bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
    SECRETS.into_iter().filter(occurs).collect()
}

/// Reseals in small steps until nothing is left: how many there were.
pub async fn reseal_all(store: &dyn Store) -> usize {
    let mut all = 0;
    loop {
        let moved = store.reseal(3).await.unwrap();
        assert!(moved <= 3);
        if moved == 0 {
            return all;
        }
        all += moved;
    }
}

/// The counts of [`Store::sealed_with`], with nothing for what is in the clear.
pub async fn counts(store: &dyn Store) -> Vec<(String, u64)> {
    let counts = store.sealed_with().await.unwrap();
    counts.into_iter().map(|(key, count)| (key.unwrap_or_default(), count)).collect()
}

/// It cannot be opened, and the error says whose it is and which key it names.
pub async fn assert_altered(store: &dyn Store, id: SessionId, key: &str) {
    let refused = store.session(id).await.unwrap_err();
    assert!(matches!(refused, StoreError::Altered { .. }), "{refused}");
    let said = refused.to_string();
    assert!(said.contains(&format!("session {id}")) && said.contains(&format!("`{key}`")), "{said}");
}

/// So many sessions with one dead letter each.
pub async fn bury(store: &dyn Store, sessions: u128) {
    for n in 1..=sessions {
        put(store, n, &[(ToVendor, 1)]).await;
    }
    for delivery in claimed(store, NOW).await {
        settle(store, &delivery, Fate::Dead("too large".to_owned()), NOW).await;
    }
}

/// Of three dead letters the first cannot be read: the others are listed all the same, page by page.
pub async fn assert_the_others_are_listed(store: &dyn Store) {
    let mut after = None;
    for wanted in [Some(2), Some(3), None] {
        let page = store.dead_letters(Default::default(), after, 1).await.unwrap();
        let listed = page.first().map(|letter| letter.delivery.session);
        assert_eq!(listed, wanted.map(|n| session(n, "").id));
        after = listed.map(|session| Place { session, direction: ToVendor, seq: 1 });
    }
}
