//! Who has a conversation: control is passed, offered, accepted and released.

use std::sync::Arc;

use agent_desk::{Customer, Opening, Party, Turn};
use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::HeaderMap,
};
use serde_json::{Value, json};

use crate::{app::App, book::Book, messages, refusal::Refused, strict};

/// Messages that agents see of what was before, where `first_message_id` names none.
const HISTORY: usize = 10;

type Answer = Result<Json<Value>, Refused>;

pub(crate) async fn pass(
    State(app): State<Arc<App>>,
    Path((app_id, id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    app.admit(&headers, &app_id)?;
    let body = app.read("PassControl", &headers, &body)?;
    strict::metadata(&body)?;
    named(&body)?;
    let mut book = app.book();
    let talk = book.talk(&id)?;
    let target = app.integration(&body["switchboardIntegration"], talk)?;
    // Naming the one that has it changes nothing.
    if talk.active.as_ref() != Some(&target) {
        let before = talk.involves(&app.ours);
        talk.active = Some(target.clone());
        talk.pending = None;
        let payload = json!({ "conversation": talk.truncated(), "metadata": body["metadata"] });
        app.tell(talk, before, vec![("switchboard:passControl", payload)]);
    }
    if target == app.agents && talk.ticket.is_none() {
        app.open_ticket(&mut book, &id, &body["metadata"]);
    }
    Ok(Json(json!({})))
}

pub(crate) async fn offer(
    State(app): State<Arc<App>>,
    Path((app_id, id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    app.admit(&headers, &app_id)?;
    let body = app.read("OfferControl", &headers, &body)?;
    strict::metadata(&body)?;
    named(&body)?;
    let mut book = app.book();
    let talk = book.talk(&id)?;
    let target = app.integration(&body["switchboardIntegration"], talk)?;
    if talk.active.as_ref() == Some(&target) {
        return Err(Refused::bad("This cannot match the active switchboard integration"));
    }
    talk.pending = Some(target);
    let payload = json!({ "conversation": talk.truncated(), "metadata": body["metadata"] });
    app.tell(talk, false, vec![("switchboard:offerControl", payload)]);
    Ok(Json(json!({})))
}

pub(crate) async fn accept(
    State(app): State<Arc<App>>,
    Path((app_id, id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    app.admit(&headers, &app_id)?;
    let body = app.read("AcceptControl", &headers, &body)?;
    strict::metadata(&body)?;
    let mut book = app.book();
    let talk = book.talk(&id)?;
    let Some(pending) = talk.pending.take() else {
        return Err(Refused::bad("No switchboard integration is pending"));
    };
    talk.active = Some(pending);
    let payload = json!({ "conversation": talk.truncated(), "metadata": body["metadata"] });
    app.tell(talk, false, vec![("switchboard:acceptControl", payload)]);
    Ok(Json(json!({})))
}

pub(crate) async fn release(
    State(app): State<Arc<App>>,
    Path((app_id, id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    app.admit(&headers, &app_id)?;
    // Its body may be left out.
    let body = if body.is_empty() { json!({}) } else { app.read("ReleaseControl", &headers, &body)? };
    strict::metadata(&body)?;
    let mut book = app.book();
    let talk = book.talk(&id)?;
    let before = talk.involves(&app.ours);
    (talk.active, talk.pending) = (None, None);
    let payload = json!({ "conversation": talk.truncated(), "metadata": body["metadata"] });
    app.tell(talk, before, vec![("switchboard:releaseControl", payload)]);
    if let Some(ticket) = talk.ticket.take() {
        // The ticket itself stays open at Zendesk; for whoever chats in it, it is over.
        let _ = app.desk.end(&ticket, Party::Customer, Some("releaseControl".to_owned()));
    }
    Ok(Json(json!({})))
}

fn named(body: &Value) -> Result<(), Refused> {
    match body["switchboardIntegration"].as_str() {
        Some(target) if !target.is_empty() => Ok(()),
        _ => Err(Refused::bad("switchboardIntegration is required")),
    }
}

impl App {
    /// A ticket for the agents, with the fields of the metadata and what was said before.
    pub(crate) fn open_ticket(&self, book: &mut Book, id: &str, metadata: &Value) {
        let Ok(talk) = book.talk(id) else { return };
        talk.tickets += 1;
        // A conversation outlives its tickets.
        let ticket =
            if talk.tickets == 1 { talk.id.clone() } else { format!("{}.{}", talk.id, talk.tickets) };
        talk.ticket = Some(ticket.clone());
        let first = metadata["first_message_id"].as_str();
        let first = first.and_then(|first| talk.messages.iter().position(|message| message["id"] == first));
        let from = first.unwrap_or(talk.messages.len().saturating_sub(HISTORY));
        let history: Vec<Value> = talk.messages[from..].to_vec();
        let user_id = talk.user.clone();
        let mut opening = Opening::new(ticket);
        let is_user = |message: &&Value| message["author"]["type"] == "user";
        opening.problem =
            history.iter().rev().find(is_user).map(|message| messages::read(&message["content"]).0);
        opening.transcript = history.iter().map(turn).collect();
        opening.attributes = metadata
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, value)| {
                (name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned))
            })
            .collect();
        if let Ok(user) = book.user(&user_id) {
            opening.customer = Customer {
                id: user.external_id.clone(),
                name: user.name(),
                email: user.profile("email"),
                locale: user.profile("locale"),
            };
        }
        // A desk that is full has no place for it: the agents see nothing.
        let _ = self.desk.begin(opening);
    }
}

fn turn(message: &Value) -> Turn {
    let author = &message["author"];
    let role = if author["type"] == "user" { "customer" } else { "bot" };
    Turn {
        role: role.to_owned(),
        name: author["displayName"].as_str().map(str::to_owned),
        text: messages::read(&message["content"]).0,
        time: message["received"].as_str().map(str::to_owned),
    }
}
