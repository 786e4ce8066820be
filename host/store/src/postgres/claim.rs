//! Claims: lanes that are due, target by target as far as there is room, and timers that have run out.
//!
//! One round trip tells what is due; where nothing is, that is all. Two more lock the lanes, without waiting for
//! those that another node is just claiming, and hand out their heads. The heads are read by a statement of their
//! own, after the locks are held: one that did both would see the lanes as they are and the heads as they were.

use std::collections::HashMap;
use std::sync::PoisonError;

use deadpool_postgres::Client;
use handover_handoff::delivery::Target;
use handover_handoff::{SessionId, Timestamp};
use tokio_postgres::Row;
use uuid::Uuid;

use super::connect::Connection;
use super::fault::{self, Rows};
use super::names::plain;
use super::pipeline::{Answers, Pipeline, ask, values};
use super::{Engine, lanes, sessions, timers};
use crate::seal::Keys;
use crate::{Capacity, Claim, Due, Room};

// From one target to the next by the index, however many lanes lead to each.
const TARGETS: &str = "WITH RECURSIVE targets AS (
         (SELECT target FROM lanes ORDER BY target LIMIT 1)
         UNION ALL
         SELECT (SELECT l.target FROM lanes l WHERE l.target > t.target ORDER BY l.target LIMIT 1)
         FROM targets t WHERE t.target IS NOT NULL)
     SELECT target,
         (SELECT l.due FROM lanes l WHERE l.target = t.target ORDER BY l.due LIMIT 1),
         CASE WHEN target = ANY ($1::text[]) THEN
             (SELECT l.stale FROM lanes l WHERE l.target = t.target AND l.hand IS NULL ORDER BY l.stale LIMIT 1)
         END
     FROM targets t WHERE target IS NOT NULL";
const DUE: &str = "SELECT l.session, l.direction, l.hand, wanted.target
     FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS wanted (target, room, place)
     CROSS JOIN LATERAL (SELECT session, direction, hand, due FROM lanes
                         WHERE target = wanted.target AND due <= $3
                         ORDER BY due LIMIT wanted.room FOR UPDATE SKIP LOCKED) AS l
     ORDER BY place, due LIMIT $4";
const STALE: &str = "SELECT l.session, l.direction, l.hand, wanted.target
     FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS wanted (target, room, place)
     CROSS JOIN LATERAL (SELECT session, direction, hand, stale FROM lanes
                         WHERE target = wanted.target AND hand IS NULL AND stale <= $3
                         ORDER BY stale LIMIT wanted.room FOR UPDATE SKIP LOCKED) AS l
     ORDER BY place, stale LIMIT $4";
/// What was in a hand that is gone may have arrived.
pub(super) const LOST: &str = "UPDATE deliveries d SET attempt = d.attempt + 1, maybe_duplicate = true
     FROM unnest($1::uuid[], $2::text[], $3::bigint[]) AS lost (session, direction, seq)
     WHERE d.session = lost.session AND d.direction = lost.direction AND d.seq = lost.seq
       AND d.status = 'pending'";
const TAKE: &str = "WITH heads AS (
         SELECT wanted.session, wanted.place, head.*
         FROM unnest($1::uuid[], $2::text[]) WITH ORDINALITY AS wanted (session, direction, place)
         CROSS JOIN LATERAL (
             SELECT direction, seq, attempt, created, due, deadline, maybe_duplicate, parcel FROM deliveries d
             WHERE d.session = wanted.session AND d.direction = wanted.direction AND d.status = 'pending'
             ORDER BY seq LIMIT 1) AS head),
     taken AS (
         UPDATE lanes l SET due = $3, stale = heads.deadline, hand = heads.seq, attempt = heads.attempt,
             holder = $4
         FROM heads WHERE l.session = heads.session AND l.direction = heads.direction)
     SELECT heads.direction, seq, attempt, created, due, deadline, maybe_duplicate, parcel, s.document, s.id
     FROM heads JOIN sessions s ON s.id = heads.session ORDER BY place";
const PUT_ASIDE: &str = "UPDATE lanes l SET due = $3, hand = NULL, attempt = NULL, holder = NULL
     FROM unnest($1::uuid[], $2::text[]) AS aside (session, direction)
     WHERE l.session = aside.session AND l.direction = aside.direction AND (l.holder = $4 OR l.due <= $5)";
const LET_GO: &str = "UPDATE lanes l SET due = back.due, hand = NULL, attempt = NULL, holder = NULL
     FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[]) AS back (session, direction, seq, due)
     WHERE l.session = back.session AND l.direction = back.direction AND l.hand = back.seq AND l.holder = $5";

/// A lane that is being claimed.
struct Lane {
    session: Uuid,
    direction: String,
    /// What was in hand of it when its lease ran out.
    hand: Option<i64>,
    target: String,
}

