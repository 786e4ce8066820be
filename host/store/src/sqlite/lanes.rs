//! Deliveries in their lanes: added at the end, claimed at the head, settled.

use handover_handoff::decision::{Fate, Settlement};
use handover_handoff::delivery::{Delivery, Direction};
use handover_handoff::{DeliveryId, SessionId, Timestamp, outcome};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::records::{self, RowError, Rows};
use crate::{Claim, Subject};

/// How long a claimer has a lane to itself, in milliseconds; no attempt takes this long.
const LEASE: u64 = 90_000;

// The statements of the hot way, named so that their plans can be checked. Left to itself SQLite would take the
// primary key for a lane's head, and walk past everything that is done.
pub(super) const DUE_LANES: &str =
    "SELECT session, direction, in_hand FROM lanes WHERE due <= ?1 ORDER BY due LIMIT ?2";
pub(super) const NEXT_LANE: &str = "SELECT min(due) FROM lanes";
pub(super) const HEAD: &str = "SELECT session, direction, seq, attempt, created, due, maybe_duplicate, parcel
     FROM deliveries INDEXED BY pending_deliveries
     WHERE session = ?1 AND direction = ?2 AND status = 'pending' ORDER BY seq LIMIT 1";
pub(super) const HEAD_SEQ: &str = "SELECT min(seq) FROM deliveries INDEXED BY pending_deliveries
     WHERE session = ?1 AND direction = ?2 AND status = 'pending'";
pub(super) const LOST_FROM_HAND: &str = "UPDATE deliveries SET maybe_duplicate = 1, attempt = attempt + 1
     WHERE session = ?1 AND direction = ?2 AND seq = (
         SELECT min(seq) FROM deliveries INDEXED BY pending_deliveries
         WHERE session = ?1 AND direction = ?2 AND status = 'pending')";
pub(super) const RELEASE_HELD: &str = "UPDATE deliveries INDEXED BY pending_deliveries SET due = ?3
     WHERE session = ?1 AND direction = 'to-customer' AND status = 'pending' AND due = ?2";

/// After a process has died: what it had in hand may have arrived, and is due again.
pub(super) fn void_leases(db: &Connection) -> Rows<()> {
    let lanes: Vec<(String, String)> = db
        .prepare("SELECT session, direction FROM lanes WHERE in_hand = 1")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (session, direction) in &lanes {
        lost_from_hand(db, session, direction)?;
        free(db, session, direction)?;
    }
    Ok(())
}

