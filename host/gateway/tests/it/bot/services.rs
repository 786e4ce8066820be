//! The two services: every request is put on record, then answered as ordered.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{RawPathParams, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use serde_json::{Value, json};

use super::{Answer, Post, RUNTIME, Service, Shared, lock};

/// What the services answer to.
pub(super) fn routes(shared: Arc<Shared>) -> Router {
    let mut routes = Router::new();
    for base in [RUNTIME, "/teams"] {
        let activities = format!("{base}/v3/conversations/{{conversation}}/activities");
        routes = routes.route(&activities, any(take)).route(&format!("{activities}/{{activity}}"), any(take));
    }
    routes.fallback(take).with_state(shared)
}

async fn take(
    State(shared): State<Arc<Shared>>,
    params: RawPathParams,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let param =
        |wanted: &str| params.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.to_owned());
    let conversation = param("conversation");
    let service = match (&conversation, uri.path().starts_with("/teams/")) {
        (None, _) => Service::Neither,
        (Some(_), true) => Service::Teams,
        (Some(_), false) => Service::Runtime,
    };
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let answer = answer(&shared, service, body["text"].as_str().unwrap_or_default());
    let thinks = *lock(&shared.thinks);
    lock(&shared.posts).push(Post {
        service,
        method,
        conversation: conversation.unwrap_or_default(),
        reply_to: param("activity"),
        headers,
        body,
        status: answer.status,
    });
    shared.called.notify_one();
    tokio::time::sleep(thinks).await;
    let status = StatusCode::from_u16(answer.status).expect("a status");
    let mut response = if answer.body.is_null() {
        status.into_response()
    } else {
        (status, axum::Json(answer.body)).into_response()
    };
    if let Some(seconds) = answer.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

fn answer(shared: &Shared, service: Service, text: &str) -> Answer {
    let mut orders = lock(&shared.orders);
    let ordered = orders.iter_mut().find(|order| text.contains(&order.text) && !order.answers.is_empty());
    if let Some(answer) = ordered.and_then(|order| order.answers.pop_front()) {
        return answer;
    }
    // Copilot Studio's runtime answers with an empty body, Teams with the id of what it made.
    let (status, body) = match service {
        Service::Runtime => (200, Value::Null),
        Service::Teams => (201, json!({ "id": "1700000000000" })),
        Service::Neither => (404, Value::Null),
    };
    Answer { status, retry_after: None, body }
}
