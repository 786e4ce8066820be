//! The inbound routes of Open Messaging: what the customer says and does, and what became of agents' messages.

use std::{collections::BTreeMap, collections::HashMap, sync::Arc};

use agent_desk::{Attachment, Customer, Delivery, Incoming, Opening, Party, fresh_id};
use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query, State},
};
use serde_json::{Value, json};

use crate::{
    App,
    people::{Participant, disconnect},
    platform::read,
    refusal::Refusal,
    schema,
    store::Conversation,
};

/// What agents may write through Open Messaging; the platform documents no limit of this direction.
const LONGEST: usize = 4_000;

type Answer = Result<Json<Value>, Refusal>;

fn know(app: &App, integration: &str) -> Result<(), Refusal> {
    if integration == app.integration_id { Ok(()) } else { Err(Refusal::not_found("integration not found")) }
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// `…/inbound/open/message`
pub(crate) async fn message(
    State(app): State<Arc<App>>,
    Path(integration): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    body: Bytes,
) -> Answer {
    know(&app, &integration)?;
    let body = read(&body)?;
    schema::check("OpenInboundNormalizedMessage", &body)?;
    let said = text(&body, "/text");
    let files = files(&body)?;
    if said.trim().is_empty() && files.is_empty() {
        return Err(Refusal::bad("text or content is required"));
    }
    if said.encode_utf16().count() > LONGEST || said.contains('\0') {
        return Err(Refusal::bad("the text is too long, or holds what no text may hold"));
    }
    let prefetch = match query.get("prefetchConversationId").map(String::as_str) {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(Refusal::bad("prefetchConversationId must be true or false")),
    };
    let attributes = attributes(&body)?;
    take(&app, &body, said.to_owned(), files, &attributes, prefetch).map(Json)
}

/// `…/inbound/open/structured/response`
pub(crate) async fn structured_response(
    State(app): State<Arc<App>>,
    Path(integration): Path<String>,
    body: Bytes,
) -> Answer {
    know(&app, &integration)?;
    let body = read(&body)?;
    schema::check("OpenInboundStructuredResponseMessage", &body)?;
    let said = text(&body, "/buttonResponse/text").to_owned();
    take(&app, &body, said, Vec::new(), &BTreeMap::new(), false).map(Json)
}

/// "If contentType = Attachment only one item is allowed."
fn files(body: &Value) -> Result<Vec<Attachment>, Refusal> {
    let content = body["content"].as_array().map_or(&[][..], Vec::as_slice);
    if content.len() > 1 {
        return Err(Refusal::bad("only one attachment is allowed"));
    }
    content
        .iter()
        .map(|element| {
            let url = text(element, "/attachment/url");
            let web = url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "https" | "http"));
            let name = text(element, "/attachment/filename");
            web.then(|| Attachment {
                name: if name.is_empty() { "file" } else { name }.to_owned(),
                content_type: text(element, "/attachment/mime").to_owned(),
                url: url.to_owned(),
            })
            .ok_or_else(|| Refusal::bad("content[0].attachment.url is no address of the web"))
        })
        .collect()
}

/// `channel.metadata.customAttributes` and the flat `metadata`: participant data for Architect.
fn attributes(body: &Value) -> Result<BTreeMap<String, String>, Refusal> {
    let mut all = BTreeMap::new();
    for given in [&body["channel"]["metadata"]["customAttributes"], &body["metadata"]] {
        let map = match given {
            Value::Null => continue,
            Value::Object(map) => map,
            _ => return Err(Refusal::bad("custom attributes are a map of texts")),
        };
        for (name, value) in map {
            let value = value.as_str().ok_or_else(|| Refusal::bad("custom attributes are texts"))?;
            all.insert(name.clone(), value.to_owned());
        }
    }
    Ok(all)
}

