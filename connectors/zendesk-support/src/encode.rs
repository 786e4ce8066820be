//! To the vendor: a ticket, comments on it, and its solution.

use handover_connector::failure::{self, never, odd};
use handover_connector::http::{self, Method, Response};
use handover_connector::{
    Context, EndReason, Event, Failure, FailureReason, Message, NewSession, Reconcile, RetryAdvice, Sent,
    Session, StartOutcome, Started, Update, Verdict, json, media, text,
};
use serde_json::{Map, Value, json};

use crate::settings::Settings;
use crate::{API, MOST_TEXT, ZendeskSupport};

/// Ticket properties that attributes may fill; `group_id` and the like are numbers.
const PROPERTIES: [&str; 6] = ["priority", "type", "group_id", "assignee_id", "brand_id", "ticket_form_id"];

pub fn start(context: &Context, session: &NewSession) -> Result<StartOutcome, Failure> {
    let settings = Settings::of(context)?;
    let name = session.customer.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let name = name.unwrap_or("Customer");
    let external_id = format!("{}:{}:{}", session.tenant, session.channel, session.customer.id);
    let mut user = json!({ "name": text::clip(name, 255), "external_id": text::clip(&external_id, 255) });
    if let Some(email) = session.customer.email.as_deref().filter(|email| email.contains('@')) {
        user["email"] = json!(email);
    }
    // By the external id: it can be made again.
    let request = http::post(API, "/api/v2/users/create_or_update").json(&json!({ "user": user }));
    let requester = made(&request.repeatable().send()?, "user")?;
    let ticket = json!({ "ticket": ticket(&settings, session, name, requester) });
    // The key gives the first ticket again (Ticketing API, "Idempotency").
    let request = http::post(API, "/api/v2/tickets").header("idempotency-key", &*session.id).json(&ticket);
    let id = made(&request.repeatable().send()?, "ticket")?;
    Ok(StartOutcome::Started(Started {
        lookup_keys: vec![id.to_string()],
        state: requester.to_string(),
        tokens: None,
        events: vec![Event::QUEUED],
        // It is what the first comment begins with.
        problem_told: !session.need().is_empty() && readable(session.need()).len() <= MOST_TEXT,
    }))
}

/// The number of what the start has made.
fn made(response: &Response, what: &str) -> Result<u64, Failure> {
    if !response.is_success() {
        // There is no ticket yet that could be gone: the address is wrong.
        return Err(refused(response).repeatable().before_conversation("upstreams.api.base_url"));
    }
    response.value()[what]["id"].as_u64().ok_or_else(|| odd(response))
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
    let mapped = session.attributes.iter().filter_map(|a| Some((settings.fields.get(&a.name)?, a)));
    let routing = session.routing.iter().map(|a| (settings.fields.get(&a.name).unwrap_or(&a.name), a));
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
    let story = format!("{}\n\n{}", problem.unwrap_or(subject), session.story(name));
    let body = readable(&story);
    let comment = json!({ "body": within(&body), "public": true, "author_id": requester });
    ticket.insert("comment".to_owned(), comment);
    Value::Object(ticket)
}

pub fn send(session: &Session, message: &Message) -> Result<Sent, Failure> {
    let body = readable(&message.text);
    if body.trim().is_empty() && message.attachments.is_empty() {
        return Err(never(FailureReason::Unsupported, "there is nothing to read"));
    }
    if body.len() > MOST_TEXT {
        return Err(never(FailureReason::TooLarge, "a comment has 64 kB"));
    }
    let mut uploads = Vec::new();
    for file in &message.attachments {
        let read = media::read(&file.url)?;
        let path = format!("/api/v2/uploads?filename={}", text::percent(&file.name));
        let kind = if file.content_type.is_empty() { &read.content_type } else { &file.content_type };
        // What no comment names goes away by itself.
        let response = http::post(API, path).body(kind, read.body).repeatable().send()?;
        if !response.is_success() {
            return Err(refused(&response).repeatable());
        }
        uploads.push(json::owned(&response.value()["upload"]["token"]).ok_or_else(|| odd(&response))?);
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
    Ok(Sent { vendor_message_id: None, update: Update::UNCHANGED })
}

impl Reconcile for ZendeskSupport {
    /// Each update leaves an audit with its metadata.
    fn find(_: Context, session: Session, message: Message) -> Result<Verdict, Failure> {
        let response = http::get(API, format!("{}/audits", place(&session))).send()?;
        if !response.is_success() {
            return Err(refused(&response).repeatable());
        }
        let page: Value = response.json()?;
        let audits = page["audits"].as_array().ok_or_else(|| odd(&response))?;
        let ours = |audit: &&Value| audit["metadata"]["custom"]["handover_message"] == json!(message.id);
        Ok(match audits.iter().find(ours) {
            Some(audit) => Verdict::Taken(json::id(&audit["id"])),
            // It may be on a later page.
            None if page["next_page"].is_string() => Verdict::Unknown,
            None => Verdict::NotTaken,
        })
    }
}

pub fn end(context: &Context, session: &Session, reason: EndReason) -> Result<Update, Failure> {
    let settings = Settings::of(context)?;
    if !settings.solve || reason == EndReason::LiveAgent || session.lookup_keys.is_empty() {
        return Ok(Update::UNCHANGED);
    }
    let response = update(session, &json!({ "status": "solved" })).map_err(Failure::repeatable)?;
    if response.is_success() || matches!(response.status, 404 | 410) {
        return Ok(Update::UNCHANGED);
    }
    if response.status == 422 && is_over(session)? {
        return Ok(Update::UNCHANGED);
    }
    Err(refused(&response).repeatable())
}

/// A closed ticket takes no update; an open one refuses where required fields are empty.
fn is_over(session: &Session) -> Result<bool, Failure> {
    let response = http::get(API, place(session)).send()?;
    let status = &response.value()["ticket"]["status"];
    Ok(matches!(status.as_str(), Some("solved" | "closed" | "deleted")))
}

fn update(session: &Session, ticket: &Value) -> Result<Response, Failure> {
    http::request(Method::Put, API, place(session)).json(&json!({ "ticket": ticket })).send()
}

fn place(session: &Session) -> String {
    format!("/api/v2/tickets/{}", text::percent(session.lookup_key()))
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

fn refused(response: &Response) -> Failure {
    let failure = failure::of_status(response).with_credential(API);
    match response.status {
        // Two updates at a time: nothing was done (Tickets, "Protecting against ticket update collisions").
        409 => Failure { reason: FailureReason::Unavailable, retry: RetryAdvice::Safe(None), ..failure },
        _ => failure,
    }
}
