//! What a session remembers: who the customer is at the homeserver.

use handover_connector::{Failure, FailureReason, RetryAdvice, Session};
use serde_json::{Value, json};

/// `session.state`: the customer's user id.
pub fn text(ghost: &str) -> String {
    json!({ "ghost": ghost }).to_string()
}

/// The room and the ghost of a session.
pub fn of(session: &Session) -> Result<(&str, String), Failure> {
    let room = session.lookup_keys.first();
    let state: Value = serde_json::from_str(&session.state).unwrap_or_default();
    let ghost = state["ghost"].as_str().map(str::to_owned);
    room.map(String::as_str).zip(ghost).ok_or_else(|| Failure {
        reason: FailureReason::ConversationGone,
        retry: RetryAdvice::Never,
        detail: "the session has no room".to_owned(),
    })
}
