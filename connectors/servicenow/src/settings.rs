//! What the operator can set.

use handover_connector::settings::Members;
use handover_connector::{Context, Failure};

/// JSON Schema of [`Settings`], with their defaults.
pub const SCHEMA: &str = include_str!("settings.json");

/// The settings.
#[derive(Debug)]
pub struct Settings {
    /// Whether bodies are signed, beside Basic or OAuth.
    pub signs_messages: bool,
    /// Whether the instance knows the customer by the channel's id; else by the session's.
    pub knows_customers: bool,
    /// Said for a customer who comes without a problem.
    pub opening_text: String,
    /// Of every conversation.
    pub context_variables: Members,
    /// Whether files are uploaded; else the instance fetches them.
    pub uploads: bool,
    /// What uploads are for.
    pub provider_application: Option<String>,
    /// The instance's host.
    pub instance: Option<String>,
    /// Who a live agent is without a name.
    pub agent_name: String,
    /// Whether what names no author is the live agent's.
    pub anonymous_agents: bool,
    /// What stands behind the name of who comes.
    pub joined_words: Vec<String>,
    /// What stands behind the name of who goes.
    pub left_words: Vec<String>,
    /// Whether a live agent who goes ends the conversation.
    pub leaving_ends: bool,
    /// What the instance says where nobody is there.
    pub no_agents_words: Vec<String>,
}

impl Settings {
    pub fn of(context: &Context) -> Result<Self, Failure> {
        let mut said = Members::of(context)?;
        Ok(Self {
            signs_messages: said.is("sign_messages"),
            knows_customers: said.get("user_id") == Some("customer"),
            opening_text: said.text("opening_text"),
            context_variables: said.take("context_variables"),
            uploads: said.get("attachments") == Some("upload"),
            provider_application: said.find("provider_application"),
            instance: said.find("instance"),
            agent_name: said.text("agent_name"),
            anonymous_agents: said.is("anonymous_agents"),
            joined_words: said.texts("joined_words"),
            left_words: said.texts("left_words"),
            leaving_ends: said.is("leaving_ends"),
            no_agents_words: said.texts("no_agents_words"),
        })
    }
}
