//! What a visitor does in a conversation: opens it, writes, types, acknowledges, ends it.

use std::{collections::BTreeMap, sync::Arc};

use agent_desk::{Attachment, Customer, Delivery, Incoming, Opening, Party};
use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Organization,
    entry::{self, Entry, Maker},
    fields::{Body, Deployment, check_deployment, check_id},
    refusal::Refusal,
    tokens::Visitor,
};

/// Most acknowledgements in one request, as in the sibling Interaction Service API.
const MOST_ACKS: usize = 25;

type App = State<Arc<Organization>>;
type Accepted = Result<(StatusCode, Json<Value>), Refusal>;

/// `createConversation`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Opened {
    conversation_id: String,
    es_developer_name: Option<String>,
    #[serde(default)]
    routing_attributes: BTreeMap<String, String>,
    language: Option<String>,
}

/// `sendMessage`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Sent {
    message: Message,
    #[serde(flatten)]
    frame: Frame,
}

/// What a message and a file have in common.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Frame {
    es_developer_name: Option<String>,
    #[serde(default)]
    is_new_messaging_session: bool,
    routing_attributes: Option<BTreeMap<String, String>>,
    language: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Message {
    id: String,
    message_type: String,
    static_content: Content,
    in_reply_to_message_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Content {
    format_type: String,
    text: String,
}

/// A typing indicator.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Indicator {
    entry_type: String,
    id: String,
}

/// `sendAcknowledgements`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Acks {
    acks: Vec<Ack>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Ack {
    id: String,
    entry_type: String,
    conversation_entry_id: String,
}

pub(crate) async fn open(
    State(app): App,
    visitor: Visitor,
    Body(opened): Body<Opened>,
) -> Result<StatusCode, Refusal> {
    check_deployment(&app, opened.es_developer_name.as_deref())?;
    check_id("conversationId", &opened.conversation_id)?;
    let id = &opened.conversation_id;
    if !app.book.open(id, &visitor.subject)? {
        return Ok(StatusCode::CREATED);
    }
    let is_open = app.desk.is_open();
    app.desk.begin(opening(&opened, &visitor))?;
    app.book.add(id, entry::session(id, "New", "Waiting", None));
    if is_open {
        app.book.add(id, entry::routing("Initial", None));
    } else {
        // The words are the flow's, which every organization writes itself.
        app.book.add(id, entry::routing("Initial", Some("No agents are available")));
        app.book.add(id, entry::session(id, "Waiting", "Ended", Some("System")));
        app.desk.end(id, Party::Vendor, Some("No agents are available".to_owned()))?;
    }
    Ok(StatusCode::CREATED)
}

fn opening(opened: &Opened, visitor: &Visitor) -> Opening {
    let attribute = |name: &str| opened.routing_attributes.get(name).cloned();
    let names: Vec<String> = ["_firstName", "_lastName"].into_iter().filter_map(attribute).collect();
    Opening {
        customer: Customer {
            id: Some(visitor.subject.clone()),
            name: (!names.is_empty()).then(|| names.join(" ")),
            email: attribute("_email"),
            locale: opened.language.clone(),
        },
        locale: opened.language.clone(),
        problem: attribute("_subject"),
        attributes: opened.routing_attributes.clone(),
        ..Opening::new(opened.conversation_id.clone())
    }
}

pub(crate) async fn message(
    State(app): App,
    Path(id): Path<String>,
    visitor: Visitor,
    Body(sent): Body<Sent>,
) -> Accepted {
    let Message { id: message, message_type, static_content, in_reply_to_message_id } = sent.message;
    check_id("message.id", &message)?;
    if message_type != "StaticContentMessage" || static_content.format_type != "Text" {
        return Err(Refusal::bad("The messageType or formatType isn't supported."));
    }
    if static_content.text.trim().is_empty() || static_content.text.contains('\0') {
        return Err(Refusal::bad("Specify a valid text."));
    }
    let content = json!({ "formatType": "Text", "text": static_content.text });
    let incoming = Incoming::text(static_content.text);
    let reply_to = in_reply_to_message_id.as_deref();
    take(&app, &id, &visitor, &sent.frame, &message, incoming, content, reply_to)
}

/// Takes what the customer wrote or sent; the same id again is the same message.
#[allow(clippy::too_many_arguments, reason = "a message is all of this")]
pub(crate) fn take(
    app: &Organization,
    conversation: &str,
    visitor: &Visitor,
    frame: &Frame,
    message: &str,
    incoming: Incoming,
    content: Value,
    reply_to: Option<&str>,
) -> Accepted {
    check_deployment(app, frame.es_developer_name.as_deref())?;
    if frame.is_new_messaging_session && (frame.routing_attributes.is_none() || frame.language.is_none()) {
        return Err(Refusal::bad("Specify routingAttributes and language for a new messaging session."));
    }
    running(app, conversation, visitor)?;
    let id = Some(message.to_owned());
    let received = app.desk.receive(conversation, Incoming { id: id.clone(), message_id: id, ..incoming })?;
    if !received.repeated {
        let by = Maker::Customer(&visitor.subject);
        app.book.add(conversation, entry::message(message, &by, content, reply_to));
        app.book.add(conversation, entry::acknowledgement(message, &Maker::System, false));
    }
    let entries = json!([{ "id": message, "clientTimestamp": entry::now() }]);
    Ok((StatusCode::ACCEPTED, Json(json!({ "conversationEntries": entries }))))
}

