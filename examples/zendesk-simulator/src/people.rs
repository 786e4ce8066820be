//! Users and conversations: made, found, listed.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
};
use serde_json::{Value, json};

use crate::{app::App, book::User, refusal::Refused, strict};

type Made = (StatusCode, Json<Value>);

pub(crate) async fn create_user(
    State(app): State<Arc<App>>,
    Path(app_id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Made, Refused> {
    app.admit(&headers, &app_id)?;
    let body = app.read("CreateUser", &headers, &body)?;
    strict::user(&body)?;
    let user = app.book().add_user(User::new(&body))?;
    Ok((StatusCode::CREATED, Json(json!({ "user": user }))))
}

pub(crate) async fn get_user(
    State(app): State<Arc<App>>,
    Path((app_id, user)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refused> {
    app.admit(&headers, &app_id)?;
    let user = app.book().user(&user)?.json();
    Ok(Json(json!({ "user": user })))
}

pub(crate) async fn create_conversation(
    State(app): State<Arc<App>>,
    Path(app_id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Made, Refused> {
    app.admit(&headers, &app_id)?;
    let body = app.read("CreateConversation", &headers, &body)?;
    strict::metadata(&body)?;
    if body["type"] != "personal" {
        return Err(Refused::bad("type must be personal: group conversations are not simulated"));
    }
    let participants = body["participants"].as_array().map(Vec::as_slice).unwrap_or_default();
    let [participant] = participants else {
        return Err(Refused::bad("participants must have a length of exactly 1 for personal conversations"));
    };
    let mut book = app.book();
    let user = book.named(participant)?.id.clone();
    if !app.multi_conversations && book.talks_of(&user).next().is_some() {
        // Which words Zendesk has for it is not documented.
        return Err(Refused::bad(
            "The user has a personal conversation, and multi-conversations are not enabled",
        ));
    }
    let conversation = book.open(&user, &body["metadata"], app.answer_bot.clone());
    Ok((StatusCode::CREATED, Json(json!({ "conversation": conversation }))))
}

pub(crate) async fn get_conversation(
    State(app): State<Arc<App>>,
    Path((app_id, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refused> {
    app.admit(&headers, &app_id)?;
    let conversation = app.book().talk(&id)?.json();
    Ok(Json(json!({ "conversation": conversation })))
}

pub(crate) async fn list_conversations(
    State(app): State<Arc<App>>,
    Path(app_id): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refused> {
    app.admit(&headers, &app_id)?;
    let (mut filter, mut size) = (json!({}), 25);
    for (name, value) in query {
        match name.as_str() {
            "filter[userId]" => filter["userId"] = json!(value),
            "filter[userExternalId]" => filter["userExternalId"] = json!(value),
            "page[size]" => {
                let good = value.parse().ok().filter(|size| (1..=100).contains(size));
                size = good.ok_or_else(|| Refused::bad("Invalid page query parameters"))?;
            }
            _ => return Err(Refused::bad(format!("Unknown query parameter {name}"))),
        }
    }
    let book = app.book();
    let user = book.named(&filter)?.id.clone();
    let all: Vec<Value> = book.talks_of(&user).map(crate::book::Talk::json).collect();
    let more = all.len() > size;
    let page: Vec<Value> = all.into_iter().take(size).collect();
    Ok(Json(json!({ "conversations": page, "meta": { "hasMore": more }, "links": {} })))
}
