//! A file that the first version wrote opens, and what is in it goes on.

use std::slice::from_ref;

use std::path::Path;

use handover_handoff::address::Route;
use handover_handoff::decision::Fate;
use handover_handoff::delivery::Delivery;
use handover_handoff::delivery::Direction::{ToCustomer, ToVendor};
use handover_handoff::{Session, Timestamp};
use handover_store::{Capacity, Once, Retention, Room, SqliteStore, Store, Subject, Which};
use rusqlite::{Connection, params};

use crate::premises::{NOW, at, becomes, claim, claimed, commit, ended, post, session, settle, stored};

/// A file with the first version's schema and nothing in it.
fn file(folder: &Path) -> Connection {
    let db = Connection::open(folder.join("handover.db")).unwrap();
    db.execute_batch(include_str!("../../src/sqlite/migrations/1.sql")).unwrap();
    db.pragma_update(None, "user_version", 1).unwrap();
    db
}

/// As the first version wrote it, which knew less of it.
fn save(db: &Connection, session: &Session) {
    let mut document = serde_json::to_value(session).unwrap();
    for later in ["receipts", "delay_told"] {
        document.as_object_mut().unwrap().remove(later).unwrap();
    }
    let key = &session.conversation;
    db.execute(
        "INSERT INTO sessions VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            session.id.to_string(),
            key.tenant,
            key.channel,
            key.conversation,
            session.connector,
            session.phase.as_str(),
            session.phase.is_open(),
            session.marks.started.0,
            None::<u64>,
            document.to_string(),
        ],
    )
    .unwrap();
    for key in &session.vendor.lookup_keys {
        let id = session.id.to_string();
        db.execute("INSERT INTO lookup_keys VALUES (?1, ?2, ?3)", params![session.connector, key, id])
            .unwrap();
    }
}

fn put(db: &Connection, delivery: &Delivery, status: &str) {
    db.execute(
        "INSERT INTO deliveries VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        params![
            delivery.session.to_string(),
            delivery.direction.as_str(),
            delivery.seq,
            status,
            delivery.attempt,
            delivery.created.0,
            delivery.due.0,
            delivery.maybe_duplicate,
            (status != "pending").then_some(NOW.0),
            (status == "dead").then_some("too large"),
            serde_json::to_string(&delivery.parcel).unwrap(),
        ],
    )
    .unwrap();
}

fn lane(db: &Connection, head: &Delivery, due: Timestamp, in_hand: bool) {
    let session = head.session.to_string();
    db.execute(
        "INSERT INTO lanes VALUES (?1, ?2, ?3, ?4)",
        params![session, head.direction.as_str(), due.0, in_hand],
    )
    .unwrap();
}

fn open(folder: &Path) -> SqliteStore {
    SqliteStore::open(folder).unwrap()
}

#[tokio::test]
async fn lanes_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut one = session(1, "one");
    let vendor: Vec<_> = (0..4).map(|_| post(&mut one, ToVendor, NOW)).collect();
    let customer = post(&mut one, ToCustomer, at(700));
    let mut two = session(2, "two");
    two.address.to_customer = Route::Held;
    let held = post(&mut two, ToCustomer, Timestamp::NEVER);
    {
        let db = file(folder.path());
        save(&db, &one);
        save(&db, &two);
        for (delivery, status) in vendor.iter().zip(["done", "dead", "pending", "pending"]) {
            put(&db, delivery, status);
        }
        put(&db, &customer, "pending");
        put(&db, &held, "pending");
        lane(&db, &vendor[2], at(90_000), true);
        lane(&db, &customer, at(700), false);
        lane(&db, &held, Timestamp::NEVER, false);
    }
    let store = open(folder.path());
    assert_eq!(stored(&store, &one).await, Some(one.clone()));
    let head = claimed(&store, NOW).await;
    let lost = Delivery { attempt: 2, maybe_duplicate: true, ..vendor[2].clone() };
    assert_eq!(head, from_ref(&lost), "it was in hand, and has a deadline");
    assert_eq!(settle(&store, &lost, Fate::Done, NOW).await.unwrap().delivery, vendor[3]);

    let rooms = [
        (one.target(ToCustomer), Room { lanes: 1, shut: true }),
        (one.target(ToVendor), Room { lanes: 0, shut: true }),
    ];
    let due = store.claim(NOW, Capacity { targets: rooms.into(), ..Capacity::of(9) }).await.unwrap();
    assert_eq!(due.next, Some(at(60 * 60_000)), "a report has the patience of one");
    assert_eq!(claimed(&store, at(700)).await[0].id, customer.id);
    assert_eq!(store.take_held(two.id, NOW).await.unwrap(), [held]);
    let dead = store.dead_letters(Which { connector: Some("contoso".to_owned()), session: None }, None, 9);
    assert_eq!(dead.await.unwrap()[0].delivery, vendor[1]);
}

