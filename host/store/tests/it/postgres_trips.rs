//! How often an operation waits for the database: told by a way to it that is as long as one to another building.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use handover_handoff::decision::{Decision, Fate, Settlement};
use handover_handoff::delivery::Direction::ToVendor;
use handover_handoff::{Session, Timestamp};
use handover_store::{Node, Once, PostgresStore, Store, Subject};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, UnixStream};
use tokio::sync::mpsc;

use crate::postgres_cluster::Cluster;
use crate::premises::{NOW, becomes, claim, post, put};

/// One way.
const DISTANCE: Duration = Duration::from_millis(30);

/// Carries bytes from here to there, all of them late by the distance.
fn carry(
    mut from: impl AsyncRead + Unpin + Send + 'static,
    mut to: impl AsyncWrite + Unpin + Send + 'static,
) {
    let (under_way, mut arriving) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    tokio::spawn(async move {
        let mut bytes = vec![0; 65_536];
        while let Ok(count @ 1..) = from.read(&mut bytes).await {
            if under_way.send((Instant::now() + DISTANCE, bytes[..count].to_vec())).is_err() {
                return;
            }
        }
    });
    tokio::spawn(async move {
        while let Some((when, bytes)) = arriving.recv().await {
            tokio::time::sleep_until(when.into()).await;
            if to.write_all(&bytes).await.is_err() {
                return;
            }
        }
    });
}

/// A far end for the server's socket: its port.
async fn far_away(socket: PathBuf) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            near.set_nodelay(true).unwrap();
            let (from_server, to_server) = UnixStream::connect(&socket).await.unwrap().into_split();
            let (from_client, to_client) = near.into_split();
            carry(from_client, to_server);
            carry(from_server, to_client);
        }
    });
    port
}

/// How many round trips something takes, at its best of several times.
async fn trips<T>(mut what: impl AsyncFnMut(u32) -> T) -> u128 {
    let mut best = Duration::MAX;
    for turn in 0..6 {
        let begun = Instant::now();
        what(turn).await;
        best = best.min(begun.elapsed());
    }
    best.as_millis() / (2 * DISTANCE).as_millis()
}

#[tokio::test]
async fn a_decision_takes_two_round_trips() {
    let cluster = Cluster::shared();
    let url = cluster.database();
    let port = far_away(cluster.folder().join(".s.PGSQL.5432")).await;
    let name = url.split_once("///").and_then(|(_, rest)| rest.split_once('?')).unwrap().0;
    let url = format!("postgres://postgres@127.0.0.1:{port}/{name}?sslmode=disable");
    // One connection is enough, and has every statement prepared after the first time; the other one tells the nodes.
    let node = Node { connections: 2, ..Node::default() };
    let store = PostgresStore::connect(&url, node).await.unwrap();
    let (talk, _) = put(&store, 1, &[]).await;
    let speak = async |turn: u32| {
        let once = Once { scope: "turn".to_owned(), key: turn.to_string() };
        let decider = |session: Option<Session>| {
            let mut session = session.unwrap();
            let delivery = post(&mut session, ToVendor, NOW);
            let wake = Some(Timestamp(NOW.0 + session.to_vendor));
            Decision { wake, ..becomes(&session, vec![delivery]) }
        };
        store.transact(Subject::Session(talk.id), Some(once), NOW, Box::new(decider)).await.unwrap();
    };
    assert_eq!(trips(speak).await, 2, "a message is taken in");

    assert_eq!(trips(async |_| claim(&store, Timestamp(0)).await).await, 1, "there is nothing to claim");
    let mut head = claim(&store, NOW).await.claims.pop().map(Box::new);
    let settle = async |_| {
        let delivery = head.take().unwrap().delivery;
        let settlement = Settlement { delivery: delivery.id, attempt: delivery.attempt, fate: Fate::Done };
        head = handover_store::decide(&store, Subject::Session(talk.id), None, NOW, move |session| {
            Decision { settlement: Some(settlement.clone()), ..becomes(&session.unwrap(), Vec::new()) }
        })
        .await
        .unwrap()
        .unwrap()
        .1;
    };
    assert_eq!(trips(settle).await, 2, "a delivery is settled, and the next one handed out");
}
