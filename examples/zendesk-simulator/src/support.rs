//! Tickets for accounts without messaging: the Ticketing API v2 as far as a handover needs it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use agent_desk::{Attachment, Customer, Incoming, Opening, Party, Secret};
use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::{app::App, book::fresh, support_webhook::SupportWebhook};

/// Most characters of a comment.
const MOST_TEXT: usize = 65_535;

/// The Support side of the account.
pub(crate) struct Support {
    /// `EMAIL/token`, and the API token.
    pub(crate) user: String,
    pub(crate) token: Secret,
    pub(crate) webhook: SupportWebhook,
    tickets: Mutex<Tickets>,
}

#[derive(Default)]
pub(crate) struct Tickets {
    last: u64,
    users: HashMap<u64, Value>,
    tickets: HashMap<u64, Ticket>,
    /// Ticket by idempotency key, with what was asked.
    keys: HashMap<String, (u64, Value)>,
    uploads: HashMap<String, Attachment>,
}

struct Ticket {
    requester: u64,
    status: &'static str,
    external_id: Value,
    audits: Vec<Value>,
}

/// An error of the Ticketing API: `{"error", "description"}`.
pub(crate) struct Wrong(u16, &'static str, String);

impl IntoResponse for Wrong {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, Json(json!({ "error": self.1, "description": self.2 }))).into_response()
    }
}

fn invalid(why: &str) -> Wrong {
    Wrong(422, "RecordInvalid", format!("Record validation errors: {why}"))
}

fn missing() -> Wrong {
    Wrong(404, "RecordNotFound", "Not found".to_owned())
}

type Answer = Result<(StatusCode, Json<Value>), Wrong>;

impl Support {
    pub(crate) fn new(user: String, token: Secret, webhook: SupportWebhook) -> Self {
        Self { user, token, webhook, tickets: Mutex::default() }
    }

    pub(crate) fn tickets(&self) -> MutexGuard<'_, Tickets> {
        self.tickets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn admit(&self, headers: &HeaderMap) -> Result<(), Wrong> {
        let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let pair = given.and_then(|value| STANDARD.decode(value.strip_prefix("Basic ")?).ok());
        let good = pair.is_some_and(|pair| {
            let user = format!("{}:", self.user);
            pair.strip_prefix(user.as_bytes()).is_some_and(|token| self.token.is(token))
        });
        if good { Ok(()) } else { Err(Wrong(401, "Couldn't authenticate you", String::new())) }
    }

    /// The object of this name in a JSON body.
    fn read(&self, headers: &HeaderMap, body: &[u8], name: &str) -> Result<Value, Wrong> {
        self.admit(headers)?;
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("application/json") {
            return Err(Wrong(415, "UnsupportedMediaType", "application/json is wanted".to_owned()));
        }
        let value: Value = serde_json::from_slice(body).map_err(|_| {
            Wrong(400, "Unprocessable", "the server could not process your request".to_owned())
        })?;
        match &value[name] {
            object @ Value::Object(_) => Ok(object.clone()),
            _ => Err(Wrong(400, "ParameterMissing", format!("Parameter {name} is required"))),
        }
    }
}

impl Tickets {
    fn number(&mut self) -> u64 {
        self.last += 1;
        1_000 + self.last
    }

    /// Sets an open ticket's status; false where there is none.
    pub(crate) fn set(&mut self, id: u64, status: &'static str) -> bool {
        let ticket = self.tickets.get_mut(&id).filter(|ticket| ticket.status != "closed");
        ticket.map(|ticket| ticket.status = status).is_some()
    }

    pub(crate) fn detail(&self, id: u64) -> Value {
        let Some(ticket) = self.tickets.get(&id) else { return Value::Null };
        json!({
            "id": id.to_string(),
            "status": ticket.status.to_uppercase(),
            "external_id": ticket.external_id,
            "requester_id": ticket.requester.to_string(),
        })
    }
}

