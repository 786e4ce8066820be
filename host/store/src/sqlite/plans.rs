//! The statements use their indexes, so that their cost does not grow with what is done, waits or has ended.

use rusqlite::{Connection, StatementStatus, ToSql, params};

use super::{claim, counts, dead, deliveries, kept, keys, lanes, migrate, reseal, retention, sessions};
use crate::Which;

fn database() -> Connection {
    let mut db = Connection::open_in_memory().expect("SQLite");
    migrate::migrate(&mut db, "memory").expect("the schema");
    db
}

/// How SQLite means to do it, a line for each table.
fn plan(db: &Connection, sql: &str) -> Vec<String> {
    let mut statement = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).expect("a statement");
    let parameters = vec![rusqlite::types::Value::Null; statement.parameter_count()];
    let lines =
        statement.query_map(rusqlite::params_from_iter(parameters), |row| row.get(3)).expect("a plan");
    lines.collect::<Result<_, _>>().expect("lines")
}

const BY_INDEX: &[(&str, &str)] = &[
    (sessions::BY_CONVERSATION, "INDEX sessions_by_conversation"),
    (sessions::BY_ID, "PRIMARY KEY"),
    (sessions::BY_LOOKUP_KEY, "PRIMARY KEY"),
    (sessions::BY_WAKE, "INDEX sessions_by_wake"),
    (sessions::BY_CUSTOMER, "INDEX sessions_by_customer"),
    (sessions::FORGET, "INDEX sessions_by_customer"),
    (sessions::STARTING, "COVERING INDEX living_sessions (phase=? AND connector=?)"),
    (sessions::OPEN_OWNER, "PRIMARY KEY"),
    (sessions::REWRITE, "PRIMARY KEY"),
    (sessions::REWRITE_WITH_ANOTHER_KEY, "PRIMARY KEY"),
    (keys::NEXT_KEY[0], "COVERING INDEX sealed_sessions (sealed_with>?)"),
    (keys::NEXT_KEY[1], "COVERING INDEX sealed_deliveries (sealed_with>?)"),
    (keys::NEXT_KEY[2], "COVERING INDEX sealed_callbacks (sealed_with>?)"),
    (reseal::KINDS[0].of_key, "INDEX sealed_sessions (sealed_with=?)"),
    (reseal::KINDS[1].of_key, "INDEX sealed_deliveries (sealed_with=?)"),
    (reseal::KINDS[2].of_key, "INDEX sealed_callbacks (sealed_with=?)"),
    (deliveries::HEAD, "INDEX pending_deliveries"),
    (deliveries::HEAD_TIMES, "INDEX pending_deliveries"),
    (deliveries::RELEASE, "INDEX pending_deliveries"),
    (deliveries::FINISH, "PRIMARY KEY"),
    (deliveries::LOSE, "PRIMARY KEY"),
    (lanes::IN_HAND, "PRIMARY KEY"),
    (lanes::TAKE, "PRIMARY KEY"),
    (lanes::LET_GO, "PRIMARY KEY"),
    (lanes::REMOVE, "PRIMARY KEY"),
    (claim::NEXT_TARGET, "INDEX lanes_by_due (target>?)"),
    (claim::DUE_LANES, "INDEX lanes_by_due (target=? AND due<?)"),
    (claim::NEXT_DUE, "COVERING INDEX lanes_by_due (target=?)"),
    (claim::STALE_LANES, "INDEX free_lanes_by_stale (target=? AND stale<?)"),
    (claim::NEXT_STALE, "INDEX free_lanes_by_stale (target=?)"),
    (counts::SESSIONS, "COVERING INDEX living_sessions"),
    (counts::PENDING, "COVERING INDEX pending_deliveries"),
    (counts::DEAD, "COVERING INDEX dead_deliveries"),
    (counts::UNREAD, "COVERING INDEX callbacks_by_connector"),
    (kept::UNTRIED, "INDEX callbacks_by_connector (connector=? AND rowid>?)"),
    (retention::ENDED, "INDEX ended_sessions (ended<?)"),
    (retention::FORGOTTEN, "INDEX forgotten_sessions"),
    (retention::NAMES, "INDEX inbox_by_taken (taken<?)"),
    (retention::CALLBACKS, "INDEX callbacks_by_received (received<?)"),
    (retention::OF_SESSION[0], "PRIMARY KEY (session=?)"),
    (retention::OF_SESSION[1], "PRIMARY KEY (session=?)"),
    (retention::OF_SESSION[2], "INDEX lookup_keys_by_session"),
    (retention::OF_SESSION[3], "PRIMARY KEY (id=?)"),
];

