//! What the operator can set.

use handover_connector::{Context, Failure, FailureReason, RetryAdvice};
use serde_json::Value;

/// JSON Schema of [`Settings`].
pub const SCHEMA: &str = r##"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "additionalProperties": false,
  "$defs": { "words": { "type": "array", "items": { "type": "string", "minLength": 1 } } },
  "properties": {
    "sign_messages": { "type": "boolean", "default": false,
      "description": "Sign each body with the credential `signature` (HMAC-SHA1), beside Basic or OAuth" },
    "user_id": { "enum": ["session", "customer"], "default": "session",
      "description": "What the instance knows the customer by: the session keeps conversations apart for certain, the channel's id of the customer lets one person keep one record" },
    "opening_text": { "type": "string", "pattern": "\\S", "default": "The customer asks for a live agent.",
      "description": "Said for a customer who comes without a problem: the API wants a text" },
    "context_variables": { "type": "object", "additionalProperties": { "type": "string" }, "default": {},
      "description": "Context variables of every conversation, such as live_agent_only" },
    "attachments": { "enum": ["by-url", "upload"], "default": "by-url",
      "description": "Let the instance fetch the customer's files (it must trust this gateway's domain), or upload them" },
    "provider_application": { "type": "string", "minLength": 1,
      "description": "sys_id of the provider application that uploads are for, where it is not the API's own" },
    "instance": { "type": "string", "pattern": "^[A-Za-z0-9.:-]+$",
      "description": "The instance's host, such as acme.service-now.com: files there are fetched with the credential `api`" },
    "agent_name": { "type": "string", "minLength": 1, "default": "Live agent",
      "description": "Who a live agent is whose name the instance does not tell" },
    "anonymous_agents": { "type": "boolean", "default": false,
      "description": "During agent chat, what says nothing of its author is the live agent's" },
    "joined_words": { "$ref": "#/$defs/words", "default": ["has entered", "has joined", "entered the", "joined the"],
      "description": "What stands behind the name where the instance announces who comes, in its language" },
    "left_words": { "$ref": "#/$defs/words", "default": ["has left", "left the"],
      "description": "The same for who goes" },
    "leaving_ends": { "type": "boolean", "default": false,
      "description": "A live agent who goes ends the conversation, for instances that send no `completed`" },
    "no_agents_words": { "$ref": "#/$defs/words", "default": ["no agents are available", "no live agents are available"],
      "description": "What the instance says where nobody is there (Agent Chat setup)" }
  }
}"##;

/// The settings, which the host has checked against [`SCHEMA`].
#[derive(Debug)]
pub struct Settings(Value);

impl Settings {
    pub fn of(context: &Context) -> Result<Self, Failure> {
        serde_json::from_slice(context.settings.as_bytes()).map(Self).map_err(|e| Failure {
            reason: FailureReason::Misconfigured("settings".to_owned()),
            retry: RetryAdvice::Never,
            detail: format!("no JSON (line {}, column {})", e.line(), e.column()),
        })
    }

    pub fn signs_messages(&self) -> bool {
        self.0["sign_messages"] == true
    }

    /// Whether the instance knows the customer by the channel's id.
    pub fn knows_customers(&self) -> bool {
        self.0["user_id"] == "customer"
    }

    pub fn opening_text(&self) -> &str {
        self.text("opening_text").unwrap_or("The customer asks for a live agent.")
    }

    pub fn context_variables(&self) -> impl Iterator<Item = (&str, &str)> {
        let variables = self.0["context_variables"].as_object().into_iter().flatten();
        variables.filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
    }

    /// Whether files are uploaded; else the instance fetches them.
    pub fn uploads(&self) -> bool {
        self.0["attachments"] == "upload"
    }

    pub fn provider_application(&self) -> Option<&str> {
        self.text("provider_application")
    }

    pub fn instance(&self) -> Option<&str> {
        self.text("instance")
    }

    pub fn agent_name(&self) -> &str {
        self.text("agent_name").unwrap_or("Live agent")
    }

    pub fn has_anonymous_agents(&self) -> bool {
        self.0["anonymous_agents"] == true
    }

    pub fn joined_words(&self) -> Vec<&str> {
        self.words("joined_words", &["has entered", "has joined", "entered the", "joined the"])
    }

    pub fn left_words(&self) -> Vec<&str> {
        self.words("left_words", &["has left", "left the"])
    }

    /// Whether a live agent who goes ends the conversation.
    pub fn leaving_ends(&self) -> bool {
        self.0["leaving_ends"] == true
    }

    pub fn no_agents_words(&self) -> Vec<&str> {
        self.words("no_agents_words", &["no agents are available", "no live agents are available"])
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0[name].as_str()
    }

    fn words<'a>(&'a self, name: &str, usual: &[&'a str]) -> Vec<&'a str> {
        let given = self.0[name].as_array();
        given.map_or_else(|| usual.to_vec(), |words| words.iter().filter_map(Value::as_str).collect())
    }
}
