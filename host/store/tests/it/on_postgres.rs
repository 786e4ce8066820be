//! The contract on PostgreSQL, and what a shared database owes besides: migrations that may race, and records and
//! names of any kind.

use std::sync::{Arc, Mutex};

use handover_handoff::Timestamp;
use handover_handoff::decision::{Decision, Fate};
use handover_handoff::delivery::Direction::ToVendor;
use handover_store::{Capacity, Committed, Node, Once, PostgresStore, Store, StoreError, Subject};
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use crate::postgres_clock::Aging;
use crate::postgres_cluster::{Cluster, execute, look};
use crate::premises::{
    NOW, Premises, becomes, claim, claimed, commit, post, put, session, session_of, settle, soon, stored,
};

/// A database of its own on the shared server: its URL, and how late it is there.
pub struct Database(pub String, Arc<Mutex<Timestamp>>);

impl Database {
    pub fn new() -> Self {
        Self::on(Cluster::shared())
    }

    pub fn on(cluster: &Cluster) -> Self {
        Self(cluster.database(), Arc::new(Mutex::new(NOW)))
    }

    pub async fn connect(&self) -> Result<PostgresStore, StoreError> {
        PostgresStore::connect(&self.0, Node { connections: 8, ..Node::default() }).await
    }

    /// What another program does to it.
    pub async fn execute(&self, sql: &str) {
        // The schema that stores use by default.
        execute(self.0.clone(), format!("SET search_path = handover; {sql}")).await;
    }
}

impl Premises for Database {
    fn open(&self) -> Arc<dyn Store> {
        let store = tokio::task::block_in_place(|| Handle::current().block_on(self.connect())).unwrap();
        Arc::new(Aging { store, url: self.0.clone(), latest: Arc::clone(&self.1) })
    }

    fn beside(&self) -> Option<Arc<dyn Store>> {
        Some(self.open())
    }
}

crate::contract!(Database::new());

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_nodes_may_start_at_once() {
    let database = Arc::new(Database::new());
    let mut starts = JoinSet::new();
    for _ in 0..8 {
        let database = Arc::clone(&database);
        starts.spawn(async move { database.connect().await.map(drop) });
    }
    for started in starts.join_all().await {
        started.unwrap();
    }
    assert_eq!(look(&database.0, "SELECT count(*) FROM handover.migrations").await, ["2"]);
}

#[tokio::test]
async fn a_newer_schema_is_refused_unless_it_only_adds() {
    let database = Database::new();
    drop(database.connect().await.unwrap());
    database.execute("INSERT INTO migrations (version, compatible_from) VALUES (98, 1)").await;
    let store = database.connect().await.expect("an older node may start beside newer ones");
    put(&store, 1, &[(ToVendor, 1)]).await;
    assert_eq!(claimed(&store, NOW).await.len(), 1);
    database.execute("INSERT INTO migrations (version, compatible_from) VALUES (99, 99)").await;
    let refused = database.connect().await.err().unwrap();
    assert!(matches!(refused, StoreError::Newer { found: 99, known: 2, .. }), "{refused}");
    store.check().await.expect("the one that runs goes on");
}

#[tokio::test]
async fn the_url_names_the_schema() {
    let database = Database::new();
    let url = format!("{}&options=-c%20search_path%3Dapart", database.0);
    let apart = PostgresStore::connect(&url, Node::default()).await.unwrap();
    put(&apart, 1, &[]).await;
    let beside = database.connect().await.unwrap();
    assert_eq!(stored(&beside, &session(1, "")).await, None);
    assert_eq!(look(&database.0, "SELECT count(*) FROM apart.sessions").await, ["1"]);
}

#[tokio::test]
async fn what_cannot_be_reached_is_told_without_the_password() {
    let url = "postgres://me:hunter2@127.0.0.1:1/chats";
    let refused = PostgresStore::connect(url, Node::default()).await.err().unwrap().to_string();
    assert!(refused.contains("postgres://me@127.0.0.1:1/chats") && !refused.contains("hunter2"), "{refused}");
}

