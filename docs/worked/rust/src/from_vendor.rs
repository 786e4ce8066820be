//! From Acme to the bot: one request, many events.

use handover_connector::{
    AgentMessage, CallbackRequest, EndReason, Ended, Event, Mapped, MappedEvent, Participant, Refusal,
    TextFormat,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Body {
    events: Vec<One>,
}

#[derive(Deserialize)]
struct One {
    id: Option<String>,
    r#type: String,
    chat: String,
    by: Option<String>,
    name: Option<String>,
    message: Option<String>,
    text: Option<String>,
    reason: Option<String>,
}

pub fn map(request: &CallbackRequest) -> Result<Mapped, Refusal> {
    // The sentence goes to whoever sent it, so it repeats no value.
    let malformed = |_| Refusal::Malformed("no JSON of Acme's".to_owned());
    let body: Body = serde_json::from_slice(&request.body).map_err(malformed)?;
    let events = body.events.into_iter().map(mapped).collect::<Result<_, _>>()?;
    Ok(Mapped { events, answer: None, answer_when_closed: None })
}

fn mapped(one: One) -> Result<MappedEvent, Refusal> {
    if one.chat.is_empty() {
        return Err(Refusal::Malformed("`chat` is empty".to_owned()));
    }
    // Acme's id of the event: the same when it comes again.
    let dedupe_id = one.id.clone().filter(|id| !id.is_empty());
    Ok(MappedEvent { lookup_key: one.chat.clone(), dedupe_id, time: None, event: event(one)? })
}

fn event(one: One) -> Result<Event, Refusal> {
    if one.by.as_deref() == Some("visitor") {
        return Ok(Event::ignored("the customer's own")); // An echo.
    }
    let agent = Participant::agent(None, one.name);
    Ok(match one.r#type.as_str() {
        "joined" => Event::Joined(agent),
        "message" => {
            let text = one.text.filter(|text| !text.trim().is_empty());
            let missing = || Refusal::Malformed("`text` is missing or empty".to_owned());
            Event::Message(AgentMessage {
                id: one.message,
                author: agent,
                text: text.ok_or_else(missing)?,
                format: TextFormat::Plain,
                attachments: Vec::new(),
                reply_to: None,
            })
        }
        "closed" => Event::Ended(Ended { by: EndReason::LiveAgent, detail: one.reason }),
        // `unmapped` would hold back the whole request, with all that is known in it.
        _ => Event::ignored("an event of a kind that is not known"),
    })
}
