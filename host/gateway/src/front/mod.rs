//! What stands before both listeners: every request passes here before anything of ours looks at it.
//!
//! [`accept`] takes connections in, up to a bound, where [`seats`] says who makes way, and gives each a bounded time for
//! everything. [`caller`] says whose
//! request it is, [`body`] reads what comes with it, [`headers`] says to browsers what they may do with the answer.
//! [`overload`] holds the bounds and rates of the two edges, [`seldom`] keeps the log short while it is stormy.

mod accept;
mod body;
mod caller;
mod files;
mod headers;
pub(crate) mod overload;
mod rate;
mod seats;
mod seldom;
mod unread;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::header::{CONNECTION, RETRY_AFTER};
use axum::http::{HeaderValue, Request, StatusCode};
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};
use tower::ServiceExt as _;

pub(crate) use self::caller::{Caller, Proxies};
pub(crate) use self::headers::{Embeddable, Kind};
pub(crate) use self::seldom::Seldom;

use self::rate::Rate;
use crate::config::FrontSection;

/// One listener's front.
pub(crate) struct Front {
    routes: Router,
    kind: Kind,
    limits: FrontSection,
    proxies: Proxies,
    callers: Rate<IpAddr>,
    /// Bytes of bodies that may still come into memory.
    bodies: Arc<Semaphore>,
    full: Seldom,
    hurried: Seldom,
}

impl Front {
    pub(crate) fn new(kind: Kind, routes: Router, limits: &FrontSection) -> Arc<Self> {
        Arc::new(Self {
            routes,
            kind,
            limits: limits.clone(),
            // What cannot be read was refused with the configuration.
            proxies: Proxies::read(&limits.trusted_proxies).unwrap_or_default(),
            callers: Rate::per(Duration::from_secs(1), limits.caller_per_second),
            bodies: Arc::new(Semaphore::new(limits.bodies_bytes.get() as usize)),
            full: Seldom::default(),
            hurried: Seldom::default(),
        })
    }

    /// Serves until it is told to stop, and then until the requests under way are answered.
    pub(crate) fn serve(
        self: Arc<Self>,
        listener: TcpListener,
        stopping: watch::Receiver<bool>,
    ) -> JoinHandle<()> {
        tokio::spawn(accept::serve(listener, self, stopping))
    }

    /// Answers what comes on one connection, without a listener.
    #[cfg(feature = "fuzzing")]
    pub(crate) async fn converse(
        self: &Arc<Self>,
        stream: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
        peer: SocketAddr,
    ) {
        let (_stop, stopping) = watch::channel(false);
        if let Some(place) = seats::Seats::new(1).take() {
            accept::converse(stream, peer, Arc::clone(self), stopping, place).await;
        }
    }

    /// Answers one request, whatever it is, within the time that a request has.
    async fn answer(&self, request: Request<Incoming>, peer: SocketAddr) -> Response {
        let by = Instant::now() + Duration::from_millis(self.limits.request_ms.get());
        let mut response = match timeout_at(by, self.attend(request, peer, by)).await {
            Ok(response) => response,
            Err(_) => {
                tracing::warn!("a request took longer than `limits.request_ms` and was given up");
                refuse(StatusCode::SERVICE_UNAVAILABLE, "this took too long; try again", Some(1))
            }
        };
        let embeddable = response.extensions().get::<Embeddable>().is_some();
        self.kind.protect(response.headers_mut(), embeddable);
        response
    }

    async fn attend(&self, request: Request<Incoming>, peer: SocketAddr, by: Instant) -> Response {
        let (mut head, body) = request.into_parts();
        let caller = self.proxies.caller(peer.ip(), &head.headers);
        if let Err(wait) = self.callers.check(&caller.network()) {
            if let Some(times) = self.hurried.tell() {
                tracing::warn!(caller = %caller, times, "a caller asks more often than `limits.caller_per_second`");
            }
            return close(refuse(StatusCode::TOO_MANY_REQUESTS, "too many requests", Some(wait)));
        }
        let body = match body::read(&head.headers, body, &self.limits, &self.bodies, by).await {
            Ok(body) => body,
            Err(refusal) => return close(refusal.into_response()),
        };
        head.extensions.insert(caller);
        let request = Request::from_parts(head, Body::from(body.bytes));
        // A router is always ready and never fails.
        let Ok(response) = self.routes.clone().oneshot(request).await;
        drop(body.space);
        response
    }
}

/// The connection is of no further use: what is left of the request was not read.
fn close(mut response: Response) -> Response {
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Says no in the one way that all refusals of the front have; when to come again is in seconds.
fn refuse(status: StatusCode, why: &'static str, again: Option<u64>) -> Response {
    let mut response = (status, axum::Json(json!({ "error": why }))).into_response();
    if let Some(again) = again {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(again));
    }
    response
}
