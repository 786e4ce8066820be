//! What agents do: accept, write, send again, hand back, end.

use std::sync::Arc;

use agent_desk::{Failure, Message, Report, Words};
use axum::{
    Json, Router,
    extract::State,
    http::{HeaderName, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::{Value, json};

use crate::{App, body::Fields, refusal::Refusal};

/// Names the message in answers to send and retry, failures included: the sample's error body has no place for it.
const MESSAGE_ID: HeaderName = HeaderName::from_static("x-message-id");

type Answer = Result<Json<Value>, Refusal>;

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/api/chat/accept", post(accept))
        .route("/api/chat/send", post(send))
        .route("/api/chat/retry", post(retry))
        .route("/api/chat/agent-typing", post(typing))
        .route("/api/chat/read", post(read))
        .route("/api/chat/leave", post(leave))
        .route("/api/chat/close", post(close))
}

async fn accept(State(app): State<Arc<App>>, fields: Fields) -> Answer {
    let id = fields.required("conversationId")?;
    app.desk.accept(&id, fields.name("agent")?.as_deref())?;
    Ok(summary(&app, &id))
}

async fn send(State(app): State<Arc<App>>, fields: Fields) -> Result<Response, Refusal> {
    let text = fields.text("message")?.unwrap_or_default();
    if text.trim().is_empty() {
        return Err(agent_desk::Refusal::Empty.into());
    }
    let id = fields.required("conversationId")?;
    let (message, report) = app.desk.say(&id, fields.name("agent")?.as_deref(), Words::plain(text))?;
    Ok(sent(&app, &id, &message, report).await)
}

async fn retry(State(app): State<Arc<App>>, fields: Fields) -> Result<Response, Refusal> {
    let id = fields.required("conversationId")?;
    let (message, report) = app.desk.retry(&id, &fields.required("messageId")?)?;
    Ok(sent(&app, &id, &message, report).await)
}

async fn typing(State(app): State<Arc<App>>, fields: Fields) -> Result<StatusCode, Refusal> {
    let id = fields.required("conversationId")?;
    let typing = fields.flag("typing")?.unwrap_or(true);
    app.desk.agent_types(&id, fields.name("agent")?.as_deref(), typing)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn read(State(app): State<Arc<App>>, fields: Fields) -> Result<StatusCode, Refusal> {
    app.desk.read(&fields.required("conversationId")?, None)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn leave(State(app): State<Arc<App>>, fields: Fields) -> Answer {
    let id = fields.required("conversationId")?;
    app.desk.leave(&id)?;
    Ok(summary(&app, &id))
}

async fn close(State(app): State<Arc<App>>, fields: Fields) -> Answer {
    app.desk.close(&fields.required("conversationId")?, fields.name("agent")?.as_deref())?;
    Ok(Json(json!({ "message": "Conversation ended successfully" })))
}

fn summary(app: &App, id: &str) -> Json<Value> {
    Json(app.desk.look(id, |conversation| conversation.summary()).unwrap_or_default())
}

/// Waits for the webhook, as the sample does, and passes its answer on.
async fn sent(app: &App, conversation_id: &str, message: &Message, report: Report) -> Response {
    let outcome = app.desk.stopping().run_until_cancelled(report).await;
    let outcome = outcome.and_then(Result::ok).unwrap_or(Err(Failure::Stopping));
    let refusal = match outcome {
        Ok(()) => {
            let body = json!({
                "message": "Message sent successfully",
                "messageId": message.id,
                "timestamp": message.timestamp,
                "sender": message.sender,
                "conversationId": conversation_id,
            });
            return ([(MESSAGE_ID, message.id.clone())], Json(body)).into_response();
        }
        Err(Failure::Refused { status, body, .. }) => {
            Refusal::with_status(StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY), body)
        }
        Err(Failure::TooLate) => agent_desk::Refusal::Ended.into(),
        Err(Failure::Stopping) => {
            Refusal::with_status(StatusCode::SERVICE_UNAVAILABLE, Failure::Stopping.to_string())
        }
        Err(failure) => Refusal::with_status(StatusCode::INTERNAL_SERVER_ERROR, failure.to_string()),
    };
    ([(MESSAGE_ID, message.id.clone())], refusal).into_response()
}
