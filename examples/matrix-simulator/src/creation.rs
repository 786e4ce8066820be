//! Rooms come into being, and are found by their aliases.

use std::sync::Arc;

use agent_desk::fresh_id;
use axum::{
    Extension, Json,
    body::Bytes,
    extract::{Path, State},
};
use serde_json::{Map, Value, json};

use crate::{
    Homeserver,
    access::Asker,
    fields::{Kind, members, optional},
    refusal::Refusal,
    room::{Draft, Room},
};

type Answer = Result<Json<Value>, Refusal>;

/// Members of the body (client-server API, "Creation"); invitations by email are not simulated.
const BODY: [(&str, Kind); 12] = [
    ("preset", Kind::Text),
    ("visibility", Kind::Text),
    ("room_alias_name", Kind::Text),
    ("name", Kind::Text),
    ("topic", Kind::Text),
    ("creation_content", Kind::Object),
    ("power_level_content_override", Kind::Object),
    ("initial_state", Kind::List),
    ("invite", Kind::List),
    ("is_direct", Kind::Flag),
    ("room_version", Kind::Text),
    ("invite_3pid", Kind::List),
];

/// What rooms are made as.
const VERSION: &str = "11";

/// `POST /createRoom`
pub(crate) async fn create(
    State(server): State<Arc<Homeserver>>,
    Extension(asker): Extension<Asker>,
    body: Bytes,
) -> Answer {
    let body = members(&body, &BODY)?;
    one_of(&body, "preset", &["private_chat", "trusted_private_chat", "public_chat"])?;
    one_of(&body, "visibility", &["private", "public"])?;
    if optional(&body, "room_version").is_some_and(|version| version != VERSION) {
        return Err(Refusal::bad("M_UNSUPPORTED_ROOM_VERSION", "Rooms here are of version 11"));
    }
    let listed = |name: &str| body.get(name).and_then(Value::as_array).is_some_and(|list| !list.is_empty());
    if listed("invite") || listed("invite_3pid") {
        return Err(Refusal::bad("M_UNKNOWN", "Invitations with the creation are not simulated"));
    }
    let alias = optional(&body, "room_alias_name").map(|name| alias(&server, name)).transpose()?;
    let state = states(&asker.user, &body, alias.as_deref())?;
    let room = format!("!{}:{}", fresh_id(), server.registration.server_name);
    server.book(|book| {
        if let Some(alias) = alias {
            if book.aliases.contains_key(&alias) {
                return Err(Refusal::bad("M_ROOM_IN_USE", "Room alias already taken"));
            }
            book.aliases.insert(alias, room.clone());
        }
        book.rooms.insert(room.clone(), Room::new(room.clone()));
        for (kind, key, content) in state {
            let content = if kind == "m.room.member" { book.member(&asker.user, "join") } else { content };
            let draft = Draft { id: None, kind: &kind, sender: &asker.user, state_key: Some(&key), content };
            server.add(book, &room, draft);
        }
        if server.loses_creations {
            Err(Refusal::simulated(503))
        } else {
            Ok(Json(json!({ "room_id": room })))
        }
    })
}

fn one_of(body: &Map<String, Value>, name: &str, allowed: &[&str]) -> Result<(), Refusal> {
    match optional(body, name) {
        Some(value) if !allowed.contains(&value) => {
            Err(Refusal::bad("M_BAD_JSON", format!("{name} must be one of {allowed:?}")))
        }
        _ => Ok(()),
    }
}

fn alias(server: &Homeserver, name: &str) -> Result<String, Refusal> {
    if name.is_empty() || name.contains([':', '#', ' ', '\n']) {
        return Err(Refusal::bad("M_INVALID_PARAM", "Invalid characters in room alias"));
    }
    if !name.starts_with(&server.registration.prefix) {
        return Err(Refusal::bad(
            "M_EXCLUSIVE",
            "This alias is not of this application service's namespace.",
        ));
    }
    Ok(format!("#{name}:{}", server.registration.server_name))
}

/// The events that a room begins with, in the specification's order.
fn states(
    creator: &str,
    body: &Map<String, Value>,
    alias: Option<&str>,
) -> Result<Vec<(String, String, Value)>, Refusal> {
    let mut creation = json!({ "room_version": VERSION });
    let mut power = json!({
        "users": { creator: 100 },
        "users_default": 0,
        "events_default": 0,
        "state_default": 50,
        "invite": 0,
        "kick": 50,
        "ban": 50,
        "redact": 50,
    });
    overlay(&mut creation, body.get("creation_content"));
    overlay(&mut power, body.get("power_level_content_override"));
    let public = optional(body, "preset") == Some("public_chat");
    let mut states = vec![
        ("m.room.create", "", creation),
        ("m.room.member", creator, Value::Null),
        ("m.room.power_levels", "", power),
    ];
    if let Some(alias) = alias {
        states.push(("m.room.canonical_alias", "", json!({ "alias": alias })));
    }
    states.push(("m.room.join_rules", "", json!({ "join_rule": if public { "public" } else { "invite" } })));
    states.push(("m.room.history_visibility", "", json!({ "history_visibility": "shared" })));
    for given in body.get("initial_state").and_then(Value::as_array).into_iter().flatten() {
        let (kind, key) = (given["type"].as_str(), given["state_key"].as_str().unwrap_or_default());
        match kind {
            Some("m.room.encryption") => {
                return Err(Refusal::forbidden(
                    "Encryption is not simulated: an application service could not read it",
                ));
            }
            Some(kind) if given["content"].is_object() => states.push((kind, key, given["content"].clone())),
            _ => return Err(Refusal::bad_json("initial_state: type and content are required")),
        }
    }
    for (kind, member) in [("m.room.name", "name"), ("m.room.topic", "topic")] {
        if let Some(text) = optional(body, member) {
            states.push((kind, "", json!({ member: text })));
        }
    }
    Ok(states.into_iter().map(|(kind, key, content)| (kind.to_owned(), key.to_owned(), content)).collect())
}

fn overlay(below: &mut Value, above: Option<&Value>) {
    for (name, value) in above.and_then(Value::as_object).into_iter().flatten() {
        below[name] = value.clone();
    }
}

/// `GET /directory/room/{roomAlias}`
pub(crate) async fn find(State(server): State<Arc<Homeserver>>, Path(alias): Path<String>) -> Answer {
    let room = server.book(|book| book.aliases.get(&alias).cloned());
    let room = room.ok_or_else(|| Refusal::not_found("Room alias not found"))?;
    Ok(Json(json!({ "room_id": room, "servers": [server.registration.server_name] })))
}

/// `DELETE /directory/room/{roomAlias}`
pub(crate) async fn forget(State(server): State<Arc<Homeserver>>, Path(alias): Path<String>) -> Answer {
    let room = server.book(|book| book.aliases.remove(&alias));
    room.ok_or_else(|| Refusal::not_found("Room alias not found"))?;
    Ok(Json(json!({})))
}

/// `GET /rooms/{roomId}/state/{eventType}/{stateKey}`
pub(crate) async fn state(
    State(server): State<Arc<Homeserver>>,
    Extension(asker): Extension<Asker>,
    Path(path): Path<Vec<String>>,
) -> Answer {
    let [room, kind, rest @ ..] = path.as_slice() else { return Err(Refusal::unrecognized()) };
    let key = rest.first().map(String::as_str).unwrap_or_default();
    server.in_room(room, &asker.user, |room| {
        room.state(kind, key).cloned().map(Json).ok_or_else(|| Refusal::not_found("Event not found."))
    })
}