/// Those that walk along an index by its order and end early, or count what is in a partial one.
const WALKS: &[&str] = &[
    sessions::BY_WAKE,
    retention::FORGOTTEN,
    counts::SESSIONS,
    counts::PENDING,
    counts::DEAD,
    counts::UNREAD,
];

#[test]
fn each_finds_what_it_wants_by_an_index() {
    let db = database();
    for (sql, index) in BY_INDEX {
        let plan = plan(&db, sql);
        assert!(plan.iter().any(|line| line.contains(index)), "{index}\n{sql}\n{plan:#?}");
        assert!(plan.iter().all(|line| !line.contains("TEMP B-TREE")), "sorts: {sql}\n{plan:#?}");
        let walks = WALKS.contains(sql);
        let scans = |line: &String| line.starts_with("SCAN ") && !line.contains("CONSTANT ROW");
        assert!(walks || !plan.iter().any(scans), "scans: {sql}\n{plan:#?}");
    }
}

#[test]
fn dead_letters_are_listed_along_an_index() {
    let db = database();
    let session = Some(handover_handoff::SessionId(uuid::Uuid::nil()));
    let connector = Some("contoso".to_owned());
    for (which, index) in [
        (Which::default(), "INDEX dead_deliveries ("),
        (Which { session, connector: None }, "INDEX dead_deliveries (session=?"),
        (
            Which { session: None, connector: connector.clone() },
            "INDEX dead_deliveries_by_connector (connector=?",
        ),
        (Which { session, connector }, "INDEX dead_deliveries_by_connector (connector=? AND session=?"),
    ] {
        let plan = plan(&db, &dead::listing(&which));
        assert!(plan.iter().any(|line| line.contains(index)), "{index}\n{plan:#?}");
        assert!(plan.iter().all(|line| !line.contains("TEMP B-TREE")), "sorts: {plan:#?}");
    }
}

/// What a database holds besides the one lane that is looked at.
#[derive(Clone, Copy)]
struct Crowd {
    /// Deliveries of the lane that are done; three are pending.
    done: u32,
    /// Other lanes: as many in hand, waiting for their time, and due, of the same target; sessions with timers.
    others: u32,
    /// Sessions that have ended, with a name each.
    ended: u32,
}

fn fill(db: &Connection, crowd: Crowd) {
    let run = |sql: &str, wanted: &[&dyn ToSql]| {
        db.prepare_cached(sql).and_then(|mut statement| statement.execute(wanted)).expect("a row");
    };
    for seq in 1..=crowd.done + 3 {
        let status = if seq <= crowd.done { "done" } else { "pending" };
        run(
            "INSERT INTO deliveries (session, direction, seq, status, attempt, created, due, deadline, maybe_duplicate, parcel)
             VALUES ('s', 'to-vendor', ?1, ?2, 1, 0, 0, 9, 0, '{}')",
            params![seq, status],
        );
    }
    let lane = "INSERT INTO lanes (session, direction, target, due, stale, hand, holder)
                VALUES (?1, 'to-vendor', 'connector k', ?2, ?3, ?4, ?5)";
    run(lane, params!["s", 5, 9, crowd.done + 1, "n"]);
    let session = "INSERT INTO sessions (id, tenant, channel, conversation, connector, phase, open, started, wake, document,
                       customer, ended)
                   VALUES (?1, 't', 'c', ?1, 'k', ?2, ?3, 0, ?4, '{}', ?1, ?5)";
    run(session, params!["s", "requested", true, 100, None::<u64>]);
    for n in 0..crowd.others {
        run(lane, params![format!("in hand {n}"), 1_000 + n, 2, 1, "n"]);
        run(lane, params![format!("waiting {n}"), 1_000 + n, 1_000 + n, None::<u64>, None::<&str>]);
        run(lane, params![format!("due {n}"), 10 + n, 500 + n, None::<u64>, None::<&str>]);
        run(session, params![format!("other {n}"), "active", true, 100 + n, None::<u64>]);
    }
    for n in 0..crowd.ended {
        run(session, params![format!("ended {n}"), "ended", false, None::<u64>, 1_000 + n]);
        run("INSERT INTO inbox VALUES ('k', ?1, ?2)", params![format!("{n}"), 1_000 + n]);
        run("INSERT INTO lookup_keys VALUES ('k', ?1, ?2)", params![format!("{n}"), format!("ended {n}")]);
    }
}