/// When the first lane of a target is due, and for those that are shut when the first one's deadline passes.
struct Ahead {
    target: String,
    room: Room,
    due: Option<Timestamp>,
    stale: Option<Timestamp>,
}

impl Ahead {
    /// When there is something to claim here.
    fn next(&self) -> Option<Timestamp> {
        if self.room.shut { self.stale } else { self.due }
    }
}

pub(super) async fn claim(engine: &Engine, now: Timestamp, capacity: &Capacity) -> Rows<Due> {
    let connection = Connection::of(&engine.pool).await?;
    let outcome = on(engine, &connection, now, capacity).await;
    connection.end(outcome).await
}

async fn on(engine: &Engine, client: &Client, now: Timestamp, capacity: &Capacity) -> Rows<Due> {
    let mut looking = Pipeline::new(client);
    look(&mut looking, capacity).await?;
    timers::look(&mut looking, engine, now).await?;
    let mut answers = looking.run().await?;
    let ahead = targets(&answers.rows(), capacity)?;
    let (timers, next_timer) = timers::read(engine, &answers.rows(), now)?;

    let wanted: Vec<&Ahead> = ahead.iter().filter(|ahead| ahead.next().is_some_and(|at| at <= now)).collect();
    let mut claims = Vec::new();
    let mut next_lane = ahead.iter().filter_map(Ahead::next).min();
    if capacity.lanes > 0 && !wanted.is_empty() {
        let lanes = lock(client, &in_turn(engine, wanted), now, capacity.lanes).await?;
        if let Some(last) = lanes.last() {
            engine.served.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&last.target);
        }
        (claims, next_lane) = take(engine, client, &lanes, now, capacity).await?;
    }
    let next = [next_timer, next_lane].into_iter().flatten().min().filter(|at| *at < Timestamp::NEVER);
    Ok(Due { claims, timers, next })
}

/// Asks for all targets that lanes lead to.
async fn look(pipeline: &mut Pipeline<'_>, capacity: &Capacity) -> Rows<()> {
    let shut: Vec<String> = capacity
        .targets
        .iter()
        .filter(|(_, room)| room.shut)
        .map(|(target, _)| plain(&target.0).into_owned())
        .collect();
    pipeline.add(TARGETS, values![shut]).await
}

/// The targets that there is room for.
fn targets(rows: &[Row], capacity: &Capacity) -> Rows<Vec<Ahead>> {
    let mut ahead = Vec::with_capacity(rows.len());
    for row in rows {
        let target: String = row.try_get(0)?;
        let room = room(capacity, &target);
        if room.lanes == 0 {
            continue;
        }
        let time = |column| -> Rows<Option<Timestamp>> {
            row.try_get::<_, Option<i64>>(column)?.map(fault::time).transpose()
        };
        ahead.push(Ahead { room, due: time(1)?, stale: time(2)?, target });
    }
    Ok(ahead)
}

fn room(capacity: &Capacity, kept: &str) -> Room {
    let named = capacity.targets.iter().find(|(target, _)| plain(&target.0) == kept);
    named.map_or_else(|| capacity.room(&Target(kept.to_owned())), |(_, room)| *room)
}

/// The same targets, from behind the one that was served last: where there is not room for all, none starves.
fn in_turn<'a>(engine: &Engine, mut wanted: Vec<&'a Ahead>) -> Vec<&'a Ahead> {
    let served = engine.served.lock().unwrap_or_else(PoisonError::into_inner);
    let first = wanted.iter().position(|ahead| ahead.target.as_str() > served.as_str()).unwrap_or(0);
    wanted.rotate_left(first);
    wanted
}

/// Locks lanes until there are as many as can be taken on.
async fn lock(client: &Client, wanted: &[&Ahead], now: Timestamp, capacity: usize) -> Rows<Vec<Lane>> {
    let mut lanes: Vec<Lane> = Vec::new();
    let mut wanted = wanted.iter().peekable();
    let mut begun = false;
    while lanes.len() < capacity && wanted.peek().is_some() {
        let left = capacity - lanes.len();
        // No more targets at once than could fill what is left, so that few lanes are locked in vain.
        let (mut open, mut shut) = ((Vec::new(), Vec::new()), (Vec::new(), Vec::new()));
        let mut room = 0_usize;
        while room < left
            && let Some(ahead) = wanted.next()
        {
            let (targets, rooms) = if ahead.room.shut { &mut shut } else { &mut open };
            targets.push(ahead.target.clone());
            rooms.push(fault::limit(ahead.room.lanes.min(left)));
            room = room.saturating_add(ahead.room.lanes);
        }
        let mut locking = if begun { Pipeline::new(client) } else { Pipeline::begin(client) };
        let (at, limit) = (fault::millis(now)?, fault::limit(left));
        for (sql, (targets, rooms)) in [(DUE, open), (STALE, shut)] {
            if !targets.is_empty() {
                locking.add(sql, values![targets, rooms, at, limit]).await?;
            }
        }
        begun = true;
        for row in locking.run().await?.all() {
            lanes.push(Lane {
                session: row.try_get(0)?,
                direction: row.try_get(1)?,
                hand: row.try_get(2)?,
                target: row.try_get(3)?,
            });
        }
        lanes.truncate(capacity);
    }
    Ok(lanes)
}

