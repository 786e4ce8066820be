//! Sessions are found by their conversation and by the vendor's keys, and never by another's (I1, I2).

use handover_handoff::delivery::Direction::ToVendor;
use handover_handoff::session::{Marks, Phase};
use handover_handoff::{ConversationKey, Decision, Session, SessionId};
use handover_store::{Committed, Once, Store, StoreError, Subject};

use crate::premises::{
    NOW, Premises, at, becomes, claimed, commit, conversation, ended, post, session, session_of, stored,
};

async fn found(store: &dyn Store, subject: Subject) -> Option<SessionId> {
    let decide = |session: Option<Session>| Decision::nothing(session.map(|session| session.id));
    handover_store::decide(store, subject, None, NOW, decide).await.unwrap().unwrap().0
}

fn key(connector: &str, key: &str) -> Subject {
    Subject::LookupKey { connector: connector.to_owned(), key: key.to_owned() }
}

fn with_keys(session: &Session, keys: &[&str]) -> Session {
    let mut session = session.clone();
    session.vendor.lookup_keys = keys.iter().map(|key| (*key).to_owned()).collect();
    session
}

pub async fn a_session_is_found_by_its_keys(premises: &dyn Premises) {
    let store = premises.open();
    let session = session(1, "one");
    commit(&*store, becomes(&session, Vec::new())).await.unwrap();
    assert_eq!(found(&*store, key("contoso", "chat-7")).await, None);
    commit(&*store, becomes(&with_keys(&session, &["chat-7", "case-1"]), Vec::new())).await.unwrap();
    for name in ["chat-7", "case-1"] {
        assert_eq!(found(&*store, key("contoso", name)).await, Some(session.id));
    }
    commit(&*store, becomes(&ended(&with_keys(&session, &["chat-7", "case-1"])), Vec::new())).await.unwrap();
    assert_eq!(found(&*store, key("contoso", "case-1")).await, Some(session.id), "after its end, too");
}

pub async fn keys_of_different_connectors_never_meet(premises: &dyn Premises) {
    let store = premises.open();
    let one = with_keys(&session(1, "one"), &["7"]);
    let two = Session { connector: "genesys".to_owned(), ..with_keys(&session(2, "two"), &["7"]) };
    for session in [&one, &two] {
        commit(&*store, becomes(session, Vec::new())).await.unwrap();
    }
    assert_eq!(found(&*store, key("contoso", "7")).await, Some(one.id));
    assert_eq!(found(&*store, key("genesys", "7")).await, Some(two.id));
    assert_eq!(found(&*store, key("zendesk", "7")).await, None);
}

pub async fn a_key_that_is_used_again_names_the_newer_session(premises: &dyn Premises) {
    let store = premises.open();
    let older = with_keys(&session(1, "one"), &["chat-7"]);
    commit(&*store, becomes(&older, Vec::new())).await.unwrap();
    commit(&*store, becomes(&ended(&older), Vec::new())).await.unwrap();
    let newer = with_keys(&session(2, "one"), &["chat-7"]);
    commit(&*store, becomes(&newer, Vec::new())).await.unwrap();
    assert_eq!(found(&*store, key("contoso", "chat-7")).await, Some(newer.id));
}

pub async fn further_keys_do_not_take_others_back(premises: &dyn Premises) {
    let store = premises.open();
    let older = with_keys(&session(1, "one"), &["chat-7"]);
    let newer = with_keys(&session(2, "two"), &["chat-7"]);
    commit(&*store, becomes(&older, Vec::new())).await.unwrap();
    commit(&*store, becomes(&ended(&older), Vec::new())).await.unwrap();
    commit(&*store, becomes(&newer, Vec::new())).await.unwrap();
    commit(&*store, becomes(&ended(&with_keys(&older, &["chat-7", "case-1"])), Vec::new())).await.unwrap();
    assert_eq!(found(&*store, key("contoso", "case-1")).await, Some(older.id));
    assert_eq!(found(&*store, key("contoso", "chat-7")).await, Some(newer.id));
}

pub async fn a_key_that_is_replaced_is_found(premises: &dyn Premises) {
    let store = premises.open();
    let session = with_keys(&session(1, "one"), &["request-1"]);
    commit(&*store, becomes(&session, Vec::new())).await.unwrap();
    commit(&*store, becomes(&with_keys(&session, &["chat-7"]), Vec::new())).await.unwrap();
    assert_eq!(found(&*store, key("contoso", "chat-7")).await, Some(session.id));
}

