//! What a session remembers: who the customer is at the homeserver.

use handover_connector::failure::never;
use handover_connector::{Failure, FailureReason, Session, json};
use serde_json::json;

/// `session.state`: the customer's user id.
pub fn text(ghost: &str) -> String {
    json::write(&json!({ "ghost": ghost }))
}

/// The room and the ghost of a session.
pub fn of(session: &Session) -> Result<(&str, String), Failure> {
    let room = session.lookup_keys.first();
    let ghost = json::read(&session.state)["ghost"].as_str().map(str::to_owned);
    let none = || never(FailureReason::ConversationGone, "the session has no room");
    room.map(String::as_str).zip(ghost).ok_or_else(none)
}
