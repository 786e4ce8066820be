//! The contract on PostgreSQL with sealed records, and what a shared database owes besides: nothing in the clear, keys
//! that nodes get one by one, and values that are read in their own place only.

use std::sync::{Arc, Mutex};

use handover_handoff::delivery::Direction::ToVendor;
use handover_store::{Keys, Node, PostgresStore, Store, StoreError};
use tokio::runtime::Handle;

use crate::on_postgres::Database;
use crate::postgres_clock::Aging;
use crate::postgres_cluster::look;
use crate::premises::{NOW, Premises, becomes, claimed, commit, put, session, stored};
use crate::sealing::{
    SECRETS, assert_altered, assert_the_others_are_listed, bury, counts, found, keep, key, keys, plant,
    plant_failures, reseal_all, show,
};

struct Sealed(Database, Arc<Mutex<handover_handoff::Timestamp>>);

impl Sealed {
    fn new() -> Self {
        Self(Database::new(), Arc::new(Mutex::new(NOW)))
    }

    async fn with(&self, keys: Option<Keys>) -> Result<PostgresStore, StoreError> {
        PostgresStore::connect(&self.0.0, Node { connections: 8, keys, ..Node::default() }).await
    }

    async fn execute(&self, sql: &str) {
        self.0.execute(sql).await;
    }

    /// Everything that stands in any table.
    async fn dump(&self) -> String {
        let tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'handover'";
        let mut dump = String::new();
        for table in look(&self.0.0, tables).await {
            // Bytes as they are, and not as numbers.
            let rows = format!("SET bytea_output = escape; SELECT t::text FROM handover.{table} t");
            dump.push_str(&look(&self.0.0, &rows).await.join("\n"));
        }
        dump
    }
}

impl Premises for Sealed {
    fn open(&self) -> Arc<dyn Store> {
        let keys = Some(keys(&["one"]));
        let store = tokio::task::block_in_place(|| Handle::current().block_on(self.with(keys))).unwrap();
        Arc::new(Aging { store, url: self.0.0.clone(), latest: Arc::clone(&self.1) })
    }

    fn beside(&self) -> Option<Arc<dyn Store>> {
        Some(self.open())
    }
}

crate::contract!(Sealed::new());

#[tokio::test]
async fn nothing_of_what_was_said_stands_in_any_table() {
    for (with, wanted) in [(None, &SECRETS[..]), (Some(keys(&["one"])), &[])] {
        let database = Sealed::new();
        let store = database.with(with).await.unwrap();
        let (_, deliveries) = plant(&store, 1).await;
        plant_failures(&store, &deliveries).await;
        assert_eq!(found(database.dump().await.as_bytes()), wanted);
    }
}

#[tokio::test]
async fn what_was_in_the_clear_is_read_and_sealed_when_it_is_written_again() {
    let database = Sealed::new();
    let store = database.with(None).await.unwrap();
    let (session, deliveries) = plant(&store, 1).await;
    plant_failures(&store, &deliveries).await;
    let shown = show(&store).await;
    let indexes = "SELECT count(*) FROM pg_indexes WHERE indexname LIKE 'clear%'";
    assert_eq!(look(&database.0.0, indexes).await, ["0"], "nobody pays for what nobody looks for");

    let store = database.with(Some(keys(&["one"]))).await.unwrap();
    assert_eq!(show(&store).await, shown);
    assert_eq!(counts(&store).await, [(String::new(), 5)]);
    commit(&store, becomes(&session, Vec::new())).await.unwrap();
    assert_eq!(counts(&store).await, [(String::new(), 4), ("one".to_owned(), 1)]);
    assert_eq!(reseal_all(&store).await, 4);
    assert_eq!(counts(&store).await, [("one".to_owned(), 5)]);
    assert_eq!(show(&store).await, shown);
    assert!(found(database.dump().await.as_bytes()).is_empty());
}

#[tokio::test]
async fn nodes_get_a_new_key_one_by_one() {
    let database = Sealed::new();
    let old = database.with(Some(keys(&["one"]))).await.unwrap();
    let (session, deliveries) = plant(&old, 1).await;
    plant_failures(&old, &deliveries).await;
    let shown = show(&old).await;
    // Those that can read it first, then those that seal with it.
    let reads = Keys::new(key("one", 3), [key("second", 6)]).unwrap();
    let reads = database.with(Some(reads)).await.unwrap();
    let seals = database.with(Some(keys(&["second", "one"]))).await.unwrap();
    commit(&seals, becomes(&session, Vec::new())).await.unwrap();
    assert_eq!(stored(&reads, &session).await, Some(session.clone()));
    let refused = old.session(session.id).await.unwrap_err();
    assert!(matches!(&refused, StoreError::KeyMissing { key, .. } if key == "second"), "{refused}");
    assert!(refused.to_string().contains(&format!("session {}", session.id)), "{refused}");

    assert_eq!(reseal_all(&seals).await, 4);
    assert_eq!(counts(&seals).await, [("second".to_owned(), 5)]);
    let store = database.with(Some(keys(&["second"]))).await.unwrap();
    assert_eq!(show(&store).await, shown);
}

