//! What the pages for authors have in common: their looks, how they are served, and how they follow what changes.

use std::convert::Infallible;
use std::net::SocketAddr;

use anyhow::Context as _;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;

/// Where a page's own looks follow those of all.
const LOOKS: &str = "/* looks */";

/// The page with the looks of all of them.
pub(super) fn whole(page: &str) -> String {
    page.replace(LOOKS, include_str!("page.css"))
}

pub(super) async fn bind(addr: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(addr).await.with_context(|| format!("cannot listen on {addr}; choose another --port"))
}

/// Serves until the process ends.
pub(super) fn serve(listener: TcpListener, routes: Router) {
    let own = listener.local_addr().map(|addr| addr.to_string()).unwrap_or_default();
    let guarded = routes.layer(middleware::from_fn_with_state(own, ours));
    tokio::spawn(async move { axum::serve(listener, guarded).await });
}

/// Lets only those in who mean this machine: a page of somebody else's in the same browser could name a host of its own
/// that leads here, or post without looking at the answer.
async fn ours(State(own): State<String>, request: Request, next: Next) -> Response {
    if is_ours(&own, request.headers()) {
        next.run(request).await
    } else {
        StatusCode::FORBIDDEN.into_response()
    }
}

fn is_ours(own: &str, headers: &HeaderMap) -> bool {
    let header = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let port = own.rsplit(':').next().unwrap_or_default();
    let is_own = |host: &str| host == own || host == format!("localhost:{port}");
    let host = header(header::HOST).is_none_or(is_own);
    let origin = header(header::ORIGIN);
    host && origin.is_none_or(|origin| origin.strip_prefix("http://").is_some_and(is_own))
}

/// Tells the state now, and each time that it has changed.
pub(super) fn events(
    mut changes: watch::Receiver<u64>,
    state: impl Fn() -> Value + Send + 'static,
) -> Response {
    let (tell, told) = mpsc::channel::<Result<Event, Infallible>>(4);
    tokio::spawn(async move {
        loop {
            changes.mark_unchanged();
            if tell.send(Ok(Event::default().data(state().to_string()))).await.is_err() {
                return;
            }
            tokio::select! {
                changed = changes.changed() => if changed.is_err() { return },
                () = tell.closed() => return,
            }
        }
    });
    Sse::new(ReceiverStream::new(told)).keep_alive(KeepAlive::default()).into_response()
}
