//! What an operator does about people: ends a chat, erases a customer.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use handover_handoff::SessionId;
use ring::digest;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::audited::{Done, audited};
use super::door::Operator;
use super::{Admin, refused};
use crate::audit::Deed;

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
    Extension(operator): Extension<Operator>,
    asked: Result<axum::Json<End>, JsonRejection>,
) -> Response {
    let session = match asked {
        Ok(axum::Json(asked)) => SessionId(asked.session),
        Err(why) => return refused(StatusCode::BAD_REQUEST, why.body_text()),
    };
    let relay = Arc::clone(&admin.gateway.relay);
    audited(&admin, Deed::new(operator.who, "end", session.to_string()), async move {
        match relay.end(session).await {
            Ok(true) => axum::Json(json!({ "ended": session })).into_response().into(),
            Ok(false) => refused(StatusCode::NOT_FOUND, "no such session is open").into(),
            Err(error) => refused(StatusCode::SERVICE_UNAVAILABLE, error).into(),
        }
    })
    .await
}

pub(super) async fn forget(
    State(admin): State<Admin>,
    Extension(operator): Extension<Operator>,
    asked: Result<axum::Json<Forget>, JsonRejection>,
) -> Response {
    let customer = match asked {
        Ok(axum::Json(asked)) => asked.customer,
        Err(why) => return refused(StatusCode::BAD_REQUEST, why.body_text()),
    };
    let relay = Arc::clone(&admin.gateway.relay);
    audited(&admin, Deed::new(operator.who, "forget", mark(&customer)), async move {
        match relay.forget(&customer).await {
            Ok(sessions) => Done {
                response: axum::Json(json!({ "sessions": sessions })).into_response(),
                detail: format!("{sessions} sessions"),
            },
            Err(error) => refused(StatusCode::SERVICE_UNAVAILABLE, error).into(),
        }
    })
    .await
}

/// What the audit calls a customer: who knows the id finds the line, and the line does not keep the id that was to be
/// forgotten.
fn mark(customer: &str) -> String {
    let digest = digest::digest(&digest::SHA256, customer.as_bytes());
    let start: String = digest.as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("customer sha256:{start}")
}
