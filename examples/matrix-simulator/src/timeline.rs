//! What is said in a room, and its history.

use std::{collections::HashMap, sync::Arc};

use axum::{
    Extension, Json,
    body::Bytes,
    extract::{Path, Query, State},
};
use serde_json::{Value, json};

use crate::{
    Homeserver,
    access::Asker,
    fields::{object, without_nul},
    refusal::Refusal,
    room::Draft,
};

type Answer = Result<Json<Value>, Refusal>;

/// Most bytes of an event (client-server API, "Size limits").
const LARGEST: usize = 65_536;

/// Most events of a page.
const LONGEST_PAGE: usize = 1_000;

/// Whether a request says something that programs are not to answer.
pub(crate) fn is_notice(body: &[u8]) -> bool {
    serde_json::from_slice::<Value>(body).is_ok_and(|content| content["msgtype"] == "m.notice")
}

/// `PUT /rooms/{roomId}/send/{eventType}/{txnId}`: the same transaction again is the same event.
pub(crate) async fn send(
    State(server): State<Arc<Homeserver>>,
    Extension(asker): Extension<Asker>,
    Path((room, kind, transaction)): Path<(String, String, String)>,
    body: Bytes,
) -> Answer {
    // By device, and by the path (client-server API, "Transaction identifiers").
    let same = json!([asker.user, asker.device, room, kind, transaction]).to_string();
    if let Some(known) = server.book(|book| book.answered.get(&same).cloned()) {
        return Ok(Json(json!({ "event_id": known })));
    }
    let content = Value::Object(object(&body)?);
    check(&kind, &content)?;
    server.in_room(&room, &asker.user, |known| {
        let allowed = known.power(&asker.user) >= known.level("events_default", 0);
        if allowed {
            Ok(())
        } else {
            Err(Refusal::forbidden("You don't have permission to post that to the room"))
        }
    })?;
    let draft = Draft { id: None, kind: &kind, sender: &asker.user, state_key: None, content };
    let event = server.book(|book| {
        let event = server.add(book, &room, draft)?.0;
        let id = event["event_id"].as_str().unwrap_or_default().to_owned();
        book.answered.insert(same, id);
        Some(event)
    });
    let event = event.ok_or_else(|| Refusal::not_in_room(&asker.user))?;
    server.show(&room, &event);
    Ok(Json(json!({ "event_id": event["event_id"] })))
}

/// The module "Instant messaging", which homeservers leave to clients, and what a homeserver refuses.
fn check(kind: &str, content: &Value) -> Result<(), Refusal> {
    if content.to_string().len() > LARGEST {
        return Err(Refusal::too_large("event too large"));
    }
    if !without_nul(content) {
        return Err(Refusal::bad_json("no text may hold NUL"));
    }
    if kind != "m.room.message" {
        return Ok(());
    }
    let text = |name: &str| content[name].as_str().filter(|text| !text.trim().is_empty());
    let (Some(kind), Some(_)) = (text("msgtype"), text("body")) else {
        return Err(Refusal::bad_json("a message needs msgtype and body"));
    };
    let fits = match kind {
        "m.text" | "m.notice" | "m.emote" => {
            content.get("formatted_body").is_none() || content["format"] == "org.matrix.custom.html"
        }
        "m.file" | "m.image" | "m.audio" | "m.video" => {
            content["url"].as_str().is_some_and(|url| url.starts_with("mxc://"))
        }
        _ => false,
    };
    if fits { Ok(()) } else { Err(Refusal::bad_json(format!("no {kind} looks so"))) }
}

/// `GET /rooms/{roomId}/messages`
pub(crate) async fn history(
    State(server): State<Arc<Homeserver>>,
    Extension(asker): Extension<Asker>,
    Path(room): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Answer {
    let backwards = match query.get("dir").map(String::as_str) {
        Some("f") => false,
        Some("b") => true,
        Some(_) => return Err(Refusal::bad("M_INVALID_PARAM", "dir must be b or f")),
        None => return Err(Refusal::bad("M_MISSING_PARAM", "Missing required string query parameter dir")),
    };
    let limit = match query.get("limit").map(|limit| limit.parse::<usize>()) {
        None => 10,
        Some(Ok(limit)) => limit.min(LONGEST_PAGE),
        Some(Err(_)) => return Err(Refusal::bad("M_INVALID_PARAM", "limit must be an integer")),
    };
    server.in_room(&room, &asker.user, |known| {
        let all = known.timeline.len();
        let from = match query.get("from") {
            None if backwards => all,
            None => 0,
            Some(token) => token
                .strip_prefix('t')
                .and_then(|place| place.parse().ok())
                .filter(|place| *place <= all)
                .ok_or_else(|| Refusal::bad("M_INVALID_PARAM", "Invalid from parameter"))?,
        };
        let (end, chunk): (usize, Vec<&Value>) = if backwards {
            let end = from.saturating_sub(limit);
            (end, known.timeline[end..from].iter().rev().collect())
        } else {
            let end = (from + limit).min(all);
            (end, known.timeline[from..end].iter().collect())
        };
        let mut answer = json!({ "start": format!("t{from}"), "chunk": chunk });
        // "If no further events are available, this property is omitted": where there is nothing at all, it is known.
        if end != from {
            answer["end"] = json!(format!("t{end}"));
        }
        Ok(Json(answer))
    })
}
