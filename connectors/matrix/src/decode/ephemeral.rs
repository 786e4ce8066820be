//! What passes: typing and receipts (application service API, "Pushing ephemeral data"). Both come as the room's whole
//! state of the matter, ours included.

use handover_connector::json::list;
use handover_connector::{Delivery, DeliveryStatus, Event, MappedEvent, event};
use serde_json::Value;

use super::timeline::author;
use crate::settings::Settings;

pub fn read(settings: &Settings, event: &Value) -> Vec<MappedEvent> {
    let Some(room) = event["room_id"].as_str().filter(|room| settings.agents_room.as_deref() != Some(room))
    else {
        return Vec::new();
    };
    match event["type"].as_str() {
        Some("m.typing") => event::mapped(room, None, None, vec![typing(settings, &event["content"])]),
        Some("m.receipt") => receipts(settings, room, &event["content"]),
        _ => Vec::new(),
    }
}

fn typing(settings: &Settings, content: &Value) -> Event {
    let users = list(&content["user_ids"]).iter().filter_map(Value::as_str);
    let agent = users.filter(|user| !settings.is_ours(user)).map(|user| author(settings, user)).next();
    let on = agent.is_some();
    Event::typing(agent, on)
}

/// `{event: {"m.read": {user: {"ts": …}}}}`
fn receipts(settings: &Settings, room: &str, content: &Value) -> Vec<MappedEvent> {
    let mut events = Vec::new();
    for (message, kinds) in content.as_object().into_iter().flatten() {
        let readers = kinds["m.read"].as_object().into_iter().flatten();
        for (user, receipt) in readers.filter(|(user, _)| !settings.is_ours(user)) {
            events.push(MappedEvent {
                lookup_key: room.to_owned(),
                dedupe_id: Some(format!("{message}/read/{user}")),
                time: receipt["ts"].as_u64(),
                event: Event::Delivery(Delivery {
                    message_id: message.clone(),
                    status: DeliveryStatus::Read,
                }),
            });
        }
    }
    events
}
