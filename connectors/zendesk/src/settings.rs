//! What the operator can set.

use handover_connector::settings::Members;
use handover_connector::{Context, Failure};

/// JSON Schema of [`Settings`], with their defaults.
pub const SCHEMA: &str = include_str!("settings.json");

/// The settings.
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
    /// Ticket fields by attribute.
    pub fields: Members,
    /// Told to agents at the end.
    pub ended_notice: String,
    /// Told to agents of a message that was lost; `{reason}` stands for why.
    pub not_delivered_notice: String,
    /// Below this address media are private; without a slash at the end.
    pub private_media: Option<String>,
}

impl Settings {
    pub fn of(context: &Context) -> Result<Self, Failure> {
        let mut said = Members::of(context)?;
        let own = || said.find("subdomain").map(|name| format!("https://{name}.zendesk.com/sc"));
        let private_media = said.find("media_base").or_else(own);
        Ok(Self {
            app_id: said.text("app_id"),
            integration: said.text("integration"),
            agent_workspace: said.text("agent_workspace"),
            key_id: said.find("key_id"),
            key_scope: said.text("key_scope"),
            bot_name: said.text("bot_name"),
            external_id_attribute: said.find("external_id_attribute"),
            new_conversation: said.is("new_conversation"),
            fields: said.take("fields"),
            ended_notice: said.text("ended_notice"),
            not_delivered_notice: said.text("not_delivered_notice"),
            private_media: private_media.map(|base| base.trim_end_matches('/').to_owned()),
        })
    }
}
