//! The contract on SQLite, and what a file owes besides: one owner, no leases of the dead, no newer schema.

use std::path::Path;
use std::sync::Arc;

use handover_handoff::Timestamp;
use handover_handoff::decision::{Decision, Fate};
use handover_handoff::delivery::Direction::{ToCustomer, ToVendor};
use handover_handoff::delivery::{Delivery, Parcel};
use handover_store::{Callback, Capacity, Retention, SqliteStore, Store, StoreError};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::premises::{
    NOW, Premises, at, becomes, claim, claimed, commit, ended, post, put, session, settle, stored,
};

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// The file as another program sees it, while no store has it.
    fn file(&self) -> Connection {
        Connection::open(self.path().join("handover.db")).unwrap()
    }
}

impl Premises for Folder {
    fn open(&self) -> Arc<dyn Store> {
        Arc::new(SqliteStore::open(self.path()).unwrap())
    }

    fn beside(&self) -> Option<Arc<dyn Store>> {
        None
    }
}

crate::contract!(Folder::new());

#[tokio::test]
async fn what_a_dead_process_had_in_hand_is_due_again_and_marked() {
    let folder = Folder::new();
    let store = folder.open();
    let (_, one) = put(&*store, 1, &[(ToVendor, 2), (ToCustomer, 1)]).await;
    let (_, two) = put(&*store, 2, &[(ToVendor, 1)]).await;
    for delivery in claimed(&*store, NOW).await {
        if delivery.id == one[2].id {
            let later = Fate::Again { due: at(5_000), maybe_duplicate: false, counts: true };
            settle(&*store, &delivery, later, NOW).await;
        }
        if delivery.id == two[0].id {
            settle(&*store, &delivery, Fate::Done, NOW).await;
        }
    }
    let (_, three) = put(&*store, 3, &[(ToVendor, 1)]).await;
    drop(store);

    let store = folder.open();
    let due = claim(&*store, NOW).await;
    assert!(due.next.unwrap() <= at(5_000), "what was not under way keeps its time");
    let seen: Vec<_> = due
        .claims
        .iter()
        .map(|claim| &claim.delivery)
        .map(|d| (d.id, d.attempt, d.maybe_duplicate))
        .collect();
    assert_eq!(seen.len(), 2);
    assert!(seen.contains(&(one[0].id, 2, true)), "it was under way");
    assert!(seen.contains(&(three[0].id, 1, false)), "it was not");
    let again = Delivery { attempt: 2, ..one[0].clone() };
    assert_eq!(
        settle(&*store, &again, Fate::Done, NOW).await.unwrap().delivery,
        one[1],
        "nor was the one behind"
    );
    let retried = claimed(&*store, at(5_000)).await.remove(0);
    assert_eq!((retried.id, retried.attempt, retried.maybe_duplicate), (one[2].id, 2, false));
}

