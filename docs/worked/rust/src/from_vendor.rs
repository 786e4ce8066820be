//! From Acme to the bot: one request, many events.

use handover_connector::{
    AgentMessage, Answer, CallbackRequest, EndReason, Ended, Event, Mapped, MappedEvent, Participant,
    Refusal, TextFormat, json,
};
use serde_json::{Value, json};

pub fn map(request: &CallbackRequest) -> Result<Mapped, Refusal> {
    let body = json::callback(&request.body)?;
    // The sentence goes to whoever sent it, so it repeats no value.
    let Some(events) = body["events"].as_array() else {
        return Err(Refusal::Malformed("`events` is no list".to_owned()));
    };
    Ok(Mapped {
        events: events.iter().filter_map(mapped).collect(),
        answer: None,
        // "What is not answered with 2xx is sent again": 410 would have it sent for ever.
        answer_when_closed: Some(Answer::json(200, &json!({}))),
    })
}

/// None for what belongs to no chat: it must not hold back the others.
fn mapped(one: &Value) -> Option<MappedEvent> {
    Some(MappedEvent {
        lookup_key: json::id(&one["chat"])?,
        dedupe_id: json::id(&one["id"]), // Acme's id of the event: the same when it comes again.
        time: None,
        event: event(one),
    })
}

fn event(one: &Value) -> Event {
    if one["by"] == "visitor" {
        return Event::ignored("the customer's own"); // An echo.
    }
    let agent = Participant::agent(None, json::owned(&one["name"]));
    match one["type"].as_str().unwrap_or_default() {
        "joined" => Event::Joined(agent),
        "message" => match json::owned(&one["text"]) {
            Some(text) => Event::Message(AgentMessage {
                id: json::id(&one["message"]),
                author: agent,
                text,
                format: TextFormat::Plain,
                attachments: Vec::new(),
                reply_to: None,
            }),
            None => Event::ignored("a message without a text"),
        },
        "closed" => Event::Ended(Ended { by: EndReason::LiveAgent, detail: json::owned(&one["reason"]) }),
        // `unmapped` would hold back the whole request, with all that is known in it.
        _ => Event::ignored("an event of a kind that is not known"),
    }
}
