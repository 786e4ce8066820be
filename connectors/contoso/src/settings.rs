//! What the operator can set: JSON Schema, with the defaults.

/// `agent_name`: who a message is from where the live chat names no sender.
pub const SCHEMA: &str = include_str!("settings.json");