fn take(
    app: &Arc<App>,
    body: &Value,
    said: String,
    files: Vec<Attachment>,
    attributes: &BTreeMap<String, String>,
    prefetch: bool,
) -> Result<Value, Refusal> {
    let channel = &body["channel"];
    let unique = (text(channel, "/messageId").to_owned(), text(channel, "/time").to_owned());
    if let Some(answer) = app.store.with(|memory| memory.answered.get(&unique).cloned()) {
        return Ok(answer);
    }
    let from = &channel["from"];
    let name = from["nickname"].as_str().map(str::to_owned);
    let customer = text(from, "/id").to_owned();
    let open = app.store.with(|memory| memory.open.get(&customer).cloned());
    let ended = |id: &String| app.desk.look(id, |known| known.ending.is_some()).unwrap_or(true);
    let (id, new) = match open.filter(|id| !ended(id)) {
        Some(id) => (id, false),
        None => (begin(app, &customer, from, name.clone(), attributes)?, true),
    };
    let genesys_id = fresh_id();
    app.desk.receive(
        &id,
        Incoming {
            text: said.clone(),
            attachments: files,
            sender: name,
            message_id: Some(genesys_id.clone()),
            sent_at: Some(unique.1.clone()),
            ..Incoming::default()
        },
    )?;
    let mut answer = json!({
        "id": genesys_id,
        "channel": {
            "id": app.integration_id,
            "platform": "Open",
            "type": "Private",
            "messageId": unique.0,
            "to": { "id": app.integration_id },
            "from": from,
            "time": unique.1,
        },
        "type": "Text",
        "text": said,
    });
    app.store.with(|memory| {
        if let Some(conversation) = memory.conversations.get_mut(&id) {
            let data = json!({
                "id": genesys_id,
                "providerMessageId": unique.0,
                "timestamp": unique.1,
                "direction": "inbound",
                "messengerType": "open",
                "status": "received",
                "conversationId": id,
                "normalizedMessage": answer,
            });
            conversation.messages.insert(genesys_id.clone(), data);
            if let Some(customer) = conversation.people.first_mut() {
                let uri = format!("/api/v2/conversations/messages/{id}/messages/{genesys_id}");
                customer.messages.push(json!({ "messageId": genesys_id, "messageURI": uri,
                    "messageStatus": "received", "messageTime": unique.1 }));
            }
        }
        if prefetch {
            answer["conversationId"] = json!(id);
        }
        memory.answered.insert(unique, answer.clone());
    });
    if new && !app.desk.is_open() {
        // The flow sees that nobody is there, and disconnects.
        app.store.at(&id, |conversation| {
            disconnect(&mut conversation.people, &["workflow"], "client");
            disconnect(&mut conversation.people, &["customer"], "peer");
        });
        app.desk.end(&id, Party::Vendor, Some("the flow found nobody".to_owned()))?;
    } else if new {
        app.store.at(&id, |conversation| {
            disconnect(&mut conversation.people, &["workflow"], "transfer");
            conversation.people.push(Participant::queue("Support"));
        });
    }
    if app.receipts {
        app.tell_receipt(&id, &answer);
    }
    Ok(answer)
}

fn begin(
    app: &App,
    customer: &str,
    from: &Value,
    name: Option<String>,
    attributes: &BTreeMap<String, String>,
) -> Result<String, Refusal> {
    let id = fresh_id();
    app.desk.begin(Opening {
        customer: Customer {
            id: Some(customer.to_owned()),
            name: name.clone(),
            email: from["email"].as_str().map(str::to_owned),
            locale: None,
        },
        attributes: attributes.clone(),
        ..Opening::new(&id)
    })?;
    app.store.with(|memory| {
        let people = vec![Participant::customer(name, json!(attributes)), Participant::flow()];
        let from = from.clone();
        let conversation = Conversation { from, people, messages: BTreeMap::new(), posted: HashMap::new() };
        memory.conversations.insert(id.clone(), conversation);
        memory.open.insert(customer.to_owned(), id.clone());
    });
    Ok(id)
}

/// The conversation of a customer.
fn of(app: &App, customer: &str) -> Result<String, Refusal> {
    let open = app.store.with(|memory| memory.open.get(customer).cloned());
    open.ok_or_else(|| Refusal::not_found("conversation not found"))
}

/// `…/inbound/open/event`
pub(crate) async fn event(
    State(app): State<Arc<App>>,
    Path(integration): Path<String>,
    body: Bytes,
) -> Answer {
    know(&app, &integration)?;
    let body = read(&body)?;
    schema::check("OpenInboundNormalizedEvent", &body)?;
    if body["events"].as_array().is_none_or(Vec::is_empty) {
        return Err(Refusal::bad("body.events is empty"));
    }
    let id = of(&app, text(&body, "/channel/from/id"))?;
    app.desk.customer_types(&id, true, None)?;
    Ok(Json(
        json!({ "id": fresh_id(), "channel": body["channel"], "type": "Event", "events": body["events"] }),
    ))
}

/// `…/inbound/open/receipt`
pub(crate) async fn receipt(
    State(app): State<Arc<App>>,
    Path(integration): Path<String>,
    body: Bytes,
) -> Answer {
    know(&app, &integration)?;
    let body = read(&body)?;
    schema::check("OpenInboundNormalizedReceipt", &body)?;
    let (status, reasons) = (text(&body, "/status"), body["reasons"].as_array());
    if (status == "Failed") == reasons.is_none_or(Vec::is_empty) {
        return Err(Refusal::bad("reasons are of receipts that failed, and only of those"));
    }
    let id = of(&app, text(&body, "/channel/to/id"))?;
    let posted = text(&body, "/id").to_owned();
    let message = app.store.at(&id, |conversation| conversation.posted.get(&posted).cloned()).flatten();
    let message = message.ok_or_else(|| Refusal::not_found("message not found"))?;
    match status {
        "Delivered" => app.desk.receipt(&id, &message, Delivery::Delivered)?,
        "Failed" => {
            let reason = &reasons.map_or(&[][..], Vec::as_slice)[0];
            let why = reason["message"].as_str().or(reason["code"].as_str()).unwrap_or_default();
            app.desk.receipt(&id, &message, Delivery::NotDelivered(why.to_owned()))?;
        }
        _ => {}
    }
    Ok(Json(json!({ "id": posted, "type": "Receipt", "status": status, "direction": "Outbound" })))
}
