//! `handover.toml`, the environment and flags, made into one configuration that can be served.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use handover_channel::{BotSide, HostPattern};
use handover_handoff::policy::Policy;
use handover_sandbox::{ConnectorConfig, Limits, SandboxConfig, UpstreamConfig};
use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;
use uuid::Uuid;

/// Environment variables that begin so overlay the file: `HANDOVER__GATEWAY__LISTEN=127.0.0.1:6001`.
const ENVIRONMENT: &str = "HANDOVER__";

/// Why a configuration cannot be served.
#[derive(Debug)]
pub struct ConfigError(Vec<String>);

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for ConfigError {}

/// All that an operator can set. Every part has a default: with no file at all the Contoso demo runs.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The gateway itself.
    pub gateway: GatewaySection,
    /// The bot's side.
    pub bot: BotSection,
    /// Which connector a handover goes to.
    pub routing: RoutingSection,
    /// How long things may take.
    pub timing: TimingSection,
    /// Sending limits of channels, by name.
    pub channels: BTreeMap<String, ChannelSection>,
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
            public_url: None,
            data: PathBuf::from("data"),
            connectors: PathBuf::from("connectors/installed"),
            poll_ms: 1_000,
        }
    }
}

/// `[bot]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BotSection {
    /// The app id of this skill's app registration; the manifest names it.
    pub app_id: Uuid,
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
            tenant: "default".to_owned(),
            runtime_hosts: Vec::new(),
            service_hosts: Vec::new(),
            teams_connector_url: None,
        }
    }
}

/// `[routing]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RoutingSection {
    /// The connector that handovers go to.
    pub default: String,
}

impl Default for RoutingSection {
    fn default() -> Self {
        Self { default: "contoso".to_owned() }
    }
}

/// `[timing]`; 0 switches a timeout off.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TimingSection {
    /// Until the bot has an answer to its start.
    pub start_budget_ms: Option<u64>,
    /// How old a message may get before its sender is told that it was not delivered.
    pub fresh_seconds: Option<u64>,
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

/// `[connectors.<name>]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConnectorSection {
    /// Where its upstreams lead.
    pub upstreams: BTreeMap<String, UpstreamSection>,
    /// Its own settings, checked against its schema when it is loaded.
    pub settings: Map<String, Value>,
    /// What it may use.
    pub limits: LimitsSection,
}

/// `[connectors.<name>.upstreams.<upstream>]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpstreamSection {
    /// The base address; a path is kept.
    pub base_url: Url,
    /// The name may lead to private addresses.
    #[serde(default)]
    pub allow_private: bool,
}

/// `[connectors.<name>.limits]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsSection {
    /// How long a start, send, end or signal may take.
    pub call_ms: Option<u64>,
    /// How long reading a callback may take.
    pub map_ms: Option<u64>,
    /// Memory of one call; at most 64 MiB.
    pub memory_bytes: Option<usize>,
    /// A request to an upstream.
    pub request_bytes: Option<usize>,
    /// A response of an upstream.
    pub response_bytes: Option<usize>,
    /// Requests to upstreams within one call.
    pub requests: Option<u32>,
    /// Calls at the same time.
    pub concurrency: Option<usize>,
}

impl Config {
    /// Reads a file, or nothing, and overlays the environment.
    ///
    /// # Errors
    /// With the file, the key, what was found and what is wanted.
    pub fn read(
        file: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let place = file.map_or_else(|| "the environment".to_owned(), |file| file.display().to_string());
        let wrong = |what: String| ConfigError(vec![format!("{place}: {what}")]);
        let mut table = match file {
            Some(file) => std::fs::read_to_string(file)
                .map_err(|e| wrong(format!("cannot be read: {e}")))?
                .parse::<toml::Table>()
                .map_err(|e| wrong(e.to_string()))?,
            None => toml::Table::new(),
        };
        for (name, value) in environment {
            if let Some(key) = name.strip_prefix(ENVIRONMENT) {
                overlay(&mut table, key, &value).map_err(|what| wrong(format!("{name}: {what}")))?;
            }
        }
        serde_path_to_error::deserialize(table).map_err(|e| wrong(format!("`{}`: {}", e.path(), e.inner())))
    }

    /// Whether it can be served as it is: every mistake in one report.
    ///
    /// # Errors
    /// All mistakes, a line each.
    pub fn check(&self) -> Result<(), ConfigError> {
        let mut wrong = Vec::new();
        for (key, address) in [("gateway.listen", self.gateway.listen), ("gateway.admin", self.gateway.admin)]
        {
            if !address.ip().is_loopback() {
                wrong.push(format!(
                    "`{key}`: {address} can be reached from elsewhere; this version checks no tokens and serves this \
                     machine only: use an address such as 127.0.0.1:{}",
                    address.port()
                ));
            }
        }
        for (key, hosts) in
            [("bot.runtime_hosts", &self.bot.runtime_hosts), ("bot.service_hosts", &self.bot.service_hosts)]
        {
            wrong.extend(
                hosts
                    .iter()
                    .filter_map(|host| host.parse::<HostPattern>().err())
                    .map(|e| format!("`{key}`: {e}")),
            );
        }
        for (name, connector) in &self.connectors {
            for (upstream, section) in &connector.upstreams {
                let url = &section.base_url;
                let key = format!("connectors.{name}.upstreams.{upstream}.base_url");
                if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
                    wrong.push(format!("`{key}`: {url} is no http or https address"));
                } else if !url.username().is_empty() || url.password().is_some() {
                    wrong.push(format!("`{key}`: an address carries no credentials"));
                } else if url.query().is_some() || url.fragment().is_some() {
                    wrong.push(format!(
                        "`{key}`: {url} ends in a query or fragment; paths could not follow it"
                    ));
                }
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(ConfigError(wrong)) }
    }

