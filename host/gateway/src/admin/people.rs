//! What an operator does about people: ends a chat, erases a customer.

use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use handover_handoff::SessionId;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::{Admin, refused};

/// Which session.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct End {
    session: Uuid,
}

/// Which customer, by the channel's id of that person.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Forget {
    customer: String,
}

pub(super) async fn end(
    State(admin): State<Admin>,
    asked: Result<axum::Json<End>, JsonRejection>,
) -> Response {
    let session = match asked {
        Ok(axum::Json(asked)) => SessionId(asked.session),
        Err(why) => return refused(StatusCode::BAD_REQUEST, why.body_text()),
    };
    match admin.gateway.relay.end(session).await {
        Ok(true) => {
            tracing::info!(%session, "an operator ended a session");
            axum::Json(json!({ "ended": session })).into_response()
        }
        Ok(false) => refused(StatusCode::NOT_FOUND, "no such session is open"),
        Err(error) => refused(StatusCode::SERVICE_UNAVAILABLE, error),
    }
}

pub(super) async fn forget(
    State(admin): State<Admin>,
    asked: Result<axum::Json<Forget>, JsonRejection>,
) -> Response {
    let customer = match asked {
        Ok(axum::Json(asked)) => asked.customer,
        Err(why) => return refused(StatusCode::BAD_REQUEST, why.body_text()),
    };
    match admin.gateway.relay.forget(&customer).await {
        Ok(sessions) => {
            tracing::info!(sessions, "an operator erased a customer");
            axum::Json(json!({ "sessions": sessions })).into_response()
        }
        Err(error) => refused(StatusCode::SERVICE_UNAVAILABLE, error),
    }
}
