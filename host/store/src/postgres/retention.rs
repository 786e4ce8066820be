//! What has been kept for long enough goes, in small batches, and what a customer wants forgotten.

use deadpool_postgres::Client;
use handover_handoff::{Session, Timestamp};
use uuid::Uuid;

use super::fault::{self, Rows};
use super::names::plain;
use super::pipeline::{Pipeline, values};
use super::sessions;
use crate::seal::Keys;
use crate::{Removed, Retention};

// What another node is just removing is left to it.
const OVER: &str = "SELECT id FROM sessions WHERE ended <= $1 ORDER BY ended LIMIT $2 FOR UPDATE SKIP LOCKED";
// What is still on its way, the end itself above all, is carried first; what is held waits for nobody.
const FORGOTTEN: &str = "SELECT id FROM sessions s WHERE forgotten AND ended IS NOT NULL
       AND (SELECT true FROM lanes l WHERE l.session = s.id AND l.due < $1 LIMIT 1) IS NULL
     ORDER BY ended LIMIT $2 FOR UPDATE SKIP LOCKED";
// By their place in the table: joined by their names, all that is kept would be walked past.
const NAMES: &str = "DELETE FROM inbox WHERE ctid = ANY (ARRAY (
         SELECT ctid FROM inbox WHERE taken <= $1 ORDER BY taken LIMIT $2 FOR UPDATE SKIP LOCKED))
     RETURNING true";
const CALLBACKS: &str = "DELETE FROM callbacks WHERE ctid = ANY (ARRAY (
         SELECT ctid FROM callbacks WHERE received <= $1 ORDER BY received LIMIT $2 FOR UPDATE SKIP LOCKED))
     RETURNING true";

/// Removes up to so many of each kind.
pub(super) async fn expire(
    client: &Client,
    now: Timestamp,
    retention: Retention,
    most: usize,
) -> Rows<Removed> {
    // Where nothing can be that old, nothing is.
    let before = |ms: u64| now.0.checked_sub(ms).map_or(Ok(-1), fault::count);
    let limit = fault::limit(most);
    let mut asking = Pipeline::begin(client);
    asking.add(FORGOTTEN, values![fault::millis(Timestamp::NEVER)?, limit]).await?;
    asking.add(OVER, values![before(retention.sessions)?, limit]).await?;
    let mut answers = asking.run().await?;
    answers.rows();
    let mut over: Vec<Uuid> = Vec::new();
    for row in answers.rows().iter().chain(&answers.rows()) {
        let id = row.try_get(0)?;
        if !over.contains(&id) && over.len() < most {
            over.push(id);
        }
    }
    let mut removing = Pipeline::new(client);
    if !over.is_empty() {
        for sql in [
            "DELETE FROM lanes WHERE session = ANY ($1)",
            "DELETE FROM deliveries WHERE session = ANY ($1)",
            "DELETE FROM lookup_keys WHERE session = ANY ($1)",
            "DELETE FROM timers WHERE session = ANY ($1)",
            "DELETE FROM sessions WHERE id = ANY ($1)",
        ] {
            removing.add(sql, values![over.clone()]).await?;
        }
    }
    removing.commit().await?;
    let mut removing = Pipeline::new(client);
    removing.add(NAMES, values![before(retention.names)?, limit]).await?;
    removing.add(CALLBACKS, values![before(retention.callbacks)?, limit]).await?;
    let mut answers = removing.run().await?;
    Ok(Removed {
        sessions: over.len() as u64,
        names: answers.rows().len() as u64,
        callbacks: answers.rows().len() as u64,
    })
}

/// The sessions of a customer, oldest first. Those to be forgotten do not outlive their end.
pub(super) async fn of_customer(
    client: &Client,
    keys: &Keys,
    customer: &str,
    forget: bool,
) -> Rows<Vec<Session>> {
    let customer = plain(customer).into_owned();
    let select = "SELECT id, document FROM sessions WHERE customer = $1 ORDER BY started, id";
    let mut pipeline = Pipeline::new(client);
    pipeline.add(select, values![customer.clone()]).await?;
    if forget {
        let sql = "UPDATE sessions SET forgotten = true WHERE customer = $1 AND NOT forgotten";
        pipeline.add(sql, values![customer]).await?;
    }
    let rows = pipeline.run().await?.rows();
    // One that cannot be read is forgotten like the others.
    let readable = |row| fault::if_readable(sessions::document(keys, row, 0, 1)).transpose();
    rows.iter().filter_map(readable).collect()
}