#[tokio::test]
async fn keys_that_are_missing_or_wrong_are_refused_and_nothing_is_changed() {
    let database = Sealed::new();
    plant(&database.with(Some(keys(&["one"]))).await.unwrap(), 1).await;
    let store = database.with(Some(keys(&["second", "one"]))).await.unwrap();
    plant(&store, 2).await;
    let before = database.dump().await;
    for (with, missing) in [
        (None, vec!["one", "second"]),
        (Some(keys(&["third"])), vec!["one", "second"]),
        (Some(keys(&["third", "one"])), vec!["second"]),
    ] {
        let refused = database.with(with).await.err().unwrap();
        assert!(matches!(&refused, StoreError::KeysMissing { keys, .. } if *keys == missing), "{refused}");
    }
    let wrong = Keys::new(key("second", 6), [key("one", 77)]).unwrap();
    let refused = database.with(Some(wrong)).await.err().unwrap();
    assert!(matches!(&refused, StoreError::KeyWrong { key, .. } if key == "one"), "{refused}");
    assert_eq!(database.dump().await, before);
    store.check().await.expect("the one that runs goes on");
}

#[tokio::test]
async fn a_node_that_knows_no_keys_is_kept_out_once_there_is_one() {
    let database = Sealed::new();
    let oldest = "SELECT compatible_from FROM handover.migrations ORDER BY version DESC LIMIT 1";
    drop(database.with(None).await.unwrap());
    assert_eq!(look(&database.0.0, oldest).await, ["1"]);
    drop(database.with(Some(Keys::to_read([key("one", 3)]).unwrap())).await.unwrap());
    assert_eq!(look(&database.0.0, oldest).await, ["1"], "it does not seal");
    drop(database.with(Some(keys(&["one"]))).await.unwrap());
    assert_eq!(look(&database.0.0, oldest).await, ["2"]);
}

#[tokio::test]
async fn rows_that_are_exchanged_are_refused() {
    let database = Sealed::new();
    let store = database.with(Some(keys(&["one"]))).await.unwrap();
    let [one, two, three] = [1, 2, 3].map(|n| session(n, "").id);
    for n in 1..=3 {
        put(&store, n, &[(ToVendor, 2)]).await;
    }
    // The document of another session, and the next delivery of the same lane.
    let document = format!(
        "UPDATE sessions SET document = (SELECT document FROM sessions WHERE id = '{two}') WHERE id = '{one}'"
    );
    database.execute(&document).await;
    let parcel = format!(
        "UPDATE deliveries SET parcel = (SELECT parcel FROM deliveries WHERE session = '{two}' AND seq = 2)
         WHERE session = '{two}' AND seq = 1"
    );
    database.execute(&parcel).await;
    let claimed: Vec<_> = claimed(&store, NOW).await.into_iter().map(|d| d.session).collect();
    assert_eq!(claimed, [three]);
    assert_altered(&store, one, "one").await;
    assert!(store.session(two).await.unwrap().is_some());
}

#[tokio::test]
async fn what_was_altered_or_cut_off_takes_nothing_else_down() {
    let database = Sealed::new();
    let store = database.with(Some(keys(&["one"]))).await.unwrap();
    for n in 1..=4 {
        plant(&store, n).await;
    }
    for n in 1..=3 {
        keep(&store, &format!("request {n}")).await;
    }
    let [one, two, three, four] = [1, 2, 3, 4].map(|n| session(n, "").id);
    let alter = async |id, to: &str| {
        database.execute(&format!("UPDATE sessions SET document = {to} WHERE id = '{id}'")).await;
    };
    alter(one, "left(document, -1)").await;
    alter(two, "left(document, 80) || '!' || substr(document, 82)").await;
    alter(three, "left(document, 80)").await;
    database.execute("UPDATE callbacks SET request = substr(request, 1, 40) WHERE id = 2").await;

    let store = database.with(Some(keys(&["second", "one"]))).await.unwrap();
    for id in [one, two, three] {
        assert_altered(&store, id, "one").await;
    }
    assert!(claimed(&store, NOW).await.iter().all(|delivery| delivery.session == four));
    let of_ann: Vec<_> = store.of_customer("ann", true).await.unwrap().iter().map(|s| s.id).collect();
    assert_eq!(of_ann, [four]);
    let kept = store.kept("contoso", "version 2", 0, 2).await.unwrap();
    let requests: Vec<_> = kept.into_iter().map(|kept| kept.callback.request).collect();
    assert_eq!(requests, [b"request 1", b"request 3"]);
    assert_eq!(reseal_all(&store).await, 12 + 1 + 2);
    assert_eq!(counts(&store).await, [("one".to_owned(), 4), ("second".to_owned(), 15)]);
}

#[tokio::test]
async fn a_dead_letter_that_cannot_be_read_hides_no_other() {
    let database = Sealed::new();
    let store = database.with(Some(keys(&["one"]))).await.unwrap();
    bury(&store, 3).await;
    let one = session(1, "").id;
    let altered = format!("UPDATE deliveries SET parcel = left(parcel, 70) WHERE session = '{one}'");
    database.execute(&altered).await;
    assert_the_others_are_listed(&store).await;
}