/// Steps of SQLite's machine for each statement in such a crowd.
fn steps(crowd: Crowd) -> Vec<(&'static str, i32)> {
    let db = database();
    fill(&db, crowd);
    let hand = crowd.done + 1;
    let of_target: &[&dyn ToSql] = &[&"connector k", &50, &3];
    let of_lane: &[&dyn ToSql] = &[&"s", &"to-vendor"];
    let mut steps = Vec::new();
    let mut ask = |sql, wanted: &[&dyn ToSql]| steps.push((sql, cost(&db, sql, wanted)));
    ask(deliveries::HEAD, of_lane);
    ask(deliveries::HEAD_TIMES, of_lane);
    ask(lanes::IN_HAND, &of_lane[..1]);
    ask(claim::NEXT_TARGET, &[&""]);
    ask(claim::NEXT_TARGET, &of_target[..1]);
    ask(claim::DUE_LANES, of_target);
    ask(claim::NEXT_DUE, &of_target[..1]);
    ask(claim::STALE_LANES, of_target);
    ask(claim::NEXT_STALE, &of_target[..1]);
    ask(sessions::BY_WAKE, &[&1]);
    ask(sessions::STARTING, &[&"k"]);
    ask(sessions::OPEN_OWNER, &[&"k", &"1", &"s"]);
    ask(sessions::BY_CUSTOMER, &of_lane[..1]);
    ask(sessions::REWRITE, &[&"s", &200, &"{}", &None::<&str>]);
    ask(retention::ENDED, &[&500, &10]);
    ask(retention::FORGOTTEN, &[&500, &10]);
    ask(retention::NAMES, &[&500, &10]);
    ask(lanes::LET_GO, &[&"s", &"to-vendor", &7, &9]);
    ask(lanes::TAKE, &[&"s", &"to-vendor", &7, &9, &hand, &"n"]);
    ask(deliveries::LOSE, &[&"s", &"to-vendor", &hand]);
    ask(deliveries::FINISH, &[&"s", &"to-vendor", &hand, &"done", &None::<&str>, &1, &None::<&str>]);
    ask(lanes::REMOVE, of_lane);
    steps
}

fn cost(db: &Connection, sql: &str, wanted: &[&dyn ToSql]) -> i32 {
    let mut statement = db.prepare(sql).expect("a statement");
    let mut rows = statement.query(wanted).expect("rows");
    while rows.next().expect("a row").is_some() {}
    drop(rows);
    statement.get_status(StatementStatus::VmStep)
}

#[test]
fn the_cost_does_not_grow_with_what_is_done_waits_or_has_ended() {
    let few = steps(Crowd { done: 10, others: 10, ended: 10 });
    assert_eq!(steps(Crowd { done: 3_000, others: 10, ended: 10 }), few);
    assert_eq!(steps(Crowd { done: 10, others: 1_000, ended: 10 }), few);
    assert_eq!(steps(Crowd { done: 10, others: 10, ended: 3_000 }), few);
}
