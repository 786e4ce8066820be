//! Word of commits between nodes: told at most every 20 ms, heard on a connection of its own.
//!
//! PostgreSQL lets transactions that notify commit one at a time, all over the server. So none of them does: a task
//! tells the others afterwards, once for whatever has gathered. Who misses it, because a connection broke or a node
//! died in between, looks when the next one is told, or when what it knows of is due.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::Pool;
use tokio::sync::{Notify, watch};
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{AsyncMessage, Config, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;
use uuid::Uuid;

use super::connect::{Connection, Way};
use super::pipeline::{ask, values};

const TELL: &str = "SELECT pg_notify('handover', $1)";

/// How often others are told at most.
const EVERY: Duration = Duration::from_millis(20);

/// How long until the next try where the database does not answer.
const AGAIN: Duration = Duration::from_millis(500);

/// How often a silent connection is asked whether it still is one.
const PROBE: Duration = Duration::from_secs(20);

/// Tells other nodes whenever there is something to tell.
pub(super) async fn tell(pool: Pool, node: Uuid, news: Arc<Notify>) {
    loop {
        news.notified().await;
        let told = async {
            let connection = Connection::of(&pool).await?;
            let outcome = ask(&connection, TELL, values![node.to_string()]).await;
            connection.end(outcome).await
        };
        match told.await {
            Ok(_) => tokio::time::sleep(EVERY).await,
            Err(_) => {
                tokio::time::sleep(AGAIN).await;
                news.notify_one();
            }
        }
    }
}

/// Passes on what other nodes tell, and after each new connection that something may have been missed.
pub(super) async fn listen(way: Arc<Way>, node: Uuid, changes: watch::Sender<()>) {
    loop {
        // Why it ended makes no difference: it begins anew.
        drop(hear(&way.config, way.tls.clone(), node, &changes).await);
        tokio::time::sleep(AGAIN).await;
    }
}

async fn hear(
    config: &Config,
    tls: MakeRustlsConnect,
    node: Uuid,
    changes: &watch::Sender<()>,
) -> Result<(), tokio_postgres::Error>
where
    MakeRustlsConnect: MakeTlsConnect<Socket>,
{
    let (client, mut connection) = config.connect(tls).await?;
    let own = node.to_string();
    let hearing = async {
        while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
            if let AsyncMessage::Notification(told) = message?
                && told.payload() != own
            {
                changes.send_replace(());
            }
        }
        Ok(())
    };
    let keeping = async {
        client.batch_execute("LISTEN handover").await?;
        changes.send_replace(());
        loop {
            tokio::time::sleep(PROBE).await;
            match tokio::time::timeout(PROBE, client.batch_execute("")).await {
                Ok(alive) => alive?,
                Err(_) => return Ok(()),
            }
        }
    };
    tokio::select! {
        ended = hearing => ended,
        ended = keeping => ended,
    }
}
