//! What is asked all the time is answered along indexes: its cost does not grow with what is stored.

use std::collections::BTreeMap;

use handover_handoff::decision::{Decision, Fate};
use handover_handoff::delivery::Direction::ToVendor;
use handover_handoff::delivery::{Direction, Target};
use handover_handoff::{Session, Timestamp};
use handover_store::{Capacity, Committed, Node, Once, PostgresStore, Retention, Room, Store, Subject};

use crate::on_postgres::Database;
use crate::postgres_cluster::{Cluster, look};
use crate::premises::{NOW, at, becomes, commit, conversation, ended, post, session, settle};
use crate::sealing::keys;

/// Entries that were read of each index, and how often each table was read from end to end.
async fn counters(database: &Database) -> (BTreeMap<String, u64>, BTreeMap<String, u64>) {
    let of = async |sql: &str| -> BTreeMap<String, u64> {
        let lines = look(&database.0, sql).await;
        let pairs = lines.iter().map(|line| line.split_once(' ').unwrap());
        pairs.map(|(name, count)| (name.to_owned(), count.parse().unwrap())).collect()
    };
    (
        of("SELECT indexrelname || ' ' || idx_tup_read FROM pg_stat_user_indexes").await,
        of("SELECT relname || ' ' || coalesce(seq_tup_read, 0) FROM pg_stat_user_tables").await,
    )
}

/// Many sessions that have ended, with what was said in them; many others that wait: for a timer, for a vendor that
/// is shut, for a customer to come back.
async fn fill(database: &Database, ended_sessions: u32, waiting: u32) {
    let document = serde_json::to_string(&ended(&session(1, "one"))).unwrap();
    let id = "('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid";
    let sql = format!(
        "INSERT INTO sessions (id, tenant, channel, conversation, connector, phase, open, started, ended, document)
             SELECT {id}, 'tenant', 'msteams', 'conversation ' || n, 'contoso', 'ended', false, n, n, $d${document}$d$
             FROM generate_series(1000, 1000 + {ended_sessions}) n;
         INSERT INTO deliveries (session, direction, seq, status, attempt, created, due, deadline, maybe_duplicate,
                                 parcel)
             SELECT {id}, 'to-vendor', seq, 'done', 1, 0, 0, 0, false, '{{}}'
             FROM generate_series(1000, 1000 + {ended_sessions}) n, generate_series(1, 5) seq;
         INSERT INTO inbox SELECT 'contoso', 'event ' || n, n FROM generate_series(1, {ended_sessions}) n;
         INSERT INTO timers SELECT {id}, {later} FROM generate_series(2000000, 2000000 + {waiting}) n;
         INSERT INTO lanes (session, direction, target, due, stale)
             SELECT {id}, 'to-vendor', 'connector contoso', {later}, {later}
             FROM generate_series(2000000, 2000000 + {waiting}) n;
         INSERT INTO lanes (session, direction, target, due, stale)
             SELECT {id}, 'to-vendor', 'connector shut', 0, {later}
             FROM generate_series(3000000, 3000000 + {waiting}) n;
         INSERT INTO lanes (session, direction, target, due, stale)
             SELECT {id}, 'to-customer', 'held', {never}, {never}
             FROM generate_series(4000000, 4000000 + {waiting}) n",
        later = at(3_600_000).0,
        never = Timestamp::NEVER.0,
    );
    database.execute(&sql).await;
}

