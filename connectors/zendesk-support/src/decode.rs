//! From the vendor: ticket events (webhook event types, version 2022-11-06), one per request.

use handover_connector::{
    AgentMessage, Answer, CallbackRequest, EndReason, Ended, Event, Mapped, MappedEvent, Participant,
    Refusal, TextFormat, time,
};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Happened {
    id: Option<String>,
    r#type: String,
    time: Option<String>,
    #[serde(default)]
    detail: Value,
    #[serde(default)]
    event: Value,
}

pub fn map(request: &CallbackRequest) -> Result<Mapped, Refusal> {
    let happened: Happened = serde_json::from_slice(&request.body).map_err(|e| {
        let place = format!("line {}, column {}", e.line(), e.column());
        if e.is_data() {
            Refusal::Unmapped(format!("no event of Zendesk's ({place})"))
        } else {
            Refusal::Malformed(format!("no JSON ({place})"))
        }
    })?;
    let ticket = text(&happened.detail["id"]);
    let named = |(number, event): (usize, Event)| MappedEvent {
        lookup_key: ticket.clone().unwrap_or_default(),
        dedupe_id: happened.id.as_ref().filter(|id| !id.is_empty()).map(|id| match number {
            0 => id.clone(),
            more => format!("{id}/{more}"),
        }),
        time: happened.time.as_deref().and_then(time::from_rfc3339),
        event,
    };
    let events = if ticket.is_some() { events(&happened) } else { Vec::new() };
    Ok(Mapped {
        events: events.into_iter().enumerate().map(named).collect(),
        answer: None,
        // Tickets that are not ours, or no longer.
        answer_when_closed: Some(Answer { status: 200, headers: Vec::new(), body: b"{}".to_vec() }),
    })
}

fn events(happened: &Happened) -> Vec<Event> {
    let kind = happened.r#type.trim_start_matches("zen:event-type:");
    let ended = |by, why: &str| vec![Event::Ended(Ended { by, detail: Some(why.to_owned()) })];
    match kind {
        "ticket.comment_added" => comment(&happened.event["comment"]),
        "ticket.status_changed" => {
            match happened.event["current"].as_str().map(str::to_ascii_lowercase).as_deref() {
                Some(status @ ("solved" | "closed")) => ended(EndReason::LiveAgent, status),
                Some(status @ ("deleted" | "archived" | "scrubbed")) => {
                    ended(EndReason::VendorFailure, status)
                }
                _ => vec![Event::Ignored(kind.to_owned())],
            }
        }
        "ticket.merged" => ended(EndReason::LiveAgent, kind),
        "ticket.soft_deleted" | "ticket.permanently_deleted" | "ticket.marked_as_spam" => {
            ended(EndReason::VendorFailure, kind)
        }
        other => vec![Event::Ignored(other.to_owned())],
    }
}

fn comment(comment: &Value) -> Vec<Event> {
    let ignored = |why: &str| vec![Event::Ignored(why.to_owned())];
    // What says neither is kept from the customer.
    if comment["is_public"] != Value::Bool(true) {
        return ignored("a private note");
    }
    // The requester's comments are ours.
    if comment["author"]["is_staff"] != Value::Bool(true) {
        return ignored("a comment of the customer's");
    }
    let body = comment["body"].as_str().unwrap_or_default();
    if body.trim().is_empty() {
        return ignored("a comment without anything to show");
    }
    let author = Participant {
        id: text(&comment["author"]["id"]),
        name: text(&comment["author"]["name"]),
        role: Some("agent".to_owned()),
        avatar_url: None,
    };
    let message = AgentMessage {
        id: text(&comment["id"]),
        author: author.clone(),
        text: body.to_owned(),
        format: TextFormat::Plain,
        attachments: Vec::new(),
        reply_to: None,
    };
    // Nobody joins a ticket; whoever writes is there.
    vec![Event::Joined(author), Event::Message(message)]
}

/// Ids are texts in some versions and numbers in others.
fn text(value: &Value) -> Option<String> {
    let text = value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    text.or_else(|| value.as_u64().map(|id| id.to_string()))
}
