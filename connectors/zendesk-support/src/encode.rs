//! To the vendor: a ticket, comments on it, and its solution.

use handover_connector::http::{self, Method, Response};
use handover_connector::{
    AuthorKind, Context, EndReason, Event, Failure, FailureReason, Message, NewSession, QueueStatus,
    RetryAdvice, Sent, Session, StartOutcome, Started, Update, Verdict, failure, media, text,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::settings::Settings;
use crate::{API, MOST_TEXT};

/// Nothing to remember.
const UNCHANGED: Update = Update { state: None, tokens: None };

/// Ticket properties that attributes may fill; `group_id` and the like are numbers.
const PROPERTIES: [&str; 6] = ["priority", "type", "group_id", "assignee_id", "brand_id", "ticket_form_id"];

#[derive(Deserialize)]
struct UserAnswer {
    user: Numbered,
}

#[derive(Deserialize)]
struct TicketAnswer {
    ticket: Ticket,
}

#[derive(Deserialize)]
struct Ticket {
    id: u64,
    status: Option<String>,
}

#[derive(Deserialize)]
struct Numbered {
    id: u64,
}

#[derive(Deserialize)]
struct UploadAnswer {
    upload: Upload,
}

#[derive(Deserialize)]
struct Upload {
    token: String,
}

#[derive(Deserialize)]
struct Audits {
    audits: Vec<Audit>,
    #[serde(default)]
    next_page: Option<String>,
}

#[derive(Deserialize)]
struct Audit {
    id: u64,
    #[serde(default)]
    metadata: Value,
}

pub fn start(context: &Context, session: &NewSession) -> Result<StartOutcome, Failure> {
    let settings: Settings = handover_connector::settings(context)?;
    let name = session.customer.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let name = name.unwrap_or("Customer");
    let external_id = format!("{}:{}:{}", session.tenant, session.channel, session.customer.id);
    let mut user = json!({ "name": text::clip(name, 255), "external_id": text::clip(&external_id, 255) });
    if let Some(email) = session.customer.email.as_deref().filter(|email| email.contains('@')) {
        user["email"] = json!(email);
    }
    // By the external id: it can be made again.
    let response = http::post(API, "/api/v2/users/create_or_update").json(&json!({ "user": user })).send();
    let response = response.map_err(repeatable)?;
    if !response.is_success() {
        return Err(beginning(repeatable(refused(&response))));
    }
    let requester = response.json::<UserAnswer>()?.user.id;
    let ticket = json!({ "ticket": ticket(&settings, session, name, requester) });
    let request = http::post(API, "/api/v2/tickets").header("idempotency-key", &*session.id).json(&ticket);
    // The key gives the first ticket again (Ticketing API, "Idempotency").
    let response = request.send().map_err(repeatable)?;
    if !response.is_success() {
        return Err(beginning(repeatable(refused(&response))));
    }
    let id = response.json::<TicketAnswer>()?.ticket.id;
    let queued = Event::Queued(QueueStatus { position: None, wait_seconds: None, text: None });
    Ok(StartOutcome::Started(Started {
        lookup_keys: vec![id.to_string()],
        state: requester.to_string(),
        tokens: None,
        events: vec![queued],
    }))
}

fn ticket(settings: &Settings, session: &NewSession, name: &str, requester: u64) -> Value {
    let problem = session.problem.as_deref().map(str::trim).filter(|problem| !problem.is_empty());
    let subject = problem.and_then(|problem| problem.lines().next()).unwrap_or("Chat");
    let mut ticket = Map::new();
    ticket.insert("subject".to_owned(), json!(text::clip(&readable(subject), 150)));
    ticket.insert("requester_id".to_owned(), json!(requester));
    ticket.insert("external_id".to_owned(), json!(session.id));
    ticket.insert("tags".to_owned(), json!(settings.tags));
    let mut custom = Vec::new();
    let mapped = session.attributes.iter().filter_map(|a| Some((settings.fields.get(&a.name)?.as_str(), a)));
    let routing =
        session.routing.iter().map(|a| (settings.fields.get(&a.name).unwrap_or(&a.name).as_str(), a));
    for (target, attribute) in mapped.chain(routing) {
        let value = attribute.value.as_str();
        if let Ok(id) = target.parse::<u64>() {
            custom.push(json!({ "id": id, "value": value }));
        } else if target.ends_with("_id") && PROPERTIES.contains(&target) {
            ticket.extend(value.parse::<u64>().ok().map(|id| (target.to_owned(), json!(id))));
        } else if PROPERTIES.contains(&target) {
            ticket.insert(target.to_owned(), json!(value));
        }
    }
    if !custom.is_empty() {
        ticket.insert("custom_fields".to_owned(), Value::Array(custom));
    }
    let mut story = problem.unwrap_or(subject).to_owned();
    story.push_str(&format!("\n\n{name} ({})", session.channel));
    for attribute in &session.attributes {
        story.push_str(&format!("\n{}: {}", attribute.name, attribute.value));
    }
    for turn in &session.transcript {
        let usual = match turn.author {
            AuthorKind::Customer => name,
            AuthorKind::Bot => "Bot",
            AuthorKind::LiveAgent => "Agent",
            AuthorKind::System => "System",
        };
        story.push_str(&format!("\n\n{}: {}", turn.name.as_deref().unwrap_or(usual), turn.text));
    }
    let body = readable(&story);
    let comment = json!({ "body": within(&body), "public": true, "author_id": requester });
    ticket.insert("comment".to_owned(), comment);
    Value::Object(ticket)
}

pub fn send(session: &Session, message: &Message) -> Result<Sent, Failure> {
    let body = readable(&message.text);
    if body.trim().is_empty() && message.attachments.is_empty() {
        let detail = "there is nothing to read".to_owned();
        return Err(Failure { reason: FailureReason::Unsupported, retry: RetryAdvice::Never, detail });
    }
    if body.len() > MOST_TEXT {
        let detail = "a comment has 64 kB".to_owned();
        return Err(Failure { reason: FailureReason::TooLarge, retry: RetryAdvice::Never, detail });
    }
    let mut uploads = Vec::new();
    for file in &message.attachments {
        let read = media::read(&file.url)?;
        let path = format!("/api/v2/uploads?filename={}", text::percent(&file.name));
        let kind = if file.content_type.is_empty() { &read.content_type } else { &file.content_type };
        // What no comment names goes away by itself.
        let response = http::post(API, path).body(kind, read.body).send().map_err(repeatable)?;
        if !response.is_success() {
            return Err(repeatable(refused(&response)));
        }
        uploads.push(response.json::<UploadAnswer>()?.upload.token);
    }
    // A comment without a text is refused.
    let names = || message.attachments.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join("\n");
    let body = if body.trim().is_empty() { names() } else { body };
    let mut comment = json!({ "body": body, "public": true });
    if let Ok(requester) = session.state.parse::<u64>() {
        comment["author_id"] = json!(requester);
    }
    if !uploads.is_empty() {
        comment["uploads"] = json!(uploads);
    }
    let ticket = json!({ "comment": comment, "metadata": { "handover_message": message.id } });
    let response = update(session, &ticket)?;
    if !response.is_success() {
        return Err(refused(&response));
    }
    Ok(Sent { vendor_message_id: None, update: UNCHANGED })
}

/// Each update leaves an audit with its metadata.
pub fn find(session: &Session, message: &Message) -> Result<Verdict, Failure> {
    let response = http::get(API, format!("{}/audits", place(session))).send()?;
    if !response.is_success() {
        return Err(repeatable(refused(&response)));
    }
    let audits: Audits = response.json()?;
    let ours = |audit: &&Audit| audit.metadata["custom"]["handover_message"] == json!(message.id);
    Ok(match audits.audits.iter().find(ours) {
        Some(audit) => Verdict::Taken(Some(audit.id.to_string())),
        // It may be on a later page.
        None if audits.next_page.is_some() => Verdict::Unknown,
        None => Verdict::NotTaken,
    })
}

pub fn end(context: &Context, session: &Session, reason: EndReason) -> Result<Update, Failure> {
    let settings: Settings = handover_connector::settings(context)?;
    if !settings.solve || reason == EndReason::LiveAgent || session.lookup_keys.is_empty() {
        return Ok(UNCHANGED);
    }
    let response = update(session, &json!({ "status": "solved" })).map_err(repeatable)?;
    if response.is_success() || matches!(response.status, 404 | 410) {
        return Ok(UNCHANGED);
    }
    if response.status == 422 && is_over(session)? {
        return Ok(UNCHANGED);
    }
    Err(repeatable(refused(&response)))
}

/// A closed ticket takes no update; an open one refuses where required fields are empty.
fn is_over(session: &Session) -> Result<bool, Failure> {
    let response = http::get(API, place(session)).send()?;
    let status = response.json::<TicketAnswer>().ok().and_then(|answer| answer.ticket.status);
    Ok(matches!(status.as_deref(), Some("solved" | "closed" | "deleted")))
}

fn update(session: &Session, ticket: &Value) -> Result<Response, Failure> {
    http::request(Method::Put, API, place(session)).json(&json!({ "ticket": ticket })).send()
}

fn place(session: &Session) -> String {
    let id = session.lookup_keys.first().map_or("", String::as_str);
    format!("/api/v2/tickets/{}", text::percent(id))
}

fn readable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// What fits into a comment: the beginning, which has the problem.
fn within(text: &str) -> &str {
    let mut end = text.len().min(MOST_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// A failure of what may be asked again without any harm.
fn repeatable(mut failure: Failure) -> Failure {
    if failure.retry == RetryAdvice::UnknownOutcome {
        failure.retry = RetryAdvice::Safe(None);
    }
    failure
}

fn refused(response: &Response) -> Failure {
    let mut failure = failure::of_status(response);
    match response.status {
        401 | 403 => failure.reason = FailureReason::Misconfigured("credentials.api".to_owned()),
        // Two updates at a time: nothing was done (Tickets, "Protecting against ticket update collisions").
        409 => (failure.reason, failure.retry) = (FailureReason::Unavailable, RetryAdvice::Safe(None)),
        _ => {}
    }
    failure
}

/// There is no ticket yet that could be gone: the address is wrong.
fn beginning(mut failure: Failure) -> Failure {
    if failure.reason == FailureReason::ConversationGone {
        failure.reason = FailureReason::Misconfigured("upstreams.api.base_url".to_owned());
    }
    failure
}
