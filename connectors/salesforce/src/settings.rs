//! What the operator can set.

use handover_connector::{Context, Failure};
use serde_json::Value;

use crate::json;
use crate::refusal::misconfigured;

/// JSON Schema of [`Settings`].
pub const SCHEMA: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "additionalProperties": false,
  "required": ["organization", "deployment"],
  "properties": {
    "organization": {
      "type": "string",
      "pattern": "^00D[A-Za-z0-9]{12}([A-Za-z0-9]{3})?$",
      "description": "The organization's id, of 15 or 18 characters"
    },
    "deployment": {
      "type": "string",
      "pattern": "^[A-Za-z][A-Za-z0-9_]*$",
      "description": "The API name of the custom client deployment (esDeveloperName)"
    },
    "opening": {
      "enum": ["transcript", "problem", "none"],
      "description": "What the rep reads first, as a message of the customer's",
      "default": "transcript"
    },
    "prechat": {
      "type": "object",
      "additionalProperties": false,
      "description": "The routing attributes that carry what is known of the customer; empty leaves one out",
      "properties": {
        "first_name": { "type": "string", "default": "_firstName" },
        "last_name": { "type": "string", "default": "_lastName" },
        "email": { "type": "string", "default": "_email" },
        "subject": { "type": "string", "default": "_subject" }
      }
    },
    "identity": {
      "type": "object",
      "additionalProperties": false,
      "required": ["issuer", "key_id"],
      "description": "Vouches for the customer (User Verification), with the credential `identity`; without it visitors are guests",
      "properties": {
        "issuer": { "type": "string", "minLength": 1, "description": "As in User Verification (iss)" },
        "key_id": { "type": "string", "minLength": 1, "description": "The name of the key there (kid)" }
      }
    }
  }
}"#;

/// The settings. Read by hand, as all JSON here: a reader per shape would make the component a fifth larger.
pub struct Settings {
    pub organization: String,
    pub deployment: String,
    pub opening: Opening,
    pub prechat: Prechat,
    pub identity: Option<Identity>,
}

impl Settings {
    pub fn of(context: &Context) -> Result<Self, Failure> {
        // The host has checked them against the schema.
        let settings = json::read(&context.settings);
        let text = |value: &Value, name: &str| value[name].as_str().map(str::to_owned);
        let needed = |value: &Value, name: &str| {
            let missing = || misconfigured(&format!("settings.{name}"), "it is missing".to_owned());
            text(value, name).ok_or_else(missing)
        };
        let field =
            |name: &str, usual: &str| text(&settings["prechat"], name).unwrap_or_else(|| usual.to_owned());
        let identity = match &settings["identity"] {
            Value::Null => None,
            identity => {
                Some(Identity { issuer: needed(identity, "issuer")?, key_id: needed(identity, "key_id")? })
            }
        };
        Ok(Self {
            organization: needed(&settings, "organization")?,
            deployment: needed(&settings, "deployment")?,
            opening: match settings["opening"].as_str() {
                Some("problem") => Opening::Problem,
                Some("none") => Opening::None,
                _ => Opening::Transcript,
            },
            // The names of the standard fields of a pre-chat form.
            prechat: Prechat {
                first_name: field("first_name", "_firstName"),
                last_name: field("last_name", "_lastName"),
                email: field("email", "_email"),
                subject: field("subject", "_subject"),
            },
            identity,
        })
    }

    /// The id of 15 characters: tokens carry it, and the stream wants it (Server-Sent Events, `X-Org-Id`).
    pub fn short_organization(&self) -> &str {
        self.organization.get(..15).unwrap_or(&self.organization)
    }
}

/// What the rep reads first.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    Transcript,
    Problem,
    None,
}

/// Names of routing attributes.
pub struct Prechat {
    pub first_name: String,
    pub last_name: String,
    pub email: String,
    pub subject: String,
}

/// Who vouches for the customer.
pub struct Identity {
    pub issuer: String,
    pub key_id: String,
}