/// Hands out the heads of locked lanes, and says when there is more.
async fn take(
    engine: &Engine,
    client: &Client,
    lanes: &[Lane],
    now: Timestamp,
    capacity: &Capacity,
) -> Rows<(Vec<Claim>, Option<Timestamp>)> {
    let mut taking = Pipeline::new(client);
    let lost: Vec<&Lane> = lanes.iter().filter(|lane| lane.hand.is_some()).collect();
    if !lost.is_empty() {
        let seqs: Vec<i64> = lost.iter().filter_map(|lane| lane.hand).collect();
        let (sessions, directions) = split(lost.iter().copied());
        taking.add(LOST, values![sessions, directions, seqs]).await?;
    }
    let (sessions, directions) = split(lanes);
    let until = fault::millis(now.plus(lanes::LEASE))?;
    taking.add(TAKE, values![sessions, directions, until, engine.node]).await?;
    look(&mut taking, capacity).await?;
    let mut answers: Answers = taking.commit().await?;
    if !lost.is_empty() {
        answers.rows();
    }
    let heads = answers.rows();
    let mut taken: HashMap<&str, usize> = HashMap::new();
    for lane in lanes {
        *taken.entry(lane.target.as_str()).or_default() += 1;
    }
    // Whoever is full asks again once something is done.
    let full = |ahead: &Ahead| taken.get(ahead.target.as_str()).is_some_and(|n| *n >= ahead.room.lanes);
    let left = targets(&answers.rows(), capacity)?;
    let next = left.iter().filter(|ahead| !full(ahead)).filter_map(Ahead::next).min();

    let mut claims = Vec::with_capacity(heads.len());
    for row in &heads {
        match read(&engine.keys, row) {
            Ok(claim) => claims.push(claim),
            // One record that cannot be read must not stop all others; it is looked at again later.
            Err(fault) if fault.is_of_one_record() => {}
            Err(fault) => return Err(fault),
        }
    }
    if claims.len() < lanes.len() {
        let handed_out = |lane: &&Lane| {
            claims.iter().any(|claim| {
                claim.delivery.session.0 == lane.session
                    && claim.delivery.direction.as_str() == lane.direction
            })
        };
        let (sessions, directions) = split(lanes.iter().filter(|lane| !handed_out(lane)));
        let values = values![sessions, directions, until, engine.node, fault::millis(now)?];
        ask(client, PUT_ASIDE, values).await?;
    }
    Ok((claims, next))
}

fn read(keys: &Keys, row: &Row) -> Rows<Claim> {
    let delivery = lanes::delivery(keys, row, SessionId(row.try_get(9)?), 0)?;
    Ok(Claim { delivery, session: sessions::document(keys, row, 9, 8)? })
}

fn split<'a>(lanes: impl IntoIterator<Item = &'a Lane>) -> (Vec<Uuid>, Vec<String>) {
    lanes.into_iter().map(|lane| (lane.session, lane.direction.clone())).unzip()
}

/// Lanes as they were handed out, for giving them back.
#[derive(Default)]
pub(super) struct HandedOut {
    sessions: Vec<Uuid>,
    directions: Vec<&'static str>,
    seqs: Vec<i64>,
    dues: Vec<i64>,
}

impl HandedOut {
    pub(super) fn of(claims: &[Claim]) -> Rows<Self> {
        let mut handed_out = Self::default();
        for Claim { delivery, .. } in claims {
            handed_out.sessions.push(delivery.session.0);
            handed_out.directions.push(delivery.direction.as_str());
            handed_out.seqs.push(fault::count(delivery.seq)?);
            handed_out.dues.push(fault::millis(delivery.due)?);
        }
        Ok(handed_out)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }
}

/// Lets go of what nobody took: whoever claimed it has gone away.
pub(super) async fn let_go(engine: &Engine, handed_out: HandedOut) -> Rows<()> {
    let HandedOut { sessions, directions, seqs, dues } = handed_out;
    let connection = Connection::of(&engine.pool).await?;
    let outcome = ask(&connection, LET_GO, values![sessions, directions, seqs, dues, engine.node]).await;
    connection.end(outcome.map(drop)).await?;
    engine.changed();
    Ok(())
}
