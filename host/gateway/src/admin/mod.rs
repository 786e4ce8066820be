//! The operator's listener: what is loaded, as JSON, as a page, and as a stream that the page follows; dead
//! [`letters`], and what is done about [`people`]. Who may come in is decided at the [`door`]; what changes something,
//! or shows what was said, is [`audited`].

mod audited;
mod door;
mod guesses;
mod letters;
mod login;
mod people;
mod token;
mod visits;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::middleware;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use handover_relay::BreakerState;
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};
use tokio_stream::Stream;
use tokio_stream::wrappers::ReceiverStream;

pub(crate) use self::token::Token;

use self::door::Operator;
use self::guesses::Guesses;
use self::visits::Visits;
use crate::audit::Audit;
use crate::becomes;
use crate::gateway::Gateway;

/// How often the state is looked at while somebody watches, and how often the store is counted.
const LOOK: Duration = Duration::from_millis(250);
const COUNT: u32 = 4;

/// The form of those who have signed in, and its place in the page.
const SIGN_OUT: &str =
    r#"<form method="post" action="/admin/logout"><button type="submit">Sign out</button></form>"#;
const SIGN_OUT_PLACE: &str = "<!-- sign-out -->";

#[derive(Clone)]
struct Admin {
    gateway: Arc<Gateway>,
    audit: Arc<Audit>,
    /// Without one, this machine only.
    token: Option<Arc<Token>>,
    guesses: Arc<Guesses>,
    visits: Arc<Visits>,
    stopping: watch::Receiver<bool>,
}

pub(crate) fn routes(
    gateway: Arc<Gateway>,
    audit: Arc<Audit>,
    token: Option<Token>,
    stopping: watch::Receiver<bool>,
) -> Router {
    let (token, guesses, visits) = (token.map(Arc::new), Arc::default(), Arc::default());
    let admin = Admin { gateway, audit, token, guesses, visits, stopping };
    Router::new()
        .route("/", get(|| async { Redirect::temporary("/admin") }))
        .route("/admin", get(page))
        .route("/admin/login", get(login::page).post(login::sign_in))
        .route("/admin/logout", post(login::sign_out))
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
        .layer(middleware::from_fn_with_state(admin.clone(), door::door))
        .with_state(admin)
}

async fn page(Extension(operator): Extension<Operator>) -> Html<String> {
    let out = operator.visit.map_or("", |_| SIGN_OUT);
    Html(include_str!("../../web/admin.html").replace(SIGN_OUT_PLACE, out))
}

async fn connectors(State(admin): State<Admin>) -> Response {
    axum::Json(json!({
        "connectors": admin.gateway.sandbox.status(),
        "becomes": becomes::of_all(&admin.gateway),
        "breakers": breakers(&admin.gateway),
        "refused": refused_callers(&admin.gateway),
        "unread": match admin.gateway.relay.store().counts().await {
            Ok(counts) => json!(counts.unread),
            Err(e) => json!({ "error": e.to_string() }),
        },
    }))
    .into_response()
}

/// The same, and again whenever it changes.
async fn events(
    State(mut admin): State<Admin>,
    Extension(operator): Extension<Operator>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let (send, receive) = mpsc::channel(4);
    tokio::spawn(async move {
        let (mut shown, mut store) = (Value::Null, Value::Null);
        for look in 0_u32.. {
            let gone = operator.visit.is_some_and(|visit| !admin.visits.lasts(visit, Instant::now()));
            if gone || *admin.stopping.borrow() {
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
        "default": gateway.routing.default,
        "connectors": gateway.sandbox.status(),
        "becomes": becomes::of_all(gateway),
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

/// Who was not let in, by edge and rule.
fn refused_callers(gateway: &Gateway) -> Value {
    let all = gateway.refusals.all().into_iter();
    all.map(|(edge, rule, times)| json!({ "edge": edge, "rule": rule, "times": times })).collect()
}

/// What an operator asked for could not be done.
fn refused(status: StatusCode, why: impl std::fmt::Display) -> Response {
    (status, axum::Json(json!({ "error": why.to_string() }))).into_response()
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}
