//! The homeserver's errors: a status and `errcode` (client-server API, "Standard error response").

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    status: StatusCode,
    code: &'static str,
    error: String,
    retry_after_ms: Option<u64>,
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, error: impl Into<String>) -> Self {
        Self { status, code, error: error.into(), retry_after_ms: None }
    }

    /// 400 with this code.
    pub(crate) fn bad(code: &'static str, error: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, error)
    }

    /// JSON of another shape than the specification's.
    pub(crate) fn bad_json(error: impl Into<String>) -> Self {
        Self::bad("M_BAD_JSON", error)
    }

    pub(crate) fn forbidden(error: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "M_FORBIDDEN", error)
    }

    /// Of whoever is not in a room, and of rooms that do not exist: nobody is to find out which.
    pub(crate) fn not_in_room(user: &str) -> Self {
        Self::forbidden(format!("User {user} not in room"))
    }

    pub(crate) fn not_found(error: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "M_NOT_FOUND", error)
    }

    /// No such endpoint.
    pub(crate) fn unrecognized() -> Self {
        Self::new(StatusCode::NOT_FOUND, "M_UNRECOGNIZED", "Unrecognized request")
    }

    /// An endpoint without this method.
    pub(crate) fn wrong_method() -> Self {
        Self { status: StatusCode::METHOD_NOT_ALLOWED, ..Self::unrecognized() }
    }

    pub(crate) fn missing_token() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "M_MISSING_TOKEN", "Missing access token")
    }

    pub(crate) fn unknown_token() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "M_UNKNOWN_TOKEN", "Invalid access token passed.")
    }

    pub(crate) fn too_large(error: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "M_TOO_LARGE", error)
    }

    pub(crate) fn too_many(retry_after_ms: u64) -> Self {
        let refusal = Self::new(StatusCode::TOO_MANY_REQUESTS, "M_LIMIT_EXCEEDED", "Too Many Requests");
        Self { retry_after_ms: Some(retry_after_ms), ..refusal }
    }

    /// For faults.
    pub(crate) fn simulated(status: u16) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let code = match status.as_u16() {
            401 => "M_UNKNOWN_TOKEN",
            403 => "M_FORBIDDEN",
            404 => "M_NOT_FOUND",
            413 => "M_TOO_LARGE",
            429 => return Self::too_many(1_000),
            _ => "M_UNKNOWN",
        };
        Self::new(status, code, format!("Simulated failure {}", status.as_u16()))
    }

    pub(crate) fn body(&self) -> Value {
        let mut body = json!({ "errcode": self.code, "error": self.error });
        if let Some(after) = self.retry_after_ms {
            body["retry_after_ms"] = json!(after);
        }
        body
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body())).into_response();
        if let Some(after) = self.retry_after_ms {
            let seconds = HeaderValue::from(after.div_ceil(1_000));
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
    }
}
