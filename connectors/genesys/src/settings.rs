//! What the operator can set.

use handover_connector::Context;
use serde_json::Value;

use crate::state::read;

/// JSON Schema of [`Settings`].
pub const SCHEMA: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "additionalProperties": false,
  "required": ["integration_id"],
  "properties": {
    "integration_id": {
      "type": "string",
      "pattern": "^[0-9A-Za-z-]{8,64}$",
      "description": "The id of the Open Messaging integration: Admin > Message > Platforms, the last part of its address"
    },
    "attributes": {
      "enum": ["channel", "metadata", "none"],
      "description": "Where the first message carries what is known of customer and case: `channel.metadata.customAttributes`, which Architect reads as participant data, the message's own flat `metadata`, or nowhere",
      "default": "channel"
    },
    "transcript": {
      "type": "boolean",
      "description": "Whether the first message begins with what customer and bot said before",
      "default": true
    },
    "opening_text": {
      "type": "string",
      "pattern": "\\S",
      "maxLength": 1000,
      "description": "The first message of a customer who has said nothing",
      "default": "The customer asks for a live agent."
    },
    "agent_name": {
      "type": "string",
      "pattern": "\\S",
      "description": "What live agents are called, where customers are not to see their names"
    },
    "poll_queued_seconds": {
      "type": "integer", "minimum": 2, "maximum": 300,
      "description": "How often a conversation is looked at while no live agent has it",
      "default": 5
    },
    "poll_active_seconds": {
      "type": "integer", "minimum": 2, "maximum": 300,
      "description": "How often a conversation is looked at while a live agent has it; this is how long the end of it may go unnoticed",
      "default": 15
    }
  }
}"#;

/// Where the first message carries its attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attributes {
    /// In `channel.metadata.customAttributes`.
    Channel,
    /// In `metadata`, a flat map of texts.
    Metadata,
    /// Nowhere.
    None,
}

/// The settings, which the host has checked against the schema.
pub struct Settings(Value);

impl Settings {
    /// Those of this call.
    pub fn of(context: &Context) -> Self {
        Self(read(&context.settings))
    }

    /// The id of the Open Messaging integration.
    pub fn integration_id(&self) -> &str {
        self.0["integration_id"].as_str().unwrap_or_default()
    }

    /// Where the first message carries its attributes.
    pub fn attributes(&self) -> Attributes {
        match self.0["attributes"].as_str() {
            Some("metadata") => Attributes::Metadata,
            Some("none") => Attributes::None,
            _ => Attributes::Channel,
        }
    }

    /// Whether the first message begins with what was said before.
    pub fn transcript(&self) -> bool {
        self.0["transcript"].as_bool().unwrap_or(true)
    }

    /// The first message of a customer who has said nothing.
    pub fn opening_text(&self) -> &str {
        self.0["opening_text"].as_str().unwrap_or("The customer asks for a live agent.")
    }

    /// What live agents are called instead of their names.
    pub fn agent_name(&self) -> Option<String> {
        self.0["agent_name"].as_str().map(str::to_owned)
    }

    /// How often a conversation is looked at that nobody has, in milliseconds.
    pub fn poll_queued(&self) -> u64 {
        self.0["poll_queued_seconds"].as_u64().unwrap_or(5) * 1_000
    }

    /// How often one is looked at that a live agent has, in milliseconds.
    pub fn poll_active(&self) -> u64 {
        self.0["poll_active_seconds"].as_u64().unwrap_or(15) * 1_000
    }
}
