//! What the operator can set.

use handover_connector::settings::Members;
use handover_connector::{Context, Failure};

/// JSON Schema of [`Settings`], with their defaults.
pub const SCHEMA: &str = include_str!("settings.json");

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

/// The settings.
#[derive(Debug)]
pub struct Settings {
    /// The id of the Open Messaging integration.
    pub integration_id: String,
    /// Where the first message carries its attributes.
    pub attributes: Attributes,
    /// Whether the first message begins with what was said before.
    pub transcript: bool,
    /// The first message of a customer who has said nothing.
    pub opening_text: String,
    /// What live agents are called instead of their names.
    pub agent_name: Option<String>,
    /// How often a conversation is looked at that nobody has.
    pub poll_queued_seconds: u64,
    /// How often one is looked at that a live agent has.
    pub poll_active_seconds: u64,
}

impl Settings {
    pub fn of(context: &Context) -> Result<Self, Failure> {
        let said = Members::of(context)?;
        Ok(Self {
            integration_id: said.text("integration_id"),
            attributes: match said.get("attributes") {
                Some("metadata") => Attributes::Metadata,
                Some("none") => Attributes::None,
                _ => Attributes::Channel,
            },
            transcript: said.is("transcript"),
            opening_text: said.text("opening_text"),
            agent_name: said.find("agent_name"),
            poll_queued_seconds: said.number("poll_queued_seconds"),
            poll_active_seconds: said.number("poll_active_seconds"),
        })
    }
}
