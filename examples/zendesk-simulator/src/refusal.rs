//! Errors as the Conversations API writes them: `{"errors":[{"code","title"}]}`.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

/// A request that is not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    status: u16,
    code: &'static str,
    title: String,
}

impl Refused {
    pub(crate) fn new(status: u16, code: &'static str, title: impl Into<String>) -> Self {
        Self { status, code, title: title.into() }
    }

    pub(crate) fn bad(title: impl Into<String>) -> Self {
        Self::new(400, "bad_request", title)
    }

    pub(crate) fn no_user() -> Self {
        Self::new(404, "user_not_found", "User not found")
    }

    pub(crate) fn no_conversation() -> Self {
        Self::new(404, "conversation_not_found", "Conversation not found")
    }
}

/// What faults answer with this status.
pub(crate) fn body(status: u16) -> Value {
    let code = match status {
        400 => "bad_request",
        401 => "unauthorized",
        403 => "forbidden",
        404 => "not_found",
        409 => "conflict",
        413 => "payload_too_large",
        423 => "locked",
        429 => "too_many_requests",
        503 => "service_unavailable",
        _ => "internal_server_error",
    };
    json!({ "errors": [{ "code": code, "title": format!("Simulated failure {status}") }] })
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, Json(json!({ "errors": [{ "code": self.code, "title": self.title }] }))).into_response()
    }
}
