//! What the operator can set.

use handover_connector::{Context, Failure, FailureReason, RetryAdvice};
use serde_json::Value;

/// JSON Schema of [`Settings`].
pub const SCHEMA: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "additionalProperties": false,
  "required": ["app_id", "integration"],
  "properties": {
    "app_id": {
      "type": "string", "pattern": "^[A-Za-z0-9]+$",
      "description": "The app's id, from Admin Center, Conversations API"
    },
    "subdomain": {
      "type": "string", "pattern": "^[a-z0-9][a-z0-9-]*$",
      "description": "The account's name in SUBDOMAIN.zendesk.com"
    },
    "integration": {
      "type": "string", "minLength": 1,
      "description": "Name or id of this gateway's own switchboard integration, which its webhook belongs to"
    },
    "agent_workspace": {
      "type": "string", "minLength": 1, "default": "zd:agentWorkspace",
      "description": "Name, id or type of the switchboard integration where the live agents are"
    },
    "key_id": {
      "type": "string", "minLength": 1,
      "description": "The id of the key with which tokens are signed; only where the credential is of the kind `key`"
    },
    "key_scope": {
      "enum": ["app", "integration", "account"], "default": "app",
      "description": "The scope of that key"
    },
    "bot_name": {
      "type": "string", "minLength": 1, "default": "Virtual agent",
      "description": "Who the transcript and notices are from, as live agents see it"
    },
    "external_id_attribute": {
      "type": "string", "minLength": 1,
      "description": "The customer's attribute that is the Zendesk user's external id; else one is made of tenant, channel and channel id"
    },
    "new_conversation": {
      "type": "boolean", "default": false,
      "description": "A new conversation for each handover; the account must have multi-conversations switched on"
    },
    "fields": {
      "type": "object", "default": {},
      "additionalProperties": {
        "type": "string",
        "pattern": "^([0-9]+|priority|tags|group_id|assignee_id|brand_id|organization_id|requester\\.(name|email))$"
      },
      "description": "Ticket fields by the attributes that fill them: the id of a custom field, or a system field's name"
    },
    "ended_notice": {
      "type": "string", "default": "The customer has left the chat.",
      "description": "What live agents read when the chat ends on the customer's side; empty for nothing"
    },
    "not_delivered_notice": {
      "type": "string", "default": "The customer did not get your message: {reason}",
      "description": "What live agents read when a message of theirs did not arrive; empty for nothing"
    },
    "media_base": {
      "type": "string", "format": "uri",
      "description": "Attachments below this address are private and fetched with our credential; https://SUBDOMAIN.zendesk.com/sc by default"
    }
  }
}"#;

/// The settings. Read by hand: derived code would be a sixth of the whole component.
#[derive(Debug)]
pub struct Settings {
    /// The app's id.
    pub app_id: String,
    /// Our own switchboard integration.
    pub integration: String,
    /// The live agents' switchboard integration.
    pub agent_workspace: String,
    /// The id of the key that tokens are signed with.
    pub key_id: Option<String>,
    /// Its scope.
    pub key_scope: String,
    /// Who the transcript is from.
    pub bot_name: String,
    /// The customer's attribute that names the user.
    pub external_id_attribute: Option<String>,
    /// Whether each handover has a conversation of its own.
    pub new_conversation: bool,
    /// Told to agents at the end.
    pub ended_notice: String,
    /// Told to agents of a message that was lost; `{reason}` stands for why.
    pub not_delivered_notice: String,
    /// Below this address media are private; without a slash at the end.
    pub private_media: Option<String>,
    fields: Value,
}

impl Settings {
    /// Reads what the host has checked against [`SCHEMA`].
    pub fn of(context: &Context) -> Result<Self, Failure> {
        let mut all: Value = serde_json::from_slice(context.settings.as_bytes()).unwrap_or_default();
        let text = |name: &str| all[name].as_str().map(str::to_owned);
        let needed = |name: &str| {
            text(name).filter(|value| !value.is_empty()).ok_or_else(|| Failure {
                reason: FailureReason::Misconfigured(format!("settings.{name}")),
                retry: RetryAdvice::Never,
                detail: format!("`{name}` is not set"),
            })
        };
        let usual = |name: &str, usual: &str| text(name).unwrap_or_else(|| usual.to_owned());
        let own = || text("subdomain").map(|name| format!("https://{name}.zendesk.com/sc"));
        Ok(Self {
            app_id: needed("app_id")?,
            integration: needed("integration")?,
            agent_workspace: usual("agent_workspace", "zd:agentWorkspace"),
            key_id: text("key_id"),
            key_scope: usual("key_scope", "app"),
            bot_name: usual("bot_name", "Virtual agent"),
            external_id_attribute: text("external_id_attribute"),
            new_conversation: all["new_conversation"] == Value::Bool(true),
            ended_notice: usual("ended_notice", "The customer has left the chat."),
            not_delivered_notice: usual(
                "not_delivered_notice",
                "The customer did not get your message: {reason}",
            ),
            private_media: text("media_base").or_else(own).map(|base| base.trim_end_matches('/').to_owned()),
            fields: all["fields"].take(),
        })
    }

    /// The ticket field that an attribute of this name fills.
    pub fn field(&self, attribute: &str) -> Option<&str> {
        self.fields[attribute].as_str()
    }
}
