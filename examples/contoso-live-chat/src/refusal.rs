//! Why a request was refused, as the status and JSON the sample answers with.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

/// A request that is not carried out.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    error: String,
    code: Option<&'static str>,
}

impl Refusal {
    fn new(status: StatusCode, error: impl Into<String>) -> Self {
        Self { status, error: error.into(), code: None }
    }

    pub(crate) fn bad(error: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error)
    }

    pub(crate) fn empty_text() -> Self {
        Self::bad("Message text cannot be empty")
    }

    pub(crate) fn not_found(error: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, error)
    }

    pub(crate) fn unknown_conversation() -> Self {
        Self::not_found("Conversation not found")
    }

    pub(crate) fn ended() -> Self {
        Self::new(StatusCode::GONE, "Conversation has ended")
    }

    pub(crate) fn conflict(error: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, error)
    }

    pub(crate) fn no_agents() -> Self {
        Self { code: Some("no-agents"), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "no agents available") }
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "The API key is missing or wrong")
    }

    pub(crate) fn forbidden(error: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, error)
    }

    /// An answer with a status that was decided elsewhere, such as the webhook's own.
    pub(crate) fn with_status(status: StatusCode, error: impl Into<String>) -> Self {
        Self::new(status, error)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut body = json!({ "error": self.error });
        if let Some(code) = self.code {
            body["code"] = json!(code);
        }
        (self.status, Json(body)).into_response()
    }
}
