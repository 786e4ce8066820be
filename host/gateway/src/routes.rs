//! The public routes.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::middleware::from_fn_with_state as through;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};

use crate::config::with_slash;
use crate::front::overload;
use crate::gateway::Gateway;
use crate::{callbacks, media, messages};

pub(crate) fn public(gateway: Arc<Gateway>) -> Router {
    let bots = Router::new()
        .route("/api/messages", post(messages::receive))
        .route_layer(through(Arc::clone(&gateway), overload::turn));
    let vendors = Router::new()
        .route("/api/callbacks/{connector}", any(callbacks::mount))
        .route("/api/callbacks/{connector}/{*path}", any(callbacks::below))
        .route("/api/livechat/messages", any(callbacks::contoso))
        .route("/api/messages/proactive", any(callbacks::contoso))
        .route_layer(through(Arc::clone(&gateway), overload::callback));
    bots.merge(vendors)
        .route("/api/media/{token}", get(media::serve))
        .route("/skill-manifest.json", get(manifest))
        .route("/healthz", get(|| async { "alive\n" }))
        .route("/readyz", get(ready))
        // A body is bounded and in memory before it comes here: `limits.body_bytes`.
        .layer(DefaultBodyLimit::disable())
        .with_state(gateway)
}

async fn manifest(State(gateway): State<Arc<Gateway>>) -> Response {
    let endpoint = format!("{}api/messages", with_slash(&gateway.public_url));
    match endpoint.parse() {
        Ok(endpoint) => axum::Json(handover_channel::manifest(&endpoint, &gateway.app_id)).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Ready: the store commits and the default connector serves.
async fn ready(State(gateway): State<Arc<Gateway>>) -> Response {
    let store = gateway.relay.store().check().await;
    let connector = gateway.sandbox.takes_sessions(&gateway.routing.default);
    let line =
        |what: &str, well: bool| format!("{what}: {}\n", if well { "serves" } else { "does not serve" });
    let text =
        line("store", store.is_ok()) + &line(&format!("connector {}", gateway.routing.default), connector);
    let status = if store.is_ok() && connector { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}
