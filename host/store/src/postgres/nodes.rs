//! Nodes that share the database: who lives, what the silent ones had in hand, and jobs that one does at a time.
//!
//! Who is silent is told by the database's clock: those of the nodes need not agree.

use std::sync::PoisonError;

use deadpool_postgres::Client;
use handover_handoff::Timestamp;
use uuid::Uuid;

use super::Engine;
use super::claim::LOST;
use super::connect::Connection;
use super::fault::{self, Rows};
use super::pipeline::{Pipeline, ask, values};
use super::timers::Share;
use crate::Lane;

const BEAT: &str = "INSERT INTO nodes (id, seen) VALUES ($1, clock_timestamp())
     ON CONFLICT (id) DO UPDATE SET seen = excluded.seen";
const ALL: &str =
    "SELECT id, seen < clock_timestamp() - $1 * interval '1 millisecond' FROM nodes ORDER BY id";
// The row is locked until what it had in hand is free: of those that find it silent one does the work.
const STRIKE_OFF: &str = "DELETE FROM nodes
     WHERE id = $1 AND seen < clock_timestamp() - $2 * interval '1 millisecond' RETURNING true";
const LEAVE: &str = "DELETE FROM nodes WHERE id = $1";
const HELD: &str = "SELECT session, direction, hand FROM lanes
     WHERE holder = $1 AND hand IS NOT NULL
         AND (session, direction) NOT IN (SELECT * FROM unnest($3::uuid[], $4::text[]))
     ORDER BY session, direction LIMIT $2 FOR UPDATE";
const FREE: &str = "UPDATE lanes l SET due = head.due, stale = head.deadline,
         hand = NULL, attempt = NULL, holder = NULL
     FROM unnest($1::uuid[], $2::text[]) AS lost (session, direction)
     CROSS JOIN LATERAL (
         SELECT due, deadline FROM deliveries d
         WHERE d.session = lost.session AND d.direction = lost.direction AND d.status = 'pending'
         ORDER BY seq LIMIT 1) AS head
     WHERE l.session = lost.session AND l.direction = lost.direction";
const END_JOBS: &str = "DELETE FROM jobs WHERE holder = $1";
const END_JOB: &str = "DELETE FROM jobs WHERE holder = $1 AND name = $2";
const LEASE: &str = "INSERT INTO jobs (name, holder, until) VALUES ($1, $2, $3)
     ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
         WHERE jobs.holder = excluded.holder OR jobs.until <= $4
     RETURNING true";

/// How many lanes are freed by one statement.
const BATCH: i64 = 1_000;

/// Says that this node lives, and frees what silent ones had in hand.
pub(super) async fn beat(engine: &Engine) -> Rows<()> {
    let silence = engine.silence.as_millis() as f64;
    let connection = Connection::of(&engine.pool).await?;
    let outcome = async {
        let mut beating = Pipeline::new(&connection);
        beating.add(BEAT, values![engine.node]).await?;
        beating.add(ALL, values![silence]).await?;
        let mut answers = beating.run().await?;
        answers.rows();
        let (mut living, mut silent): (Vec<Uuid>, Vec<Uuid>) = Default::default();
        for row in answers.rows() {
            if row.try_get(1)? { silent.push(row.try_get(0)?) } else { living.push(row.try_get(0)?) }
        }
        let own = living.iter().position(|node| *node == engine.node).unwrap_or_default();
        *engine.share.lock().unwrap_or_else(PoisonError::into_inner) = Share { own, of: living.len() };
        let mut freed = false;
        for node in silent {
            let mut striking = Pipeline::begin(&connection);
            striking.add(STRIKE_OFF, values![node, silence]).await?;
            let mut answers = striking.run().await?;
            answers.rows();
            if answers.row().is_some() {
                free(&connection, node, &[]).await?;
                ask(&connection, END_JOBS, values![node]).await?;
                freed = true;
            }
            Pipeline::new(&connection).commit().await?;
        }
        Ok(freed)
    };
    let outcome = outcome.await;
    if connection.end(outcome).await? {
        engine.changed();
    }
    Ok(())
}

/// Gives back what this node has in hand.
pub(super) async fn leave(engine: &Engine) -> Rows<()> {
    let connection = Connection::of(&engine.pool).await?;
    let outcome = async {
        let mut leaving = Pipeline::begin(&connection);
        leaving.add(LEAVE, values![engine.node]).await?;
        leaving.run().await?;
        free(&connection, engine.node, &[]).await?;
        ask(&connection, END_JOBS, values![engine.node]).await?;
        Pipeline::new(&connection).commit().await?;
        Ok(())
    };
    let outcome = outcome.await;
    connection.end(outcome).await?;
    engine.changed();
    Ok(())
}

/// Gives back what this node has in hand but for these lanes.
pub(super) async fn give_back(engine: &Engine, but: &[Lane]) -> Rows<()> {
    let connection = Connection::of(&engine.pool).await?;
    let outcome = async {
        Pipeline::begin(&connection).run().await?;
        free(&connection, engine.node, but).await?;
        Pipeline::new(&connection).commit().await?;
        Ok(())
    };
    let outcome = outcome.await;
    connection.end(outcome).await?;
    engine.changed();
    Ok(())
}

/// Frees what a node had in hand but for these lanes, in the transaction that is open.
async fn free(client: &Client, node: Uuid, but: &[Lane]) -> Rows<()> {
    let kept_sessions: Vec<Uuid> = but.iter().map(|lane| lane.session.0).collect();
    let kept_directions: Vec<String> = but.iter().map(|lane| lane.direction.as_str().to_owned()).collect();
    loop {
        let kept = values![node, BATCH, kept_sessions.clone(), kept_directions.clone()];
        let lanes = ask(client, HELD, kept).await?;
        let mut sessions: Vec<Uuid> = Vec::with_capacity(lanes.len());
        let mut directions: Vec<String> = Vec::with_capacity(lanes.len());
        let mut seqs: Vec<i64> = Vec::with_capacity(lanes.len());
        for lane in &lanes {
            sessions.push(lane.try_get(0)?);
            directions.push(lane.try_get(1)?);
            seqs.push(lane.try_get(2)?);
        }
        if lanes.is_empty() {
            break;
        }
        let mut freeing = Pipeline::new(client);
        freeing.add(LOST, values![sessions.clone(), directions.clone(), seqs]).await?;
        freeing.add(FREE, values![sessions, directions]).await?;
        freeing.run().await?;
        if lanes.len() < BATCH as usize {
            break;
        }
    }
    Ok(())
}

/// This node does that job no longer.
pub(super) async fn end_lease(engine: &Engine, job: &str) -> Rows<()> {
    let connection = Connection::of(&engine.pool).await?;
    let outcome = ask(&connection, END_JOB, values![engine.node, job.to_owned()]).await;
    connection.end(outcome).await.map(drop)
}

/// Whether this node has the job, until then.
pub(super) async fn lease(engine: &Engine, job: &str, now: Timestamp, ms: u64) -> Rows<bool> {
    let until = fault::millis(now.plus(ms))?;
    let connection = Connection::of(&engine.pool).await?;
    let values = values![job.to_owned(), engine.node, until, fault::millis(now)?];
    let outcome = ask(&connection, LEASE, values).await.map(|rows| !rows.is_empty());
    connection.end(outcome).await
}
