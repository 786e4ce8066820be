//! The Conversations API as far as a gateway needs it: look at a conversation, look for messages, disconnect somebody.

use std::sync::Arc;

use agent_desk::Party;
use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
};
use serde_json::{Value, json};

use crate::{App, people::disconnect, refusal::Refusal, schema};

/// Most message ids of one request: "The max messages you can request in the body is 1,000."
const MOST_IDS: usize = 1_000;

/// JSON, whatever the content type says.
pub(crate) fn read(body: &[u8]) -> Result<Value, Refusal> {
    let message = "The request could not be understood by the server due to malformed syntax.";
    serde_json::from_slice(body).map_err(|_| Refusal::bad(message))
}

fn unknown() -> Refusal {
    Refusal::not_found("conversation not found")
}

/// `GET …/{conversationId}`
pub(crate) async fn conversation(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let people = app.store.at(&id, |conversation| json!(conversation.people)).ok_or_else(unknown)?;
    let uri = format!("/api/v2/conversations/messages/{id}");
    Ok(Json(json!({ "id": id, "participants": people, "otherMediaUris": [], "selfUri": uri })))
}

/// `POST …/{conversationId}/messages/bulk`
pub(crate) async fn bulk(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let ids: Vec<String> =
        serde_json::from_value(read(&body)?).map_err(|_| Refusal::bad("the body is no list of ids"))?;
    if ids.is_empty() || ids.len() > MOST_IDS {
        return Err(Refusal::bad("between 1 and 1000 message ids can be asked for"));
    }
    let found = app.store.at(&id, |conversation| {
        ids.iter().filter_map(|id| conversation.messages.get(id).cloned()).collect::<Vec<_>>()
    });
    Ok(Json(json!({ "entities": found.ok_or_else(unknown)? })))
}

/// `PATCH …/{conversationId}/participants/{participantId}`
pub(crate) async fn participant(
    State(app): State<Arc<App>>,
    Path((id, participant)): Path<(String, String)>,
    body: Bytes,
) -> Result<StatusCode, Refusal> {
    let body = read(&body)?;
    schema::check("MediaParticipantRequest", &body)?;
    if body["state"] != "disconnected" {
        return Err(Refusal::bad("only the state disconnected is simulated"));
    }
    let purpose = app.store.at(&id, |conversation| {
        let one = conversation.people.iter_mut().find(|one| one.id == participant)?;
        let was_there = one.is_there();
        one.disconnect("client");
        let purpose = one.purpose;
        if purpose == "customer" && was_there {
            disconnect(&mut conversation.people, &["agent", "acd", "workflow"], "peer");
        }
        Some(purpose)
    });
    match purpose.ok_or_else(unknown)? {
        Some("customer") => app.desk.end(&id, Party::Customer, None)?,
        Some(_) => {}
        None => return Err(Refusal::not_found("participant not found")),
    }
    Ok(StatusCode::NO_CONTENT)
}
