//! Claiming: target by target, each as far as there is room, so that one that does not answer slows nobody else.

use handover_handoff::Timestamp;
use handover_handoff::delivery::Target;
use rusqlite::{OptionalExtension, params};

use super::deliveries;
use super::desk::Desk;
use super::lanes::{self, LEASE};
use super::records::{self, Rows};
use super::sealed::Database;
use super::sessions;
use crate::{Capacity, Claim, Due, Room, Subject};

// The statements of the hot way, named so that their plans can be checked. From target to target it is one step along
// the index, past however many lanes a target has.
pub(super) const NEXT_TARGET: &str = "SELECT target FROM lanes INDEXED BY lanes_by_due
     WHERE target > ?1 ORDER BY target LIMIT 1";
pub(super) const DUE_LANES: &str = "SELECT session, direction, hand FROM lanes INDEXED BY lanes_by_due
     WHERE target = ?1 AND due <= ?2 ORDER BY due LIMIT ?3";
pub(super) const STALE_LANES: &str =
    "SELECT session, direction, hand FROM lanes INDEXED BY free_lanes_by_stale
     WHERE target = ?1 AND hand IS NULL AND stale <= ?2 ORDER BY stale LIMIT ?3";
pub(super) const NEXT_DUE: &str = "SELECT min(due) FROM lanes INDEXED BY lanes_by_due WHERE target = ?1";
pub(super) const NEXT_STALE: &str =
    "SELECT min(stale) FROM lanes INDEXED BY free_lanes_by_stale WHERE target = ?1 AND hand IS NULL";

/// Claims what is due and lists timers that have run out.
pub(super) fn claim(db: &Database<'_>, desk: &mut Desk, now: Timestamp, capacity: &Capacity) -> Rows<Due> {
    let (timers, next_timer) = sessions::timers(db, now)?;
    let mut due = Due { claims: Vec::new(), timers, next: next_timer };
    // Once around, from the target behind the one that was served last to that one.
    let last = desk.served.clone();
    let mut target = last.clone();
    let mut around = false;
    loop {
        match next_target(db, &target)? {
            Some(next) if around && next > last => break,
            Some(next) => {
                serve(db, desk, now, &next, capacity, &mut due)?;
                if around && next == last {
                    break;
                }
                target = next;
            }
            None if around => break,
            None => {
                around = true;
                target.clear();
            }
        }
    }
    Ok(due)
}

fn next_target(db: &Database<'_>, after: &str) -> Rows<Option<String>> {
    Ok(db.prepare_cached(NEXT_TARGET)?.query_row([after], |row| row.get(0)).optional()?)
}

/// Claims for one target.
fn serve(
    db: &Database<'_>,
    desk: &mut Desk,
    now: Timestamp,
    name: &str,
    capacity: &Capacity,
    due: &mut Due,
) -> Rows<()> {
    let room = capacity.room(&Target(name.to_owned()));
    if room.lanes == 0 {
        return Ok(());
    }
    let limit = room.lanes.min(capacity.lanes.saturating_sub(due.claims.len()));
    let before = due.claims.len();
    for (session, direction, hand) in waiting(db, now, name, room, limit)? {
        if let Some(seq) = hand {
            // Its claimer has been silent for the whole lease.
            deliveries::lose(db, &session, &direction, seq)?;
        }
        match head(db, &session, &direction) {
            Ok(Some(claim)) => {
                lanes::take(db, &desk.node, &claim.delivery, &session, now)?;
                due.claims.push(claim);
            }
            Ok(None) => lanes::remove(db, &session, &direction)?,
            // One record that cannot be read must not stop all others; it is looked at again later.
            Err(e) if e.is_of_one_record() => {
                let later = now.plus(LEASE);
                lanes::let_go(db, &session, &direction, later, later)?;
            }
            Err(e) => return Err(e),
        }
    }
    let taken = due.claims.len() - before;
    if taken > 0 {
        name.clone_into(&mut desk.served);
    }
    // Whoever is full asks again once something is done.
    if taken < room.lanes {
        let sql = if room.shut { NEXT_STALE } else { NEXT_DUE };
        let next = records::awaited(db.prepare_cached(sql)?.query_row([name], |row| row.get(0))?);
        due.next = [due.next, next].into_iter().flatten().min();
    }
    Ok(())
}

type Waiting = (String, String, Option<u64>);

fn waiting(db: &Database<'_>, now: Timestamp, target: &str, room: Room, limit: usize) -> Rows<Vec<Waiting>> {
    if limit == 0 {
        return Ok(Vec::new());
    }
    let sql = if room.shut { STALE_LANES } else { DUE_LANES };
    let lanes = db
        .prepare_cached(sql)?
        .query_map(params![target, now.0, records::sql_limit(limit)], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?
        .collect::<Result<_, _>>()?;
    Ok(lanes)
}

fn head(db: &Database<'_>, session: &str, direction: &str) -> Rows<Option<Claim>> {
    let Some(delivery) = deliveries::head(db, session, direction)? else { return Ok(None) };
    let session = sessions::find(db, &Subject::Session(delivery.session))?;
    Ok(session.map(|session| Claim { delivery, session }))
}
