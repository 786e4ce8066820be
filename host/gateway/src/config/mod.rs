//! `handover.toml`, the environment and flags, made into one configuration that can be served.

mod limits;
mod meaning;
mod sections;

use std::net::SocketAddr;
use std::path::Path;

use handover_channel::HostPattern;
use url::Url;

use crate::admin::Token;

pub use limits::FrontSection;
pub use sections::{
    BotSection, ChannelSection, Config, ConnectorSection, GatewaySection, LimitsSection, RoutingSection,
    StoreSection, TimingSection, UpstreamSection,
};

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
        let listen = self.gateway.listen;
        if !listen.ip().is_loopback() {
            wrong.push(format!(
                "`gateway.listen`: {listen} can be reached from elsewhere; this version checks no tokens and serves \
                 this machine only: use an address such as 127.0.0.1:{}",
                listen.port()
            ));
        }
        wrong.extend(self.admin_mistakes());
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
        wrong.extend(self.words().err().into_iter().flat_map(|e| e.0));
        wrong.extend(self.store_url().err().into_iter().flat_map(|e| e.0));
        if wrong.is_empty() { Ok(()) } else { Err(ConfigError(wrong)) }
    }

    /// Operators' listener: from elsewhere with a token only, and a token that can be read.
    fn admin_mistakes(&self) -> Vec<String> {
        let (address, mut wrong) = (self.gateway.admin, Vec::new());
        if self.gateway.admin_token.is_none() && !address.ip().is_loopback() {
            wrong.push(format!(
                "`gateway.admin`: {address} can be reached from elsewhere: set `gateway.admin_token`, or use an \
                 address such as 127.0.0.1:{}",
                address.port()
            ));
        }
        let token = self.gateway.admin_token.as_deref().map(Token::read);
        wrong.extend(token.and_then(Result::err).map(|e| format!("`gateway.admin_token`: {e}")));
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