/// What some rounds of a conversation read, by index, and in tables from end to end.
async fn rounds(cluster: &Cluster, ended_sessions: u32, waiting: u32) -> (BTreeMap<String, u64>, u64) {
    let database = Database::on(cluster);
    let store = database.connect().await.unwrap();
    let mut talk = session(1, "one");
    talk.vendor.lookup_keys = vec!["chat-7".to_owned()];
    commit(&store, becomes(&talk, Vec::new())).await.unwrap();
    drop(store);
    fill(&database, ended_sessions, waiting).await;
    // The counters are written when a connection ends.
    let before = counters(&database).await;

    let store = database.connect().await.unwrap();
    let shut = Target::connector("shut");
    for turn in 0..30_u32 {
        let subject = match turn % 3 {
            0 => Subject::Conversation(conversation("one")),
            1 => Subject::Session(talk.id),
            _ => Subject::LookupKey { connector: "contoso".to_owned(), key: "chat-7".to_owned() },
        };
        let once = Once { scope: "turn".to_owned(), key: turn.to_string() };
        let decider = |session: Option<Session>| {
            let mut session = session.unwrap();
            let deliveries =
                vec![post(&mut session, ToVendor, NOW), post(&mut session, Direction::Receipts, NOW)];
            Decision { wake: Some(at(5_000)), ..becomes(&session, deliveries) }
        };
        let done = store.transact(subject, Some(once), NOW, Box::new(decider)).await.unwrap();
        assert!(matches!(done, Committed::Applied(_)));
        let mut capacity = Capacity::of(8);
        capacity.targets.insert(shut.clone(), Room { lanes: 8, shut: true });
        let due = store.claim(NOW, capacity).await.unwrap();
        assert_eq!(due.claims.len(), 2);
        for claim in due.claims {
            settle(&store, &claim.delivery, Fate::Done, NOW).await;
        }
        store.beat(NOW).await.unwrap();
        assert!(store.take_held(talk.id, NOW).await.unwrap().is_empty());
        assert!(store.starting("contoso").await.unwrap());
        store.counts().await.unwrap();
        assert!(store.of_customer("nobody", false).await.unwrap().is_empty());
        assert!(store.dead_letters(Default::default(), None, 10).await.unwrap().is_empty());
        let none = Retention { sessions: u64::MAX, names: 0, callbacks: u64::MAX };
        // Of the names that are stored there is one for each millisecond.
        let removed = store.expire(Timestamp(1), none, 10).await.unwrap();
        assert_eq!(removed.names, u64::from(turn == 0));
    }
    drop(store);
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let after = counters(&database).await;
    let since = |now: &BTreeMap<String, u64>, then: &BTreeMap<String, u64>| -> BTreeMap<String, u64> {
        now.iter().map(|(name, count)| (name.clone(), count - then.get(name).unwrap_or(&0))).collect()
    };
    let tables = since(&after.1, &before.1);
    (since(&after.0, &before.0), tables.values().sum())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_cost_does_not_grow_with_what_is_stored() {
    // While vacuum runs, which it does after rows have come in, what has been replaced is not cleared away as it
    // otherwise is at once, and counts.
    let cluster = Cluster::start("autovacuum = off");
    let (few, few_scanned) = rounds(&cluster, 5, 5).await;
    let (many, many_scanned) = rounds(&cluster, 20_000, 5_000).await;
    assert_eq!((few_scanned, many_scanned), (0, 0), "no table is read from end to end");
    for index in [
        "sessions_pkey",
        "sessions_by_conversation",
        "living_sessions",
        "lookup_keys_pkey",
        "pending_deliveries",
        "deliveries_pkey",
        "lanes_by_due",
        "free_lanes_by_stale",
        "timers_by_wake",
    ] {
        let (few, many) = (few[index], many[index]);
        assert!(few > 0, "{index} serves");
        assert!(many <= few + few / 4 + 30, "{index}: {few} entries, and then {many}");
    }
    let total = |read: &BTreeMap<String, u64>| read.values().sum::<u64>();
    assert!(total(&many) <= total(&few) * 5 / 4 + 100, "{few:#?}\n{many:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn resealing_looks_at_what_it_seals_only() {
    let cluster = Cluster::start("autovacuum = off");
    let database = Database::on(&cluster);
    drop(database.connect().await.unwrap());
    fill(&database, 20_000, 5).await;
    let open = async |ids: &[&str]| {
        let node = Node { connections: 2, keys: Some(keys(ids)), ..Node::default() };
        PostgresStore::connect(&database.0, node).await.unwrap()
    };
    // The first one that seals makes the indexes, from end to end.
    drop(open(&["one"]).await);
    for (ids, limit) in [(&["one"][..], 200), (&["second", "one"], 100), (&["third", "second", "one"], 50)] {
        let before = settled(&database).await;
        let store = open(ids).await;
        for _ in 0..3 {
            assert_eq!(store.reseal(limit).await.unwrap(), limit);
        }
        drop(store);
        let after = settled(&database).await;
        let read = after.0.values().sum::<u64>() - before.0.values().sum::<u64>();
        let entries = limit as u64 * 3;
        assert!((entries..entries * 6 + 300).contains(&read), "{read} entries for {entries}: {after:#?}");
        assert_eq!(after.1["sessions"] - before.1["sessions"], 0, "not from end to end");
        assert_eq!(after.1["deliveries"] - before.1["deliveries"], 0, "not from end to end");
    }
}

/// The counters once they stand still: they are written when connections end.
async fn settled(database: &Database) -> (BTreeMap<String, u64>, BTreeMap<String, u64>) {
    let mut last = counters(database).await;
    loop {
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        let now = counters(database).await;
        if now == last {
            return now;
        }
        last = now;
    }
}
