//! Why the desk does not do what was asked.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

/// A request that is not carried out. As an answer it is `{"error": …}` with [`Refusal::status`]; vendors whose errors
/// look different make their own from it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// There is no such conversation.
    #[error("Conversation not found")]
    UnknownConversation,
    /// There is no such message of an agent.
    #[error("Message not found")]
    UnknownMessage,
    /// Only a running conversation allows it.
    #[error("Conversation has ended")]
    Ended,
    /// There is neither text nor attachment.
    #[error("Message text cannot be empty")]
    Empty,
    /// Somebody else has the conversation.
    #[error("{0} already has this conversation")]
    Taken(String),
    /// The conversation's state does not allow it, and why.
    #[error("{0}")]
    Conflict(String),
    /// The desk is closed.
    #[error("no agents available")]
    NoAgents,
    /// The desk, or the conversation, holds as much as it can.
    #[error("{0}")]
    Full(String),
    /// The request makes no sense, and why.
    #[error("{0}")]
    Bad(String),
    /// This vendor's agents cannot do it.
    #[error("Agents of this vendor cannot do that")]
    NoSuchSkill,
    /// Somebody who must not asks for it.
    #[error("{0}")]
    Forbidden(String),
}

impl Refusal {
    /// The status that says it best.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::UnknownConversation | Self::UnknownMessage => StatusCode::NOT_FOUND,
            Self::Ended => StatusCode::GONE,
            Self::Empty | Self::Bad(_) => StatusCode::BAD_REQUEST,
            Self::Taken(_) | Self::Conflict(_) => StatusCode::CONFLICT,
            Self::NoAgents => StatusCode::SERVICE_UNAVAILABLE,
            Self::Full(_) => StatusCode::INSUFFICIENT_STORAGE,
            Self::NoSuchSkill => StatusCode::NOT_IMPLEMENTED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut body = json!({ "error": self.to_string() });
        if self == Self::NoAgents {
            body["code"] = json!("no-agents");
        }
        (self.status(), Json(body)).into_response()
    }
}
