//! Callbacks that no version of their connector could read yet.

use deadpool_postgres::Client;
use tokio_postgres::Row;

use super::fault::{self, Rows};
use super::names::{legible, plain};
use super::pipeline::{ask, values};
use crate::seal::{Keys, Place};
use crate::{Callback, Kept, Retried};

/// Keeps one.
pub(super) async fn keep(client: &Client, keys: &Keys, callback: Callback) -> Rows<()> {
    // What is sealed is bound to its row, whose name has to be known before.
    let id = ask(client, "SELECT nextval(pg_get_serial_sequence('callbacks', 'id'))", vec![]).await?;
    let id: i64 = id.first().map(|row| row.try_get(0)).transpose()?.unwrap_or_default();
    let request = match keys.seal_bytes(&Place::Callback(fault::number(id)?), &callback.request)? {
        Some(sealed) => sealed,
        None => callback.request,
    };
    let sql = "INSERT INTO callbacks (id, connector, received, tried, reason, request, sealed_with)
         OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let values = values![
        id,
        plain(&callback.connector).into_owned(),
        fault::millis(callback.received)?,
        legible(&callback.tried).into_owned(),
        legible(&callback.reason).into_owned(),
        request,
        keys.current().map(str::to_owned),
    ];
    ask(client, sql, values).await.map(drop)
}

/// Those that this version has not tried, oldest first.
pub(super) async fn kept(
    client: &Client,
    keys: &Keys,
    connector: &str,
    untried_by: &str,
    after: u64,
    limit: usize,
) -> Rows<Vec<Kept>> {
    let sql = "SELECT id, connector, received, tried, reason, request, sealed_with FROM callbacks
         WHERE connector = $1 AND tried <> $2 AND id > $3 ORDER BY id LIMIT $4";
    // Names are below this.
    let mut after = i64::try_from(after).unwrap_or(i64::MAX);
    let mut kept = Vec::new();
    // Once more where some could not be read.
    while kept.len() < limit {
        let wanted = limit - kept.len();
        let (connector, untried_by) = (plain(connector).into_owned(), untried_by.to_owned());
        let rows = ask(client, sql, values![connector, untried_by, after, fault::limit(wanted)]).await?;
        for row in &rows {
            kept.extend(fault::if_readable(callback(keys, row))?);
        }
        match rows.last() {
            Some(row) if rows.len() == wanted => after = row.try_get(0)?,
            _ => break,
        }
    }
    Ok(kept)
}

fn callback(keys: &Keys, row: &Row) -> Rows<Kept> {
    let (id, request): (u64, Vec<u8>) = (fault::number(row.try_get(0)?)?, row.try_get(5)?);
    let sealed = row.try_get::<_, Option<&str>>(6)?.is_some();
    Ok(Kept {
        id,
        callback: Callback {
            connector: row.try_get(1)?,
            received: fault::time(row.try_get(2)?)?,
            tried: row.try_get(3)?,
            reason: row.try_get(4)?,
            request: if sealed { keys.open(&Place::Callback(id), request)? } else { request },
        },
    })
}

/// Writes what became of one.
pub(super) async fn retried(client: &Client, id: u64, retried: Retried) -> Rows<()> {
    let id = fault::count(id)?;
    let rows = match retried {
        Retried::Done => ask(client, "DELETE FROM callbacks WHERE id = $1", values![id]).await?,
        Retried::Unread { tried, reason } => {
            let sql = "UPDATE callbacks SET tried = $2, reason = $3 WHERE id = $1";
            let values = values![id, legible(&tried).into_owned(), legible(&reason).into_owned()];
            ask(client, sql, values).await?
        }
    };
    drop(rows);
    Ok(())
}
