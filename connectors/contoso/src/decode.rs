//! From the vendor: Contoso's webhook.
//!
//! The sample's live chat posts `{"ConversationId", "Id", "Message", "Sender", "Timestamp"}`, its README describes
//! `{conversationId, message, sender, timestamp}`; names are matched without regard to case. Other events than
//! messages carry a `Type`.

use handover_connector::event::named_by;
use handover_connector::settings::Members;
use handover_connector::{
    AgentMessage, Answer, CallbackRequest, Context, EndReason, Ended, Event, Mapped, MappedEvent,
    Participant, Refusal, TextFormat, json, time,
};
use serde::Deserialize;
use serde_json::json;

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
    let settings = Members::of(context).map_err(|failure| Refusal::Unmapped(failure.detail))?;
    let mut body: Body = json::read_any_case(&request.body).map_err(Refusal::Malformed)?;
    // An empty id names nothing: as a name it would make every message after the first a duplicate.
    body.id = body.id.filter(|id| !id.is_empty());
    if body.conversationid.is_empty() {
        return Err(Refusal::Malformed("`conversationId` is empty".to_owned()));
    }
    let sender =
        body.sender.clone().filter(|name| !name.is_empty()).unwrap_or_else(|| settings.text("agent_name"));
    let event = event(&body, &sender)?;
    // What has no id is told apart by its time; what has neither cannot be told apart at all.
    let dedupe_id = body.id.or_else(|| {
        let time = body.timestamp.filter(|time| !time.is_empty())?;
        let kind = body.r#type.as_deref().unwrap_or("message");
        let text = body.message.as_deref().unwrap_or_default();
        Some(named_by(&[&body.conversationid, kind, &time, text]))
    });
    Ok(Mapped {
        events: vec![MappedEvent { lookup_key: body.conversationid, dedupe_id, time: None, event }],
        answer: Some(received(context, &sender)),
        answer_when_closed: None,
    })
}

fn event(body: &Body, sender: &str) -> Result<Event, Refusal> {
    let agent = Participant::agent(None, Some(sender.to_owned()));
    match body.r#type.as_deref().map(str::to_ascii_lowercase).as_deref() {
        None | Some("message") => {
            let text = body
                .message
                .clone()
                .ok_or_else(|| Refusal::Malformed("missing field `message`".to_owned()))?;
            if text.trim().is_empty() {
                return Err(Refusal::Malformed("`message` is empty".to_owned()));
            }
            Ok(Event::Message(AgentMessage {
                id: body.id.clone(),
                author: agent,
                text,
                // The sample passes what the agent wrote to Teams as it is, where it is read as Markdown.
                format: TextFormat::Markdown,
                attachments: Vec::new(),
                reply_to: None,
            }))
        }
        Some("joined") => Ok(Event::Joined(agent)),
        Some("left") => Ok(Event::Left(agent)),
        Some("typing") => Ok(Event::typing(Some(agent), body.typing.unwrap_or(true))),
        Some("ended") => Ok(Event::Ended(Ended { by: EndReason::LiveAgent, detail: body.reason.clone() })),
        Some(other) => Err(Refusal::Unmapped(format!("events of type {other:?} are not known"))),
    }
}

/// What the sample's webhook answers.
fn received(context: &Context, sender: &str) -> Answer {
    let body = json!({
        "message": "Message received successfully",
        "timestamp": time::rfc3339(context.now),
        "receivedFrom": sender,
    });
    Answer::json(200, &body)
}
