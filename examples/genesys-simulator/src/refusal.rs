//! The platform's errors: `ErrorBody`.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    /// The request does not fit the schema or the rules.
    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad.request", message)
    }

    /// No such thing.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not.found", message)
    }

    /// No token at all.
    pub(crate) fn unauthenticated() -> Self {
        let message = "No authentication bearer token specified in authorization header.";
        Self::new(StatusCode::UNAUTHORIZED, "authentication.required", message)
    }

    /// A token that is none, or no longer.
    pub(crate) fn bad_credentials() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "bad.credentials", "Invalid login credentials.")
    }

    /// Too many requests with one token.
    pub(crate) fn too_many(allowed: u64) -> Self {
        let message = format!("Rate limit exceeded the maximum. Retry the request in a minute [{allowed}]");
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too.many.requests", message)
    }

    /// For faults.
    pub(crate) fn simulated(status: u16) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let code = match status.as_u16() {
            400 => "bad.request",
            401 => "bad.credentials",
            403 => "missing.any.permissions",
            404 => "not.found",
            409 => "conflict",
            413 => "request.entity.too.large",
            429 => "too.many.requests",
            503 => "service.unavailable",
            504 => "authentication.request.timeout",
            _ => "internal.server.error",
        };
        Self::new(status, code, format!("Simulated failure {status}"))
    }

    pub(crate) fn body(&self) -> Value {
        json!({
            "message": self.message,
            "code": self.code,
            "status": self.status.as_u16(),
            "contextId": agent_desk::fresh_id(),
            "details": [],
            "errors": [],
        })
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, Json(self.body())).into_response()
    }
}

impl From<agent_desk::Refusal> for Refusal {
    fn from(refusal: agent_desk::Refusal) -> Self {
        match refusal {
            agent_desk::Refusal::UnknownConversation | agent_desk::Refusal::UnknownMessage => {
                Self::not_found(refusal.to_string())
            }
            other => Self::bad(other.to_string()),
        }
    }
}
