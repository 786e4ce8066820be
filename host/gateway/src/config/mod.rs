//! `handover.toml`, the environment and flags, made into one configuration that can be served.

mod bot;
mod connector;
mod limits;
mod meaning;
mod media;
mod provenance;
pub(crate) mod reading;
mod routing;
mod sections;
mod spelling;

use std::net::SocketAddr;
use std::path::Path;

use handover_channel::HostPattern;
use url::Url;

pub use bot::{AgentSection, BotSection, IssuerSection};
pub use handover_credentials::entra::{ConnectionConfig, ProofConfig};
pub use handover_credentials::{CredentialConfig, Reference};

pub use connector::{CallbackIssuerSection, ConnectorSection, LimitsSection, UpstreamSection, Way};
pub use limits::FrontSection;
pub use media::MediaSection;
pub use provenance::{ProvenanceSection, SignerSection};
pub use routing::{RoutingSection, RuleSection, Values, WhenSection};
pub use sections::{ChannelSection, Config, GatewaySection, KeySection, StoreSection, TimingSection};

/// Environment variables that begin so overlay the file: `HANDOVER__GATEWAY__LISTEN=127.0.0.1:6001`.
const ENVIRONMENT: &str = "HANDOVER__";

/// Why a configuration cannot be served.
#[derive(Debug)]
pub struct ConfigError(Vec<String>);

impl ConfigError {
    /// One mistake.
    pub(crate) fn one(what: String) -> Self {
        Self(vec![what])
    }

    /// Several.
    pub(crate) fn all(what: Vec<String>) -> Self {
        Self(what)
    }

    /// Each of them.
    pub(crate) fn mistakes(self) -> Vec<String> {
        self.0
    }
}

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Reads a file, or nothing, and overlays the environment.
    ///
    /// # Errors
    /// With the file, the key, what was found and what is wanted.
    pub fn read(
        file: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let reading = reading::read(file, environment)?;
        if reading.mistakes.is_empty() { Ok(reading.config) } else { Err(ConfigError(reading.mistakes)) }
    }

    /// Whether it can be served as it is: every mistake in one report.
    ///
    /// # Errors
    /// All mistakes, a line each.
    pub fn check(&self) -> Result<(), ConfigError> {
        let mut wrong = Vec::new();
        wrong.extend(self.who_may_call());
        if self.gateway.admin_token.is_none() && !self.gateway.admin.ip().is_loopback() {
            wrong.push(format!(
                "`gateway.admin`: {} can be reached from elsewhere: set `gateway.admin_token`, or use an address such \
                 as 127.0.0.1:{}",
                self.gateway.admin,
                self.gateway.admin.port()
            ));
        }
        wrong.extend(self.limits.mistakes());
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
                let key = format!("connectors.{name}.upstreams.{upstream}");
                wrong.extend(section.mistakes(&key));
                let key = format!("{key}.base_url");
                if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
                    // No more of it: a path or a query may hold a key.
                    let shown = format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default());
                    wrong.push(format!("`{key}`: {shown} is no http or https address"));
                } else if !url.username().is_empty() || url.password().is_some() {
                    wrong.push(format!("`{key}`: an address carries no credentials"));
                } else if url.query().is_some() || url.fragment().is_some() {
                    // Which may be a key.
                    wrong.push(format!("`{key}`: it ends in a query or fragment; paths could not follow it"));
                }
            }
        }
        wrong.extend(self.routing.mistakes());
        wrong.extend(self.words().err().into_iter().flat_map(|e| e.0));
        wrong.extend(self.provenance().err().into_iter().flat_map(|e| e.0));
        wrong.extend(self.store_url().err().into_iter().flat_map(|e| e.0));
        if wrong.is_empty() { Ok(()) } else { Err(ConfigError(wrong)) }
    }

    /// What is missing before anybody may call, or contradicts that nobody elsewhere may.
    fn who_may_call(&self) -> Vec<String> {
        let (bot, mut wrong) = (&self.bot, Vec::new());
        if bot.local {
            if !self.is_on_this_machine() {
                wrong.push(format!(
                    "`bot.local`: without tokens only this machine may call, and `gateway.listen` is {}; say who may \
                     call (`bot.app_id`, `bot.tenant_id`, `[[bot.agents]]`) or listen on 127.0.0.1:{}",
                    self.gateway.listen,
                    self.gateway.listen.port()
                ));
            }
            return wrong;
        }
        let local = "for a try on this machine, without tokens, say `bot.local = true` or `serve --local`";
        if bot.app_id.is_nil() {
            wrong.push(format!(
                "`bot.app_id`: the app id of this skill's app registration is missing; {local}"
            ));
        }
        if bot.tenant_id.is_none() {
            wrong.push("`bot.tenant_id`: the id of your Entra tenant is missing".to_owned());
        }
        if bot.agents.is_empty() {
            wrong.push(
                "`bot.agents`: nobody may call; name the Copilot Studio agent: `[[bot.agents]]` with its `app_id`"
                    .to_owned(),
            );
        }
        let mut named = vec![("bot.connection".to_owned(), bot.connection.as_ref())];
        named.extend(
            bot.agents
                .iter()
                .enumerate()
                .filter(|(_, agent)| agent.connection.is_some())
                .map(|(nth, agent)| (format!("bot.agents.{nth}.connection"), agent.connection.as_ref())),
        );
        for (key, name) in named {
            match name {
                Some(name) if self.connections.contains_key(name) => {}
                Some(name) => wrong.push(format!("`{key}`: there is no [connections.{name}]")),
                None => wrong.push(format!(
                    "`{key}`: results cannot be posted to the agent; name a `[connections.…]` of the skill's app \
                     registration"
                )),
            }
        }
        if let Some(url) = &self.gateway.public_url
            && url.scheme() != "https"
            && !self.is_on_this_machine()
        {
            wrong.push(format!("`gateway.public_url`: {url} is not https; TLS ends at a proxy in front"));
        }
        wrong
    }

    /// The address that bots and vendors use; `listening` is where it really listens.
    pub(crate) fn public_url(&self, listening: SocketAddr) -> Url {
        self.gateway.public_url.clone().unwrap_or_else(|| {
            Url::parse(&format!("http://{listening}/")).expect("a socket address makes a URL")
        })
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
