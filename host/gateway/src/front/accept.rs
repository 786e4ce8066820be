//! Connections: taken in up to a bound, served one by one, and brought to an end when the gateway stops.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::headers::Kind;
use super::seats::{Seats, Taken};
use super::unread::Unread;
use super::{Front, files};

/// How long requests that are under way may take once the gateway is to stop.
const FINISH: Duration = Duration::from_secs(10);

/// How long until the next try where this process has no room for another connection.
const PAUSE: Duration = Duration::from_millis(500);

/// Takes connections in until it is told to stop; then waits for those that are being answered.
pub(super) async fn serve(listener: TcpListener, front: Arc<Front>, mut stopping: watch::Receiver<bool>) {
    let most = match front.kind {
        Kind::Edges => files::within(front.limits.connections.get()),
        Kind::Admin => front.limits.admin_connections.get(),
    };
    let seats = Seats::new(most as usize);
    loop {
        let accepted = tokio::select! {
            biased;
            _ = stopping.wait_for(|stop| *stop) => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => match seats.take() {
                Some(place) => {
                    tokio::spawn(carry(stream, peer, Arc::clone(&front), stopping.clone(), place));
                }
                // Dropped, it is closed. To read a request first would be what the bound is there to avoid.
                None => {
                    if let Some(times) = front.full.tell() {
                        tracing::warn!(
                            times,
                            most,
                            "a listener is full of requests; further connections are closed at once"
                        );
                    }
                }
            },
            Err(error) if is_of_the_connection(&error) => {}
            Err(error) => {
                if let Some(times) = front.full.tell() {
                    tracing::error!(times, reason = %error, "no connection can be taken in");
                }
                tokio::select! {
                    () = sleep(PAUSE) => {}
                    _ = stopping.wait_for(|stop| *stop) => break,
                }
            }
        }
    }
    drop(listener);
    // Each connection ends itself within this time.
    drop(timeout(FINISH + PAUSE, seats.all_left()).await);
}

/// The one who came is gone again; the listener is as good as before.
fn is_of_the_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

async fn carry(
    stream: TcpStream,
    peer: SocketAddr,
    front: Arc<Front>,
    stopping: watch::Receiver<bool>,
    place: Taken,
) {
    // Answers are written whole: there is nothing to wait for.
    drop(stream.set_nodelay(true));
    converse(stream, peer, front, stopping, place).await;
}

/// Answers what comes on one connection until that ends.
pub(super) async fn converse(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    peer: SocketAddr,
    front: Arc<Front>,
    mut stopping: watch::Receiver<bool>,
    place: Taken,
) {
    let limits = &front.limits;
    let stream = Unread::new(TokioIo::new(stream), Duration::from_millis(limits.unread_ms.get()));
    let service = service_fn(|request| {
        let (front, busy) = (Arc::clone(&front), place.busy());
        async move {
            let answer = front.answer(request, peer).await;
            drop(busy);
            Ok::<_, Infallible>(answer)
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_millis(limits.head_ms.get()))
        .max_headers(limits.headers.get())
        .max_buf_size(limits.head_bytes.get())
        .serve_connection(stream, service);
    let mut connection = std::pin::pin!(connection);
    // Whether the caller hangs up in the middle is no matter of ours.
    let over = tokio::select! {
        done = connection.as_mut() => done,
        // Nothing of it is under way; what it was just about to say, it has to say again.
        () = place.asked_to_leave() => return,
        () = async { drop(stopping.wait_for(|stop| *stop).await) } => {
            connection.as_mut().graceful_shutdown();
            match timeout(FINISH, connection).await {
                Ok(done) => done,
                Err(_) => return tracing::warn!("a request under way was cut off"),
            }
        }
    };
    if let Err(error) = over {
        tracing::debug!(reason = ?error, "a connection broke off");
    }
}
