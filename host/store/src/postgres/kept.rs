//! Callbacks that no version of their connector could read yet.

use deadpool_postgres::Client;
use tokio_postgres::Row;

use super::fault::{self, Rows};
use super::names::{legible, plain};
use super::pipeline::{ask, values};
use crate::{Callback, Kept, Retried};

/// Keeps one.
pub(super) async fn keep(client: &Client, callback: Callback) -> Rows<()> {
    let sql =
        "INSERT INTO callbacks (connector, received, tried, reason, request) VALUES ($1, $2, $3, $4, $5)";
    let values = values![
        plain(&callback.connector).into_owned(),
        fault::millis(callback.received)?,
        legible(&callback.tried).into_owned(),
        legible(&callback.reason).into_owned(),
        callback.request,
    ];
    ask(client, sql, values).await.map(drop)
}

/// Those that this version has not tried, oldest first.
pub(super) async fn kept(
    client: &Client,
    connector: &str,
    untried_by: &str,
    after: u64,
    limit: usize,
) -> Rows<Vec<Kept>> {
    let sql = "SELECT id, connector, received, tried, reason, request FROM callbacks
         WHERE connector = $1 AND tried <> $2 AND id > $3 ORDER BY id LIMIT $4";
    let values = values![
        plain(connector).into_owned(),
        untried_by.to_owned(),
        // Names are below this.
        i64::try_from(after).unwrap_or(i64::MAX),
        fault::limit(limit)
    ];
    ask(client, sql, values).await?.iter().map(callback).collect()
}

fn callback(row: &Row) -> Rows<Kept> {
    Ok(Kept {
        id: fault::number(row.try_get(0)?)?,
        callback: Callback {
            connector: row.try_get(1)?,
            received: fault::time(row.try_get(2)?)?,
            tried: row.try_get(3)?,
            reason: row.try_get(4)?,
            request: row.try_get(5)?,
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
