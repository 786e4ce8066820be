//! Messages and activities of the API's side.

use std::sync::Arc;

use agent_desk::{Attachment, Format, Incoming};
use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
};
use serde_json::{Value, json};

use crate::{
    app::App,
    book::{Talk, fresh, now},
    refusal::Refused,
    strict,
};

/// "The page size limit is fixed at 100 messages per page."
const PAGE: usize = 100;

pub(crate) async fn post(
    State(app): State<Arc<App>>,
    Path((app_id, id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Refused> {
    app.admit(&headers, &app_id)?;
    let body = app.read("PostMessage", &headers, &body)?;
    strict::metadata(&body)?;
    let author = strict::author(&body)?;
    let content = strict::content(&body)?;
    let mut book = app.book();
    let is_user = author["type"] == "user";
    let user = if is_user { Some(book.named(author)?.json()) } else { None };
    let talk = book.talk(&id)?;
    let mut shown = author.clone();
    if let Some(user) = user {
        if user["id"] != talk.user.as_str() {
            return Err(Refused::bad("The author is no participant of the conversation"));
        }
        shown["userId"] = user["id"].clone();
        shown["user"] = json!({ "id": user["id"], "authenticated": false });
    }
    if talk.messages.len() >= app.message_limit {
        let title = format!("Message limit of {} per conversation reached.", app.message_limit);
        return Err(Refused::new(423, "locked", title));
    }
    let mut message = json!({
        "id": fresh(),
        "received": now(),
        "author": shown,
        "content": app.media.completed(content),
        "source": { "type": "api:conversations" },
    });
    if body["metadata"].is_object() {
        message["metadata"] = body["metadata"].clone();
    }
    let message = talk.keep(message);
    if talk.active.is_none() {
        // Whoever comes first in the switchboard.
        talk.active = Some(app.answer_bot.clone());
    }
    let payload = json!({ "conversation": talk.truncated(), "message": message });
    app.tell(talk, false, vec![("conversation:message", payload)]);
    let with_agents = talk.active.as_ref() == Some(&app.agents);
    let (talk_id, ticket) = (talk.id.clone(), talk.ticket.clone());
    if with_agents {
        match ticket {
            // A message to the agents that have no ticket of it makes one.
            None => app.open_ticket(&mut book, &talk_id, &Value::Null),
            Some(ticket) => app.show(&ticket, &message),
        }
    }
    Ok((StatusCode::CREATED, Json(json!({ "messages": [answered(&message)] }))))
}

pub(crate) async fn list(
    State(app): State<Arc<App>>,
    Path((app_id, id)): Path<(String, String)>,
    Query(query): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refused> {
    app.admit(&headers, &app_id)?;
    let mut book = app.book();
    let talk = book.talk(&id)?;
    let at = |cursor: &str| {
        let position = talk.messages.iter().position(|message| message["id"] == cursor);
        position.ok_or_else(|| Refused::bad("Invalid page query parameters"))
    };
    let (mut from, mut to) = (talk.messages.len().saturating_sub(PAGE), talk.messages.len());
    let mut more = from > 0;
    for (name, value) in &query {
        match name.as_str() {
            "page[before]" => {
                to = at(value)?;
                from = to.saturating_sub(PAGE);
                more = from > 0;
            }
            "page[after]" => {
                from = at(value)? + 1;
                to = talk.messages.len().min(from + PAGE);
                more = to < talk.messages.len();
            }
            _ => return Err(Refused::bad("Invalid page query parameters")),
        }
    }
    let page: Vec<Value> = talk.messages[from..to].iter().map(answered).collect();
    Ok(Json(json!({ "messages": page, "meta": { "hasMore": more }, "links": {} })))
}

pub(crate) async fn activity(
    State(app): State<Arc<App>>,
    Path((app_id, id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Refused> {
    app.admit(&headers, &app_id)?;
    let body = app.read("PostActivity", &headers, &body)?;
    let kind = strict::activity(&body)?;
    let author = strict::author(&body)?;
    let mut book = app.book();
    let user = if author["type"] == "user" { Some(book.named(author)?.id.clone()) } else { None };
    let talk = book.talk(&id)?;
    if user.is_some_and(|user| user != talk.user) {
        return Err(Refused::bad("The author is no participant of the conversation"));
    }
    if kind == "conversation:read" {
        app.show_read(talk);
    }
    Ok(Json(json!({})))
}

/// Answers have no `user` in the author.
fn answered(message: &Value) -> Value {
    let mut message = message.clone();
    if let Some(author) = message["author"].as_object_mut() {
        author.remove("user");
    }
    message
}

impl App {
    /// Shows the agents a message of the API's side.
    pub(crate) fn show(&self, ticket: &str, message: &Value) {
        let (text, format, attachments) = read(&message["content"]);
        if message["author"]["type"] != "user" {
            let name = message["author"]["displayName"].as_str().unwrap_or("Business");
            let _ = self.desk.note(ticket, format!("{name}: {text}"));
            return;
        }
        let incoming = Incoming {
            text,
            format,
            attachments,
            message_id: message["id"].as_str().map(str::to_owned),
            ..Incoming::default()
        };
        // A desk that is full has no more to show.
        let _ = self.desk.receive(ticket, incoming);
    }

    /// Marks what agents wrote as read by the customer.
    fn show_read(&self, talk: &Talk) {
        let Some(ticket) = &talk.ticket else { return };
        let by_agents =
            talk.messages.iter().filter(|message| message["source"]["type"] == "zd:agentWorkspace");
        for id in by_agents.filter_map(|message| message["id"].as_str()) {
            let _ = self.desk.receipt(ticket, id, agent_desk::Delivery::Read);
        }
    }
}

/// Text, format and files of a content.
pub(crate) fn read(content: &Value) -> (String, Format, Vec<Attachment>) {
    let text = |name: &str| content[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let file = text("mediaUrl").map(|url| Attachment {
        name: text("altText").unwrap_or_else(|| "file".to_owned()),
        content_type: text("mediaType").unwrap_or_else(|| "application/octet-stream".to_owned()),
        url,
    });
    let attachments = file.into_iter().collect();
    match (text("markdownText"), text("htmlText"), text("text")) {
        (Some(markdown), _, _) => (markdown, Format::Markdown, attachments),
        (_, Some(html), _) => (html, Format::Html, attachments),
        (_, _, plain) => (plain.unwrap_or_default(), Format::Plain, attachments),
    }
}