#[tokio::test]
async fn a_second_owner_is_refused_in_clear_words() {
    let folder = Folder::new();
    let store = folder.open();
    put(&*store, 1, &[(ToVendor, 1)]).await;
    let refused = SqliteStore::open(folder.path()).err().unwrap();
    assert!(matches!(refused, StoreError::Database { .. }));
    assert!(refused.to_string().contains("another process has it open"), "{refused}");
    assert_eq!(claimed(&*store, NOW).await.len(), 1, "and the first one goes on");
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_left_alone() {
    let folder = Folder::new();
    drop(folder.open());
    folder.file().pragma_update(None, "user_version", 99).unwrap();
    let refused = SqliteStore::open(folder.path()).err().unwrap();
    assert!(matches!(refused, StoreError::Newer { found: 99, known: 3, .. }), "{refused}");
    let version: i64 = folder.file().query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    assert_eq!(version, 99);
}

#[tokio::test]
async fn what_is_no_database_is_refused() {
    let folder = Folder::new();
    std::fs::write(
        folder.path().join("handover.db"),
        "not a database, but as long as the header of one is ".repeat(9),
    )
    .unwrap();
    let refused = SqliteStore::open(folder.path()).err().unwrap();
    assert!(matches!(refused, StoreError::Database { .. }), "{refused}");
}

#[tokio::test]
async fn one_record_that_cannot_be_read_stops_no_other() {
    let folder = Folder::new();
    let store = folder.open();
    for n in 1..=3 {
        let mut session = session(n, &format!("conversation {n}"));
        let delivery = post(&mut session, ToVendor, NOW);
        commit(&*store, Decision { wake: Some(NOW), ..becomes(&session, vec![delivery]) }).await.unwrap();
    }
    drop(store);
    let broken = |what: &str, n: u128| {
        let id = session(n, "").id.to_string();
        let changed = folder.file().execute(what, [id]).unwrap();
        assert_eq!(changed, 1);
    };
    broken("UPDATE deliveries SET parcel = '{' WHERE session = ?1", 1);
    broken("UPDATE sessions SET document = '{' WHERE id = ?1", 2);

    let store = folder.open();
    let due = claim(&*store, NOW).await;
    assert_eq!(due.claims.len(), 1);
    assert_eq!(due.claims[0].session.id, session(3, "").id);
    assert_eq!(due.timers.len(), 3);
    assert!(due.next.unwrap() > NOW, "it is not looked at again at once");
    let unreadable = store.session(session(2, "").id).await.unwrap_err();
    assert!(matches!(unreadable, StoreError::Unreadable { record: "session", .. }), "{unreadable}");
    assert!(stored(&*store, &session(3, "")).await.is_some());
}

#[tokio::test]
async fn what_does_not_fit_is_refused_and_the_store_goes_on() {
    let folder = Folder::new();
    let store = folder.open();
    let beyond = Timestamp(u64::MAX);
    commit(&*store, Decision { wake: Some(beyond), ..becomes(&session(1, "one"), Vec::new()) })
        .await
        .unwrap_err();
    let mut two = session(2, "two");
    let delivery = post(&mut two, ToVendor, beyond);
    commit(&*store, becomes(&two, vec![delivery])).await.unwrap_err();
    put(&*store, 3, &[(ToVendor, 1)]).await;
    assert!(store.claim(beyond, Capacity::of(1)).await.is_err());
    assert_eq!(claimed(&*store, NOW).await.len(), 1);
}

#[tokio::test]
async fn whoever_has_gone_away_takes_nothing_along() {
    let folder = Folder::new();
    let store = folder.open();
    let (_, deliveries) = put(&*store, 1, &[(ToVendor, 1)]).await;
    let mut held = session(2, "two");
    let waiting = post(&mut held, ToCustomer, Timestamp::NEVER);
    commit(&*store, becomes(&held, vec![waiting.clone()])).await.unwrap();
    {
        // The writer is kept busy until those who ask have gone.
        let (release, wait) = std::sync::mpsc::channel::<()>();
        let busy = {
            let store = Arc::clone(&store);
            let mut wait = Some(wait);
            let decider = move |_| {
                wait.take().unwrap().recv().unwrap();
                Decision::nothing(())
            };
            let subject = handover_store::Subject::Session(held.id);
            tokio::spawn(async move { store.transact(subject, None, NOW, Box::new(decider)).await.unwrap() })
        };
        let mut claiming = store.claim(NOW, Capacity::of(10));
        let mut taking = store.take_held(held.id, NOW);
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        tokio::task::yield_now().await;
        assert!(claiming.as_mut().poll(&mut context).is_pending());
        assert!(taking.as_mut().poll(&mut context).is_pending());
        drop((claiming, taking));
        release.send(()).unwrap();
        busy.await.unwrap();
    }
    assert_eq!(claimed(&*store, NOW).await, deliveries);
    assert_eq!(store.take_held(held.id, NOW).await.unwrap(), [waiting]);
}

#[tokio::test]
async fn what_is_removed_is_gone_from_the_file() {
    const SAID: &str = "my number is 4711";
    let folder = Folder::new();
    let store = folder.open();
    let found = || {
        let files = ["handover.db", "handover.db-wal"].map(|name| folder.path().join(name));
        let bytes: Vec<u8> = files.iter().flat_map(|file| std::fs::read(file).unwrap_or_default()).collect();
        bytes.windows(SAID.len()).filter(|window| *window == SAID.as_bytes()).count()
    };
    for n in 1..=20 {
        let mut session = session(n, &format!("conversation {n}"));
        // Longer than a page, so that it stands in pages of its own as well.
        session.vendor.state = SAID.repeat(if n % 2 == 0 { 1 } else { 1_000 });
        let mut delivery = post(&mut session, ToVendor, NOW);
        let Parcel::Message(message) = &mut delivery.parcel else { panic!("it posts messages") };
        message.text = SAID.repeat(if n % 3 == 0 { 1 } else { 1_000 });
        commit(&*store, becomes(&session, vec![delivery])).await.unwrap();
        commit(&*store, becomes(&ended(&session), Vec::new())).await.unwrap();
    }
    let callback = Callback {
        connector: "contoso".to_owned(),
        received: NOW,
        tried: "version 1".to_owned(),
        reason: "what is this?".to_owned(),
        request: SAID.into(),
    };
    store.keep(callback).await.unwrap();
    assert!(found() > 10_000);
    let retention = Retention::default();
    let removed = store.expire(at(retention.sessions), retention, 100).await.unwrap();
    assert_eq!((removed.sessions, removed.callbacks), (20, 1));
    assert_eq!(found(), 0);
    drop(store);
    assert_eq!(found(), 0);
}
