//! A simulated Matrix homeserver: of the client-server API what an application service needs, the application service
//! API towards it, and the agents' client as a desk.
//!
//! Written from the specification, v1.17 (client-server API, application service API) and Synapse's errors. Strict:
//! bodies with members that the specification does not name are refused, and so is NUL anywhere. Desk, console, faults
//! and wire log are those of all vendor simulators, see [`agent_desk`]. Everything lives in memory.
//!
//! # Operations
//!
//! | name | request below `/_matrix/client/v3/` |
//! |---|---|
//! | `start.register` | `POST register` |
//! | `start.name` | `PUT profile/{userId}/displayname` |
//! | `start.device` | `PUT devices/{deviceId}` |
//! | `start.room` | `POST createRoom` |
//! | `start.alias` | `GET`, `DELETE directory/room/{roomAlias}` |
//! | `start.join` | `POST join/{roomIdOrAlias}`, `POST rooms/{roomId}/join` |
//! | `start.invite` | `POST rooms/{roomId}/invite` |
//! | `availability` | `GET presence/{userId}/status` |
//! | `whoami` | `GET account/whoami` |
//! | `members` | `GET rooms/{roomId}/joined_members` |
//! | `state` | `GET rooms/{roomId}/state/{eventType}/{stateKey}` |
//! | `notice` | `PUT rooms/{roomId}/send/{eventType}/{txnId}` with an `m.notice` |
//! | `send` | the same with anything else |
//! | `typing`, `receipt` | `PUT rooms/{roomId}/typing/{userId}`, `POST rooms/{roomId}/receipt/{receiptType}/{eventId}` |
//! | `look` | `GET rooms/{roomId}/messages` |
//! | `end.kick`, `end.leave` | `POST rooms/{roomId}/kick`, `POST rooms/{roomId}/leave` |
//! | `upload` | `POST /_matrix/media/v3/upload` |
//! | `download` | `GET /_matrix/client/v1/media/download/{serverName}/{mediaId}` |
//! | `webhook.message` | `PUT /_matrix/app/v1/transactions/{txnId}` to the gateway, with an agent's message |
//! | `webhook.event`, `webhook.ephemeral` | the same with other events, or with none that lasts |
//!
//! # Of the vendor's ways
//!
//! A room shows at the desk when the first agent is invited to it, with its history. Agents are users of this
//! homeserver; who accepts joins. To end a chat an agent writes `!end` and leaves. A transfer to an agent is that
//! agent's coming and the other's leaving; one to a queue is leaving, for there are no queues. A message of an agent is
//! done when the application service has taken it. The staff are in a room of their own, to which the application
//! service's user is invited, and are online while the desk is open.

mod access;
mod agents;
mod book;
mod client;
mod creation;
mod fields;
mod media;
mod members;
mod outbox;
mod refusal;
mod room;
mod signs;
mod staff;
mod timeline;
mod users;

