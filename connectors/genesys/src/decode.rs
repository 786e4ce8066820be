//! From the vendor: the outbound notification webhook.

use handover_connector::json::list;
use handover_connector::lines::joined;
use handover_connector::{
    AgentMessage, CallbackRequest, Context, Delivery, DeliveryStatus, Event, Mapped, MappedEvent,
    Participant, Refusal, TextFormat, json,
};
use serde_json::Value;

use crate::content;
use crate::settings::Settings;

/// Reads a `ConversationNormalizedMessage`.
pub fn map(context: &Context, request: &CallbackRequest) -> Result<Mapped, Refusal> {
    let settings = Settings::of(context).map_err(|failure| Refusal::Unmapped(failure.detail))?;
    let malformed = |why: &str| Refusal::Malformed(why.to_owned());
    let body = json::callback(&request.body)?;
    let session =
        session(&body["channel"], &settings).ok_or_else(|| malformed("`channel.to.id` is missing"))?;
    let mapped = MappedEvent {
        lookup_key: session.to_owned(),
        dedupe_id: name(&body),
        time: None,
        event: event(&body, &settings)?,
    };
    Ok(Mapped { events: vec![mapped], answer: None, answer_when_closed: None })
}

/// The customer's side of the channel, which goes by the session's id: `to` in what goes out, `from` in receipts that
/// go the other way round.
fn session<'a>(channel: &'a Value, settings: &Settings) -> Option<&'a str> {
    let integration = [channel["id"].as_str().unwrap_or_default(), settings.integration_id.as_str()];
    let sides = [&channel["to"], &channel["from"]].into_iter().filter_map(|side| side["id"].as_str());
    sides.into_iter().find(|id| !id.is_empty() && !integration.contains(id))
}

/// "Each message must have a unique combination of Messaging Platform Message ID and time": what names a message also
/// tells a repeated notification from a new one.
fn name(body: &Value) -> Option<String> {
    let id = body["id"].as_str().filter(|id| !id.is_empty())?;
    let kind = body["status"].as_str().or(body["type"].as_str()).unwrap_or_default();
    Some(format!("{id}/{kind}/{}", body["channel"]["time"].as_str().unwrap_or_default()))
}

fn event(body: &Value, settings: &Settings) -> Result<Event, Refusal> {
    match body["type"].as_str() {
        Some("Receipt") => Ok(receipt(body)),
        Some("Text" | "Structured" | "Message") if body["direction"] == "Inbound" => {
            Ok(Event::ignored("an echo of the customer's own message"))
        }
        Some("Text" | "Structured" | "Message") => Ok(message(body, settings)),
        Some("Event") => Ok(happening(body, settings)),
        Some(_) => Err(Refusal::Unmapped("notifications of this type are not known".to_owned())),
        None => Err(Refusal::Malformed("`type` is missing".to_owned())),
    }
}

fn message(body: &Value, settings: &Settings) -> Event {
    let shown = content::read(body);
    if shown.lines.is_empty() && shown.attachments.is_empty() {
        return Event::ignored("a message with nothing in it");
    }
    Event::Message(AgentMessage {
        id: body["id"].as_str().map(str::to_owned),
        author: author(body, settings),
        text: shown.lines.text(),
        format: TextFormat::Plain,
        attachments: shown.attachments,
        reply_to: None,
    })
}

/// Who writes is the integration, mostly; its nickname is no person's, and the host knows who joined.
fn author(body: &Value, settings: &Settings) -> Participant {
    let from = &body["channel"]["from"];
    let names = [&from["firstName"], &from["lastName"]].map(|name| name.as_str().unwrap_or_default());
    let named = Some(joined(&names, " ")).filter(|name| !name.is_empty());
    let bot = body["originatingEntity"] == "Bot";
    Participant {
        id: None,
        name: settings.agent_name.clone().or(named),
        role: Some(if bot { "bot" } else { "agent" }.to_owned()),
        avatar_url: from["image"].as_str().map(str::to_owned),
    }
}

fn happening(body: &Value, settings: &Settings) -> Event {
    if list(&body["events"]).iter().any(|event| event["eventType"] == "Typing") {
        return Event::typing(Some(author(body, settings)), true);
    }
    Event::ignored("an event that is not for the customer")
}

/// What became of a message of ours; `id` is the one that Genesys gave it.
fn receipt(body: &Value) -> Event {
    let status = match body["status"].as_str() {
        Some("Delivered" | "Published") => DeliveryStatus::Delivered,
        Some("Read") => DeliveryStatus::Read,
        Some("Failed") => {
            let codes = list(&body["reasons"]).iter().filter_map(|reason| reason["code"].as_str());
            let codes = codes.collect::<Vec<_>>().join(", ");
            DeliveryStatus::Failed(if codes.is_empty() { "no reason given".to_owned() } else { codes })
        }
        _ => return Event::ignored("a receipt that is not the last word"),
    };
    match body["id"].as_str() {
        Some(id) => Event::Delivery(Delivery { message_id: id.to_owned(), status }),
        None => Event::ignored("a receipt for no message"),
    }
}
