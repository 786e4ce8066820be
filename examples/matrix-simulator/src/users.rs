//! Users: registration, names, devices, presence.

use std::sync::Arc;

use axum::{
    Extension, Json,
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
};
use serde_json::{Value, json};

use crate::{
    Homeserver,
    access::Asker,
    book::User,
    fields::{Kind, members, optional, required},
    refusal::Refusal,
    room::Draft,
};

/// Longest user id, in bytes (appendix "User identifiers").
const LONGEST_ID: usize = 255;

/// Longest name; Synapse's own bound (`MAX_DISPLAYNAME_LEN`).
const LONGEST_NAME: usize = 256;

type Answer = Result<Json<Value>, Refusal>;

/// `POST /register` (application service API, "Server admin style permissions"; MSC4190).
pub(crate) async fn register(State(server): State<Arc<Homeserver>>, body: Bytes) -> Answer {
    let known = [
        ("type", Kind::Text),
        ("username", Kind::Text),
        ("inhibit_login", Kind::Flag),
        ("device_id", Kind::Text),
    ];
    let body = members(&body, &known)?;
    if required(&body, "type")? != "m.login.application_service" {
        return Err(Refusal::bad("M_UNKNOWN", "Users register here as an application service only."));
    }
    let local = required(&body, "username")?;
    let user = format!("@{local}:{}", server.registration.server_name);
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._=/-+".contains(&byte);
    if local.is_empty() || !local.bytes().all(fits) || user.len() > LONGEST_ID {
        return Err(Refusal::bad(
            "M_INVALID_USERNAME",
            "User ID can only contain characters a-z, 0-9, or '=_-./+'",
        ));
    }
    if !server.registration.owns(&user) {
        return Err(Refusal::bad("M_EXCLUSIVE", "This user ID is reserved by an application service."));
    }
    if body.get("inhibit_login") != Some(&Value::Bool(true)) {
        let why = "This registration manages devices itself: inhibit_login must be true";
        return Err(Refusal::bad("M_APPSERVICE_LOGIN_UNSUPPORTED", why));
    }
    server.book(|book| {
        if book.users.contains_key(&user) {
            return Err(Refusal::bad("M_USER_IN_USE", "User ID already taken."));
        }
        book.users.insert(user.clone(), User { name: Some(local.to_owned()), ..User::default() });
        Ok(Json(json!({ "user_id": user, "home_server": server.registration.server_name })))
    })
}

/// `GET /account/whoami`
pub(crate) async fn whoami(Extension(asker): Extension<Asker>) -> Json<Value> {
    Json(json!({ "user_id": asker.user }))
}

/// `PUT /profile/{userId}/displayname`
pub(crate) async fn rename(
    State(server): State<Arc<Homeserver>>,
    Extension(asker): Extension<Asker>,
    Path(user): Path<String>,
    body: Bytes,
) -> Answer {
    let body = members(&body, &[("displayname", Kind::Text)])?;
    let name = required(&body, "displayname")?;
    if user != asker.user {
        return Err(Refusal::forbidden("Cannot set another user's displayname"));
    }
    if name.chars().count() > LONGEST_NAME {
        return Err(Refusal::bad("M_INVALID_PARAM", format!("Displayname is too long (max {LONGEST_NAME})")));
    }
    server.book(|book| {
        if let Some(known) = book.users.get_mut(&user) {
            if known.name.as_deref() == Some(name) {
                return;
            }
            known.name = Some(name.to_owned());
        }
        // It shows in every room that the user is in.
        let rooms: Vec<String> =
            book.rooms.values().filter(|room| room.is_joined(&user)).map(|room| room.id.clone()).collect();
        for room in rooms {
            let content = book.member(&user, "join");
            let kind = "m.room.member";
            server.add(book, &room, Draft { id: None, kind, sender: &user, state_key: Some(&user), content });
        }
    });
    Ok(Json(json!({})))
}

/// `PUT /devices/{deviceId}`: 201 where it is new (MSC4190).
pub(crate) async fn device(
    State(server): State<Arc<Homeserver>>,
    Extension(asker): Extension<Asker>,
    Path(device): Path<String>,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let body = members(&body, &[("display_name", Kind::Text)])?;
    if optional(&body, "display_name").is_some_and(|name| name.len() > 100) {
        return Err(Refusal::bad("M_INVALID_PARAM", "Device display name is too long (max 100)"));
    }
    let new =
        server.book(|book| book.users.get_mut(&asker.user).is_some_and(|user| user.devices.insert(device)));
    Ok((if new { StatusCode::CREATED } else { StatusCode::OK }, Json(json!({}))))
}

/// `GET /presence/{userId}/status`: seen by those who share a room. Agents are online while their desk is open.
pub(crate) async fn presence(
    State(server): State<Arc<Homeserver>>,
    Extension(asker): Extension<Asker>,
    Path(user): Path<String>,
) -> Answer {
    server.book(|book| {
        let share = book.rooms.values().any(|room| room.is_joined(&asker.user) && room.is_joined(&user));
        if share { Ok(()) } else { Err(Refusal::forbidden("You are not allowed to see their presence.")) }
    })?;
    let there = server.is_staff(&user) && server.desk.is_open();
    let presence = if there { "online" } else { "offline" };
    Ok(Json(json!({ "presence": presence, "currently_active": there })))
}
