//! Why a request was refused, as Salesforce says it: a status, a sentence, and a code.

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

/// A request that is not carried out.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    message: String,
    /// Set where the event router answers, whose errors look different.
    path: Option<&'static str>,
}

impl Refusal {
    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, message: message.into(), path: None }
    }

    pub(crate) fn unauthorized(message: &str) -> Self {
        Self { status: StatusCode::UNAUTHORIZED, ..Self::bad(message) }
    }

    /// Another visitor's.
    pub(crate) fn forbidden() -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            ..Self::bad("The end user is not a participant of the conversation.")
        }
    }

    pub(crate) fn not_found() -> Self {
        Self { status: StatusCode::NOT_FOUND, ..Self::bad("The conversation doesn't exist or is closed.") }
    }

    pub(crate) fn unknown_route() -> Self {
        Self { status: StatusCode::NOT_FOUND, ..Self::bad("No such resource.") }
    }

    pub(crate) fn too_large() -> Self {
        Self { status: StatusCode::PAYLOAD_TOO_LARGE, ..Self::bad("The file is larger than 5 MB.") }
    }

    pub(crate) fn not_acceptable() -> Self {
        Self { status: StatusCode::NOT_ACCEPTABLE, ..Self::bad("Only text/event-stream is served here.") }
    }

    /// From the event router.
    pub(crate) fn of_router(self) -> Self {
        Self { path: Some("/eventrouter/v1/sse"), ..self }
    }
}

impl From<agent_desk::Refusal> for Refusal {
    fn from(refusal: agent_desk::Refusal) -> Self {
        let status = match refusal {
            agent_desk::Refusal::UnknownConversation => return Self::not_found(),
            agent_desk::Refusal::Full(_) => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        };
        Self { status, ..Self::bad(refusal.to_string()) }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let reason = self.status.canonical_reason().unwrap_or("Error");
        let body = match self.path {
            Some(path) => json!({ "status": self.status.as_u16(), "error": reason, "path": path }),
            None => json!({ "message": self.message, "errorCode": code(reason) }),
        };
        let mut response = (self.status, Json(body)).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// The body of an answer that a fault gives.
pub(crate) fn of_fault(status: u16) -> Value {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let reason = status.canonical_reason().unwrap_or("Error");
    json!({ "message": format!("Simulated failure {}", status.as_u16()), "errorCode": code(reason) })
}

/// `Bad Request` as `BAD_REQUEST`.
fn code(reason: &str) -> String {
    reason.to_ascii_uppercase().replace([' ', '-'], "_")
}
