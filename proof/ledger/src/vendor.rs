//! The vendor's sink: Contoso's REST API as its connector calls it, with Contoso's idempotency, on record.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{ConnectInfo, Json, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Extension, Router};
use serde_json::{Value, json};

use crate::book::Session;
use crate::edge::Fate;
use crate::faults::{Fault, Place};
use crate::numbered::{Author, Numbered};
use crate::pages::{Heard, Opened};
use crate::wire::Cut;
use crate::world::World;

/// Ids of the gateway's that took effect, and when outages began.
#[derive(Debug, Default)]
struct Desk {
    /// The conversation that was opened for a session of the gateway.
    conversations: HashMap<String, String>,
    /// Messages by their conversation and the gateway's id: the same one again is the same message.
    taken: HashMap<(String, String), String>,
    outages: HashMap<u32, Instant>,
}

type Shared = Arc<Mutex<Desk>>;

/// The routes.
pub fn routes(world: Arc<World>) -> Router {
    Router::new()
        .route("/api/chat/start", post(take))
        .route("/api/chat/receive", post(take))
        .route("/api/chat/end", post(take))
        .route("/api/chat/typing", post(take))
        .route("/api/chat/receipt", post(take))
        .layer(Extension(Shared::default()))
        .with_state(world)
}

async fn take(
    State(world): State<Arc<World>>,
    Extension(desk): Extension<Shared>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    uri: axum::http::Uri,
    Json(body): Json<Value>,
) -> Response {
    world.called.notify_waiters();
    let field = |name: &str| body[name].as_str().unwrap_or_default();
    let known = match uri.path() {
        "/api/chat/start" => world.book.named(body["customer"]["id"].as_str().unwrap_or_default()),
        _ => session_of(&world, field("conversationId")),
    };
    let Some(session) = known else {
        return (StatusCode::NOT_FOUND, Json(json!({ "error": "Conversation not found" }))).into_response();
    };
    let mut fate = Fate::draw(&world, Place::Vendor, &cut);
    match uri.path() {
        "/api/chat/receive" if is_out(&world, &desk, &session, 3, 5) => fate.outage(),
        "/api/chat/start" if is_out(&world, &desk, &session, 7, 0) => fate.outage(),
        "/api/chat/start" if is_closed(&world, &session) => {
            world.faults.count(Fault::NoAgents);
            let refused = Json(json!({ "error": "no agents available", "code": "no-agents" }));
            return (StatusCode::SERVICE_UNAVAILABLE, refused).into_response();
        }
        _ => {}
    }
    if let Some(answer) = fate.before().await {
        return answer;
    }
    let answer = match uri.path() {
        "/api/chat/start" => start(&desk, &session, field("sessionId")),
        "/api/chat/receive" => receive(&desk, &session, &body),
        "/api/chat/end" => {
            session.write(|pages| {
                pages.vendor_ended.get_or_insert_with(Instant::now);
            });
            Json(json!({ "message": "Conversation ended successfully" })).into_response()
        }
        "/api/chat/receipt" => receipt(&session, field("messageId"), field("status")),
        _ => StatusCode::NO_CONTENT.into_response(),
    };
    fate.after(answer).await
}

/// The session whose conversation here goes by this id: `live-5`, or `live-5-2` where it is one too many.
fn session_of(world: &World, conversation: &str) -> Option<Arc<Session>> {
    world.book.session(conversation.split('-').nth(1)?.parse().ok()?)
}

/// Nobody is there for some sessions, whenever they ask.
fn is_closed(world: &World, session: &Session) -> bool {
    world.faults.has(Fault::NoAgents) && session.number % 50 == 9
}

/// One of a hundred conversations gets nowhere for longer than messages are fresh, once it has come so far.
fn is_out(world: &World, desk: &Shared, session: &Session, which: u32, heard: usize) -> bool {
    if !world.faults.has(Fault::Outage) || session.number % 100 != which {
        return false;
    }
    let long = Duration::from_secs(world.options.fresh_seconds + 3);
    let begun_before = session.read(|pages| pages.heard.len() >= heard);
    let mut desk = desk.lock().unwrap_or_else(PoisonError::into_inner);
    match desk.outages.get(&session.number) {
        Some(begun) => begun.elapsed() < long,
        None if begun_before => {
            desk.outages.insert(session.number, Instant::now());
            true
        }
        None => false,
    }
}

fn start(desk: &Shared, session: &Session, of: &str) -> Response {
    let mut desk = desk.lock().unwrap_or_else(PoisonError::into_inner);
    let id = match desk.conversations.get(of) {
        Some(known) => known.clone(),
        None => {
            let id = session.write(|pages| {
                let id = match pages.opened.len() {
                    0 => format!("live-{}", session.number),
                    many => format!("live-{}-{}", session.number, many + 1),
                };
                pages.opened.push(Opened { id: id.clone(), session: of.to_owned() });
                id
            });
            desk.conversations.insert(of.to_owned(), id.clone());
            id
        }
    };
    Json(json!({ "conversationId": id, "status": "waiting" })).into_response()
}

fn receive(desk: &Shared, session: &Session, body: &Value) -> Response {
    let text = body["message"].as_str().unwrap_or_default();
    let field = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let key = (field("conversationId"), field("id"));
    let mut desk = desk.lock().unwrap_or_else(PoisonError::into_inner);
    // Before the check for the end: a repeated request is answered as the first one was.
    if !key.1.is_empty() && desk.taken.get(&key).is_some_and(|known| known == text) {
        return Json(json!({ "message": "Message received successfully" })).into_response();
    }
    let taken = session.write(|pages| {
        if pages.vendor_ended.is_some() {
            return false;
        }
        let at = pages.tick();
        match Numbered::read(text) {
            Some(one) if one.author == Author::Customer && one.session == session.number => {
                pages.heard.push(Heard { nth: one.nth, at, clock: Instant::now() });
            }
            _ => pages.strangers.push(format!("the vendor was sent {text:?}")),
        }
        true
    });
    if !taken {
        return (StatusCode::GONE, Json(json!({ "error": "Conversation has ended" }))).into_response();
    }
    desk.taken.insert(key, text.to_owned());
    Json(json!({ "message": "Message received successfully", "messageId": text })).into_response()
}

fn receipt(session: &Session, message: &str, status: &str) -> Response {
    session.write(|pages| match Numbered::read(message) {
        Some(one) if one.author == Author::Agent && one.session == session.number => {
            let receipt = pages.receipts.entry(one.nth).or_default();
            match status {
                "not-delivered" => receipt.undelivered = true,
                _ => receipt.delivered = true,
            }
        }
        _ => pages.strangers.push(format!("a receipt was sent for {message:?}")),
    });
    Json(json!({ "message": "Receipt taken" })).into_response()
}
