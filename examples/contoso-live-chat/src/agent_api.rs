//! What agents do: accept, write, send again, hand back, end.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderName, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::{
    App,
    body::Fields,
    courier::{send_courier, tell_typing},
    message::{Message, SUPPORT},
    refusal::Refusal,
    webhook::Outcome,
};

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
    let agent = fields.name("agent")?;
    app.desk.change(&id, |conversation| conversation.accept(agent))?;
    send_courier(&app, &id);
    Ok(summary(&app, &id))
}

async fn send(State(app): State<Arc<App>>, fields: Fields) -> Result<Response, Refusal> {
    let text = fields.text("message")?.unwrap_or_default();
    if text.trim().is_empty() {
        return Err(Refusal::empty_text());
    }
    let id = fields.required("conversationId")?;
    let agent = fields.name("agent")?;
    let (report, outcome) = oneshot::channel();
    let message = app.desk.change(&id, |conversation| conversation.say(agent, text, report))?;
    send_courier(&app, &id);
    Ok(sent(&app, &id, &message, outcome).await)
}

async fn retry(State(app): State<Arc<App>>, fields: Fields) -> Result<Response, Refusal> {
    let id = fields.required("conversationId")?;
    let message_id = fields.required("messageId")?;
    let (report, outcome) = oneshot::channel();
    let message = app.desk.change(&id, |conversation| conversation.retry(&message_id, report))?;
    send_courier(&app, &id);
    Ok(sent(&app, &id, &message, outcome).await)
}

async fn typing(State(app): State<Arc<App>>, fields: Fields) -> Result<StatusCode, Refusal> {
    let id = fields.required("conversationId")?;
    let typing = fields.flag("typing")?.unwrap_or(true);
    let agent = fields.name("agent")?.unwrap_or_else(|| SUPPORT.to_owned());
    app.desk.change(&id, |conversation| {
        conversation.refuse_ended()?;
        app.desk.feed().push(
            "typing",
            || json!({ "conversationId": id, "from": "agent", "name": agent, "typing": typing }),
        );
        Ok(())
    })?;
    tell_typing(&app, &id, &agent, typing);
    Ok(StatusCode::NO_CONTENT)
}

async fn read(State(app): State<Arc<App>>, fields: Fields) -> Result<StatusCode, Refusal> {
    let id = fields.required("conversationId")?;
    app.desk.change(&id, |conversation| {
        conversation.mark_read();
        Ok(StatusCode::NO_CONTENT)
    })
}

async fn leave(State(app): State<Arc<App>>, fields: Fields) -> Answer {
    let id = fields.required("conversationId")?;
    app.desk.change(&id, |conversation| conversation.leave())?;
    send_courier(&app, &id);
    Ok(summary(&app, &id))
}

async fn close(State(app): State<Arc<App>>, fields: Fields) -> Answer {
    let id = fields.required("conversationId")?;
    let agent = fields.name("agent")?;
    app.desk.change(&id, |conversation| {
        conversation.close(agent);
        Ok(())
    })?;
    send_courier(&app, &id);
    Ok(Json(json!({ "message": "Conversation ended successfully" })))
}

fn summary(app: &App, id: &str) -> Json<Value> {
    Json(app.desk.look(id, |conversation| conversation.summary()).unwrap_or_default())
}

/// Waits for the webhook, as the sample does, and passes its answer on.
async fn sent(
    app: &App,
    conversation_id: &str,
    message: &Message,
    outcome: oneshot::Receiver<Outcome>,
) -> Response {
    let outcome = app.stop.run_until_cancelled(outcome).await;
    let refusal = match outcome {
        Some(Ok(Outcome::Taken)) => {
            let body = json!({
                "message": "Message sent successfully",
                "messageId": message.id,
                "timestamp": message.timestamp,
                "sender": message.sender,
                "conversationId": conversation_id,
            });
            return ([(MESSAGE_ID, message.id.clone())], Json(body)).into_response();
        }
        Some(Ok(Outcome::Refused { status, body, .. })) => {
            Refusal::with_status(StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY), body)
        }
        Some(Ok(Outcome::TooLate)) => Refusal::ended(),
        Some(Ok(failure)) => Refusal::with_status(StatusCode::INTERNAL_SERVER_ERROR, failure.reason()),
        None | Some(Err(_)) => {
            Refusal::with_status(StatusCode::SERVICE_UNAVAILABLE, "The live chat is shutting down")
        }
    };
    ([(MESSAGE_ID, message.id.clone())], refusal).into_response()
}