#[tokio::test]
async fn one_record_that_cannot_be_read_stops_no_other() {
    let database = Database::new();
    let store = database.connect().await.unwrap();
    for n in 1..=3 {
        let mut session = session(n, &format!("conversation {n}"));
        let delivery = post(&mut session, ToVendor, NOW);
        commit(&store, Decision { wake: Some(NOW), ..becomes(&session, vec![delivery]) }).await.unwrap();
    }
    let (one, two) = (session(1, "").id, session(2, "").id);
    database.execute(&format!("UPDATE deliveries SET parcel = '{{' WHERE session = '{one}'")).await;
    database.execute(&format!("UPDATE sessions SET document = '{{' WHERE id = '{two}'")).await;

    let due = claim(&store, NOW).await;
    assert_eq!(due.claims.len(), 1);
    assert_eq!(due.claims[0].session.id, session(3, "").id);
    assert_eq!(due.timers.len(), 3);
    let due = claim(&store, NOW).await;
    assert!(due.next.unwrap() > NOW, "it is not looked at again at once");
    let unreadable = store.session(two).await.unwrap_err();
    assert!(matches!(unreadable, StoreError::Unreadable { record: "session", .. }), "{unreadable}");
    let attempts = "SELECT DISTINCT attempt FROM handover.deliveries";
    assert_eq!(look(&database.0, attempts).await, ["1"], "what nobody could read was not tried");
}

#[tokio::test]
async fn what_does_not_fit_is_refused_and_the_store_goes_on() {
    let store = Database::new().connect().await.unwrap();
    let beyond = Timestamp(u64::MAX);
    commit(&store, Decision { wake: Some(beyond), ..becomes(&session(1, "one"), Vec::new()) })
        .await
        .unwrap_err();
    let mut two = session(2, "two");
    let delivery = post(&mut two, ToVendor, beyond);
    commit(&store, becomes(&two, vec![delivery])).await.unwrap_err();
    assert!(store.claim(beyond, Capacity::of(1)).await.is_err());
    put(&store, 3, &[(ToVendor, 1)]).await;
    assert_eq!(claimed(&store, NOW).await.len(), 1);
}

#[tokio::test]
async fn names_and_texts_of_any_kind_are_kept() {
    let store = Database::new().connect().await.unwrap();
    let strange =
        ["a\0b".to_owned(), "ä".repeat(9_000), format!("{}x", "ä".repeat(9_000)), "\u{1}0".to_owned()];
    for (n, name) in (1..).zip(&strange) {
        let mut key = session(n, name).conversation;
        key.tenant.clone_from(name);
        let mut session = session_of(n, key.clone());
        session.vendor.lookup_keys = vec![name.clone()];
        let delivery = post(&mut session, ToVendor, NOW);
        let once = Once { scope: name.clone(), key: name.clone() };
        for known in [false, true] {
            let decision = becomes(&session, vec![delivery.clone()]);
            let subject = Subject::Conversation(key.clone());
            let done = store.transact(subject, Some(once.clone()), NOW, Box::new(move |_| decision.clone()));
            assert_eq!(matches!(done.await.unwrap(), Committed::Duplicate), known);
        }
        let by_key = Subject::LookupKey { connector: "contoso".to_owned(), key: name.clone() };
        for subject in [Subject::Conversation(key), by_key] {
            let found = handover_store::decide(&store, subject, None, NOW, Decision::nothing).await.unwrap();
            assert_eq!(found.unwrap().0, Some(session.clone()));
        }
    }
    for delivery in claimed(&store, NOW).await {
        settle(&store, &delivery, Fate::Dead("a\0b".to_owned()), NOW).await;
    }
    let dead = store.dead_letters(Default::default(), None, 10).await.unwrap();
    assert_eq!(dead.len(), strange.len());
    assert_eq!(dead[0].reason, "a\u{fffd}b");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_has_gone_away_takes_nothing_along() {
    let database = Database::new();
    let store = Arc::new(database.connect().await.unwrap());
    let (session, deliveries) = put(&*store, 1, &[(ToVendor, 1)]).await;
    for turn in 0..40_u32 {
        let claiming = tokio::spawn({
            let store = Arc::clone(&store);
            async move { store.claim(NOW, Capacity::of(9)).await }
        });
        let name = Once { scope: "turn".to_owned(), key: turn.to_string() };
        let transacting = tokio::spawn({
            let (store, same) = (Arc::clone(&store), becomes(&session, Vec::new()));
            let subject = Subject::Session(session.id);
            async move { store.transact(subject, Some(name), NOW, Box::new(move |_| same.clone())).await }
        });
        tokio::time::sleep(std::time::Duration::from_micros(u64::from(turn) * 150)).await;
        transacting.abort();
        claiming.abort();
        let came = matches!(claiming.await, Ok(Ok(due)) if !due.claims.is_empty());
        drop(transacting.await);
        if came {
            store.leave(NOW).await.unwrap();
        }
    }
    // What was claimed for nobody is given back in its own time.
    let again = async {
        loop {
            let again = claimed(&*store, NOW).await;
            if !again.is_empty() {
                return again;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    let again = soon(again).await;
    assert_eq!(again.iter().map(|d| d.id).collect::<Vec<_>>(), [deliveries[0].id]);
    let idle = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'
                AND datname = current_database()";
    assert_eq!(look(&database.0, idle).await, ["0"]);
}
