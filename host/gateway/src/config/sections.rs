//! What an operator can write of the gateway itself, section by section; every part has a default.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use handover_credentials::Reference;
use handover_credentials::entra::ConnectionConfig;
use serde::Deserialize;
use url::Url;

use super::bot::BotSection;
use super::connector::ConnectorSection;
use super::limits::FrontSection;
use super::media::MediaSection;
use super::provenance::ProvenanceSection;
use super::routing::RoutingSection;

/// All that an operator can set. Every part has a default, but closed: who may call has to be said.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The gateway itself.
    pub gateway: GatewaySection,
    /// The bot's side: who may call, and as whom we answer.
    pub bot: BotSection,
    /// The app registrations that tokens are fetched for, by name.
    pub connections: BTreeMap<String, ConnectionConfig>,
    /// Which connector a handover goes to.
    pub routing: RoutingSection,
    /// Where sessions and messages are kept.
    pub store: StoreSection,
    /// How long things may take.
    pub timing: TimingSection,
    /// What the customer is told, by language and phrase, where it is not the built-in text.
    pub wording: BTreeMap<String, BTreeMap<String, String>>,
    /// How much the listeners take.
    pub limits: FrontSection,
    /// Files, and their addresses here.
    pub media: MediaSection,
    /// Sending limits of channels, by name.
    pub channels: BTreeMap<String, ChannelSection>,
    /// Whose signatures on components count.
    pub provenance: ProvenanceSection,
    /// What each connector is granted.
    pub connectors: BTreeMap<String, ConnectorSection>,
}

/// `[gateway]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GatewaySection {
    /// Where bots and vendors reach it.
    pub listen: SocketAddr,
    /// Where operators reach it.
    pub admin: SocketAddr,
    /// What operators say to be let in; without it the admin listener serves this machine only.
    pub admin_token: Option<Reference>,
    /// The address that bots and vendors use, where it differs from `listen`.
    pub public_url: Option<Url>,
    /// The folder of the store and of compiled connectors.
    pub data: PathBuf,
    /// The folder that connectors are dropped into.
    pub connectors: PathBuf,
    /// How often that folder is looked at where the file system says nothing, in milliseconds.
    pub poll_ms: u64,
}

impl Default for GatewaySection {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 5001)),
            admin: SocketAddr::from(([127, 0, 0, 1], 5003)),
            admin_token: None,
            public_url: None,
            data: PathBuf::from("data"),
            connectors: PathBuf::from("connectors/installed"),
            poll_ms: 1_000,
        }
    }
}

/// `[store]`
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreSection {
    /// `postgres://…`, or `env:NAME` for a variable that says so; without it SQLite in `gateway.data`.
    pub url: Option<String>,
    /// How long a session is kept after its end, with all that was said in it.
    pub keep_days: Option<u64>,
    /// What is kept is encrypted with the first of these; the others still read what was written with them.
    pub keys: Vec<KeySection>,
}

/// `[[store.keys]]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeySection {
    /// What stands beside the encrypted text: letters, digits and dashes.
    pub id: String,
    /// 32 bytes, as 64 hexadecimal digits or in base64.
    pub key: Reference,
}

/// The URL may carry a password.
impl std::fmt::Debug for StoreSection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoreSection").field("keep_days", &self.keep_days).finish_non_exhaustive()
    }
}

/// `[timing]` for all connectors, `[connectors.<name>.timing]` for one; 0 switches a timeout off.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TimingSection {
    /// Until the bot has an answer to its start.
    pub start_budget_ms: Option<u64>,
    /// How old a message may get, either way, before its sender is told that it was not delivered.
    pub fresh_seconds: Option<u64>,
    /// The same for messages of the customer alone.
    pub fresh_to_vendor_seconds: Option<u64>,
    /// The same for messages of the live agent alone.
    pub fresh_to_customer_seconds: Option<u64>,
    /// How long ends, results of actions and reports are tried.
    pub persistence_seconds: Option<u64>,
    /// How long a customer waits for a live agent.
    pub queue_timeout_seconds: Option<u64>,
    /// How long a customer may be silent.
    pub customer_inactivity_seconds: Option<u64>,
    /// How long a live agent may be silent.
    pub agent_inactivity_seconds: Option<u64>,
    /// How long a session lasts at most; cannot be switched off.
    pub hard_limit_seconds: Option<u64>,
}

/// `[channels.<name>]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ChannelSection {
    /// Messages to one conversation within so many seconds, e.g. `[[7, 1], [60, 30]]`; empty is no limit.
    pub limits: Option<Vec<(u32, u64)>>,
}
