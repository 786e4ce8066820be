//! What an operator can write of the bot's side: `[bot]`, `[[bot.agents]]`, `[[bot.issuers]]`.

use handover_credentials::entra::Cloud;
use serde::Deserialize;
use url::Url;
use uuid::Uuid;

/// `[bot]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BotSection {
    /// The app id of this skill's app registration; the manifest names it, and callers' tokens are for it.
    pub app_id: Uuid,
    /// The Entra tenant of the skill and of the agents that may call it.
    pub tenant_id: Option<Uuid>,
    /// Which Microsoft cloud: `public`, `us-gov` or `china`.
    pub cloud: Cloud,
    /// The Copilot Studio agents that may call.
    pub agents: Vec<AgentSection>,
    /// Audiences of callers' tokens besides `<app_id>` and `api://<app_id>`.
    pub audiences: Vec<String>,
    /// Issuers of callers' tokens besides the cloud's own.
    pub issuers: Vec<IssuerSection>,
    /// The connection that results of actions are posted with.
    pub connection: Option<String>,
    /// No tokens, neither way. Works on this machine only.
    pub local: bool,
    /// The name of the tenant that sessions belong to.
    pub tenant: String,
    /// Further hosts of Copilot Studio's runtime: `host`, `host:port` or `*.suffix`.
    pub runtime_hosts: Vec<String>,
    /// Further hosts that a serviceUrl may name.
    pub service_hosts: Vec<String>,
    /// Teams' connector, where it is not the public one.
    pub teams_connector_url: Option<Url>,
}

impl Default for BotSection {
    fn default() -> Self {
        Self {
            app_id: Uuid::nil(),
            tenant_id: None,
            cloud: Cloud::Public,
            agents: Vec::new(),
            audiences: Vec::new(),
            issuers: Vec::new(),
            connection: None,
            local: false,
            tenant: "default".to_owned(),
            runtime_hosts: Vec::new(),
            service_hosts: Vec::new(),
            teams_connector_url: None,
        }
    }
}

/// `[[bot.agents]]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentSection {
    /// The app id of the agent's app registration.
    pub app_id: Uuid,
    /// The connection to write to its customers with, in its name, at Teams' connector.
    pub connection: Option<String>,
}

/// `[[bot.issuers]]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuerSection {
    /// As tokens name it.
    pub issuer: String,
    /// Its OpenID metadata document.
    pub metadata: Url,
    /// Whether its tokens follow the rules of the Bot Service instead of Entra's.
    #[serde(default)]
    pub bot_service: bool,
}
