//! A file that the second version wrote, which sealed nothing, opens with keys and without.

use std::path::Path;

use handover_handoff::Session;
use handover_handoff::delivery::Delivery;
use handover_handoff::delivery::Direction::ToVendor;
use handover_store::{Capacity, SqliteStore, Store};
use rusqlite::{Connection, params};

use crate::premises::{NOW, claimed, post, session, stored};
use crate::sealing::{counts, keys, reseal_all};

/// As the second version wrote it.
fn file(folder: &Path, session: &Session, delivery: &Delivery) {
    let db = Connection::open(folder.join("handover.db")).unwrap();
    db.execute_batch(include_str!("../../src/sqlite/migrations/1.sql")).unwrap();
    db.execute_batch(include_str!("../../src/sqlite/migrations/2.sql")).unwrap();
    db.pragma_update(None, "user_version", 2).unwrap();
    let (id, key) = (session.id.to_string(), &session.conversation);
    db.execute(
        "INSERT INTO sessions (id, tenant, channel, conversation, connector, phase, open, started, document)
         VALUES (?1, ?2, ?3, ?4, 'contoso', 'requested', 1, ?5, ?6)",
        params![
            id,
            key.tenant,
            key.channel,
            key.conversation,
            NOW.0,
            serde_json::to_string(session).unwrap()
        ],
    )
    .unwrap();
    db.execute(
        "INSERT INTO deliveries (session, direction, seq, status, attempt, created, due, deadline, maybe_duplicate,
                                 parcel)
         VALUES (?1, 'to-vendor', 1, 'pending', 1, ?2, ?2, ?3, 0, ?4)",
        params![id, NOW.0, delivery.deadline.0, serde_json::to_string(&delivery.parcel).unwrap()],
    )
    .unwrap();
    db.execute(
        "INSERT INTO lanes (session, direction, target, due, stale)
         VALUES (?1, 'to-vendor', 'connector contoso', ?2, ?3)",
        params![id, NOW.0, delivery.deadline.0],
    )
    .unwrap();
    db.execute(
        "INSERT INTO callbacks (connector, received, tried, reason, request) VALUES ('contoso', ?1, 'v1', '?', ?2)",
        params![NOW.0, b"request"],
    )
    .unwrap();
}

#[tokio::test]
async fn what_is_in_it_goes_on() {
    for sealed in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let mut session = session(1, "one");
        let delivery = post(&mut session, ToVendor, NOW);
        file(folder.path(), &session, &delivery);
        let open = || match sealed {
            true => SqliteStore::open_sealed(folder.path(), keys(&["one"])).unwrap(),
            false => SqliteStore::open(folder.path()).unwrap(),
        };
        let store = open();
        assert_eq!(reseal_all(&store).await, if sealed { 3 } else { 0 });
        drop(store);
        let store = open();
        let all = if sealed { vec![("one".to_owned(), 3)] } else { Vec::new() };
        assert_eq!(counts(&store).await, all);
        assert_eq!(stored(&store, &session).await, Some(session));
        assert_eq!(store.kept("contoso", "v2", 0, 9).await.unwrap()[0].callback.request, b"request");
        assert_eq!(claimed(&store, NOW).await, [delivery]);
        assert!(store.claim(NOW, Capacity::of(1)).await.unwrap().claims.is_empty());
    }
}