pub(crate) fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    let desk = &app.desk;
    let one = |parts: &axum::http::request::Parts, _: &[u8]| match parts.method.as_str() {
        "GET" => "support.get-ticket",
        _ => "support.update-ticket",
    };
    Router::new()
        .route("/api/v2/users/create_or_update", desk.operation("support.create-user", post(create_user)))
        .route("/api/v2/tickets", desk.operation("support.create-ticket", post(create_ticket)))
        .route("/api/v2/tickets/{id}", desk.operation_by(one, put(update_ticket).get(get_ticket)))
        .route("/api/v2/tickets/{id}/audits", desk.operation("support.audits", get(audits)))
        .route("/api/v2/uploads", desk.operation("support.upload", post(upload)))
}

async fn create_user(State(app): State<Arc<App>>, headers: HeaderMap, body: Bytes) -> Answer {
    let user = app.support.read(&headers, &body, "user")?;
    if user["name"].as_str().is_none_or(|name| name.trim().is_empty()) {
        return Err(invalid("Name: cannot be blank"));
    }
    if user["email"].as_str().is_some_and(|email| !email.contains('@')) {
        return Err(invalid("Email: is not properly formatted"));
    }
    let mut tickets = app.support.tickets();
    let same = |known: &Value| !user["external_id"].is_null() && known["external_id"] == user["external_id"];
    let known = tickets.users.iter().find(|(_, known)| same(known)).map(|(id, _)| *id);
    let status = if known.is_some() { StatusCode::OK } else { StatusCode::CREATED };
    let id = known.unwrap_or_else(|| tickets.number());
    let mut user = user;
    user["id"] = json!(id);
    tickets.users.insert(id, user.clone());
    Ok((status, Json(json!({ "user": user }))))
}

async fn create_ticket(State(app): State<Arc<App>>, headers: HeaderMap, body: Bytes) -> Answer {
    let asked = app.support.read(&headers, &body, "ticket")?;
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok()).map(str::to_owned);
    let mut tickets = app.support.tickets();
    if let Some((id, first)) = key.as_ref().and_then(|key| tickets.keys.get(key)) {
        if *first != asked {
            let why = "the key was used for another request".to_owned();
            return Err(Wrong(400, "IdempotentRequestError", why));
        }
        return Ok((StatusCode::CREATED, Json(json!({ "ticket": { "id": id, "status": "new" } }))));
    }
    let comment = said(&asked["comment"])?;
    let requester = asked["requester_id"].as_u64().ok_or_else(|| invalid("Requester: cannot be blank"))?;
    let user = tickets.users.get(&requester).cloned().ok_or_else(|| invalid("Requester: is not a user"))?;
    let id = tickets.number();
    let audit = json!({ "id": tickets.number(), "metadata": { "custom": asked["metadata"] } });
    let ticket =
        Ticket { requester, status: "new", external_id: asked["external_id"].clone(), audits: vec![audit] };
    tickets.tickets.insert(id, ticket);
    tickets.keys.extend(key.map(|key| (key, (id, asked.clone()))));
    let mut opening = Opening::new(id.to_string());
    let text = |value: &Value| value.as_str().map(str::to_owned);
    opening.customer = Customer {
        id: text(&user["external_id"]),
        name: text(&user["name"]),
        email: text(&user["email"]),
        locale: None,
    };
    opening.problem = Some(comment);
    let fields = asked.as_object().into_iter().flatten();
    let fields = fields.filter(|(name, _)| !matches!(name.as_str(), "comment" | "subject"));
    opening.attributes = fields.map(|(name, value)| (name.clone(), value.to_string())).collect();
    // A desk that is full has no place for it.
    let _ = app.desk.begin(opening);
    Ok((StatusCode::CREATED, Json(json!({ "ticket": { "id": id, "status": "new" } }))))
}

