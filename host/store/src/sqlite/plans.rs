//! The statements of the hot way use their indexes, so that their cost does not grow with what is done.

use rusqlite::{Connection, StatementStatus, params};

use super::{lanes, records};

fn database() -> Connection {
    let db = Connection::open_in_memory().expect("SQLite");
    db.execute_batch(include_str!("schema.sql")).expect("the schema");
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

#[test]
fn each_finds_what_it_wants_by_an_index() {
    let db = database();
    for (sql, index) in [
        (records::BY_CONVERSATION, "INDEX sessions_by_conversation"),
        (records::BY_ID, "PRIMARY KEY"),
        (records::BY_LOOKUP_KEY, "PRIMARY KEY"),
        (records::BY_WAKE, "INDEX sessions_by_wake"),
        (lanes::DUE_LANES, "INDEX lanes_by_due"),
        (lanes::NEXT_LANE, "COVERING INDEX lanes_by_due"),
        (lanes::HEAD, "INDEX pending_deliveries"),
        (lanes::HEAD_SEQ, "INDEX pending_deliveries"),
        (lanes::LOST_FROM_HAND, "INDEX pending_deliveries"),
        (lanes::RELEASE_HELD, "INDEX pending_deliveries"),
    ] {
        let plan = plan(&db, sql);
        assert!(plan.iter().any(|line| line.contains(index)), "{sql}\n{plan:#?}");
        assert!(plan.iter().all(|line| !line.contains("TEMP B-TREE")), "sorts: {sql}\n{plan:#?}");
        // The smallest of an index and a walk along it by its order both read as a scan, and end early.
        let ends_early = [records::BY_WAKE, lanes::NEXT_LANE].contains(&sql);
        assert!(ends_early || plan.iter().all(|line| !line.starts_with("SCAN ")), "scans: {sql}\n{plan:#?}");
    }
}

/// Steps of SQLite's machine for the lane of one session that has had so many deliveries, three of them pending,
/// while so many other lanes are under way.
fn steps(done: u32, others: u32) -> Vec<i32> {
    let db = database();
    let mut add = db
        .prepare("INSERT INTO deliveries VALUES ('s', 'to-vendor', ?1, ?2, 1, 0, 0, 0, NULL, NULL, '{}')")
        .expect("a statement");
    for seq in 1..=done + 3 {
        add.execute(params![seq, if seq <= done { "done" } else { "pending" }]).expect("a row");
    }
    db.execute("INSERT INTO lanes VALUES ('s', 'to-vendor', 5, 0)", []).expect("a lane");
    for n in 0..others {
        let wanted = params![format!("other {n}"), 100 + n];
        db.execute("INSERT INTO lanes VALUES (?1, 'to-vendor', ?2, 1)", wanted).expect("a lane");
        let wanted = params![format!("other {n}"), 100 + n];
        db.execute("INSERT INTO sessions VALUES (?1, 't', 'c', ?1, 'k', 'active', 1, 0, ?2, '{}')", wanted)
            .expect("a session");
    }
    let cost = |sql: &str, parameters: &[&dyn rusqlite::ToSql]| {
        let mut statement = db.prepare(sql).expect("a statement");
        let mut rows = statement.query(parameters).expect("rows");
        while rows.next().expect("a row").is_some() {}
        drop(rows);
        statement.get_status(StatementStatus::VmStep)
    };
    vec![
        cost(lanes::HEAD, &[&"s", &"to-vendor"]),
        cost(lanes::HEAD_SEQ, &[&"s", &"to-vendor"]),
        cost(lanes::LOST_FROM_HAND, &[&"s", &"to-vendor"]),
        cost(lanes::DUE_LANES, &[&50, &10]),
        cost(lanes::NEXT_LANE, &[]),
        cost(records::BY_WAKE, &[&1]),
    ]
}

#[test]
fn the_cost_does_not_grow_with_what_is_done_or_under_way() {
    assert_eq!(steps(10, 10), steps(3_000, 1_000));
}
