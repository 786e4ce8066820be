//! The configuration by itself: its mistakes, who is who in it, and whether its secrets are there.

use std::collections::BTreeMap;
use std::sync::Arc;

use handover_credentials::entra::{Connection, ProofConfig};
use handover_credentials::{Endpoint, Keyring, KeyringConfig, VaultConfig};
use handover_identity::Doorkeeper;
use handover_sandbox::GrantedCredential;
use handover_sandbox::description::CredentialKind;
use uuid::Uuid;

use super::report::Report;
use crate::config::Config;
use crate::config::reading::Reading;
use crate::trust::Trust;

/// What the configuration refers to, as far as it could be had.
pub(super) struct Opened {
    pub(super) doorkeeper: Option<Doorkeeper>,
    pub(super) connections: BTreeMap<String, Connection>,
    /// All of it, where all of it could be had.
    pub(super) trust: Option<Trust>,
    /// The keys of what could not.
    pub(super) missing: Vec<String>,
    /// The connectors' credentials that could be had, where `trust` is none: so that only those are missed which are
    /// not there.
    pub(super) credentials: BTreeMap<String, BTreeMap<String, GrantedCredential>>,
    _keyring: Keyring,
}

/// Every mistake that the configuration holds.
pub(super) fn configuration(reading: &Reading, report: &mut Report) {
    for mistake in &reading.mistakes {
        let (key, what) = parted(mistake);
        report.failed(key, what, "");
        report.unreadable = true;
    }
    let found = reading.config.check().err().map(crate::config::ConfigError::mistakes).unwrap_or_default();
    let mut well = reading.mistakes.is_empty();
    for mistake in found {
        let (key, what) = parted(&mistake);
        if !reading.follows(&key, &what) {
            report.failed(key, what, "");
            well = false;
        }
    }
    if well {
        report.ok("keys", "all are known and make sense");
    }
}

/// The key and what is said of it: "`bot.app_id`: it is missing".
fn parted(mistake: &str) -> (String, String) {
    let parted = mistake.split_once('`').and_then(|(_, rest)| rest.split_once("`: "));
    match parted {
        Some((key, what)) => (key.to_owned(), what.to_owned()),
        None => ("configuration".to_owned(), mistake.to_owned()),
    }
}

/// Whether the ids in the configuration can belong to those that they are said to belong to.
pub(super) fn who_is_who(config: &Config, report: &mut Report) {
    report.group("Who is who");
    let bot = &config.bot;
    if bot.local {
        report.skipped("callers", "`bot.local`: this machine only, and no tokens");
        return;
    }
    let mut named: Vec<(String, &str, Uuid, &str)> = Vec::new();
    if let Some(connection) = &bot.connection {
        named.push(("bot.connection".to_owned(), connection, bot.app_id, "`bot.app_id`"));
    }
    let mut well = !bot.agents.is_empty();
    for (nth, agent) in bot.agents.iter().enumerate() {
        if agent.app_id == bot.app_id {
            well = false;
            report.failed(
                format!("bot.agents.{nth}.app_id"),
                "this is the skill's own app id, and a skill does not call itself",
                "give the agent's: Copilot Studio, Settings, Advanced, Metadata, Agent App ID",
            );
        }
        match &agent.connection {
            Some(connection) => {
                named.push((format!("bot.agents.{nth}.connection"), connection, agent.app_id, "the agent's `app_id`"));
            }
            None => report.skipped(
                format!("bot.agents.{nth}.connection"),
                format!(
                    "agent {} has none: its customers in Teams are reached only where it is connected as an agent \
                     (Microsoft 365 Agents SDK), or while they wait for an answer",
                    agent.app_id
                ),
            ),
        }
    }
    for (key, name, app, whose) in named {
        let Some(connection) = config.connections.get(name) else { continue };
        let client: Option<Uuid> = connection.client_id.parse().ok();
        if !matches!(connection.proof, ProofConfig::ManagedIdentity) && client != Some(app) {
            well = false;
            report.failed(
                key.clone(),
                format!("[connections.{name}] has another client_id than {whose}, {app}"),
                "name the connection of that app registration, or mend the id",
            );
        }
        let tenant: Option<Uuid> = connection.tenant.parse().ok();
        if let (Some(tenant), Some(own)) = (tenant, bot.tenant_id)
            && tenant != own
        {
            well = false;
            report.failed(
                key,
                format!(
                    "[connections.{name}] is in another tenant than `bot.tenant_id` (APPID_NOT_IN_TENANT)"
                ),
                "skill and agent live in one tenant: register the app there, or mend the id",
            );
        }
    }
    if well {
        let ids: Vec<String> = bot.agents.iter().map(|agent| agent.app_id.to_string()).collect();
        report.ok(
            "callers",
            format!(
                "{} may call; an agent that is not listed fails with ENDPOINT_HEALTHCHECK_UNAUTHORIZED",
                ids.join(", ")
            ),
        );
    }
}

/// Opens whatever can be opened.
///
/// # Errors
/// When there is no HTTP client.
pub(super) async fn open(config: &Config, report: &mut Report) -> Result<Opened, String> {
    report.group("Secrets");
    let endpoint = Endpoint::new().map_err(|e| format!("there is no HTTP client: {e}"))?;
    let vault = VaultConfig { cloud: config.bot.cloud, ..VaultConfig::default() };
    let keyring = Keyring::new(KeyringConfig { vault, ..KeyringConfig::default() }, endpoint.clone());
    let mut connections = BTreeMap::new();
    for (name, connection) in &config.connections {
        // What cannot be opened is told just below.
        if let Ok(opened) = connection.open(&keyring, &endpoint).await {
            connections.insert(name.clone(), opened);
        }
    }
    let (trust, wrong) = match Trust::open(config).await {
        Ok(trust) => (Some(trust), Vec::new()),
        Err(wrong) => (None, wrong.mistakes()),
    };
    let credentials = match &trust {
        Some(_) => BTreeMap::new(),
        None => credentials(config, &keyring, &endpoint).await,
    };
    let mut missing = Vec::new();
    for mistake in &wrong {
        let (key, what) = parted(mistake);
        // Rules without an app id have been told of in better words.
        if key != "bot" || config.check().is_ok() {
            report.failed(key.clone(), what, "");
        }
        missing.push(key);
    }
    if wrong.is_empty() {
        report.ok("references", "all lead to a value");
    }
    let doorkeeper = config.bot_rules().and_then(|rules| Doorkeeper::new(rules).ok());
    Ok(Opened { doorkeeper, connections, trust, missing, credentials, _keyring: keyring })
}

async fn credentials(
    config: &Config,
    keyring: &Keyring,
    endpoint: &Endpoint,
) -> BTreeMap<String, BTreeMap<String, GrantedCredential>> {
    let mut all = BTreeMap::new();
    for (connector, section) in &config.connectors {
        let mut held = BTreeMap::new();
        for (name, written) in &section.credentials {
            // What cannot be opened has been told.
            if let Ok(opened) = written.open(keyring, endpoint).await {
                let kind = CredentialKind::of(written);
                held.insert(name.clone(), GrantedCredential { kind, credential: Arc::new(opened) });
            }
        }
        all.insert(connector.clone(), held);
    }
    all
}
