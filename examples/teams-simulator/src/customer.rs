//! What a customer can do: open a conversation, write, type, and look at what came of it.
use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    conversation::Input, events, identity::Identity, refusal::Refusal, simulator::Simulator,
    transcript::Entry,
};

pub(crate) fn routes() -> Router<Arc<Simulator>> {
    Router::new()
        .route("/api/conversations", post(open))
        .route("/api/conversations/{conversation}", get(state))
        .route("/api/conversations/{conversation}/messages", post(write))
        .route("/api/conversations/{conversation}/typing", post(typing))
        .route("/api/conversations/{conversation}/escalate", post(escalate))
        .route("/api/conversations/{conversation}/transcript", get(transcript))
        .route("/api/conversations/{conversation}/events", get(events::stream))
}

/// Who comes, and by which channel.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Arrival {
    name: String,
    locale: String,
    channel_id: String,
    delivery_mode: String,
}

impl Default for Arrival {
    fn default() -> Self {
        Self {
            name: "Jane Doe".into(),
            locale: "en-US".into(),
            channel_id: "msteams".into(),
            delivery_mode: "normal".into(),
        }
    }
}

async fn open(
    State(simulator): State<Arc<Simulator>>,
    arrival: Option<Json<Arrival>>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let Json(arrival) = arrival.unwrap_or_default();
    if !["normal", "expectReplies"].contains(&arrival.delivery_mode.as_str()) {
        return Err(Refusal::BadArgument("deliveryMode is \"normal\" or \"expectReplies\".".into()));
    }
    let conversation = simulator.open(Identity::new(
        arrival.name,
        arrival.locale,
        arrival.channel_id,
        arrival.delivery_mode,
    ));
    let told = json!({ "conversationId": conversation.identity.id });
    Ok((StatusCode::CREATED, Json(told)))
}

async fn state(
    State(simulator): State<Arc<Simulator>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let conversation = simulator.conversation(&id)?;
    let mut told = json!(conversation.identity);
    told["typing"] = json!(conversation.typing().map(|typing| typing.name));
    if let (Value::Object(told), Value::Object(shown)) = (&mut told, json!(conversation.shown())) {
        told.extend(shown);
    }
    Ok(Json(told))
}

#[derive(Deserialize)]
struct Message {
    text: String,
}

async fn write(
    State(simulator): State<Arc<Simulator>>,
    Path(id): Path<String>,
    Json(message): Json<Message>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let conversation = simulator.conversation(&id)?;
    if message.text.trim().is_empty() {
        return Err(Refusal::BadArgument("text is empty.".into()));
    }
    let (activity_id, seq) = conversation.utter(message.text);
    let told = json!({ "activityId": activity_id, "seq": seq });
    Ok((StatusCode::ACCEPTED, Json(told)))
}

async fn typing(
    State(simulator): State<Arc<Simulator>>,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    simulator.conversation(&id)?.input(Input::Typing);
    Ok(StatusCode::ACCEPTED)
}

#[derive(Deserialize)]
#[serde(default)]
struct Escalation {
    problem: String,
}

impl Default for Escalation {
    fn default() -> Self {
        Self { problem: "I need to talk to somebody.".into() }
    }
}

async fn escalate(
    State(simulator): State<Arc<Simulator>>,
    Path(id): Path<String>,
    escalation: Option<Json<Escalation>>,
) -> Result<StatusCode, Refusal> {
    let Json(Escalation { problem }) = escalation.unwrap_or_default();
    simulator.conversation(&id)?.input(Input::Escalate { problem });
    Ok(StatusCode::ACCEPTED)
}

async fn transcript(
    State(simulator): State<Arc<Simulator>>,
    Path(id): Path<String>,
) -> Result<Json<Vec<Entry>>, Refusal> {
    Ok(Json(simulator.conversation(&id)?.transcript()))
}
