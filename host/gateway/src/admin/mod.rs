//! The operator's listener: what is loaded, as JSON, as a page, and as a stream that the page follows; dead
//! [`letters`], and what is done about [`people`].

mod letters;
mod people;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use handover_relay::BreakerState;
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};
use tokio_stream::Stream;
use tokio_stream::wrappers::ReceiverStream;

use crate::gateway::Gateway;

/// How often the state is looked at while somebody watches, and how often the store is counted.
const LOOK: Duration = Duration::from_millis(250);
const COUNT: u32 = 4;

#[derive(Clone)]
struct Admin {
    gateway: Arc<Gateway>,
    stopping: watch::Receiver<bool>,
}

pub(crate) fn routes(gateway: Arc<Gateway>, stopping: watch::Receiver<bool>) -> Router {
    Router::new()
        .route("/", get(|| async { Redirect::temporary("/admin") }))
        .route("/admin", get(|| async { Html(include_str!("../../web/admin.html")) }))
        .route("/admin/admin.css", get(|| async { asset("text/css", include_str!("../../web/admin.css")) }))
        .route(
            "/admin/admin.js",
            get(|| async { asset("text/javascript", include_str!("../../web/admin.js")) }),
        )
        .route(
            "/admin/icon.svg",
            get(|| async { asset("image/svg+xml", include_str!("../../web/icon.svg")) }),
        )
        .route("/admin/api/connectors", get(connectors))
        .route("/admin/api/events", get(events))
        .route("/admin/api/dead-letters", get(letters::list))
        .route("/admin/api/dead-letters/redrive", post(letters::redrive))
        .route("/admin/api/dead-letters/discard", post(letters::discard))
        .route("/admin/api/dead-letters/{session}/{direction}/{seq}", get(letters::show))
        .route("/admin/api/sessions/end", post(people::end))
        .route("/admin/api/customers/forget", post(people::forget))
        .layer(middleware::from_fn(from_this_machine))
        .with_state(Admin { gateway, stopping })
}

async fn connectors(State(admin): State<Admin>) -> Response {
    axum::Json(json!({
        "connectors": admin.gateway.sandbox.status(),
        "breakers": breakers(&admin.gateway),
        "unread": match admin.gateway.relay.store().counts().await {
            Ok(counts) => json!(counts.unread),
            Err(e) => json!({ "error": e.to_string() }),
        },
    }))
    .into_response()
}

/// The same, and again whenever it changes.
async fn events(State(mut admin): State<Admin>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let (send, receive) = mpsc::channel(4);
    tokio::spawn(async move {
        let (mut shown, mut store) = (Value::Null, Value::Null);
        for look in 0_u32.. {
            if *admin.stopping.borrow() {
                return;
            }
            if look % COUNT == 0 {
                store = counts(&admin.gateway).await;
            }
            let now = overview(&admin.gateway, &store);
            if now != shown {
                if send.send(Ok(Event::default().data(now.to_string()))).await.is_err() {
                    return;
                }
                shown = now;
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                () = send.closed() => return,
                _ = admin.stopping.changed() => return,
            }
        }
    });
    Sse::new(ReceiverStream::new(receive)).keep_alive(KeepAlive::default())
}

fn overview(gateway: &Gateway, store: &Value) -> Value {
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "default": gateway.connector,
        "connectors": gateway.sandbox.status(),
        "breakers": breakers(gateway),
        "store": store,
    })
}

async fn counts(gateway: &Gateway) -> Value {
    match gateway.relay.store().counts().await {
        Ok(counts) => json!({
            "sessions": counts.sessions,
            "pending": counts.pending,
            "dead": counts.dead,
            "unread": counts.unread,
        }),
        Err(e) => json!({ "error": e.to_string() }),
    }
}

/// What is not sent to, or tried with one delivery at a time.
fn breakers(gateway: &Gateway) -> Value {
    let state = |state| match state {
        BreakerState::Open(_) => "open",
        BreakerState::Trying => "trying",
        BreakerState::Closed => "closed",
    };
    let breakers = gateway.relay.breakers();
    breakers.into_iter().map(|(target, at)| json!({ "target": target, "state": state(at) })).collect()
}

/// What an operator asked for could not be done.
fn refused(status: StatusCode, why: impl std::fmt::Display) -> Response {
    (status, axum::Json(json!({ "error": why.to_string() }))).into_response()
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

/// A page elsewhere must not read this through a browser on this machine, not even by a name that it makes resolve to
/// it: the host has to be this machine's own.
async fn from_this_machine(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name =
        host.rsplit_once(':').map_or(host, |(name, port)| if port.ends_with(']') { host } else { name });
    let ours = name == "localhost"
        || name
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback());
    if !ours {
        return (StatusCode::MISDIRECTED_REQUEST, "use this machine's own address\n").into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let policy = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
