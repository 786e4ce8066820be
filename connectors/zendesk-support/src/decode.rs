//! From the vendor: ticket events (webhook event types, version 2022-11-06), one per request.

use handover_connector::json::{id, owned};
use handover_connector::{
    AgentMessage, Answer, CallbackRequest, EndReason, Event, Mapped, Participant, Refusal, TextFormat, event,
    json, time,
};
use serde_json::{Value, json};

pub fn map(request: &CallbackRequest) -> Result<Mapped, Refusal> {
    let happened = json::callback(&request.body)?;
    let Some(kind) = happened["type"].as_str() else {
        return Err(Refusal::Unmapped("no event of Zendesk's: it has no `type`".to_owned()));
    };
    let time = happened["time"].as_str().and_then(time::from_rfc3339);
    let ticket = id(&happened["detail"]["id"]);
    let told = ticket.map(|ticket| {
        event::mapped(&ticket, json::text(&happened["id"]), time, events(kind, &happened["event"]))
    });
    Ok(Mapped {
        events: told.unwrap_or_default(),
        answer: None,
        // Tickets that are not ours, or no longer.
        answer_when_closed: Some(Answer::json(200, &json!({}))),
    })
}

fn events(kind: &str, event: &Value) -> Vec<Event> {
    let kind = kind.trim_start_matches("zen:event-type:");
    let ended = |by, why: &str| vec![Event::ended(by, why)];
    match kind {
        "ticket.comment_added" => comment(&event["comment"]),
        "ticket.status_changed" => match event["current"].as_str().map(str::to_ascii_lowercase).as_deref() {
            Some(status @ ("solved" | "closed")) => ended(EndReason::LiveAgent, status),
            Some(status @ ("deleted" | "archived" | "scrubbed")) => ended(EndReason::VendorFailure, status),
            _ => vec![Event::ignored(kind)],
        },
        "ticket.merged" => ended(EndReason::LiveAgent, kind),
        "ticket.soft_deleted" | "ticket.permanently_deleted" | "ticket.marked_as_spam" => {
            ended(EndReason::VendorFailure, kind)
        }
        other => vec![Event::ignored(other)],
    }
}

fn comment(comment: &Value) -> Vec<Event> {
    let ignored = |why: &str| vec![Event::ignored(why)];
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
    let author = Participant::agent(id(&comment["author"]["id"]), owned(&comment["author"]["name"]));
    let message = AgentMessage {
        id: id(&comment["id"]),
        author: author.clone(),
        text: body.to_owned(),
        format: TextFormat::Plain,
        attachments: Vec::new(),
        reply_to: None,
    };
    // Nobody joins a ticket; whoever writes is there.
    vec![Event::Joined(author), Event::Message(message)]
}
