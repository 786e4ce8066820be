//! Events of a room's timeline: messages, members coming and going, redactions, the room's end.

use handover_connector::{EndReason, Event, MappedEvent, Participant, event};
use serde_json::Value;

use super::message;
use crate::names::local;
use crate::settings::Settings;

/// The events that one of the homeserver becomes; none for our own echoes, and for what nobody needs: while a start
/// is under way its echoes would find no session yet, and the whole transaction would wait for one.
pub fn read(settings: &Settings, event: &Value) -> Vec<MappedEvent> {
    let field = |name: &str| event[name].as_str().unwrap_or_default();
    let (room, id, sender) = (field("room_id"), field("event_id"), field("sender"));
    let elsewhere = settings.agents_room.as_deref() == Some(room);
    if room.is_empty() || id.is_empty() || sender.is_empty() || settings.is_ours(sender) || elsewhere {
        return Vec::new();
    }
    // An event without a state key is none of state, whatever its type.
    let state_key = event["state_key"].as_str();
    let events = match (field("type"), state_key) {
        ("m.room.message" | "m.sticker", None) => message::read(settings, event, id, sender),
        ("m.room.redaction", None) => redaction(event),
        ("m.room.member", Some(user)) => member(settings, event, user),
        ("m.room.tombstone", Some(_)) => vec![ended("the room was closed")],
        ("m.room.encrypted", None) => vec![Event::ignored("an encrypted message")],
        ("m.reaction", None) => vec![Event::ignored("a reaction")],
        (kind, _) => vec![Event::Ignored(kind.chars().filter(|c| !c.is_control()).take(64).collect())],
    };
    event::mapped(room, Some(id), event["origin_server_ts"].as_u64(), events)
}

/// Somebody of the vendor's side, as a message names them: by their id alone, so that the host fills in the name they
/// joined with.
pub fn author(settings: &Settings, user: &str) -> Participant {
    Participant::agent(Some(user.to_owned()), settings.name(user))
}

pub fn ended(detail: &str) -> Event {
    Event::ended(EndReason::LiveAgent, detail)
}

fn redaction(event: &Value) -> Vec<Event> {
    // In rooms of version 11 it moved into the content.
    let redacts = event["redacts"].as_str().or_else(|| event["content"]["redacts"].as_str());
    redacts.map(|id| Event::MessageDeleted(id.to_owned())).into_iter().collect()
}

fn member(settings: &Settings, event: &Value, user: &str) -> Vec<Event> {
    let content = &event["content"];
    let before = [&event["unsigned"]["prev_content"], &event["prev_content"]]
        .iter()
        .find_map(|content| content["membership"].as_str());
    let is = content["membership"].as_str().unwrap_or_default();
    if settings.is_ours(user) {
        // The ghost does not leave by itself here: somebody else sent this.
        return match is {
            "leave" | "ban" => vec![ended("the customer was removed from the room")],
            _ => vec![Event::ignored("a ghost was invited")],
        };
    }
    let name = [&content["displayname"], &event["unsigned"]["prev_content"]["displayname"]]
        .iter()
        .find_map(|name| name.as_str())
        .map(str::trim)
        .filter(|name| !name.is_empty());
    let mut agent = author(settings, user);
    agent.name = agent.name.or_else(|| Some(name.unwrap_or(local(user)).to_owned()));
    match (before, is) {
        (Some("join"), "join") => vec![Event::ignored("an agent's profile")],
        (_, "join") => vec![Event::Joined(agent)],
        // Who was only invited has not been there. A homeserver that does not tell is believed.
        (Some("join") | None, "leave" | "ban") => {
            let mut events = vec![Event::Left(agent)];
            if settings.end_when_agent_leaves {
                events.push(ended("the agent left the room"));
            }
            events
        }
        _ => vec![Event::ignored("an invitation")],
    }
}
