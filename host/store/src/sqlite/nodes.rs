//! Who claims: nodes that live, those that have fallen silent, and jobs that one at a time does.

use std::collections::BTreeSet;

use handover_handoff::Timestamp;
use rusqlite::params;

use super::desk::Desk;
use super::lanes;
use super::records::Rows;
use super::sealed::Database;

/// A node that has not been heard of for so many milliseconds is dead.
const SILENCE: u64 = 10_000;

// There is no index by holder: claiming and settling would pay for it each time, and it is asked for only where a node
// dies or leaves.
const ALL_IN_HAND: &str = "SELECT session, direction, hand FROM lanes WHERE hand IS NOT NULL";
const IN_HAND_OF: &str = "SELECT session, direction, hand FROM lanes WHERE hand IS NOT NULL AND holder = ?1";

/// When the file is opened nobody has it: what a process that has died had in hand is due again.
pub(super) fn void(db: &Database<'_>) -> Rows<()> {
    let mut lanes = db.prepare(ALL_IN_HAND)?;
    lose(db, lanes.query_map([], lane)?)?;
    db.execute_batch("DELETE FROM nodes; DELETE FROM jobs;")?;
    Ok(())
}

/// This node lives; those that have fallen silent do not.
pub(super) fn beat(db: &Database<'_>, desk: &mut Desk, now: Timestamp) -> Rows<()> {
    db.prepare_cached(
        "INSERT INTO nodes (id, seen) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET seen = excluded.seen",
    )?
    .execute(params![desk.node, now.0])?;
    let Some(silent_since) = now.0.checked_sub(SILENCE) else { return Ok(()) };
    let silent: Vec<String> = db
        .prepare_cached("SELECT id FROM nodes WHERE seen <= ?1")?
        .query_map([silent_since], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for node in silent {
        desk.changed |= remove(db, &node)?;
    }
    Ok(())
}

/// This node works on these lanes and on no other.
pub(super) fn give_back(db: &Database<'_>, desk: &mut Desk, but: &[crate::Lane]) -> Rows<()> {
    let kept: BTreeSet<(String, &str)> =
        but.iter().map(|lane| (lane.session.to_string(), lane.direction.as_str())).collect();
    let mut lanes = db.prepare_cached(IN_HAND_OF)?;
    let lost = lanes.query_map([&desk.node], lane)?.filter(|lane| {
        let works_on = |(session, direction, _): &Lane| kept.contains(&(session.clone(), direction.as_str()));
        !lane.as_ref().is_ok_and(works_on)
    });
    desk.changed |= lose(db, lost)?;
    Ok(())
}

/// This node goes: others may have what it had in hand, and do what it did alone.
pub(super) fn leave(db: &Database<'_>, desk: &mut Desk) -> Rows<()> {
    desk.changed |= remove(db, &desk.node)?;
    db.execute("DELETE FROM jobs WHERE holder = ?1", [&desk.node])?;
    Ok(())
}

/// Whether this node may do a job alone, until `ms` milliseconds from now.
pub(super) fn lease(db: &Database<'_>, desk: &Desk, job: &str, now: Timestamp, ms: u64) -> Rows<bool> {
    let had = db
        .prepare_cached(
            "INSERT INTO jobs (name, holder, until) VALUES (?1, ?2, ?3)
             ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
             WHERE holder = excluded.holder OR until <= ?4",
        )?
        .execute(params![job, desk.node, now.plus(ms).0, now.0])?;
    Ok(had == 1)
}

/// This node does that job no longer.
pub(super) fn end_lease(db: &Database<'_>, desk: &Desk, job: &str) -> Rows<()> {
    db.prepare_cached("DELETE FROM jobs WHERE name = ?1 AND holder = ?2")?.execute([job, &desk.node])?;
    Ok(())
}

/// Frees what a node had in hand; whether there was something.
fn remove(db: &Database<'_>, node: &str) -> Rows<bool> {
    db.prepare_cached("DELETE FROM nodes WHERE id = ?1")?.execute([node])?;
    let mut lanes = db.prepare_cached(IN_HAND_OF)?;
    lose(db, lanes.query_map([node], lane)?)
}

type Lane = (String, String, u64);

fn lane(row: &rusqlite::Row<'_>) -> rusqlite::Result<Lane> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}

fn lose(db: &Database<'_>, lanes: impl Iterator<Item = rusqlite::Result<Lane>>) -> Rows<bool> {
    // All are read before any is written: they are found by what is written.
    let lanes: Vec<Lane> = lanes.collect::<Result<_, _>>()?;
    for (session, direction, seq) in &lanes {
        lanes::lose(db, session, direction, *seq)?;
    }
    Ok(!lanes.is_empty())
}
