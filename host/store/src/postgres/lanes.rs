//! Deliveries in their lanes: added at the end, settled, and the next one handed out.

use deadpool_postgres::Client;
use handover_handoff::decision::{Fate, Settlement};
use handover_handoff::delivery::{Delivery, Direction};
use handover_handoff::{DeliveryId, Session, SessionId, Timestamp};
use tokio_postgres::Row;
use uuid::Uuid;

use super::fault::{self, Rows};
use super::names::{legible, plain};
use super::pipeline::{Pipeline, ask, values};
use super::sealed;
use crate::seal::{Keys, Place};

/// How long a claimer has a lane to itself, in milliseconds; no attempt takes this long.
pub(super) const LEASE: u64 = 90_000;

const IN_HAND: &str = "SELECT direction, hand, attempt FROM lanes WHERE session = $1 AND holder = $2 AND hand IS NOT NULL FOR UPDATE";

// Where a lane is open something is before what is added, and its time counts.
const APPEND: &str = "WITH new AS (
         SELECT * FROM unnest($2::text[], $3::bigint[], $4::integer[], $5::bigint[], $6::bigint[], $7::bigint[],
                              $8::boolean[], $9::text[], $10::text[])
         AS new (direction, seq, attempt, created, due, deadline, maybe_duplicate, parcel, target)),
     opened AS (
         INSERT INTO lanes (session, direction, target, due, stale)
         SELECT DISTINCT ON (direction) $1::uuid, direction, target, due, deadline FROM new ORDER BY direction, seq
         ON CONFLICT (session, direction) DO NOTHING)
     INSERT INTO deliveries
         (session, direction, seq, status, attempt, created, due, deadline, maybe_duplicate, parcel, sealed_with)
     SELECT $1, direction, seq, 'pending', attempt, created, due, deadline, maybe_duplicate, parcel, $11 FROM new";
const OPEN: &str = "INSERT INTO lanes (session, direction, target, due, stale) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (session, direction) DO NOTHING";
const LEAD_ELSEWHERE: &str =
    "UPDATE lanes SET target = $3 WHERE session = $1 AND direction = $2 AND target <> $3";

const ONE: &str =
    "SELECT direction, seq, attempt, created, due, deadline, maybe_duplicate, parcel FROM deliveries
     WHERE session = $1 AND direction = $2 AND seq = $3";
const FINISH: &str = "UPDATE deliveries SET status = $4, reason = $5, settled = $6, connector = $7
     WHERE session = $1 AND direction = $2 AND seq = $3";
const AGAIN: &str = "UPDATE deliveries
     SET due = $4, attempt = attempt + $5, maybe_duplicate = maybe_duplicate OR $6
     WHERE session = $1 AND direction = $2 AND seq = $3";
const ELSEWHERE: &str = "UPDATE deliveries
     SET due = $4, deadline = $5, attempt = attempt + 1, maybe_duplicate = false
     WHERE session = $1 AND direction = $2 AND seq = $3";
// The lane goes on with its first delivery: in the same hand where that is due, else in nobody's. Where there is
// none the lane is over.
const GO_ON: &str = "WITH head AS (
         SELECT direction, seq, attempt, created, due, deadline, maybe_duplicate, parcel, due <= $3 AS is_due
         FROM deliveries WHERE session = $1 AND direction = $2 AND status = 'pending' ORDER BY seq LIMIT 1),
     goes_on AS (
         UPDATE lanes SET stale = head.deadline,
             due = CASE WHEN is_due THEN $4 ELSE head.due END,
             hand = CASE WHEN is_due THEN head.seq END,
             attempt = CASE WHEN is_due THEN head.attempt END,
             holder = CASE WHEN is_due THEN $5::uuid END
         FROM head WHERE lanes.session = $1 AND lanes.direction = $2),
     is_over AS (
         DELETE FROM lanes WHERE session = $1 AND direction = $2 AND NOT EXISTS (SELECT FROM head))
     SELECT direction, seq, attempt, created, due, deadline, maybe_duplicate, parcel FROM head WHERE is_due";

const RELEASE: &str = "UPDATE deliveries SET due = $3, deadline = $4
     WHERE session = $1 AND direction = $2 AND status = 'pending' AND due = $5";
// What became of the first delivery of a lane that nobody has in hand, for the lane to go by.
const FOLLOW: &str = "UPDATE lanes SET due = head.due, stale = head.deadline
     FROM (SELECT due, deadline FROM deliveries
           WHERE session = $1 AND direction = $2 AND status = 'pending' ORDER BY seq LIMIT 1) AS head
     WHERE lanes.session = $1 AND lanes.direction = $2 AND lanes.hand IS NULL";
