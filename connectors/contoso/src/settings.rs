//! What the operator can set.

use serde::Deserialize;

/// JSON Schema of [`Settings`].
pub const SCHEMA: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "agent_name": {
      "type": "string",
      "minLength": 1,
      "description": "Who a message is from where the live chat names no sender",
      "default": "Contoso Support"
    }
  }
}"#;

/// The settings.
#[derive(Debug, Deserialize)]
pub struct Settings {
    /// Who a message is from where the live chat names no sender.
    #[serde(default = "agent_name")]
    pub agent_name: String,
}

fn agent_name() -> String {
    "Contoso Support".to_owned()
}