async fn update_ticket(
    State(app): State<Arc<App>>,
    Path(id): Path<u64>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let asked = app.support.read(&headers, &body, "ticket")?;
    let mut tickets = app.support.tickets();
    let audit_id = tickets.number();
    let found = tickets.tickets.get(&id).ok_or_else(missing)?;
    let requester = found.requester;
    if found.status == "closed" {
        return Err(invalid("Status: closed prevents ticket update"));
    }
    if !asked["comment"].is_null() {
        let text = said(&asked["comment"])?;
        let tokens = asked["comment"]["uploads"].as_array().cloned().unwrap_or_default();
        let mut attachments = Vec::new();
        for token in tokens {
            let file = token.as_str().and_then(|token| tickets.uploads.remove(token));
            attachments.push(file.ok_or_else(|| invalid("Uploads: is not a token"))?);
        }
        if asked["comment"]["author_id"].as_u64() == Some(requester) {
            let incoming = Incoming { text, attachments, ..Incoming::text("") };
            let _ = app.desk.receive(&id.to_string(), incoming);
        } else {
            let _ = app.desk.note(&id.to_string(), text);
        }
    }
    let solved = match asked["status"].as_str() {
        Some("solved") => true,
        None | Some("open" | "pending" | "hold") => false,
        Some(_) => return Err(invalid("Status: is not included in the list")),
    };
    if let Some(ticket) = tickets.tickets.get_mut(&id) {
        ticket.audits.push(json!({ "id": audit_id, "metadata": { "custom": asked["metadata"] } }));
        if solved {
            ticket.status = "solved";
        }
    }
    if solved {
        let _ = app.desk.end(&id.to_string(), Party::Customer, Some("solved".to_owned()));
    }
    Ok((StatusCode::OK, Json(json!({ "ticket": { "id": id }, "audit": { "id": audit_id } }))))
}

async fn get_ticket(State(app): State<Arc<App>>, Path(id): Path<u64>, headers: HeaderMap) -> Answer {
    app.support.admit(&headers)?;
    let tickets = app.support.tickets();
    let ticket = tickets.tickets.get(&id).ok_or_else(missing)?;
    Ok((StatusCode::OK, Json(json!({ "ticket": { "id": id, "status": ticket.status } }))))
}

async fn audits(State(app): State<Arc<App>>, Path(id): Path<u64>, headers: HeaderMap) -> Answer {
    app.support.admit(&headers)?;
    let tickets = app.support.tickets();
    let ticket = tickets.tickets.get(&id).ok_or_else(missing)?;
    let page: Vec<&Value> = ticket.audits.iter().take(100).collect();
    let next = (ticket.audits.len() > page.len()).then_some("next");
    Ok((StatusCode::OK, Json(json!({ "audits": page, "next_page": next }))))
}

async fn upload(
    State(app): State<Arc<App>>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    app.support.admit(&headers)?;
    let name = query.get("filename").filter(|name| !name.is_empty());
    let name =
        name.ok_or_else(|| Wrong(400, "ParameterMissing", "Parameter filename is required".to_owned()))?;
    if body.is_empty() {
        return Err(invalid("Attachment: is empty"));
    }
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let content_type = kind.unwrap_or("application/octet-stream").to_owned();
    let url = app.media.keep(name, &content_type, body);
    let token = fresh();
    let file = Attachment { name: name.clone(), content_type, url };
    app.support.tickets().uploads.insert(token.clone(), file);
    Ok((StatusCode::CREATED, Json(json!({ "upload": { "token": token } }))))
}

fn said(comment: &Value) -> Result<String, Wrong> {
    match comment["body"].as_str() {
        Some(body) if body.trim().is_empty() => Err(invalid("Description: cannot be blank")),
        Some(body) if body.chars().count() > MOST_TEXT => Err(invalid("Description: is too long")),
        Some(body) => Ok(body.to_owned()),
        None => Err(invalid("Description: cannot be blank")),
    }
}