    /// The address that bots and vendors use; `listening` is where it really listens.
    pub(crate) fn public_url(&self, listening: SocketAddr) -> Url {
        self.gateway.public_url.clone().unwrap_or_else(|| {
            Url::parse(&format!("http://{listening}/")).expect("a socket address makes a URL")
        })
    }

    pub(crate) fn policy(&self) -> Policy {
        let timing = &self.timing;
        let default = Policy::default();
        let timeout = |seconds: Option<u64>, default: Option<u64>| match seconds {
            None => default,
            Some(0) => None,
            Some(seconds) => Some(seconds * 1000),
        };
        Policy {
            start_budget: timing.start_budget_ms.unwrap_or(default.start_budget),
            fresh: timing.fresh_seconds.map_or(default.fresh, |seconds| seconds * 1000),
            queue_timeout: timeout(timing.queue_timeout_seconds, default.queue_timeout),
            customer_inactivity: timeout(timing.customer_inactivity_seconds, default.customer_inactivity),
            agent_inactivity: timeout(timing.agent_inactivity_seconds, default.agent_inactivity),
            hard_limit: timing.hard_limit_seconds.filter(|s| *s > 0).map_or(default.hard_limit, |s| s * 1000),
            ..default
        }
    }

    pub(crate) fn bot_side(&self) -> BotSide {
        let mut side = BotSide::new(&self.bot.tenant);
        side.local = true;
        let patterns =
            |hosts: &[String]| -> Vec<HostPattern> { hosts.iter().filter_map(|h| h.parse().ok()).collect() };
        side.runtime_hosts.extend(patterns(&self.bot.runtime_hosts));
        side.service_hosts.extend(patterns(&self.bot.service_hosts));
        if let Some(url) = &self.bot.teams_connector_url {
            side.teams_connector_url = url.clone();
        }
        side
    }

    pub(crate) fn sandbox(&self, public_url: &Url) -> SandboxConfig {
        let mut connectors: BTreeMap<String, ConnectorConfig> =
            self.connectors.iter().map(|(name, section)| (name.clone(), section.granted())).collect();
        // The demo's live chat needs no configuration.
        connectors.entry("contoso".to_owned()).or_default().upstreams.entry("api".to_owned()).or_insert_with(
            || UpstreamConfig {
                base_url: Url::parse("http://127.0.0.1:5000").expect("a constant address"),
                allow_private: false,
            },
        );
        SandboxConfig {
            folder: self.gateway.connectors.clone(),
            cache: self.gateway.data.join("compiled"),
            connectors,
            callback_base: format!("{}api/callbacks", with_slash(public_url)),
            poll: Duration::from_millis(self.gateway.poll_ms.max(50)),
        }
    }
}

impl ConnectorSection {
    fn granted(&self) -> ConnectorConfig {
        let default = Limits::default();
        let limits = &self.limits;
        ConnectorConfig {
            upstreams: self
                .upstreams
                .iter()
                .map(|(name, section)| {
                    let upstream = UpstreamConfig {
                        base_url: section.base_url.clone(),
                        allow_private: section.allow_private,
                    };
                    (name.clone(), upstream)
                })
                .collect(),
            settings: self.settings.clone(),
            limits: Limits {
                call: limits.call_ms.map_or(default.call, Duration::from_millis),
                map: limits.map_ms.map_or(default.map, Duration::from_millis),
                memory: limits.memory_bytes.unwrap_or(default.memory),
                request: limits.request_bytes.unwrap_or(default.request),
                response: limits.response_bytes.unwrap_or(default.response),
                requests: limits.requests.unwrap_or(default.requests),
                concurrency: limits.concurrency.unwrap_or(default.concurrency),
                ..default
            },
        }
    }
}

/// An address that paths can be appended to.
pub(crate) fn with_slash(url: &Url) -> String {
    format!("{}/", url.as_str().trim_end_matches('/'))
}

fn overlay(table: &mut toml::Table, key: &str, value: &str) -> Result<(), String> {
    let mut parts: Vec<String> = key.split("__").map(str::to_ascii_lowercase).collect();
    let last = parts.pop().unwrap_or_default();
    let mut table = table;
    for part in parts {
        let entry = table.entry(part.clone()).or_insert_with(|| toml::Value::Table(toml::Table::new()));
        table = entry.as_table_mut().ok_or_else(|| format!("`{part}` is a value, not a section"))?;
    }
    // Numbers, booleans and lists as TOML writes them; anything else is text.
    let parsed = format!("v = {value}").parse::<toml::Table>().ok().and_then(|mut table| table.remove("v"));
    table.insert(last, parsed.unwrap_or_else(|| toml::Value::String(value.to_owned())));
    Ok(())
}