#[tokio::test]
async fn sessions_are_found_and_expire() {
    let folder = tempfile::tempdir().unwrap();
    let mut open_one = session(1, "one");
    open_one.customer.id = "ann".to_owned();
    open_one.vendor.lookup_keys = vec!["chat-7".to_owned()];
    let over = ended(&Session { customer: open_one.customer.clone(), ..session(2, "two") });
    {
        let db = file(folder.path());
        save(&db, &open_one);
        save(&db, &over);
        save(&db, &ended(&session(3, "three")));
        db.execute("INSERT INTO inbox VALUES ('contoso', 'event-1', ?1)", [NOW.0]).unwrap();
    }
    let store = open(folder.path());
    assert_eq!(store.of_customer("ann", false).await.unwrap(), [open_one.clone(), over]);
    assert!(store.of_customer("", false).await.unwrap().is_empty());
    assert!(store.starting("contoso").await.unwrap());
    let key = Subject::LookupKey { connector: "contoso".to_owned(), key: "chat-7".to_owned() };
    let once = Once { scope: "contoso".to_owned(), key: "event-1".to_owned() };
    let known = store.transact(key, Some(once), NOW, Box::new(|_| panic!("not asked"))).await.unwrap();
    assert!(matches!(known, handover_store::Committed::Duplicate));
    let retention = Retention::default();
    let removed = store.expire(at(retention.sessions - 1), retention, 9).await.unwrap();
    assert_eq!((removed.sessions, removed.names), (0, 1));
    let removed = store.expire(at(retention.sessions + 1), retention, 9).await.unwrap();
    assert_eq!(removed.sessions, 2);
    assert!(stored(&store, &open_one).await.is_some());
}

#[tokio::test]
async fn what_cannot_be_read_stops_no_upgrade() {
    let folder = tempfile::tempdir().unwrap();
    let (mut one, mut two, mut three) = (session(1, "one"), session(2, "two"), session(3, "three"));
    let posted = [&mut one, &mut two, &mut three].map(|session| post(session, ToVendor, NOW));
    {
        let db = file(folder.path());
        for (session, delivery) in [&one, &two, &three].into_iter().zip(&posted) {
            save(&db, session);
            put(&db, delivery, "pending");
            lane(&db, delivery, NOW, false);
        }
        let broken = |sql: &str, session: &Session| db.execute(sql, [session.id.to_string()]).unwrap();
        broken("UPDATE sessions SET document = '{' WHERE id = ?1", &one);
        broken("UPDATE deliveries SET parcel = '{' WHERE session = ?1", &two);
    }
    let store = open(folder.path());
    assert_eq!(claimed(&store, NOW).await, posted[2..]);
    assert!(claim(&store, NOW).await.next.unwrap() > NOW);
    commit(&store, becomes(&three, Vec::new())).await.unwrap();
}

#[test]
fn a_file_is_brought_up_once() {
    let folder = tempfile::tempdir().unwrap();
    drop(file(folder.path()));
    for _ in 0..2 {
        drop(open(folder.path()));
        let db = Connection::open(folder.path().join("handover.db")).unwrap();
        let version: i64 = db.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
        assert_eq!(version, 3);
        let sound: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(sound, "ok");
    }
}
