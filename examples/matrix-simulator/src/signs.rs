//! What passes: who types, who has read.

use std::{sync::Arc, time::Duration};

use agent_desk::Delivery;
use axum::{
    Extension, Json,
    body::Bytes,
    extract::{Path, State},
};
use serde_json::{Value, json};

use crate::{
    Homeserver,
    access::Asker,
    fields::{Kind, members},
    refusal::Refusal,
    room::now,
};

type Answer = Result<Json<Value>, Refusal>;

/// How long a sign of typing lasts where nobody says.
const WEARS_OFF: u64 = 30_000;

/// `PUT /rooms/{roomId}/typing/{userId}`
pub(crate) async fn typing(
    State(server): State<Arc<Homeserver>>,
    Extension(asker): Extension<Asker>,
    Path((room, user)): Path<(String, String)>,
    body: Bytes,
) -> Answer {
    let body = members(&body, &[("typing", Kind::Flag), ("timeout", Kind::Number)])?;
    let on = body.get("typing").and_then(Value::as_bool);
    let on = on.ok_or_else(|| Refusal::bad("M_MISSING_PARAM", "Missing param: typing"))?;
    let timeout = body.get("timeout").and_then(Value::as_u64).unwrap_or(WEARS_OFF);
    if user != asker.user {
        return Err(Refusal::forbidden("Cannot set another user's typing state"));
    }
    server.in_room(&room, &user, |_| Ok(()))?;
    let sign = server.types(&room, &user, on);
    // There is a conversation only where agents have been asked.
    let _ = server.desk.customer_types(&room, on, None);
    if on {
        let (server, stop) = (Arc::clone(&server), server.desk.stopping());
        let wears_off = async move {
            tokio::time::sleep(Duration::from_millis(timeout)).await;
            if server.stops_typing(&room, &user, sign) {
                let _ = server.desk.customer_types(&room, false, None);
            }
        };
        tokio::spawn(async move { stop.run_until_cancelled(wears_off).await });
    }
    Ok(Json(json!({})))
}

/// `POST /rooms/{roomId}/receipt/{receiptType}/{eventId}`
pub(crate) async fn receipt(
    State(server): State<Arc<Homeserver>>,
    Extension(asker): Extension<Asker>,
    Path((room, kind, event)): Path<(String, String, String)>,
    body: Bytes,
) -> Answer {
    members(if body.is_empty() { b"{}" } else { &body }, &[("thread_id", Kind::Text)])?;
    if !matches!(kind.as_str(), "m.read" | "m.read.private" | "m.fully_read") {
        return Err(Refusal::bad(
            "M_INVALID_PARAM",
            "Receipt type must be m.read, m.read.private or m.fully_read",
        ));
    }
    server.in_room(&room, &asker.user, |known| {
        let there = known.timeline.iter().any(|one| one["event_id"] == event.as_str());
        if there { Ok(()) } else { Err(Refusal::not_found("Event not found in this room")) }
    })?;
    if kind == "m.read" {
        server.has_read(&room, &asker.user, &event);
        // Of an agent's message; of anything else nobody is told.
        let message = server.message_of(&event);
        let _ = server.desk.receipt(&room, &message, Delivery::Read);
    }
    Ok(Json(json!({})))
}

impl Homeserver {
    /// Somebody types, or no longer does; which sign it was.
    pub(crate) fn types(&self, room: &str, user: &str, on: bool) -> u64 {
        self.book(|book| {
            book.signs += 1;
            let sign = book.signs;
            if let Some(known) = book.rooms.get_mut(room) {
                if on {
                    known.typing.insert(user.to_owned(), sign);
                } else if known.typing.remove(user).is_none() {
                    return sign;
                }
                let users: Vec<&String> = known.typing.keys().collect();
                let content = json!({ "user_ids": users });
                self.outbox.push_passing(json!({ "type": "m.typing", "room_id": room, "content": content }));
            }
            sign
        })
    }

    /// Unless they have given another sign since.
    fn stops_typing(&self, room: &str, user: &str, sign: u64) -> bool {
        let same =
            self.book(|book| book.rooms.get(room).is_some_and(|known| known.typing.get(user) == Some(&sign)));
        if same {
            self.types(room, user, false);
        }
        same
    }

    /// Somebody has read as far as this.
    pub(crate) fn has_read(&self, room: &str, user: &str, event: &str) {
        let content = json!({ event: { "m.read": { user: { "ts": now() } } } });
        self.outbox.push_passing(json!({ "type": "m.receipt", "room_id": room, "content": content }));
    }
}