/// Puts deliveries at the end of their lanes.
pub(super) fn append(db: &Connection, deliveries: &[Delivery]) -> Rows<()> {
    for delivery in deliveries {
        let session = delivery.session.to_string();
        let direction = delivery.direction.as_str();
        db.prepare_cached(
            "INSERT INTO deliveries (session, direction, seq, status, attempt, created, due, maybe_duplicate, parcel)
             VALUES (?1, ?2, ?3, 'pending', ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            session,
            direction,
            delivery.seq,
            delivery.attempt,
            delivery.created.0,
            delivery.due.0,
            delivery.maybe_duplicate,
            records::write("delivery", &delivery.parcel)?,
        ])?;
        // Where the lane exists something is before this one, and its time counts.
        db.prepare_cached(
            "INSERT INTO lanes (session, direction, due) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        )?
        .execute(params![session, direction, delivery.due.0])?;
    }
    Ok(())
}

/// Claims lanes whose head is due, and says when the next one is.
pub(super) fn claim(db: &Connection, now: Timestamp, limit: usize) -> Rows<(Vec<Claim>, Option<Timestamp>)> {
    let lanes: Vec<(String, String, bool)> = db
        .prepare_cached(DUE_LANES)?
        .query_map(params![now.0, records::sql_limit(limit)], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?
        .collect::<Result<_, _>>()?;
    let mut claims = Vec::with_capacity(lanes.len());
    for (session, direction, in_hand) in &lanes {
        if *in_hand {
            // Its claimer has been silent for the whole lease.
            lost_from_hand(db, session, direction)?;
        }
        match head(db, session, direction) {
            Ok(Some(claim)) => {
                lease(db, session, direction, now)?;
                claims.push(claim);
            }
            Ok(None) => remove(db, session, direction)?,
            // One record that cannot be read must not stop all others; it is looked at again later.
            Err(RowError::Unreadable { .. }) => release(db, session, direction, now.plus(LEASE))?,
            Err(e) => return Err(e),
        }
    }
    let next: Option<u64> = db.prepare_cached(NEXT_LANE)?.query_row([], |row| row.get(0))?;
    Ok((claims, next.map(Timestamp).filter(|next| *next < Timestamp::NEVER)))
}

/// Writes what became of a delivery and lets its lane go on: the next delivery is handed out where it is due.
pub(super) fn settle(
    db: &Connection,
    settlement: &Settlement,
    session: SessionId,
    direction: Direction,
    seq: u64,
    now: Timestamp,
) -> Rows<Option<Claim>> {
    let session = session.to_string();
    let direction = direction.as_str();
    match &settlement.fate {
        Fate::Done => finish(db, &session, direction, seq, "done", None, now)?,
        Fate::Dead(reason) => finish(db, &session, direction, seq, "dead", Some(reason), now)?,
        Fate::Again { due, maybe_duplicate, counts } => {
            db.prepare_cached(
                "UPDATE deliveries SET due = ?4, attempt = attempt + ?5, maybe_duplicate = maybe_duplicate OR ?6
                 WHERE session = ?1 AND direction = ?2 AND seq = ?3",
            )?
            .execute(params![session, direction, seq, due.0, u32::from(*counts), maybe_duplicate])?;
        }
    }
    let Some(next) = head(db, &session, direction)? else {
        remove(db, &session, direction)?;
        return Ok(None);
    };
    if next.delivery.due <= now {
        lease(db, &session, direction, now)?;
        return Ok(Some(next));
    }
    release(db, &session, direction, next.delivery.due)?;
    Ok(None)
}

/// Everything that is held for a customer, in order; it counts as delivered.
pub(super) fn take_held(db: &Connection, session: SessionId, now: Timestamp) -> Rows<Vec<Delivery>> {
    let id = session.to_string();
    let direction = Direction::ToCustomer.as_str();
    let mut held = Vec::new();
    while let Some(delivery) = head_delivery(db, &id, direction)?.filter(|head| head.due == Timestamp::NEVER)
    {
        finish(db, &id, direction, delivery.seq, "done", None, now)?;
        held.push(delivery);
    }
    if held.is_empty() {
        return Ok(held);
    }
    free(db, &id, direction)?;
    if let Some(session) = records::find(db, &Subject::Session(session))? {
        let (session, deliveries) = outcome::taken(session, &held, now);
        records::rewrite(db, &session)?;
        append(db, &deliveries)?;
    }
    Ok(held)
}

/// Lets go of what was held, because now it can be pushed.
pub(super) fn release_held(db: &Connection, session: SessionId, now: Timestamp) -> Rows<()> {
    let id = session.to_string();
    let released = db.prepare_cached(RELEASE_HELD)?.execute(params![id, Timestamp::NEVER.0, now.0])?;
    if released > 0 {
        db.prepare_cached(
            "UPDATE lanes SET due = ?2 WHERE session = ?1 AND direction = 'to-customer' AND in_hand = 0",
        )?
        .execute(params![id, now.0])?;
    }
    Ok(())
}

/// Where a delivery that is being settled stands: at the head of its lane, or nowhere.
pub(super) fn place(db: &Connection, id: DeliveryId, session: SessionId) -> Rows<Option<(Direction, u64)>> {
    for direction in [Direction::ToVendor, Direction::ToCustomer] {
        let head: Option<u64> = db
            .prepare_cached(HEAD_SEQ)?
            .query_row([session.to_string().as_str(), direction.as_str()], |row| row.get(0))?;
        if let Some(seq) = head.filter(|seq| DeliveryId::of(session, direction, *seq) == id) {
            return Ok(Some((direction, seq)));
        }
    }
    Ok(None)
}

fn head(db: &Connection, session: &str, direction: &str) -> Rows<Option<Claim>> {
    let Some(delivery) = head_delivery(db, session, direction)? else { return Ok(None) };
    let session = records::find(db, &Subject::Session(delivery.session))?;
    Ok(session.map(|session| Claim { delivery, session }))
}

fn head_delivery(db: &Connection, session: &str, direction: &str) -> Rows<Option<Delivery>> {
    let row = db.prepare_cached(HEAD)?.query_row([session, direction], |row| Ok(delivery(row))).optional()?;
    row.transpose()
}

fn delivery(row: &Row<'_>) -> Rows<Delivery> {
    let session = records::session_id(row.get(0)?)?;
    let direction: Direction = records::read("direction", &format!("\"{}\"", row.get::<_, String>(1)?))?;
    let seq = row.get(2)?;
    Ok(Delivery {
        id: DeliveryId::of(session, direction, seq),
        session,
        direction,
        seq,
        attempt: row.get(3)?,
        created: Timestamp(row.get(4)?),
        due: Timestamp(row.get(5)?),
        maybe_duplicate: row.get(6)?,
        parcel: records::read("delivery", &row.get::<_, String>(7)?)?,
    })
}

fn finish(
    db: &Connection,
    session: &str,
    direction: &str,
    seq: u64,
    status: &str,
    reason: Option<&str>,
    now: Timestamp,
) -> Rows<()> {
    db.prepare_cached(
        "UPDATE deliveries SET status = ?4, reason = ?5, settled = ?6
         WHERE session = ?1 AND direction = ?2 AND seq = ?3",
    )?
    .execute(params![session, direction, seq, status, reason, now.0])?;
    Ok(())
}

/// The attempt that was under way may have arrived, and nobody will tell.
fn lost_from_hand(db: &Connection, session: &str, direction: &str) -> Rows<()> {
    db.prepare_cached(LOST_FROM_HAND)?.execute([session, direction])?;
    Ok(())
}

fn lease(db: &Connection, session: &str, direction: &str, now: Timestamp) -> Rows<()> {
    db.prepare_cached("UPDATE lanes SET due = ?3, in_hand = 1 WHERE session = ?1 AND direction = ?2")?
        .execute(params![session, direction, now.plus(LEASE).0])?;
    Ok(())
}

/// Nobody has the lane in hand: it can be claimed when its first delivery is due, if it has one.
fn free(db: &Connection, session: &str, direction: &str) -> Rows<()> {
    let due: Option<u64> =
        db.prepare_cached(HEAD)?.query_row([session, direction], |row| row.get(5)).optional()?;
    match due {
        Some(due) => release(db, session, direction, Timestamp(due)),
        None => remove(db, session, direction),
    }
}

fn release(db: &Connection, session: &str, direction: &str, due: Timestamp) -> Rows<()> {
    db.prepare_cached("UPDATE lanes SET due = ?3, in_hand = 0 WHERE session = ?1 AND direction = ?2")?
        .execute(params![session, direction, due.0])?;
    Ok(())
}

fn remove(db: &Connection, session: &str, direction: &str) -> Rows<()> {
    db.prepare_cached("DELETE FROM lanes WHERE session = ?1 AND direction = ?2")?
        .execute([session, direction])?;
    Ok(())
}
