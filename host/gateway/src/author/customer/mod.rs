//! The customer's page of `handover connector run`: a chat, and behind it a bot that hands every word to the gateway.
//!
//! It plays what the gateway meets of Microsoft's side, no more: the bot that calls it as a skill, the bot's runtime
//! and the Bot Connector that it posts to. `examples/teams-simulator` plays much more, Entra and all its faults, but is
//! made for the demo: the gateway may not depend on `examples/`, and that one brings a second stack of cryptography.

mod bot;
mod conversation;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use uuid::Uuid;

use super::page;
use bot::Bot;
use conversation::{Conversation, Input};

/// The bot's place in its runtime, part of every serviceUrl.
const RUNTIME: &str = "/api/runtime/bots/b0700000/skillsV2";

/// Where the Bot Connector is played.
const TEAMS: &str = "/teams";

/// The longest text of one message.
const LONGEST: usize = 28_000;

/// Who writes as the customer.
#[derive(Debug, Clone, Default)]
pub(super) struct Person {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) locale: String,
}

/// The customer's side, listening.
#[derive(Clone)]
pub(super) struct CustomerSide(Arc<Side>);

struct Side {
    addr: SocketAddr,
    bot: Arc<Bot>,
    person: Mutex<Person>,
    conversations: Mutex<BTreeMap<String, Arc<Conversation>>>,
}

impl CustomerSide {
    /// Listens.
    ///
    /// # Errors
    /// The address is taken.
    pub(super) async fn open(addr: SocketAddr) -> anyhow::Result<Self> {
        let listener = page::bind(addr).await?;
        let addr = listener.local_addr()?;
        let bot = Arc::new(Bot::new(format!("http://{addr}{RUNTIME}/"))?);
        let (person, conversations) = (Mutex::default(), Mutex::default());
        let side = Self(Arc::new(Side { addr, bot, person, conversations }));
        side.serve(listener);
        Ok(side)
    }

    pub(super) fn addr(&self) -> SocketAddr {
        self.0.addr
    }

    /// The Bot Connector's base address.
    pub(super) fn teams_url(&self) -> String {
        format!("http://{}{TEAMS}/", self.0.addr)
    }

    /// The gateway's messaging endpoint, which is known only after this side's address.
    pub(super) fn meet(&self, skill: String) {
        self.0.bot.meet(skill);
    }

    /// All that customers wrote, for whoever must not repeat it.
    pub(super) fn written(&self) -> Vec<String> {
        lock(&self.0.conversations).values().flat_map(|one| one.written()).collect()
    }

    /// Whoever opens a conversation from now on is this person.
    pub(super) fn become_person(&self, person: Person) {
        *lock(&self.0.person) = person;
    }

    /// Who writes.
    pub(super) fn person(&self) -> Person {
        lock(&self.0.person).clone()
    }

    fn serve(&self, listener: TcpListener) {
        let activities = |base: &str| format!("{base}/v3/conversations/{{conversation}}/activities");
        let mut routes = Router::new()
            .route("/", get(|| async { Html(page::whole(include_str!("page.html"))) }))
            .route("/api/conversations", post(open))
            .route("/api/conversations/{id}", get(shown))
            .route("/api/conversations/{id}/messages", post(says))
            .route("/api/conversations/{id}/typing", post(types))
            .route("/api/conversations/{id}/end", post(ends))
            .route("/api/events", get(events));
        for base in [RUNTIME, TEAMS] {
            let place = activities(base);
            routes = routes.route(&place, any(receive)).route(&format!("{place}/{{activity}}"), any(receive));
        }
        page::serve(listener, routes.with_state(self.clone()));
    }

    fn conversation(&self, id: &str) -> Result<Arc<Conversation>, StatusCode> {
        lock(&self.0.conversations).get(id).cloned().ok_or(StatusCode::NOT_FOUND)
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the page posts.
#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    text: String,
}

#[derive(Deserialize)]
struct Which {
    conversation: String,
}

async fn open(State(side): State<CustomerSide>) -> Json<Value> {
    let id = format!("a:1{}", Uuid::now_v7().simple());
    let conversation = Conversation::open(&id, side.person(), Arc::clone(&side.0.bot));
    lock(&side.0.conversations).insert(id.clone(), conversation);
    Json(json!({ "id": id }))
}

async fn shown(
    State(side): State<CustomerSide>,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, StatusCode> {
    Ok(Json(side.conversation(&id)?.shown()))
}

async fn says(
    State(side): State<CustomerSide>,
    Path(id): Path<String>,
    Json(said): Json<Said>,
) -> Result<StatusCode, StatusCode> {
    let text = said.text.trim();
    if text.is_empty() || text.len() > LONGEST {
        return Err(StatusCode::UNPROCESSABLE_ENTITY);
    }
    side.conversation(&id)?.take(Input::Says(text.to_owned()));
    Ok(StatusCode::ACCEPTED)
}

async fn types(State(side): State<CustomerSide>, Path(id): Path<String>) -> Result<StatusCode, StatusCode> {
    side.conversation(&id)?.take(Input::Types);
    Ok(StatusCode::ACCEPTED)
}

async fn ends(State(side): State<CustomerSide>, Path(id): Path<String>) -> Result<StatusCode, StatusCode> {
    side.conversation(&id)?.take(Input::Ends);
    Ok(StatusCode::ACCEPTED)
}

/// The conversation, whole, each time that it has changed.
async fn events(
    State(side): State<CustomerSide>,
    Query(which): Query<Which>,
) -> Result<Response, StatusCode> {
    let conversation = side.conversation(&which.conversation)?;
    let changes = conversation.changes();
    Ok(page::events(changes, move || conversation.shown()))
}

/// What the gateway posts: to the runtime, or to Teams.
async fn receive(
    State(side): State<CustomerSide>,
    Path(place): Path<BTreeMap<String, String>>,
    body: Bytes,
) -> Result<Response, StatusCode> {
    let id = place.get("conversation").map(String::as_str).unwrap_or_default();
    let conversation = side.conversation(id)?;
    let activity: Value = serde_json::from_slice(&body).map_err(|_| StatusCode::BAD_REQUEST)?;
    conversation.receive(&activity);
    Ok(Json(json!({ "id": Uuid::now_v7().to_string() })).into_response())
}
