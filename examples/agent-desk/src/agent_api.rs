//! The agents' API, the same for every vendor: conversations, what agents do, the desk itself. See the crate's page.

use std::convert::Infallible;

use axum::{
    Json, Router,
    body::Bytes,
    extract::FromRequest,
    extract::{Path, Request, State, rejection::JsonRejection},
    http::StatusCode,
    response::{IntoResponse, Response, Sse, sse::Event},
    routing::{any, get, post},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tokio_stream::Stream;

use crate::{
    acting::{Report, Words},
    control_api,
    desk::Desk,
    files,
    message::{Attachment, Format, Message},
    refusal::Refusal,
    vendor::{Failure, Recipient},
};

type Answer = Result<Json<Value>, Refusal>;

pub(crate) fn routes(desk: &Desk) -> Router {
    Router::new()
        .route("/desk/conversations", get(conversations))
        .route("/desk/conversations/{id}", get(conversation))
        .route("/desk/conversations/{id}/accept", post(accept))
        .route("/desk/conversations/{id}/say", post(say))
        .route("/desk/conversations/{id}/retry", post(retry))
        .route("/desk/conversations/{id}/typing", post(typing))
        .route("/desk/conversations/{id}/read", post(read))
        .route("/desk/conversations/{id}/leave", post(leave))
        .route("/desk/conversations/{id}/transfer", post(transfer))
        .route("/desk/conversations/{id}/queue", post(queue))
        .route("/desk/conversations/{id}/end", post(end))
        .route("/desk/events", get(events))
        .merge(control_api::routes())
        .merge(files::routes(desk))
        .route("/desk/{*rest}", any(|| async { StatusCode::NOT_FOUND }))
        .with_state(desk.clone())
}

/// A JSON body; none at all is the same as `{}`. What is not known is refused: a typing mistake in a test must show.
pub(crate) struct Told<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Told<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let bytes = Bytes::from_request(request, state).await.map_err(IntoResponse::into_response)?;
        let bytes = if bytes.trim_ascii().is_empty() { &b"{}"[..] } else { &bytes };
        let told: Result<Json<T>, JsonRejection> = Json::from_bytes(bytes);
        match told {
            Ok(Json(told)) => Ok(Self(told)),
            Err(error) => Err(Refusal::Bad(error.body_text()).into_response()),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ByAgent {
    agent: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Says {
    agent: Option<String>,
    #[serde(default)]
    text: String,
    #[serde(default)]
    format: Format,
    #[serde(default)]
    attachments: Vec<Attachment>,
    /// Answer only when it is known what became of the message.
    #[serde(default)]
    wait: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Again {
    message_id: String,
    #[serde(default)]
    wait: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Types {
    agent: Option<String>,
    #[serde(default = "yes")]
    typing: bool,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Gives {
    agent: Option<String>,
    to: Recipient,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Queued {
    position: u32,
}

async fn conversations(State(desk): State<Desk>) -> Json<Value> {
    Json(desk.summaries().into())
}

async fn conversation(State(desk): State<Desk>, Path(id): Path<String>) -> Answer {
    desk.look(&id, |conversation| conversation.detail()).map(Json).ok_or(Refusal::UnknownConversation)
}

async fn events(State(desk): State<Desk>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    desk.events()
}

async fn accept(State(desk): State<Desk>, Path(id): Path<String>, Told(by): Told<ByAgent>) -> Answer {
    desk.accept(&id, name(&by.agent))?;
    summary(&desk, &id)
}

async fn say(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Told(says): Told<Says>,
) -> Result<Response, Refusal> {
    let Says { agent, text, format, attachments, wait } = says;
    let (message, report) = desk.say(&id, name(&agent), Words { text, format, attachments })?;
    Ok(sent(&desk, &id, &message, wait.then_some(report)).await)
}

async fn retry(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Told(again): Told<Again>,
) -> Result<Response, Refusal> {
    let (message, report) = desk.retry(&id, &again.message_id)?;
    Ok(sent(&desk, &id, &message, again.wait.then_some(report)).await)
}

async fn typing(State(desk): State<Desk>, Path(id): Path<String>, Told(types): Told<Types>) -> Answer {
    desk.agent_types(&id, name(&types.agent), types.typing)?;
    summary(&desk, &id)
}

async fn read(State(desk): State<Desk>, Path(id): Path<String>, Told(by): Told<ByAgent>) -> Answer {
    desk.read(&id, name(&by.agent))?;
    summary(&desk, &id)
}

async fn leave(State(desk): State<Desk>, Path(id): Path<String>, Told(_): Told<ByAgent>) -> Answer {
    desk.leave(&id)?;
    summary(&desk, &id)
}

async fn transfer(State(desk): State<Desk>, Path(id): Path<String>, Told(gives): Told<Gives>) -> Answer {
    desk.transfer(&id, name(&gives.agent), gives.to)?;
    summary(&desk, &id)
}

async fn queue(State(desk): State<Desk>, Path(id): Path<String>, Told(queued): Told<Queued>) -> Answer {
    desk.queue(&id, queued.position)?;
    summary(&desk, &id)
}

async fn end(State(desk): State<Desk>, Path(id): Path<String>, Told(by): Told<ByAgent>) -> Answer {
    desk.close(&id, name(&by.agent))?;
    summary(&desk, &id)
}

/// Blank is nobody.
fn name(agent: &Option<String>) -> Option<&str> {
    agent.as_deref().map(str::trim).filter(|name| !name.is_empty())
}

fn summary(desk: &Desk, id: &str) -> Answer {
    desk.look(id, |conversation| conversation.summary()).map(Json).ok_or(Refusal::UnknownConversation)
}

/// 202 with the message as it stands, or when that is known: 200, and 502 with the reason where it did not arrive.
async fn sent(desk: &Desk, id: &str, message: &Message, report: Option<Report>) -> Response {
    let Some(report) = report else {
        return (StatusCode::ACCEPTED, Json(json!({ "messageId": message.id }))).into_response();
    };
    let outcome = match desk.stopping().run_until_cancelled(report).await {
        Some(Ok(outcome)) => outcome,
        _ => Err(Failure::Stopping),
    };
    match outcome {
        Ok(()) => Json(json!({ "messageId": message.id })).into_response(),
        Err(failure) => {
            let _ = id;
            let body = json!({ "messageId": message.id, "error": failure.to_string() });
            (StatusCode::BAD_GATEWAY, Json(body)).into_response()
        }
    }
}
