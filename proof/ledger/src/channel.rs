//! The channel's sink: the Bot Connector's routes, which customers read and the bot gets its results by, on record.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{ConnectInfo, Json, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Extension, Router};
use serde_json::{Value, json};

use crate::book::Session;
use crate::edge::Fate;
use crate::faults::{Fault, Place};
use crate::numbered::{Author, Numbered};
use crate::pages::{Pages, Shown, What};
use crate::wire::Cut;
use crate::world::World;

/// The bot's place, part of every serviceUrl.
pub const BASE: &str = "/bot/";

type Outages = Arc<Mutex<HashMap<u32, Instant>>>;

/// The routes.
pub fn routes(world: Arc<World>) -> Router {
    let activities = format!("{BASE}v3/conversations/{{conversation}}/activities");
    Router::new()
        .route(&activities, post(to_conversation))
        .route(&format!("{activities}/{{activity}}"), post(reply))
        .layer(Extension(Outages::default()))
        .with_state(world)
}

async fn to_conversation(
    state: State<Arc<World>>,
    outages: Extension<Outages>,
    cut: ConnectInfo<Cut>,
    Path(conversation): Path<String>,
    Json(activity): Json<Value>,
) -> Response {
    take(&state.0, &outages.0, &cut.0, &conversation, &activity).await
}

async fn reply(
    state: State<Arc<World>>,
    outages: Extension<Outages>,
    cut: ConnectInfo<Cut>,
    Path((conversation, _)): Path<(String, String)>,
    Json(activity): Json<Value>,
) -> Response {
    take(&state.0, &outages.0, &cut.0, &conversation, &activity).await
}

async fn take(world: &World, outages: &Outages, cut: &Cut, conversation: &str, activity: &Value) -> Response {
    world.called.notify_waiters();
    let Some(session) = world.book.named(conversation) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let what = match read(activity) {
        Ok(what) => what,
        Err(why) => {
            session.write(|pages| pages.strangers.push(why));
            return StatusCode::BAD_REQUEST.into_response();
        }
    };
    let mut fate = Fate::draw(world, Place::Channel, cut);
    match &what {
        Read::Agent(_) if is_out(world, outages, &session) => fate.outage(),
        // What the agent writes may be refused for good; who refuses results and notices is beyond help.
        Read::Agent(_) => {}
        _ => fate.spare(Fault::Forbidden),
    }
    if let Some(answer) = fate.before().await {
        return answer;
    }
    session.write(|pages| record(pages, session.number, what, activity));
    let made = Json(json!({ "id": uuid::Uuid::now_v7().to_string() })).into_response();
    fate.after(made).await
}

enum Read {
    Agent(Numbered),
    Other(What),
    Nothing,
}

fn read(activity: &Value) -> Result<Read, String> {
    let text = activity["text"].as_str().unwrap_or_default();
    let field = |name: &str| activity[name].as_str().unwrap_or_default().to_owned();
    match activity["type"].as_str().unwrap_or_default() {
        "endOfConversation" => Ok(Read::Other(What::Result {
            action: field("name"),
            of: field("replyToId"),
            status: activity["value"]["Status"].as_str().map(str::to_owned),
        })),
        "message" => Ok(match Numbered::read(text) {
            Some(one) => Read::Agent(one),
            None => Read::Other(notice(text)),
        }),
        "typing" => Ok(Read::Nothing),
        other => Err(format!("the channel was sent an activity of type {other:?}")),
    }
}

/// The gateway's own words, by what is particular to each.
fn notice(text: &str) -> What {
    if text.contains("did not get through") {
        return What::NotDelivered;
    }
    if text.contains("could not reach anybody") || text.contains("nobody is available") {
        return What::NobodyReached;
    }
    if let Some((_, unseen)) = text.split_once("Your last ") {
        let first = unseen.split(' ').next().unwrap_or_default();
        return What::Ended { unseen: first.parse().unwrap_or(1) };
    }
    let ends = ["The chat was closed", "The chat has ended", "the chat has ended", "The chat was ended"];
    match ends.iter().any(|end| text.contains(end)) {
        true => What::Ended { unseen: 0 },
        false => What::Notice(text.to_owned()),
    }
}

fn record(pages: &mut Pages, session: u32, what: Read, activity: &Value) {
    let what = match what {
        Read::Agent(one) if one.author == Author::Agent && one.session == session => What::Agent(one.nth),
        Read::Agent(one) => {
            pages.strangers.push(format!("the channel was sent \"{one}\""));
            return;
        }
        Read::Other(what) => what,
        Read::Nothing => return,
    };
    let mark = &activity["channelData"]["handover"];
    let flagged = (mark["possibleDuplicate"] == true)
        .then(|| mark["deliveryId"].as_str().unwrap_or("a delivery without an id").to_owned());
    let at = pages.tick();
    pages.shown.push(Shown { what, flagged, at, clock: Instant::now() });
}

/// Some conversations take nothing of the agent's for longer than messages are fresh.
fn is_out(world: &World, outages: &Outages, session: &Session) -> bool {
    if !world.faults.has(Fault::Outage) || session.number % 100 != 5 {
        return false;
    }
    let long = Duration::from_secs(world.options.fresh_seconds + 3);
    let some_shown = session.read(|pages| pages.shown.len() >= 5);
    let mut outages = outages.lock().unwrap_or_else(PoisonError::into_inner);
    match outages.get(&session.number) {
        Some(begun) => begun.elapsed() < long,
        None if some_shown => {
            outages.insert(session.number, Instant::now());
            true
        }
        None => false,
    }
}