use std::{
    future::Future,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use agent_desk::{Courier, Desk, Policy, Settings};
use axum::{
    Json, Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{MethodRouter, get, post, put},
};
use serde_json::{Value, json};

use access::Registration;
use book::Book;
use outbox::Outbox;
use refusal::Refusal;
use room::{Draft, Room};

pub use agent_desk::Secret;

/// Where to listen, whom to tell, and what proves who is who.
#[derive(Clone, Debug)]
pub struct Config {
    /// Address to listen on; port 0 takes any free one.
    pub addr: SocketAddr,
    /// Whether the address may be another than loopback.
    pub beyond_loopback: bool,
    /// What stands after the colon in user ids.
    pub server_name: String,
    /// `url` of the registration: transactions are put below it; empty is nowhere.
    pub url: String,
    /// `as_token` of the registration.
    pub as_token: Secret,
    /// `hs_token` of the registration.
    pub hs_token: Secret,
    /// What the registration's namespaces of users and aliases begin with; its sender is this and `bot`.
    pub prefix: String,
    /// Agents by name: in the staff's room, online while the desk is open.
    pub staff: Vec<String>,
    /// What agents write to end a chat; the connector has to know it.
    pub end_command: String,
    /// Requests a minute; none is `rate_limited: false` in the registration.
    pub requests_per_minute: Option<u64>,
    /// Whether each creation of a room has its effect and is answered with 503: something in front of the homeserver fails.
    pub loses_creations: bool,
    /// Whether the staff's clients accept invitations by themselves; at the desk they wait for somebody all the same.
    pub joins_at_once: bool,
    /// Bytes of the largest file.
    pub most_media: usize,
    /// How long a transaction may take.
    pub timeout: Duration,
    /// The pause after a transaction's first failure; it doubles.
    pub pause: Duration,
    /// The longest pause.
    pub longest_pause: Duration,
}

impl Default for Config {
    /// The gateway on its own address, and tokens that everybody knows. Synapse's pauses go up to 8.5 minutes.
    fn default() -> Self {
        Self {
            addr: SocketAddr::from(([127, 0, 0, 1], 5060)),
            beyond_loopback: false,
            server_name: "matrix.example".to_owned(),
            url: "http://127.0.0.1:5001/api/callbacks/matrix".to_owned(),
            as_token: Secret::new("simulated-as-token"),
            hs_token: Secret::new("simulated-hs-token"),
            prefix: "_handover_".to_owned(),
            staff: vec!["Amber Okafor".to_owned(), "Ben Idris".to_owned()],
            end_command: "!end".to_owned(),
            requests_per_minute: None,
            loses_creations: false,
            joins_at_once: false,
            most_media: 50 * 1024 * 1024,
            timeout: Duration::from_secs(60),
            pause: Duration::from_secs(2),
            longest_pause: Duration::from_secs(512),
        }
    }
}

/// What every handler shares.
pub(crate) struct Homeserver {
    desk: Desk,
    registration: Registration,
    outbox: Arc<Outbox>,
    staff: Vec<String>,
    end_command: String,
    loses_creations: bool,
    joins_at_once: bool,
    most_media: usize,
    book: Mutex<Book>,
}

impl Homeserver {
    /// What is known, one at a time. Never calls the desk from within: it holds a lock of its own.
    pub(crate) fn book<T>(&self, work: impl FnOnce(&mut Book) -> T) -> T {
        work(&mut self.book.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Looks at a room as one of its members.
    pub(crate) fn in_room<T>(
        &self,
        room: &str,
        user: &str,
        look: impl FnOnce(&Room) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        self.book(|book| {
            let known = book.rooms.get(room).ok_or_else(|| Refusal::not_in_room(user))?;
            known.needs(user)?;
            look(known)
        })
    }

    /// Adds an event to a room; it, and its number in the outbox.
    pub(crate) fn add(&self, book: &mut Book, room: &str, draft: Draft<'_>) -> Option<(Value, u64)> {
        book.add(&self.registration, &self.outbox, room, draft)
    }
}

/// A server that listens. It runs until the `shutdown` given to [`serve`] resolves, also when this value is dropped.
pub struct Running {
    house: agent_desk::Running,
    outbox: Arc<Outbox>,
    staff_room: String,
}

impl Running {
    /// Where it is reached, without a slash at the end.
    pub fn url(&self) -> String {
        self.house.url()
    }

    /// Its desk: conversations, faults, wire log.
    pub fn desk(&self) -> &Desk {
        self.house.desk()
    }

    /// The id of the room that the staff are in.
    pub fn staff_room(&self) -> &str {
        &self.staff_room
    }

    /// Puts transactions below another address from now on, for callers that learn the gateway's only after this one's.
    pub fn set_url(&self, url: &str) {
        self.outbox.point_at(url);
    }

    /// The homeserver dies with the next transaction in hand that holds an agent's message, and comes back without it:
    /// only the room's history has the message then (Synapse, `appservice/scheduler.py`).
    pub fn forget_next_transaction(&self) {
        self.outbox.forget_next();
    }

    /// Waits until the server has stopped.
    ///
    /// # Errors
    /// It broke off.
    pub async fn join(self) -> anyhow::Result<()> {
        self.house.join().await
    }
}

/// Binds the address, then serves in the background until `shutdown` resolves.
///
/// # Errors
/// The address is in use or not loopback.
pub async fn serve(
    config: Config,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<Running> {
    let bound = agent_desk::bind(config.addr, config.beyond_loopback).await?;
    let desk = Desk::new(Settings {
        nobody: config.staff.first().cloned().unwrap_or_else(|| "Live Agent".to_owned()),
        message_id: room::event_id,
        error_body: |status| Refusal::simulated(status).body(),
        ..Settings::default()
    });
    let outbox = Arc::new(Outbox::new(&config.url, config.hs_token, config.pause, config.longest_pause));
    let server = Arc::new(Homeserver {
        desk: desk.clone(),
        registration: Registration {
            as_token: config.as_token,
            server_name: config.server_name,
            prefix: config.prefix,
            per_minute: config.requests_per_minute,
            spent: Mutex::default(),
        },
        outbox: Arc::clone(&outbox),
        staff: config.staff,
        end_command: config.end_command,
        loses_creations: config.loses_creations,
        joins_at_once: config.joins_at_once,
        most_media: config.most_media,
        book: Mutex::default(),
    });
    let staff_room = server.gather();
    let (courier, stop) = (Courier::new(&desk, Policy::once(config.timeout)), desk.stopping());
    let sending = Arc::clone(&outbox).run(courier);
    tokio::spawn(async move { stop.run_until_cancelled(sending).await });
    let routes = router(&server);
    Ok(Running { house: bound.serve(desk, server, routes, shutdown), outbox, staff_room })
}

fn router(server: &Arc<Homeserver>) -> Router {
    let desk = &server.desk;
    // Faults and the wire log come before the homeserver's own checks.
    let guarded = |route: MethodRouter<Arc<Homeserver>>| {
        let route = route.fallback(|| async { Refusal::wrong_method() });
        route.layer(middleware::from_fn_with_state(Arc::clone(server), access::guard))
    };
    let serve = |name, route| desk.operation(name, guarded(route));
    let said = |_: &axum::http::request::Parts, body: &[u8]| {
        if timeline::is_notice(body) { "notice" } else { "send" }
    };
    let client = Router::new()
        .route("/register", serve("start.register", post(users::register)))
        .route("/profile/{user}/displayname", serve("start.name", put(users::rename)))
        .route("/devices/{device}", serve("start.device", put(users::device)))
        .route("/presence/{user}/status", serve("availability", get(users::presence)))
        .route("/account/whoami", serve("whoami", get(users::whoami)))
        .route("/createRoom", serve("start.room", post(creation::create)))
        .route("/directory/room/{alias}", serve("start.alias", get(creation::find).delete(creation::forget)))
        .route("/join/{room}", serve("start.join", post(members::join)))
        .route("/rooms/{room}/join", serve("start.join", post(members::join)))
        .route("/rooms/{room}/invite", serve("start.invite", post(members::invite)))
        .route("/rooms/{room}/joined_members", serve("members", get(members::joined)))
        .route("/rooms/{room}/kick", serve("end.kick", post(members::kick)))
        .route("/rooms/{room}/leave", serve("end.leave", post(members::leave)))
        .route("/rooms/{room}/state/{kind}", serve("state", get(creation::state)))
        .route("/rooms/{room}/state/{kind}/", serve("state", get(creation::state)))
        .route("/rooms/{room}/state/{kind}/{key}", serve("state", get(creation::state)))
        .route(
            "/rooms/{room}/send/{kind}/{transaction}",
            desk.operation_by(said, guarded(put(timeline::send))),
        )
        .route("/rooms/{room}/messages", serve("look", get(timeline::history)))
        .route("/rooms/{room}/typing/{user}", serve("typing", put(signs::typing)))
        .route("/rooms/{room}/receipt/{kind}/{event}", serve("receipt", post(signs::receipt)));
    // What is too large is refused in the homeserver's own words.
    let upload = post(media::upload).layer(DefaultBodyLimit::disable());
    Router::new()
        .nest("/_matrix/client/v3", client)
        .route("/_matrix/client/versions", get(|| async { Json(json!({ "versions": ["v1.11", "v1.17"] })) }))
        .route("/_matrix/media/v3/upload", serve("upload", upload))
        .route("/_matrix/client/v1/media/download/{server}/{media}", serve("download", get(media::download)))
        .route(
            "/_matrix/client/v1/media/download/{server}/{media}/{name}",
            serve("download", get(media::download)),
        )
        .fallback(|| async { Refusal::unrecognized() })
        .with_state(Arc::clone(server))
}
