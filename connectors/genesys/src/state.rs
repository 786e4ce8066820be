//! What is remembered of a session: the conversation that Genesys has put the customer's last message into.

use handover_connector::Session;
use handover_connector::json::{read, write};
use serde_json::json;

/// Version of this schema.
pub const SCHEMA: u32 = 1;

/// The session's conversation, by its state or by its lookup keys.
pub fn conversation(session: &Session) -> Option<String> {
    let named = || session.lookup_keys.iter().find(|key| **key != session.id).cloned();
    read(&session.state)["conversation"].as_str().map(str::to_owned).or_else(named)
}

/// `session.state`.
pub fn text(conversation: Option<&str>) -> String {
    write(&json!({ "conversation": conversation }))
}
