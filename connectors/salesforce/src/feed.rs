//! From the vendor: its stream of events, and its list of entries to repair what the stream has lost. Both name an
//! entry by the same identifier, so that what comes twice counts once.

use handover_connector::failure::never;
use handover_connector::http::{self, Method, Response};
use handover_connector::{
    Batch, Context, EndReason, Ended, Event, Failure, FailureReason, Feed, Frame, Item, RetryAdvice, Session,
    Subscription, Transport, Update,
};
use serde_json::Value;

use crate::decode::{self, Entry};
use crate::position::Position;
use crate::request::{of_conversation, with_token};
use crate::settings::Settings;
use crate::visitor::{self, Visitor};
use crate::{API, Salesforce, ids, refusal};

/// Entries in one answer; the vendor gives no more.
const PAGE: usize = 50;

impl Feed for Salesforce {
    /// The stream of all that happens to this visitor (Server-Sent Events).
    fn open(
        context: Context,
        session: Session,
        cursor: Option<String>,
    ) -> Result<Option<Subscription>, Failure> {
        let settings = Settings::of(&context)?;
        let visitor = Visitor::read(&session)?;
        if visitor.has_expired(context.now) {
            // The next poll renews it, or tells that the session is over.
            return Err(Failure {
                reason: FailureReason::Unavailable,
                retry: RetryAdvice::Safe(None),
                detail: "the visitor's access token has expired".to_owned(),
            });
        }
        let mut request = with_token(&visitor, http::get(API, "/eventrouter/v1/sse"))
            .header("accept", "text/event-stream")
            .header("x-org-id", settings.short_organization());
        if let Some(event) = Position::of(&session, cursor.as_deref()).event {
            request = request.header("last-event-id", event);
        }
        Ok(Some(Subscription {
            upstream: API.to_owned(),
            transport: Transport::ServerSentEvents,
            request: request.into_request(),
        }))
    }

    /// One event of the stream.
    fn read(_: Context, session: Session, frame: Frame) -> Result<Batch, Failure> {
        let before = Position::of(&session, None);
        let mut position = before.clone();
        position.event = frame.id.clone().filter(|id| !id.is_empty()).or(position.event);
        let name = frame.name.as_deref().unwrap_or_default();
        let mut items = Vec::new();
        // Pings carry a number; further kinds of events may come any day.
        if name.starts_with("CONVERSATION_") {
            let mut data: Value =
                serde_json::from_slice(&frame.data).map_err(|e| unreadable(name, e.line(), e.column()))?;
            // A known customer's other conversations come the same way.
            if data["conversationId"].as_str().is_some_and(|id| id == ids::conversation(&session)) {
                items = match Entry::of(data["conversationEntry"].take()) {
                    Some(entry) => {
                        position.pass(&entry.id, entry.time);
                        decode::items(&entry)
                    }
                    None if name == "CONVERSATION_CLOSE_CONVERSATION" => {
                        vec![over(&session, EndReason::Customer, None)]
                    }
                    None => Vec::new(),
                };
            }
        }
        Ok(batch(items, &before, position, Update::UNCHANGED))
    }

    /// The entries since the cursor, and a fresh token where it is time.
    fn poll(context: Context, session: Session, cursor: Option<String>) -> Result<Batch, Failure> {
        let settings = Settings::of(&context)?;
        let (visitor, update) = visitor::of_session(&context, &settings, &session)?;
        let before = Position::of(&session, cursor.as_deref());
        let mut position = before.clone();
        let from = position.from();
        let query = query(from, "FromStart");
        let response = of_conversation(&visitor, Method::Get, &ids::conversation(&session), &query).send()?;
        let dead = matches!(response.status, 401 | 403) && visitor.has_expired(context.now);
        // A conversation that was there may be gone; one that is just being made may not be there yet.
        let gone = matches!(response.status, 404 | 410) && before.since > 0;
        if dead || gone {
            let why =
                if dead { "the visitor's access token has expired" } else { "the conversation is gone" };
            let item = over(&session, EndReason::VendorFailure, Some(why));
            return Ok(batch(vec![item], &before, position, update));
        }
        if !response.is_success() {
            let failure = refusal::of_conversation(&response).repeatable();
            return Err(match response.status {
                404 => {
                    Failure { reason: FailureReason::Unavailable, retry: RetryAdvice::Safe(None), ..failure }
                }
                _ => failure,
            });
        }
        let entries = entries(&response)?;
        let mut items = Vec::new();
        let mut last = from;
        let full = entries.len() >= PAGE;
        for entry in entries.into_iter().filter_map(Entry::of) {
            last = last.max(entry.time.unwrap_or_default());
            if position.pass(&entry.id, entry.time) {
                items.extend(decode::items(&entry));
            }
        }
        // Where one answer holds nothing but entries of one moment, the next begins after it.
        position.page = full.then(|| last.max(from + 1));
        Ok(batch(items, &before, position, update))
    }
}

/// The query for a list of entries.
pub fn query(from: u64, direction: &str) -> String {
    let start = if from == 0 { String::new() } else { format!("&startTimestamp={from}") };
    format!("/entries?limit={PAGE}{start}&direction={direction}")
}

/// The entries of an answer.
pub fn entries(response: &Response) -> Result<Vec<Value>, Failure> {
    let mut answer: Value = response.json()?;
    match answer.get_mut("conversationEntries").map(Value::take).unwrap_or_default() {
        Value::Array(entries) => Ok(entries),
        Value::Null => Ok(Vec::new()),
        _ => Err(unreadable("conversationEntries", 0, 0)),
    }
}

fn batch(items: Vec<Item>, before: &Position, position: Position, update: Update) -> Batch {
    let cursor = position.write();
    let state = (position != *before).then(|| cursor.clone());
    let next_delay = position.page.map(|_| 0);
    Batch { items, cursor, next_delay, update: Update { state, ..update } }
}

/// An end that no entry tells of.
fn over(session: &Session, by: EndReason, why: Option<&str>) -> Item {
    let event = Event::Ended(Ended { by, detail: why.map(str::to_owned) });
    Item { dedupe_id: format!("{}/over", ids::conversation(session)), time: None, event }
}

fn unreadable(what: &str, line: usize, column: usize) -> Failure {
    never(FailureReason::Rejected, format!("{what} cannot be read (line {line}, column {column})"))
}
