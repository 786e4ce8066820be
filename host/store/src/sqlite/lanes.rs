//! Deliveries in their lanes: added at the end, claimed at the head, settled.

use handover_handoff::decision::{Fate, Settlement};
use handover_handoff::delivery::{Delivery, Direction};
use handover_handoff::{DeliveryId, SessionId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::records::{self, Rows};
use crate::{Claim, Subject};

/// How long a claimer has a lane to itself, in milliseconds; no attempt takes this long.
const LEASE: u64 = 90_000;

/// After a process has died: what it had in hand may have arrived.
pub(super) fn void_leases(db: &Connection) -> rusqlite::Result<()> {
    db.execute_batch(
        "UPDATE deliveries SET maybe_duplicate = 1, attempt = attempt + 1
         WHERE status = 'pending' AND (session, direction, seq) IN (
             SELECT l.session, l.direction, min(d.seq) FROM lanes l
             JOIN deliveries d ON d.session = l.session AND d.direction = l.direction AND d.status = 'pending'
             WHERE l.leased > 0 GROUP BY l.session, l.direction);
         UPDATE lanes SET leased = 0 WHERE leased > 0;",
    )
}

/// Puts deliveries at the end of their lanes; true where one of them may be due now.
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
        db.prepare_cached("INSERT INTO lanes (session, direction, due) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?
            .execute(params![session, direction, delivery.due.0])?;
    }
    Ok(())
}

/// Claims lanes whose head is due, and says when the next one is.
pub(super) fn claim(db: &Connection, now: Timestamp, limit: usize) -> Rows<(Vec<Claim>, Option<Timestamp>)> {
    let lanes: Vec<(String, String)> = db
        .prepare_cached("SELECT session, direction FROM lanes WHERE due <= ?1 AND leased <= ?1 ORDER BY due LIMIT ?2")?
        .query_map(params![now.0, limit as i64], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let mut claims = Vec::with_capacity(lanes.len());
    for (session, direction) in &lanes {
        match head(db, session, direction)? {
            Some(claim) => {
                lease(db, session, direction, now)?;
                claims.push(claim);
            }
            None => remove(db, session, direction)?,
        }
    }
    let next: Option<u64> = db
        .prepare_cached("SELECT min(max(due, leased)) FROM lanes WHERE due < ?1")?
        .query_row([Timestamp::NEVER.0], |row| row.get(0))?;
    Ok((claims, next.map(Timestamp)))
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
    db.prepare_cached("UPDATE lanes SET due = ?3, leased = 0 WHERE session = ?1 AND direction = ?2")?
        .execute(params![session, direction, next.delivery.due.0])?;
    Ok(None)
}

/// Everything that is held for a customer, in order; it counts as delivered.
pub(super) fn take_held(db: &Connection, session: SessionId, now: Timestamp) -> Rows<Vec<Delivery>> {
    let session = session.to_string();
    let direction = Direction::ToCustomer.as_str();
    let mut held = Vec::new();
    while let Some(delivery) = head_delivery(db, &session, direction)? {
        if delivery.due != Timestamp::NEVER {
            break;
        }
        finish(db, &session, direction, delivery.seq, "done", None, now)?;
        held.push(delivery);
    }
    if head_delivery(db, &session, direction)?.is_none() {
        remove(db, &session, direction)?;
    }
    Ok(held)
}

/// Where a delivery that is being settled stands.
pub(super) fn place(db: &Connection, id: DeliveryId, session: SessionId) -> Rows<Option<(Direction, u64)>> {
    for direction in [Direction::ToVendor, Direction::ToCustomer] {
        if let Some(delivery) = head_delivery(db, &session.to_string(), direction.as_str())?
            && delivery.id == id
        {
            return Ok(Some((direction, delivery.seq)));
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
    let row = db
        .prepare_cached(
            "SELECT session, direction, seq, attempt, created, due, maybe_duplicate, parcel FROM deliveries
             WHERE session = ?1 AND direction = ?2 AND status = 'pending' ORDER BY seq LIMIT 1",
        )?
        .query_row([session, direction], |row| Ok(delivery(row)))
        .optional()?;
    row.transpose()
}

fn delivery(row: &Row<'_>) -> Rows<Delivery> {
    let session: SessionId = records::read("session id", &format!("\"{}\"", row.get::<_, String>(0)?))?;
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

fn lease(db: &Connection, session: &str, direction: &str, now: Timestamp) -> Rows<()> {
    db.prepare_cached("UPDATE lanes SET leased = ?3 WHERE session = ?1 AND direction = ?2")?
        .execute(params![session, direction, now.plus(LEASE).0])?;
    Ok(())
}

fn remove(db: &Connection, session: &str, direction: &str) -> Rows<()> {
    db.prepare_cached("DELETE FROM lanes WHERE session = ?1 AND direction = ?2")?.execute([session, direction])?;
    Ok(())
}