const CLOSE: &str = "DELETE FROM lanes WHERE session = $1 AND direction = $2 AND hand IS NULL
         AND NOT EXISTS (SELECT FROM deliveries
                         WHERE session = $1 AND direction = $2 AND status = 'pending')";

/// A delivery that this node has in hand. The attempt is kept with the lane, because the row that is locked is the
/// one to be believed: what another node did to it in the meantime is seen there and nowhere else.
pub(super) struct InHand {
    pub(super) direction: Direction,
    pub(super) seq: u64,
    attempt: u32,
}

impl InHand {
    /// Whether this is what is being settled.
    pub(super) fn is(&self, settlement: &Settlement, session: SessionId) -> bool {
        self.attempt == settlement.attempt
            && DeliveryId::of(session, self.direction, self.seq) == settlement.delivery
    }
}

/// What this node has in hand of a session, and nobody takes from it until the transaction ends.
pub(super) async fn in_hand(pipeline: &mut Pipeline<'_>, session: SessionId, node: Uuid) -> Rows<()> {
    pipeline.add(IN_HAND, values![session.0, node]).await
}

pub(super) fn hands(rows: &[Row]) -> Rows<Vec<InHand>> {
    let hand = |row: &Row| {
        let direction = direction(row.try_get(0)?)?;
        Ok(InHand { direction, seq: fault::number(row.try_get(1)?)?, attempt: small(row.try_get(2)?)? })
    };
    rows.iter().map(hand).collect()
}

/// Puts deliveries at the end of their lanes.
pub(super) async fn append(
    pipeline: &mut Pipeline<'_>,
    keys: &Keys,
    session: &Session,
    deliveries: &[Delivery],
) -> Rows<()> {
    if deliveries.is_empty() {
        return Ok(());
    }
    let numbers = |of: fn(&Delivery) -> u64| -> Rows<Vec<i64>> {
        deliveries.iter().map(|delivery| fault::count(of(delivery))).collect()
    };
    let directions: Vec<&str> = deliveries.iter().map(|delivery| delivery.direction.as_str()).collect();
    let attempts = deliveries.iter().map(|delivery| large(delivery.attempt)).collect::<Rows<Vec<i32>>>()?;
    let doubts: Vec<bool> = deliveries.iter().map(|delivery| delivery.maybe_duplicate).collect();
    let parcels = deliveries.iter().map(|delivery| {
        let place = Place::Delivery(delivery.session, delivery.direction, delivery.seq);
        sealed::seal(keys, "delivery", &place, &delivery.parcel)
    });
    let targets: Vec<String> =
        deliveries.iter().map(|delivery| target(session, delivery.direction)).collect();
    let values = values![
        session.id.0,
        directions,
        numbers(|delivery| delivery.seq)?,
        attempts,
        numbers(|delivery| delivery.created.0)?,
        numbers(|delivery| delivery.due.0)?,
        numbers(|delivery| delivery.deadline.0)?,
        doubts,
        parcels.collect::<Rows<Vec<String>>>()?,
        targets,
        keys.current().map(str::to_owned),
    ];
    pipeline.add(APPEND, values).await
}

/// Opens the lane that this is the first of, where it is not open.
pub(super) async fn open(pipeline: &mut Pipeline<'_>, session: &Session, first: &Delivery) -> Rows<()> {
    let (due, stale) = (fault::millis(first.due)?, fault::millis(first.deadline)?);
    let way = first.direction;
    pipeline.add(OPEN, values![session.id.0, way.as_str(), target(session, way), due, stale]).await
}

/// Lanes that have come to lead elsewhere.
pub(super) async fn lead(pipeline: &mut Pipeline<'_>, before: &Session, session: &Session) -> Rows<()> {
    for direction in Direction::ALL {
        if before.target(direction) != session.target(direction) {
            let values = values![session.id.0, direction.as_str(), target(session, direction)];
            pipeline.add(LEAD_ELSEWHERE, values).await?;
        }
    }
    Ok(())
}

