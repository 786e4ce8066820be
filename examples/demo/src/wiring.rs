//! What joins gateway and bot: addresses, app registrations, and secrets that are made for this run alone.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use handover::Config;
use handover::config::{AgentSection, ConnectionConfig, IssuerSection, ProofConfig, Reference};

/// Secrets of this run, each in a file that nobody else can read; gone with the value.
pub struct Secrets(tempfile::TempDir);

impl Secrets {
    /// A folder for them.
    ///
    /// # Errors
    /// There is no place for it.
    pub fn new() -> anyhow::Result<Self> {
        Ok(Self(tempfile::tempdir().context("a folder for the demo's secrets")?))
    }

    /// A new random one: what it is, and where the gateway finds it.
    ///
    /// # Errors
    /// There is no randomness, or no space.
    pub fn make(&self, name: &str) -> anyhow::Result<(String, Reference)> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes).context("random bytes for a secret")?;
        let secret: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let reference = self.keep(name, secret.as_bytes())?;
        Ok((secret, reference))
    }

    /// One that somebody else has made.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn keep(&self, name: &str, secret: &[u8]) -> anyhow::Result<Reference> {
        let file = self.0.path().join(name);
        write(&file, secret).with_context(|| format!("{}", file.display()))?;
        Ok(Reference::File(file))
    }
}

fn write(file: &Path, secret: &[u8]) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)?.write_all(secret)
}

/// Registers the gateway with the simulated Entra, Teams and Copilot Studio, as an operator would with the real ones.
///
/// # Errors
/// A secret cannot be kept.
pub fn join_bot(
    config: &mut Config,
    simulator: &teams_simulator::Running,
    secrets: &Secrets,
) -> anyhow::Result<()> {
    let connection = |client_id: &str, secret: Reference| -> anyhow::Result<ConnectionConfig> {
        Ok(ConnectionConfig {
            tenant: simulator.tenant_id().to_owned(),
            client_id: client_id.to_owned(),
            cloud: Default::default(),
            authority: Some(simulator.authority_url().parse()?),
            proof: ProofConfig::ClientSecret { secret },
        })
    };
    let skill = secrets.keep("skill", simulator.skill_secret().reveal().as_bytes())?;
    let agent = secrets.keep("agent", simulator.agent_secret().reveal().as_bytes())?;
    config.connections.insert("skill".to_owned(), connection(simulator.skill_app_id(), skill)?);
    config.connections.insert("agent".to_owned(), connection(simulator.agent_app_id(), agent)?);
    let bot = &mut config.bot;
    bot.app_id = simulator.skill_app_id().parse()?;
    bot.tenant_id = Some(simulator.tenant_id().parse()?);
    bot.connection = Some("skill".to_owned());
    bot.agents = vec![AgentSection {
        app_id: simulator.agent_app_id().parse()?,
        connection: Some("agent".to_owned()),
    }];
    for (issuer, metadata) in simulator.issuers().into_iter().zip(simulator.metadata_urls()) {
        bot.issuers.push(IssuerSection { issuer, metadata: metadata.parse()?, bot_service: false });
    }
    bot.runtime_hosts = vec![simulator.addr().to_string()];
    bot.teams_connector_url = Some(simulator.connector_url().parse()?);
    Ok(())
}

/// Cargo says where the demo lies, wherever it was started from.
pub fn installed() -> PathBuf {
    let here = PathBuf::from("connectors/installed");
    match std::env::var_os("CARGO_MANIFEST_DIR") {
        Some(demo) if !here.is_dir() => PathBuf::from(demo).join("../../connectors/installed"),
        _ => here,
    }
}
