//! Lanes: added to at their end, in one hand at a time, let go when what was in hand is settled.

use handover_handoff::decision::{Fate, Settlement};
use handover_handoff::delivery::{Delivery, Direction};
use handover_handoff::{DeliveryId, Session, SessionId, Timestamp};
use rusqlite::params;

use super::deliveries::{self, End};
use super::records::{self, Rows};
use super::sealed::Database;
use crate::Claim;

/// How long a claimer has a lane to itself, in milliseconds; no attempt takes this long. A node that dies gives its
/// lanes up sooner, because it falls silent; this is for what it forgets.
pub(super) const LEASE: u64 = 90_000;

// The statements of the hot way, named so that their plans can be checked.
pub(super) const IN_HAND: &str = "SELECT l.direction, l.hand, d.attempt FROM lanes l
     JOIN deliveries d ON d.session = l.session AND d.direction = l.direction AND d.seq = l.hand
     WHERE l.session = ?1 AND l.hand IS NOT NULL";
pub(super) const TAKE: &str = "UPDATE lanes SET due = ?3, stale = ?4, hand = ?5, holder = ?6
     WHERE session = ?1 AND direction = ?2";
pub(super) const LET_GO: &str = "UPDATE lanes SET due = ?3, stale = ?4, hand = NULL, holder = NULL
     WHERE session = ?1 AND direction = ?2";
pub(super) const REMOVE: &str = "DELETE FROM lanes WHERE session = ?1 AND direction = ?2";

/// Puts deliveries at the end of their lanes.
pub(super) fn append(db: &Database<'_>, session: &Session, deliveries: &[Delivery]) -> Rows<()> {
    for delivery in deliveries {
        deliveries::insert(db, delivery)?;
        open(db, session, delivery.direction, delivery.due, delivery.deadline)?;
    }
    Ok(())
}

/// Makes a lane for its first delivery. Where it exists something is before that one, and its times count.
pub(super) fn open(
    db: &Database<'_>,
    session: &Session,
    direction: Direction,
    due: Timestamp,
    stale: Timestamp,
) -> Rows<()> {
    db.prepare_cached(
        "INSERT INTO lanes (session, direction, target, due, stale) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT DO NOTHING",
    )?
    .execute(params![
        session.id.to_string(),
        direction.as_str(),
        session.target(direction).0,
        due.0,
        stale.0
    ])?;
    Ok(())
}

/// Has a lane lead elsewhere.
pub(super) fn lead_to(db: &Database<'_>, session: &str, direction: &str, target: &str) -> Rows<()> {
    db.prepare_cached("UPDATE lanes SET target = ?3 WHERE session = ?1 AND direction = ?2")?
        .execute([session, direction, target])?;
    Ok(())
}

/// Where a delivery that is being settled stands: in a claimer's hand, in this very attempt, or nowhere.
pub(super) fn in_hand(
    db: &Database<'_>,
    settlement: &Settlement,
    session: SessionId,
) -> Rows<Option<(Direction, u64)>> {
    let mut statement = db.prepare_cached(IN_HAND)?;
    let mut rows = statement.query([session.to_string()])?;
    while let Some(row) = rows.next()? {
        let direction = records::direction(&row.get::<_, String>(0)?)?;
        let (seq, attempt): (u64, u32) = (row.get(1)?, row.get(2)?);
        if DeliveryId::of(session, direction, seq) == settlement.delivery {
            return Ok((attempt == settlement.attempt).then_some((direction, seq)));
        }
    }
    Ok(None)
}

/// Writes what became of the delivery in hand and lets its lane go on: the first one that waits is handed out where
/// it is due.
pub(super) fn settle(
    db: &Database<'_>,
    node: &str,
    fate: &Fate,
    session: Session,
    (direction, seq): (Direction, u64),
    now: Timestamp,
) -> Rows<Option<Claim>> {
    let id = session.id.to_string();
    let direction = direction.as_str();
    match fate {
        Fate::Done => deliveries::finish(db, &id, direction, seq, End::Done, now)?,
        Fate::Dead(reason) => {
            let end = End::Dead { connector: &session.connector, reason };
            deliveries::finish(db, &id, direction, seq, end, now)?;
        }
        Fate::Again { due, maybe_duplicate, counts } => {
            deliveries::put_off(db, &id, direction, seq, *due, *counts, *maybe_duplicate)?;
        }
        Fate::Elsewhere { due, deadline } => {
            deliveries::redirect(db, &id, direction, seq, *due, *deadline)?;
            lead_to(db, &id, direction, &session.target(Direction::ToVendor).0)?;
        }
    }
    let Some(next) = deliveries::head(db, &id, direction)? else {
        remove(db, &id, direction)?;
        return Ok(None);
    };
    if next.due <= now {
        take(db, node, &next, &id, now)?;
        return Ok(Some(Claim { delivery: next, session }));
    }
    let_go(db, &id, direction, next.due, next.deadline)?;
    Ok(None)
}

/// Gives the lane of this delivery, which is its head, to a claimer.
pub(super) fn take(
    db: &Database<'_>,
    node: &str,
    head: &Delivery,
    session: &str,
    now: Timestamp,
) -> Rows<()> {
    let lease = now.plus(LEASE);
    db.prepare_cached(TAKE)?.execute(params![
        session,
        head.direction.as_str(),
        lease.0,
        head.deadline.0,
        head.seq,
        node
    ])?;
    Ok(())
}

/// Nobody has the lane in hand.
pub(super) fn let_go(
    db: &Database<'_>,
    session: &str,
    direction: &str,
    due: Timestamp,
    stale: Timestamp,
) -> Rows<()> {
    db.prepare_cached(LET_GO)?.execute(params![session, direction, due.0, stale.0])?;
    Ok(())
}

/// Nobody has this lane in hand any more: what was may have arrived, and its first delivery can be claimed when it is
/// due.
pub(super) fn lose(db: &Database<'_>, session: &str, direction: &str, seq: u64) -> Rows<()> {
    deliveries::lose(db, session, direction, seq)?;
    match deliveries::head_times(db, session, direction)? {
        Some((due, stale)) => let_go(db, session, direction, due, stale),
        None => remove(db, session, direction),
    }
}

/// A lane's first delivery may be another one, or have other times. Where somebody has the lane in hand, its
/// settlement sees to that.
pub(super) fn look_again(db: &Database<'_>, session: &str, direction: &str) -> Rows<()> {
    match deliveries::head_times(db, session, direction)? {
        Some((due, stale)) => {
            db.prepare_cached(
                "UPDATE lanes SET due = ?3, stale = ?4 WHERE session = ?1 AND direction = ?2 AND hand IS NULL",
            )?
            .execute(params![session, direction, due.0, stale.0])?;
        }
        None => remove(db, session, direction)?,
    }
    Ok(())
}

/// There is nothing pending in the lane.
pub(super) fn remove(db: &Database<'_>, session: &str, direction: &str) -> Rows<()> {
    db.prepare_cached(REMOVE)?.execute([session, direction])?;
    Ok(())
}