pub async fn a_conversation_names_its_open_session_else_its_latest(premises: &dyn Premises) {
    let store = premises.open();
    let subject = || Subject::Conversation(conversation("one"));
    assert_eq!(found(&*store, subject()).await, None);
    let begun = |n: u128, ms: u64| {
        let session = session(n, "one");
        Session { marks: Marks { started: at(ms), ..session.marks }, ..session }
    };
    let (first, second) = (begun(2, 10), begun(1, 20));
    commit(&*store, becomes(&ended(&second), Vec::new())).await.unwrap();
    commit(&*store, becomes(&first, Vec::new())).await.unwrap();
    assert_eq!(found(&*store, subject()).await, Some(first.id), "the open one");
    commit(&*store, becomes(&ended(&first), Vec::new())).await.unwrap();
    assert_eq!(found(&*store, subject()).await, Some(second.id), "the latest");
}

pub async fn conversations_of_different_tenants_and_channels_never_meet(premises: &dyn Premises) {
    let store = premises.open();
    let keys =
        [("a", "msteams"), ("b", "msteams"), ("a", "webchat")].map(|(tenant, channel)| ConversationKey {
            tenant: tenant.to_owned(),
            channel: channel.to_owned(),
            conversation: "one".to_owned(),
        });
    for (n, key) in (1..).zip(&keys) {
        commit(&*store, becomes(&session_of(n, key.clone()), Vec::new())).await.unwrap();
    }
    for (n, key) in (1..).zip(keys) {
        assert_eq!(found(&*store, Subject::Conversation(key.clone())).await, Some(session_of(n, key).id));
    }
}

pub async fn a_key_of_another_open_session_is_refused(premises: &dyn Premises) {
    let store = premises.open();
    let owner = with_keys(&session(1, "one"), &["chat-7"]);
    commit(&*store, becomes(&owner, Vec::new())).await.unwrap();
    let mut other = session(2, "two");
    commit(&*store, becomes(&other, Vec::new())).await.unwrap();
    let before = other.clone();
    let delivery = post(&mut other, ToVendor, NOW);
    let crossing = becomes(&with_keys(&other, &["case-1", "chat-7"]), vec![delivery]);
    let once = || Some(Once { scope: "contoso".to_owned(), key: "event-1".to_owned() });
    let refused =
        store.transact(Subject::Session(other.id), once(), NOW, Box::new(move |_| crossing.clone()));
    let StoreError::KeyTaken { connector, owner: named } = refused.await.unwrap_err() else {
        panic!("I2 is not kept")
    };
    assert_eq!((connector, named), ("contoso".to_owned(), owner.id.to_string()));

    assert_eq!(stored(&*store, &other).await, Some(before), "nothing is written");
    assert_eq!(found(&*store, key("contoso", "chat-7")).await, Some(owner.id));
    assert_eq!(found(&*store, key("contoso", "case-1")).await, None);
    assert!(claimed(&*store, NOW).await.is_empty());
    let fine = becomes(&with_keys(&other, &["case-1"]), Vec::new());
    let fine = store.transact(Subject::Session(other.id), once(), NOW, Box::new(move |_| fine.clone())).await;
    assert!(matches!(fine.unwrap(), Committed::Applied(_)), "nor is the name taken");
}

pub async fn whether_a_connector_has_a_start_under_way_is_known(premises: &dyn Premises) {
    let store = premises.open();
    let starting = async |connector: &str| store.starting(connector).await.unwrap();
    assert!(!starting("contoso").await);
    let requested = session(1, "one");
    let elsewhere = Session { connector: "genesys".to_owned(), ..session(2, "two") };
    for session in [&requested, &elsewhere] {
        commit(&*store, becomes(session, Vec::new())).await.unwrap();
    }
    assert!(starting("contoso").await && starting("genesys").await && !starting("zendesk").await);
    let active = Session { phase: Phase::Active, ..requested };
    commit(&*store, becomes(&active, Vec::new())).await.unwrap();
    commit(&*store, becomes(&ended(&elsewhere), Vec::new())).await.unwrap();
    assert!(!starting("contoso").await && !starting("genesys").await);
}
