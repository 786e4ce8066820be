//! Whose the feeds of open sessions are: each is a job of its own, which its node loses with all others when it dies.

use deadpool_postgres::Client;
use handover_handoff::{SessionId, Timestamp};
use uuid::Uuid;

use super::fault::{self, Rows};
use super::names::plain;
use super::pipeline::{ask, values};

// In one order, so that two nodes that look at the same time do not wait for each other. It says of the phase what the
// index says of it.
pub(super) const LEASE: &str = "INSERT INTO jobs (name, holder, until)
     SELECT 'feed ' || s.id, $2, $3 FROM sessions s LEFT JOIN jobs j ON j.name = 'feed ' || s.id
     WHERE s.phase IN ('requested', 'queued', 'active') AND s.phase <> 'ended' AND s.connector = ANY ($1)
         AND (j.name IS NULL OR j.until <= $4 OR (j.holder = $2 AND j.until <= $5))
     ORDER BY s.id LIMIT $6
     ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
         WHERE jobs.holder = excluded.holder OR jobs.until <= $4
     RETURNING substr(name, 6)::uuid";

/// Leases those that nobody has, and those that this node has and will not have for much longer.
pub(super) async fn lease(
    client: &Client,
    node: Uuid,
    connectors: &[String],
    now: Timestamp,
    ms: u64,
    limit: usize,
) -> Rows<Vec<SessionId>> {
    let connectors: Vec<String> = connectors.iter().map(|name| plain(name).into_owned()).collect();
    let (until, soon) = (fault::millis(now.plus(ms))?, fault::millis(now.plus(ms / 2))?);
    let values = values![connectors, node, until, fault::millis(now)?, soon, fault::limit(limit)];
    let rows = ask(client, LEASE, values).await?;
    rows.iter().map(|row| Ok(SessionId(row.try_get(0)?))).collect()
}
