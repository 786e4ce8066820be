//! What the operator can set.

use handover_connector::settings::Members;
use handover_connector::{Context, Failure};

/// JSON Schema of [`Settings`], with their defaults.
pub const SCHEMA: &str = include_str!("settings.json");

/// The settings.
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
    pub names: Members,
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
        let mut said = Members::of(context)?;
        Ok(Self {
            server_name: said.text("server_name"),
            prefix: said.text("prefix"),
            device: said.text("device"),
            agents: said.texts("agents"),
            agents_room: said.find("agents_room"),
            names: said.take("names"),
            presence: said.is("presence"),
            federate: said.is("federate"),
            pushed: said.get("timeline") == Some("transactions"),
            look_ms: u32::try_from(said.number("look_ms")).unwrap_or(u32::MAX),
            end_command: said.text("end_command"),
            end_when_agent_leaves: said.is("end_when_agent_leaves"),
            kick_agents: said.is("kick_agents"),
        })
    }
}
