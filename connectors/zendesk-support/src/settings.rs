//! What the operator can set.

use std::collections::BTreeMap;

use serde::Deserialize;

/// JSON Schema of [`Settings`].
pub const SCHEMA: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "subdomain": {
      "type": "string", "pattern": "^[a-z0-9][a-z0-9-]*$",
      "description": "The account's name in SUBDOMAIN.zendesk.com"
    },
    "tags": {
      "type": "array", "items": { "type": "string", "pattern": "^[^\\s]+$" }, "default": ["handover"],
      "description": "Tags of every ticket; a trigger or view can be made for them"
    },
    "fields": {
      "type": "object", "default": {},
      "additionalProperties": {
        "type": "string",
        "pattern": "^([0-9]+|priority|type|group_id|assignee_id|brand_id|ticket_form_id)$"
      },
      "description": "Ticket fields by the attributes that fill them: the id of a custom field, or a ticket's property"
    },
    "solve": {
      "type": "boolean", "default": true,
      "description": "Solve the ticket when the customer's side ends the chat"
    }
  }
}"#;

/// The settings.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The account's name, for the upstream's default address.
    #[serde(rename = "subdomain")]
    _subdomain: Option<String>,
    /// Tags of every ticket.
    #[serde(default = "tags")]
    pub tags: Vec<String>,
    /// Ticket fields by attribute.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
    /// Whether an end on the customer's side solves the ticket.
    #[serde(default = "solve")]
    pub solve: bool,
}

fn tags() -> Vec<String> {
    vec!["handover".to_owned()]
}

fn solve() -> bool {
    true
}
