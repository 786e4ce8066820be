//! The error answers of the Bot Connector, in its shape: `{"error":{"code","message"}}`.
use axum::{
    Json,
    http::{
        HeaderValue, StatusCode,
        header::{RETRY_AFTER, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
};
use serde_json::json;

#[derive(Debug)]
pub(crate) enum Refusal {
    BadSyntax(String),
    BadArgument(String),
    Unauthorized,
    BotNotInConversationRoster,
    ConversationNotFound,
    ActivityNotFound,
    NotFound,
    MethodNotAllowed,
    PreconditionFailed,
    MessageSizeTooBig,
    Throttled { retry_after_seconds: u64 },
    ServiceError,
    BadGateway,
    ServiceUnavailable,
}

impl Refusal {
    fn told(&self) -> (StatusCode, &'static str, &str) {
        match self {
            Self::BadSyntax(why) => (StatusCode::BAD_REQUEST, "BadSyntax", why),
            Self::BadArgument(why) => (StatusCode::BAD_REQUEST, "BadArgument", why),
            // The service does not tell a stranger why; the record of the wire does.
            Self::Unauthorized => {
                (StatusCode::UNAUTHORIZED, "Unauthorized", "Authorization has been denied for this request.")
            }
            Self::BotNotInConversationRoster => (
                StatusCode::FORBIDDEN,
                "BotNotInConversationRoster",
                "The bot is not part of the conversation roster.",
            ),
            Self::ConversationNotFound => {
                (StatusCode::NOT_FOUND, "ConversationNotFound", "Conversation not found.")
            }
            Self::ActivityNotFound => (
                StatusCode::NOT_FOUND,
                "ActivityNotFoundInConversation",
                "Activity not found in conversation.",
            ),
            Self::NotFound => (StatusCode::NOT_FOUND, "NotFound", "No such resource."),
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                "MethodNotAllowed",
                "The requested resource does not support this method.",
            ),
            Self::PreconditionFailed => (
                StatusCode::PRECONDITION_FAILED,
                "PreconditionFailed",
                "The conversation was changed at the same time.",
            ),
            Self::MessageSizeTooBig => {
                (StatusCode::PAYLOAD_TOO_LARGE, "MessageSizeTooBig", "Message size too large.")
            }
            Self::Throttled { .. } => (StatusCode::TOO_MANY_REQUESTS, "Throttled", "Too many requests."),
            Self::ServiceError => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "ServiceError",
                "An error occurred while processing the request.",
            ),
            Self::BadGateway => (StatusCode::BAD_GATEWAY, "BadGateway", "Bad gateway."),
            Self::ServiceUnavailable => {
                (StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", "The service is unavailable.")
            }
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, code, message) = self.told();
        let body = json!({ "error": { "code": code, "message": message } });
        let mut response = (status, Json(body)).into_response();
        match self {
            Self::Throttled { retry_after_seconds } => {
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(retry_after_seconds));
            }
            Self::Unauthorized => {
                response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            _ => {}
        }
        response
    }
}

/// For a path that exists, asked for in another way.
pub(crate) async fn method_not_allowed() -> Refusal {
    Refusal::MethodNotAllowed
}

pub(crate) async fn not_found() -> Refusal {
    Refusal::NotFound
}
