//! Why a request was refused, as the status and JSON the sample answers with.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

/// A request that is not carried out.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The desk does not do it; its answers are the sample's.
    Desk(agent_desk::Refusal),
    /// Anything else.
    Other(StatusCode, String),
}

impl Refusal {
    pub(crate) fn bad(error: impl Into<String>) -> Self {
        Self::Desk(agent_desk::Refusal::Bad(error.into()))
    }

    pub(crate) fn not_found(error: impl Into<String>) -> Self {
        Self::Other(StatusCode::NOT_FOUND, error.into())
    }

    pub(crate) fn unauthorized() -> Self {
        Self::Other(StatusCode::UNAUTHORIZED, "The API key is missing or wrong".to_owned())
    }

    /// An answer with a status that was decided elsewhere, such as the webhook's own.
    pub(crate) fn with_status(status: StatusCode, error: impl Into<String>) -> Self {
        Self::Other(status, error.into())
    }
}

impl From<agent_desk::Refusal> for Refusal {
    fn from(refusal: agent_desk::Refusal) -> Self {
        Self::Desk(refusal)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Desk(refusal) => refusal.into_response(),
            Self::Other(status, error) => (status, Json(json!({ "error": error }))).into_response(),
        }
    }
}
