//! The command line: `handover serve`, `handover connectors`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::config::{Config, ConfigError};
use crate::{connectors, serve};

/// Carries conversations between a Copilot Studio agent and the live-chat system where human agents work.
#[derive(Debug, Parser)]
#[command(name = "handover", version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the gateway.
    Serve(ServeArgs),
    /// Show the connectors of the running gateway.
    Connectors(ConnectorsArgs),
}

#[derive(Debug, Args)]
struct ServeArgs {
    /// The configuration; `handover.toml` in this folder where there is one.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where bots and vendors reach it.
    #[arg(long, value_name = "IP:PORT")]
    listen: Option<SocketAddr>,
    /// Where operators reach it.
    #[arg(long, value_name = "IP:PORT")]
    admin_addr: Option<SocketAddr>,
    /// The folder of the store and of compiled connectors.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The folder that connectors are dropped into.
    #[arg(long, value_name = "DIR")]
    connectors: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct ConnectorsArgs {
    /// Where the running gateway's operators reach it.
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:5003")]
    admin_addr: SocketAddr,
    /// As the admin API says it.
    #[arg(long)]
    json: bool,
}

impl Cli {
    /// Does what is asked, until it is done or interrupted.
    ///
    /// # Errors
    /// In words for the one at the terminal.
    pub async fn run(self) -> anyhow::Result<()> {
        match self.command {
            Command::Serve(args) => {
                let running = serve(args.configuration()?).await?;
                println!("Handover {} listens on http://{}", env!("CARGO_PKG_VERSION"), running.addr);
                println!("Operators: http://{}/admin", running.admin_addr);
                interrupted().await;
                running.stop().await;
                Ok(())
            }
            Command::Connectors(args) => connectors::show(args.admin_addr, args.json).await,
        }
    }
}

impl ServeArgs {
    fn configuration(self) -> Result<Config, ConfigError> {
        let here = PathBuf::from("handover.toml");
        let file = self.config.or_else(|| here.is_file().then_some(here));
        let mut config = Config::read(file.as_deref(), std::env::vars())?;
        let gateway = &mut config.gateway;
        gateway.listen = self.listen.unwrap_or(gateway.listen);
        gateway.admin = self.admin_addr.unwrap_or(gateway.admin);
        if let Some(data) = self.data {
            gateway.data = data;
        }
        if let Some(connectors) = self.connectors {
            gateway.connectors = connectors;
        }
        Ok(config)
    }
}

/// Returns when the one at the terminal, or the system, wants an end.
pub async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    drop(tokio::signal::ctrl_c().await);
}
