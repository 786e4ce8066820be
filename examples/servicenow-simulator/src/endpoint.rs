//! `POST /api/sn_va_as_service/bot/integration`: asks who it is, answers success, and leaves the rest to the worker.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, header, request::Parts},
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::{Value, json};

use crate::{
    Instance, message_auth,
    refusal::Refusal,
    request::{self, Action, Discarded, Request},
};

pub fn routes(instance: &Arc<Instance>) -> Router<Arc<Instance>> {
    let judge = Arc::clone(instance);
    // The name tells what was discarded, as far as the request itself shows it.
    let name = move |parts: &Parts, body: &[u8]| match serde_json::from_slice(body) {
        Err(_) => "discarded.json",
        Ok(json) => match judge.read(&parts.headers, body, &json) {
            Ok(request) => request.action.operation(),
            Err(Discarded { word, .. }) => match word {
                "user" => "discarded.user",
                "text" => "discarded.text",
                "action" => "discarded.action",
                "token" => "discarded.token",
                "signature" => "discarded.signature",
                _ => "discarded.shape",
            },
        },
    };
    let route = post(take).fallback(|| async { Refusal::METHOD });
    let route = instance.desk.operation_by(name, route.layer(DefaultBodyLimit::max(10 << 20)));
    Router::new().route("/api/sn_va_as_service/bot/integration", route)
}

async fn take(
    State(instance): State<Arc<Instance>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    instance.admit(&headers)?;
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.split(';').next().map(str::trim) != Some("application/json") {
        return Err(Refusal::MEDIA_TYPE);
    }
    let json: Value = serde_json::from_slice(&body).map_err(|_| Refusal::bad("The body is no JSON"))?;
    let request_id = json["requestId"].as_str();
    let request = match instance.read(&headers, &body, &json) {
        Ok(request) => request,
        Err(discarded) => {
            instance.syslog.write(request_id, discarded.why);
            // "HTTP 200": the worker finds out later.
            return Ok(success());
        }
    };
    let is_update = request.action == Action::Update;
    if let Err(why) = instance.work(&request) {
        instance.syslog.write(request_id, why);
    }
    // "This is a synchronous action irrespective of synchronous/asynchronous nature of the channel."
    Ok(if is_update { Json("Message Processed Successfully").into_response() } else { success() })
}

fn success() -> Response {
    Json(json!({ "status": "success" })).into_response()
}

impl Instance {
    fn read(&self, headers: &HeaderMap, body: &[u8], json: &Value) -> Result<Request, Discarded> {
        message_auth::check(self.config.message_auth.as_ref(), headers, body, json).map_err(|word| {
            let why =
                if word == "token" { "the static token does not match" } else { "the hash does not match" };
            Discarded { word, why }
        })?;
        request::read(json)
    }
}
