//! The room of a session: made once, under an alias that carries the session's id.

use handover_connector::failure::misconfigured;
use handover_connector::http::Method;
use handover_connector::text::{clean, clip, percent};
use handover_connector::{Failure, FailureReason, NewSession, RetryAdvice};
use serde_json::{Value, json};

use super::Place;
use super::ghost::{beginning, name};
use crate::server;
use crate::settings::Settings;

/// The room's id; of the one that is there already, where an earlier attempt got so far.
pub fn open(settings: &Settings, ghost: &str, session: &NewSession) -> Result<String, Failure> {
    if let Some(room) = create(settings, ghost, session)? {
        return Ok(room);
    }
    let alias = format!("#{}:{}", settings.room(&session.id), settings.server_name);
    let path = format!("client/v3/directory/room/{}", percent(&alias));
    let known = server::answered(server::request(Method::Get, &path, ghost))?;
    if let Some(room) = id(&known.value()).filter(|_| known.is_success()) {
        let place = Place { settings, room: &room, ghost };
        // Synapse takes the alias before it fills the room: one that it died over has no name, and nobody in it.
        let named = server::answered(server::request(Method::Get, &place.path("state/m.room.name/"), ghost))?;
        match named.status {
            200 => return Ok(room),
            403 | 404 => {}
            _ => return Err(server::refused(&named)),
        }
        server::done(server::request(Method::Delete, &path, ghost)).map_err(beginning)?;
    }
    create(settings, ghost, session)?.ok_or_else(|| Failure {
        reason: FailureReason::Unavailable,
        retry: RetryAdvice::Safe(None),
        detail: "the room's alias is taken, and leads nowhere".to_owned(),
    })
}

/// None where the alias is taken.
fn create(settings: &Settings, ghost: &str, session: &NewSession) -> Result<Option<String>, Failure> {
    let problem = clean(session.need());
    let problem = problem.trim();
    let title = match problem.lines().next() {
        Some(line) => format!("{}: {}", name(&session.customer), clip(line, 60).trim()),
        None => name(&session.customer),
    };
    let body = json!({
        "preset": "private_chat",
        "visibility": "private",
        "room_alias_name": settings.room(&session.id),
        "name": title,
        "topic": clip(problem, 1_000),
        "creation_content": { "m.federate": settings.federate },
        // Whoever is here is an agent: may invite colleagues, and remove the customer. Encryption stays with us, who
        // could not read it.
        "power_level_content_override": { "users_default": 50, "invite": 0 },
        "initial_state": [
            { "type": "m.room.guest_access", "state_key": "", "content": { "guest_access": "forbidden" } },
        ],
    });
    let made = server::answered(server::request(Method::Post, "client/v3/createRoom", ghost).json(&body))?;
    if server::code(&made) == "M_ROOM_IN_USE" {
        return Ok(None);
    }
    if !made.is_success() {
        return Err(beginning(server::refused(&made)));
    }
    let key = "upstreams.homeserver.base_url";
    let odd = || misconfigured(key, "what answers there makes rooms without ids");
    id(&made.value()).map(Some).ok_or_else(odd)
}

fn id(answer: &Value) -> Option<String> {
    answer["room_id"].as_str().map(str::to_owned)
}
