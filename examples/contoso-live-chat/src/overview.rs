//! Reading: the list of conversations, one in full, its messages, and the stream of changes.

use std::{convert::Infallible, sync::Arc};

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    response::{Sse, sse::Event},
    routing::get,
};
use serde_json::{Value, json};
use tokio_stream::Stream;

use crate::{App, refusal::Refusal};

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/api/conversations", get(conversations))
        .route("/api/conversations/{id}", get(conversation))
        .route("/api/chat/messages", get(messages))
        .route("/api/events", get(events))
}

async fn conversations(State(app): State<Arc<App>>) -> Json<Value> {
    Json(app.desk.summaries().into())
}

async fn conversation(State(app): State<Arc<App>>, Path(id): Path<String>) -> Result<Json<Value>, Refusal> {
    let detail = app.desk.look(&id, |conversation| conversation.detail());
    detail.map(Json).ok_or(agent_desk::Refusal::UnknownConversation.into())
}

/// The sample answers a missing id with everybody's messages; here it is a mistake.
async fn messages(
    State(app): State<Arc<App>>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Json<Value>, Refusal> {
    let id =
        query.iter().find(|(name, value)| name.eq_ignore_ascii_case("conversationId") && !value.is_empty());
    let (_, id) =
        id.ok_or_else(|| Refusal::bad("conversationId is missing: messages are listed per conversation"))?;
    Ok(Json(app.desk.look(id, |conversation| conversation.messages_json()).unwrap_or_else(|| json!([]))))
}

async fn events(State(app): State<Arc<App>>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    app.desk.events()
}
