//! Who is in a room: invitations, joining, leaving, removal (client-server API, "Room membership").

use std::sync::Arc;

use axum::{
    Extension, Json,
    body::Bytes,
    extract::{Path, State},
};
use serde_json::{Map, Value, json};

use crate::{
    Homeserver,
    access::Asker,
    book::Book,
    fields::{Kind, members, required},
    refusal::Refusal,
    room::Draft,
};

type Answer = Result<Json<Value>, Refusal>;

const SOMEBODY: [(&str, Kind); 2] = [("user_id", Kind::Text), ("reason", Kind::Text)];

/// `POST /rooms/{roomId}/invite`
pub(crate) async fn invite(
    State(server): State<Arc<Homeserver>>,
    Extension(asker): Extension<Asker>,
    Path(room): Path<String>,
    body: Bytes,
) -> Answer {
    let body = members(&body, &SOMEBODY)?;
    let user = required(&body, "user_id")?;
    if !user.starts_with('@') || !user.contains(':') {
        return Err(Refusal::bad("M_INVALID_PARAM", format!("{user} is no user id")));
    }
    server.in_room(&room, &asker.user, |known| {
        if known.power(&asker.user) < known.level("invite", 0) {
            return Err(Refusal::forbidden("You don't have permission to invite users"));
        }
        match known.membership(user) {
            "join" => Err(Refusal::forbidden(format!("{user} is already in the room."))),
            "ban" => Err(Refusal::forbidden(format!("{user} is banned from the room"))),
            _ => Ok(()),
        }
    })?;
    server.book(|book| {
        if !book.users.contains_key(user) {
            return Err(Refusal::not_found("Unknown user"));
        }
        change(&server, book, &room, &asker.user, user, "invite", &body);
        Ok(())
    })?;
    if server.is_staff(user) {
        server.ring(&room);
        if server.joins_at_once {
            server.book(|book| change(&server, book, &room, user, user, "join", &Map::new()));
        }
    }
    Ok(Json(json!({})))
}

/// `POST /join/{roomIdOrAlias}` and `POST /rooms/{roomId}/join`; joined already is as good.
pub(crate) async fn join(
    State(server): State<Arc<Homeserver>>,
    Extension(asker): Extension<Asker>,
    Path(room): Path<String>,
    body: Bytes,
) -> Answer {
    let body = members(if body.is_empty() { b"{}" } else { &body }, &SOMEBODY[1..])?;
    server.book(|book| {
        let room = book.aliases.get(&room).cloned().unwrap_or(room);
        let known = book.rooms.get(&room).ok_or_else(|| Refusal::not_found("No known servers"))?;
        let public = known.text("m.room.join_rules", "join_rule") == Some("public");
        match known.membership(&asker.user) {
            "join" => {}
            "invite" => change(&server, book, &room, &asker.user, &asker.user, "join", &body),
            _ if public => change(&server, book, &room, &asker.user, &asker.user, "join", &body),
            _ => return Err(Refusal::forbidden("You are not invited to this room.")),
        }
        Ok(Json(json!({ "room_id": room })))
    })
}

/// `POST /rooms/{roomId}/leave`
pub(crate) async fn leave(
    State(server): State<Arc<Homeserver>>,
    Extension(asker): Extension<Asker>,
    Path(room): Path<String>,
    body: Bytes,
) -> Answer {
    let body = members(if body.is_empty() { b"{}" } else { &body }, &SOMEBODY[1..])?;
    server.book(|book| {
        let known = book.rooms.get(&room).ok_or_else(|| Refusal::not_in_room(&asker.user))?;
        // Who was there and is not any more may say so again.
        match known.state("m.room.member", &asker.user).and_then(|member| member["membership"].as_str()) {
            None => return Err(Refusal::not_in_room(&asker.user)),
            Some("join" | "invite") => change(&server, book, &room, &asker.user, &asker.user, "leave", &body),
            Some(_) => {}
        }
        Ok(())
    })?;
    server.is_left(&room);
    Ok(Json(json!({})))
}

/// `POST /rooms/{roomId}/kick`
pub(crate) async fn kick(
    State(server): State<Arc<Homeserver>>,
    Extension(asker): Extension<Asker>,
    Path(room): Path<String>,
    body: Bytes,
) -> Answer {
    let body = members(&body, &SOMEBODY)?;
    let user = required(&body, "user_id")?;
    server.in_room(&room, &asker.user, |known| {
        let power = known.power(&asker.user);
        if power < known.level("kick", 50) || power <= known.power(user) {
            return Err(Refusal::forbidden(format!("You cannot kick user {user}.")));
        }
        if !matches!(known.membership(user), "join" | "invite") {
            return Err(Refusal::forbidden("The target user is not in the room"));
        }
        Ok(())
    })?;
    server.book(|book| change(&server, book, &room, &asker.user, user, "leave", &body));
    Ok(Json(json!({})))
}

/// `GET /rooms/{roomId}/joined_members`
pub(crate) async fn joined(
    State(server): State<Arc<Homeserver>>,
    Extension(asker): Extension<Asker>,
    Path(room): Path<String>,
) -> Answer {
    server.in_room(&room, &asker.user, |known| {
        let joined: Map<String, Value> = known
            .joined()
            .map(|(user, member)| {
                (user.to_owned(), json!({ "display_name": member["displayname"], "avatar_url": null }))
            })
            .collect();
        Ok(Json(json!({ "joined": joined })))
    })
}

fn change(
    server: &Homeserver,
    book: &mut Book,
    room: &str,
    sender: &str,
    user: &str,
    membership: &str,
    body: &Map<String, Value>,
) {
    let mut content = book.member(user, membership);
    if let Some(reason) = body.get("reason") {
        content["reason"] = reason.clone();
    }
    let draft = Draft { id: None, kind: "m.room.member", sender, state_key: Some(user), content };
    server.add(book, room, draft);
}
