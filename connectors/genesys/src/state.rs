//! What is remembered of a session: the conversation that Genesys has put the customer's last message into.

use handover_connector::{Session, Update};
use serde_json::{Value, json};

/// Version of this schema.
pub const SCHEMA: u32 = 1;

/// Nothing new to remember.
pub const UNCHANGED: Update = Update { state: None, tokens: None };

/// The session's conversation, by its state or by its lookup keys.
pub fn conversation(session: &Session) -> Option<String> {
    let named = || session.lookup_keys.iter().find(|key| **key != session.id).cloned();
    read(&session.state)["conversation"].as_str().map(str::to_owned).or_else(named)
}

/// `session.state`.
pub fn text(conversation: Option<&str>) -> String {
    json!({ "conversation": conversation }).to_string()
}

/// What was written as JSON; null where it cannot be read.
pub fn read(text: &str) -> Value {
    serde_json::from_slice(text.as_bytes()).unwrap_or_default()
}
