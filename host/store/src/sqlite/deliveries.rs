//! Deliveries as rows, each at its place in a lane.

use handover_handoff::delivery::{Delivery, Direction};
use handover_handoff::{DeliveryId, SessionId, Timestamp};
use rusqlite::{OptionalExtension, Row, params};

use super::records::{self, Rows};
use super::sealed::Database;
use crate::seal::Place;

// The statements of the hot way, named so that their plans can be checked. Left to itself SQLite would take the
// primary key for a lane's head, and walk past everything that is done.
pub(super) const HEAD: &str =
    "SELECT session, direction, seq, attempt, created, due, deadline, maybe_duplicate, parcel
     FROM deliveries INDEXED BY pending_deliveries
     WHERE session = ?1 AND direction = ?2 AND status = 'pending' ORDER BY seq LIMIT 1";
const ONE: &str = "SELECT session, direction, seq, attempt, created, due, deadline, maybe_duplicate, parcel
     FROM deliveries WHERE session = ?1 AND direction = ?2 AND seq = ?3";
pub(super) const HEAD_TIMES: &str = "SELECT due, deadline FROM deliveries INDEXED BY pending_deliveries
     WHERE session = ?1 AND direction = ?2 AND status = 'pending' ORDER BY seq LIMIT 1";
pub(super) const FINISH: &str = "UPDATE deliveries SET status = ?4, reason = ?5, settled = ?6, connector = ?7
     WHERE session = ?1 AND direction = ?2 AND seq = ?3";
pub(super) const LOSE: &str = "UPDATE deliveries SET maybe_duplicate = 1, attempt = attempt + 1
     WHERE session = ?1 AND direction = ?2 AND seq = ?3";
pub(super) const RELEASE: &str = "UPDATE deliveries INDEXED BY pending_deliveries SET due = ?3, deadline = ?4
     WHERE session = ?1 AND direction = 'to-customer' AND status = 'pending' AND due = ?2";

/// Writes a new delivery.
pub(super) fn insert(db: &Database<'_>, delivery: &Delivery) -> Rows<()> {
    let place = Place::Delivery(delivery.session, delivery.direction, delivery.seq);
    db.prepare_cached(
        "INSERT INTO deliveries
             (session, direction, seq, status, attempt, created, due, deadline, maybe_duplicate, parcel,
              sealed_with)
         VALUES (?1, ?2, ?3, 'pending', ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?
    .execute(params![
        delivery.session.to_string(),
        delivery.direction.as_str(),
        delivery.seq,
        delivery.attempt,
        delivery.created.0,
        delivery.due.0,
        delivery.deadline.0,
        delivery.maybe_duplicate,
        db.seal("delivery", &place, &delivery.parcel)?,
        db.keys.current(),
    ])?;
    Ok(())
}

/// The first pending delivery of a lane.
pub(super) fn head(db: &Database<'_>, session: &str, direction: &str) -> Rows<Option<Delivery>> {
    let row = db.prepare_cached(HEAD)?.query_row([session, direction], |row| Ok(read(db, row))).optional()?;
    row.transpose()
}

/// When the first pending delivery of a lane is due, and until when.
pub(super) fn head_times(
    db: &Database<'_>,
    session: &str,
    direction: &str,
) -> Rows<Option<(Timestamp, Timestamp)>> {
    let times = db
        .prepare_cached(HEAD_TIMES)?
        .query_row([session, direction], |row| Ok((Timestamp(row.get(0)?), Timestamp(row.get(1)?))))
        .optional()?;
    Ok(times)
}

/// A row that begins as [`HEAD`] does.
pub(super) fn read(db: &Database<'_>, row: &Row<'_>) -> Rows<Delivery> {
    let session: SessionId = records::session_id(&row.get::<_, String>(0)?)?;
    let direction: Direction = records::direction(&row.get::<_, String>(1)?)?;
    let seq = row.get(2)?;
    Ok(Delivery {
        id: DeliveryId::of(session, direction, seq),
        session,
        direction,
        seq,
        attempt: row.get(3)?,
        created: Timestamp(row.get(4)?),
        due: Timestamp(row.get(5)?),
        deadline: Timestamp(row.get(6)?),
        maybe_duplicate: row.get(7)?,
        parcel: db.open("delivery", &Place::Delivery(session, direction, seq), row, 8)?,
    })
}

/// The delivery there, whatever became of it.
pub(super) fn one(db: &Database<'_>, place: crate::Place) -> Rows<Option<Delivery>> {
    let wanted = params![place.session.to_string(), place.direction.as_str(), place.seq];
    db.prepare_cached(ONE)?.query_row(wanted, |row| Ok(read(db, row))).optional()?.transpose()
}

/// What a delivery has come to.
pub(super) enum End<'a> {
    /// It arrived, or nobody wants it any more.
    Done,
    /// It did not arrive.
    Dead {
        /// Whose.
        connector: &'a str,
        /// Why.
        reason: &'a str,
    },
}

/// Writes that a delivery is over.
pub(super) fn finish(
    db: &Database<'_>,
    session: &str,
    direction: &str,
    seq: u64,
    end: End<'_>,
    now: Timestamp,
) -> Rows<()> {
    let (status, reason, connector) = match end {
        End::Done => ("done", None, None),
        End::Dead { connector, reason } => ("dead", Some(reason), Some(connector)),
    };
    db.prepare_cached(FINISH)?.execute(params![session, direction, seq, status, reason, now.0, connector])?;
    Ok(())
}

/// Writes that a delivery is to be tried once more.
pub(super) fn put_off(
    db: &Database<'_>,
    session: &str,
    direction: &str,
    seq: u64,
    due: Timestamp,
    counts: bool,
    maybe_duplicate: bool,
) -> Rows<()> {
    db.prepare_cached(
        "UPDATE deliveries SET due = ?4, attempt = attempt + ?5, maybe_duplicate = maybe_duplicate OR ?6
         WHERE session = ?1 AND direction = ?2 AND seq = ?3",
    )?
    .execute(params![session, direction, seq, due.0, u32::from(counts), maybe_duplicate])?;
    Ok(())
}

/// Once more, as fresh as if it had just been posted.
pub(super) fn redirect(
    db: &Database<'_>,
    session: &str,
    direction: &str,
    seq: u64,
    due: Timestamp,
    deadline: Timestamp,
) -> Rows<()> {
    db.prepare_cached(
        "UPDATE deliveries SET due = ?4, deadline = ?5, attempt = attempt + 1, maybe_duplicate = 0
         WHERE session = ?1 AND direction = ?2 AND seq = ?3",
    )?
    .execute(params![session, direction, seq, due.0, deadline.0])?;
    Ok(())
}

/// The attempt that was under way may have arrived, and nobody will tell.
pub(super) fn lose(db: &Database<'_>, session: &str, direction: &str, seq: u64) -> Rows<()> {
    db.prepare_cached(LOSE)?.execute(params![session, direction, seq])?;
    Ok(())
}