/// Writes what became of a delivery and lets its lane go on; its row is the one to go on with, where that is due.
pub(super) async fn settle(
    pipeline: &mut Pipeline<'_>,
    session: &Session,
    hand: &InHand,
    fate: &Fate,
    now: Timestamp,
    node: Uuid,
) -> Rows<()> {
    let (id, way, seq) = (session.id.0, hand.direction.as_str(), fault::count(hand.seq)?);
    match fate {
        Fate::Done => arrive(pipeline, session.id, hand.direction, hand.seq, now).await?,
        Fate::Dead(reason) => {
            let (connector, reason) = (plain(&session.connector).into_owned(), legible(reason).into_owned());
            let values = values![id, way, seq, "dead", reason, fault::millis(now)?, connector];
            pipeline.add(FINISH, values).await?;
        }
        Fate::Again { due, maybe_duplicate, counts } => {
            let values = values![id, way, seq, fault::millis(*due)?, i32::from(*counts), *maybe_duplicate];
            pipeline.add(AGAIN, values).await?;
        }
        Fate::Elsewhere { due, deadline } => {
            let values = values![id, way, seq, fault::millis(*due)?, fault::millis(*deadline)?];
            pipeline.add(ELSEWHERE, values).await?;
        }
    }
    let values = values![id, way, fault::millis(now)?, fault::millis(now.plus(LEASE))?, node];
    pipeline.add(GO_ON, values).await
}

/// A delivery that has arrived, or that nobody wants any more.
pub(super) async fn arrive(
    pipeline: &mut Pipeline<'_>,
    session: SessionId,
    direction: Direction,
    seq: u64,
    now: Timestamp,
) -> Rows<()> {
    let (id, way, nothing) = (session.0, direction.as_str(), None::<String>);
    let values = values![id, way, fault::count(seq)?, "done", nothing.clone(), fault::millis(now)?, nothing];
    pipeline.add(FINISH, values).await
}

/// Lets go of what was held for the customer, until the given time.
pub(super) async fn release(
    pipeline: &mut Pipeline<'_>,
    session: SessionId,
    now: Timestamp,
    until: Timestamp,
) -> Rows<()> {
    let (way, held) = (Direction::ToCustomer.as_str(), fault::millis(Timestamp::NEVER)?);
    let values = values![session.0, way, fault::millis(now)?, fault::millis(until)?, held];
    pipeline.add(RELEASE, values).await?;
    follow(pipeline, session, Direction::ToCustomer).await
}

/// Lets a lane that nobody has in hand go by its first delivery, after that has changed.
pub(super) async fn follow(
    pipeline: &mut Pipeline<'_>,
    session: SessionId,
    direction: Direction,
) -> Rows<()> {
    pipeline.add(FOLLOW, values![session.0, direction.as_str()]).await
}

/// Closes a lane that nothing is left of.
pub(super) async fn close(pipeline: &mut Pipeline<'_>, session: SessionId, direction: Direction) -> Rows<()> {
    pipeline.add(CLOSE, values![session.0, direction.as_str()]).await
}

/// What a lane leads to, as it is kept.
pub(super) fn target(session: &Session, direction: Direction) -> String {
    plain(&session.target(direction).0).into_owned()
}

/// The delivery in a row: from this column on direction, seq, attempt, created, due, deadline, maybe_duplicate, parcel.
pub(super) fn delivery(keys: &Keys, row: &Row, session: SessionId, from: usize) -> Rows<Delivery> {
    let direction = direction(row.try_get(from)?)?;
    let seq = fault::number(row.try_get(from + 1)?)?;
    Ok(Delivery {
        id: DeliveryId::of(session, direction, seq),
        session,
        direction,
        seq,
        attempt: small(row.try_get(from + 2)?)?,
        created: fault::time(row.try_get(from + 3)?)?,
        due: fault::time(row.try_get(from + 4)?)?,
        deadline: fault::time(row.try_get(from + 5)?)?,
        maybe_duplicate: row.try_get(from + 6)?,
        parcel: sealed::open(keys, "delivery", &Place::Delivery(session, direction, seq), row, from + 7)?,
    })
}

/// The delivery there, whatever became of it.
pub(super) async fn one(client: &Client, keys: &Keys, place: crate::Place) -> Rows<Option<Delivery>> {
    let wanted = values![place.session.0, place.direction.as_str(), fault::count(place.seq)?];
    let rows = ask(client, ONE, wanted).await?;
    rows.first().map(|row| delivery(keys, row, place.session, 0)).transpose()
}

pub(super) fn direction(text: &str) -> Rows<Direction> {
    Direction::ALL
        .into_iter()
        .find(|direction| direction.as_str() == text)
        .ok_or_else(|| fault::Fault::Unreadable { record: "direction", reason: text.to_owned() })
}

fn small(value: i32) -> Rows<u32> {
    fault::number(value.into()).and_then(|value| u32::try_from(value).map_err(|_| too_large(value)))
}

fn large(value: u32) -> Rows<i32> {
    i32::try_from(value).map_err(|_| too_large(value.into()))
}

fn too_large(value: u64) -> fault::Fault {
    fault::Fault::Unreadable { record: "number", reason: format!("{value} is too large") }
}
