//! From the live chat to the bot: reads its webhook.
//!
//! The same request must always give the same events, so nothing here looks at a clock or rolls dice.

use handover_connector::event::named_by;
use handover_connector::settings::Members;
use handover_connector::{
    AgentMessage, Answer, Attribute, CallbackRequest, Context, EndReason, Ended, Event, Mapped, MappedEvent,
    Participant, Refusal, TextFormat, Typing, json, time,
};
use serde::Deserialize;

/// Members in lower case: the live chat writes `ConversationId`, its documentation `conversationId`.
#[derive(Deserialize)]
struct Body {
    conversationid: String,
    id: Option<String>,
    r#type: Option<String>,
    message: Option<String>,
    sender: Option<String>,
    timestamp: Option<String>,
    typing: Option<bool>,
    reason: Option<String>,
}

pub fn map(context: &Context, request: &CallbackRequest) -> Result<Mapped, Refusal> {
    let settings = Members::of(context).map_err(|e| Refusal::Unmapped(e.detail))?;
    let mut body: Body = json::read_any_case(&request.body).map_err(Refusal::Malformed)?;
    if body.conversationid.is_empty() {
        return Err(Refusal::Malformed("`conversationId` is empty".to_owned()));
    }
    // An empty id names nothing: as a name it would make every message after the first a duplicate.
    body.id = body.id.filter(|id| !id.is_empty());
    let sender = body.sender.take().filter(|name| !name.is_empty()).or_else(|| settings.find("agent_name"));
    let sender = sender.unwrap_or_else(|| "Contoso Support".to_owned());
    let event = event(&body, &sender)?;
    Ok(Mapped {
        events: vec![MappedEvent {
            dedupe_id: dedupe_id(&body),
            lookup_key: body.conversationid,
            time: None,
            event,
        }],
        answer: Some(received(context, &sender)),
        answer_when_closed: None,
    })
}

/// What has no id is told apart by its time; what has neither cannot be told apart at all.
fn dedupe_id(body: &Body) -> Option<String> {
    let by_time = || {
        let time = body.timestamp.as_deref().filter(|time| !time.is_empty())?;
        let kind = body.r#type.as_deref().unwrap_or("message");
        let text = body.message.as_deref().unwrap_or_default();
        // Short however long the text is: the gateway takes 512 bytes.
        Some(named_by(&[&body.conversationid, kind, time, text]))
    };
    body.id.clone().or_else(by_time)
}

fn event(body: &Body, sender: &str) -> Result<Event, Refusal> {
    let agent = Participant {
        id: None,
        name: Some(sender.to_owned()),
        role: Some("agent".to_owned()),
        avatar_url: None,
    };
    match body.r#type.as_deref().unwrap_or("message").to_ascii_lowercase().as_str() {
        "message" => {
            let text = body.message.clone().filter(|text| !text.trim().is_empty());
            Ok(Event::Message(AgentMessage {
                id: body.id.clone(),
                author: agent,
                // Answered with 400. The sentence goes to whoever sent it, so it repeats no value.
                text: text.ok_or_else(|| Refusal::Malformed("`message` is missing or empty".to_owned()))?,
                format: TextFormat::Markdown,
                attachments: Vec::new(),
                reply_to: None,
            }))
        }
        "joined" => Ok(Event::Joined(agent)),
        "left" => Ok(Event::Left(agent)),
        "typing" => Ok(Event::Typing(Typing { author: Some(agent), on: body.typing.unwrap_or(true) })),
        "ended" => Ok(Event::Ended(Ended { by: EndReason::LiveAgent, detail: body.reason.clone() })),
        // Kept, and mapped again by the next version of this connector.
        other => Err(Refusal::Unmapped(format!("events of type {other:?} are not known"))),
    }
}

/// What the webhook answers to the live chat.
fn received(context: &Context, sender: &str) -> Answer {
    let body = serde_json::json!({
        "message": "Message received successfully",
        "timestamp": time::rfc3339(context.now),
        "receivedFrom": sender,
    });
    Answer {
        status: 200,
        headers: vec![Attribute { name: "content-type".to_owned(), value: "application/json".to_owned() }],
        body: body.to_string().into_bytes(),
    }
}