pub(crate) async fn typing(
    State(app): App,
    Path(id): Path<String>,
    visitor: Visitor,
    Body(indicator): Body<Indicator>,
) -> Result<StatusCode, Refusal> {
    check_id("id", &indicator.id)?;
    let on = match indicator.entry_type.as_str() {
        "TypingStartedIndicator" => true,
        "TypingStoppedIndicator" => false,
        _ => return Err(Refusal::bad("The entryType isn't valid.")),
    };
    running(&app, &id, &visitor)?;
    app.desk.customer_types(&id, on, None)?;
    Ok(StatusCode::ACCEPTED)
}

pub(crate) async fn acknowledge(
    State(app): App,
    Path(id): Path<String>,
    visitor: Visitor,
    Body(Acks { acks }): Body<Acks>,
) -> Result<StatusCode, Refusal> {
    if acks.is_empty() || acks.len() > MOST_ACKS {
        return Err(Refusal::bad("Specify 1 to 25 acks."));
    }
    let from_rep =
        |entry: &Value, wanted: &str| entry["identifier"] == wanted && entry["sender"]["role"] != "EndUser";
    for ack in acks {
        check_id("id", &ack.id)?;
        let known = app.book.of(&id, &visitor.subject, |chat| {
            chat.entries.iter().any(|entry| from_rep(entry, &ack.conversation_entry_id))
        })?;
        if !known {
            return Err(Refusal::bad("The conversationEntryId isn't valid."));
        }
        let news = match ack.entry_type.as_str() {
            "Delivery" => Delivery::Delivered,
            "Read" => Delivery::Read,
            _ => return Err(Refusal::bad("The entryType isn't valid.")),
        };
        // Other entries than messages can be acknowledged too, and nobody looks at it.
        let _ = app.desk.receipt(&id, &ack.conversation_entry_id, news);
    }
    Ok(StatusCode::OK)
}

pub(crate) async fn end_session(
    State(app): App,
    Path(id): Path<String>,
    Query(query): Query<Deployment>,
    visitor: Visitor,
) -> Result<StatusCode, Refusal> {
    check_deployment(&app, query.es_developer_name.as_deref())?;
    running(&app, &id, &visitor).map_err(|_| Refusal::not_found())?;
    leave(&app, &id)?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn close(
    State(app): App,
    Path(id): Path<String>,
    Query(query): Query<Deployment>,
    visitor: Visitor,
) -> Result<StatusCode, Refusal> {
    check_deployment(&app, query.es_developer_name.as_deref())?;
    let was_closed = app.book.of(&id, &visitor.subject, |chat| std::mem::replace(&mut chat.closed, true))?;
    if was_closed {
        return Err(Refusal::not_found());
    }
    leave(&app, &id)?;
    app.book.add(&id, entry::closed(&visitor.subject));
    Ok(StatusCode::NO_CONTENT)
}

/// The customer leaves the messaging session, where there is one.
fn leave(app: &Organization, id: &str) -> Result<(), Refusal> {
    let before = app.book.session(id);
    if before != "Ended" {
        app.desk.end(id, Party::Customer, None)?;
        app.book.add(id, entry::session(id, before, "Ended", Some("EndUser")));
    }
    Ok(())
}

/// Refuses what only a running session of this visitor's allows.
fn running(app: &Organization, id: &str, visitor: &Visitor) -> Result<(), Refusal> {
    let (closed, session) = app.book.of(id, &visitor.subject, |chat| (chat.closed, chat.session))?;
    if closed {
        return Err(Refusal::not_found());
    }
    if session == "Ended" {
        return Err(Refusal::bad("The messaging session has ended."));
    }
    Ok(())
}

/// What a rep wrote, as an entry.
pub(crate) fn rep_message(id: &str, name: &str, text: &str, attachments: &[Attachment]) -> Entry {
    let content = if attachments.is_empty() {
        json!({ "formatType": "Text", "text": text })
    } else {
        let attachments: Vec<Value> = attachments
            .iter()
            .map(|file| {
                let id = agent_desk::fresh_id();
                json!({ "id": id, "name": file.name, "mimeType": file.content_type, "url": file.url })
            })
            .collect();
        json!({ "formatType": "Attachments", "text": text, "attachments": attachments })
    };
    entry::message(id, &Maker::Rep(name), content, None)
}
