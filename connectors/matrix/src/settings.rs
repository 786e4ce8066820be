//! What the operator can set.

use handover_connector::{Context, Failure, FailureReason, RetryAdvice};
use serde_json::{Map, Value};

use crate::json;

/// JSON Schema of [`Settings`].
pub const SCHEMA: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "additionalProperties": false,
  "required": ["server_name"],
  "properties": {
    "server_name": {
      "type": "string",
      "minLength": 1,
      "description": "The homeserver's name, as it stands in user ids after the colon"
    },
    "prefix": {
      "type": "string",
      "pattern": "^[a-z0-9_-]+$",
      "maxLength": 64,
      "description": "What the names of ghost users and rooms begin with, as in the registration's namespaces",
      "default": "_handover_"
    },
    "device": {
      "type": "string",
      "maxLength": 64,
      "description": "The device that ghosts write with, so that the homeserver knows a repeated message again after its own restart; empty for a homeserver without device management for application services",
      "default": "HANDOVER"
    },
    "agents": {
      "type": "array",
      "items": { "type": "string", "pattern": "^@[^:]+:.+$" },
      "description": "Who is invited to each room, e.g. @ann:example.org; a routing attribute `agents` comes before it",
      "default": []
    },
    "agents_room": {
      "type": "string",
      "pattern": "^!.+$",
      "description": "The id of a room whose members are invited as well; invite the application service's own user to it"
    },
    "names": {
      "type": "object",
      "additionalProperties": { "type": "string", "minLength": 1 },
      "description": "Names that the customer is shown, by user id; without one, the name that the agent joined with",
      "default": {}
    },
    "presence": {
      "type": "boolean",
      "description": "Whether a chat is only begun while one of the agents is online; needs presence on the homeserver, and a room that the application service's own user shares with them",
      "default": false
    },
    "federate": {
      "type": "boolean",
      "description": "Whether users of other homeservers can be in the rooms",
      "default": false
    },
    "timeline": {
      "enum": ["history", "transactions"],
      "description": "Where messages, joins and ends are taken from. history: each room is read every look_ms; nothing is lost or out of order, whatever happens to the homeserver. transactions: the homeserver pushes, which costs it less and is faster; what it forgets in a crash comes up to 20 seconds late",
      "default": "history"
    },
    "look_ms": {
      "type": "integer",
      "minimum": 250,
      "maximum": 60000,
      "description": "How often the history of a room is read, in milliseconds",
      "default": 1000
    },
    "end_command": {
      "type": "string",
      "description": "What an agent writes to end the chat; empty for nothing",
      "default": "!end"
    },
    "end_when_agent_leaves": {
      "type": "boolean",
      "description": "Whether the chat ends when an agent leaves the room; switch it off where several agents share rooms",
      "default": true
    },
    "kick_agents": {
      "type": "boolean",
      "description": "Whether the agents are removed from the room at the end",
      "default": false
    }
  }
}"#;

/// The settings. Read member by member, here and elsewhere: derived readers would make the component half as large again.
#[derive(Debug)]
pub struct Settings {
    /// The homeserver's name.
    pub server_name: String,
    /// Of ghosts and rooms.
    pub prefix: String,
    /// Ghosts' device; empty for none.
    pub device: String,
    /// Who is invited.
    pub agents: Vec<String>,
    /// Whose members are invited.
    pub agents_room: Option<String>,
    /// Names to show, by user id.
    pub names: Map<String, Value>,
    /// Whether the agents' presence decides on availability.
    pub presence: bool,
    /// Whether rooms are open to other homeservers.
    pub federate: bool,
    /// Messages come with transactions; else they are looked up.
    pub pushed: bool,
    /// Milliseconds between looks.
    pub look_ms: u32,
    /// Ends the chat.
    pub end_command: String,
    /// A leaving agent ends the chat.
    pub end_when_agent_leaves: bool,
    /// The end removes the agents.
    pub kick_agents: bool,
}

impl Settings {
    /// Those of the operator; the host has held them against [`SCHEMA`].
    pub fn read(context: &Context) -> Result<Self, Failure> {
        let mut said = json::read(&context.settings);
        if !said.is_object() {
            return Err(Failure {
                reason: FailureReason::Misconfigured("settings".to_owned()),
                retry: RetryAdvice::Never,
                detail: "the settings are no JSON object".to_owned(),
            });
        }
        let names = match said.get_mut("names").map(Value::take) {
            Some(Value::Object(names)) => names,
            _ => Map::new(),
        };
        let text = |name: &str, default: &str| said[name].as_str().unwrap_or(default).to_owned();
        let is = |name: &str, default: bool| said[name].as_bool().unwrap_or(default);
        let agents = said["agents"].as_array().into_iter().flatten().filter_map(Value::as_str);
        Ok(Self {
            server_name: text("server_name", ""),
            prefix: text("prefix", "_handover_"),
            device: text("device", "HANDOVER"),
            agents: agents.map(str::to_owned).collect(),
            agents_room: said["agents_room"].as_str().map(str::to_owned),
            names,
            presence: is("presence", false),
            federate: is("federate", false),
            pushed: said["timeline"] == "transactions",
            look_ms: said["look_ms"].as_u64().and_then(|ms| u32::try_from(ms).ok()).unwrap_or(1_000),
            end_command: text("end_command", "!end"),
            end_when_agent_leaves: is("end_when_agent_leaves", true),
            kick_agents: is("kick_agents", false),
        })
    }
}
