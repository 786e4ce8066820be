//! The command line: `handover serve`, what looks at a set-up, and what asks a running gateway.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use serde_json::json;

use crate::appsettings::ImportAppsettings;
use crate::author::{Author, Wit};
use crate::check::Check;
use crate::client::Asking;
use crate::config::{Config, ConfigError};
use crate::dead_letters::DeadLetters;
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
    /// Look at a set-up: what is wrong, where, and what to do about it.
    Check(Check),
    /// Tell the sample skill's appsettings.json as a handover.toml.
    ImportAppsettings(ImportAppsettings),
    /// Show the connectors of the running gateway.
    Connectors(Asking),
    /// Begin, build, try or inspect a connector, without a gateway.
    #[command(subcommand)]
    Connector(Author),
    /// Print the contract that connectors are written against.
    Wit(Wit),
    /// Show what did not arrive; send it on its way again, or discard it.
    DeadLetters(DeadLetters),
    /// End a session: the customer is told, and control returns to the bot.
    End {
        /// The session's id.
        session: String,
        #[command(flatten)]
        asking: Asking,
    },
    /// Erase a customer: open sessions are ended, and nothing of any of them is kept.
    Forget {
        /// The channel's id of that person.
        customer: String,
        #[command(flatten)]
        asking: Asking,
    },
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
    /// No tokens, neither way: for a try on this machine only.
    #[arg(long)]
    local: bool,
}

impl Cli {
    /// How much is logged where nobody says. What a check finds, its report tells.
    pub fn log(&self) -> &'static str {
        match &self.command {
            Command::Check(_) | Command::Wit(_) => "off",
            Command::Connector(author) => author.log(),
            _ => "info",
        }
    }

    /// Does what is asked, until it is done or interrupted.
    ///
    /// # Errors
    /// In words for the one at the terminal.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        match self.command {
            Command::Check(check) => return Ok(check.run().await),
            Command::ImportAppsettings(import) => import.run(),
            Command::Serve(args) => {
                let running = serve(args.configuration()?).await?;
                println!("Handover {} listens on http://{}", env!("CARGO_PKG_VERSION"), running.addr);
                println!("Operators: http://{}/admin", running.admin_addr);
                interrupted().await;
                running.stop().await;
                Ok(())
            }
            Command::Connector(author) => return Ok(author.run().await),
            Command::Wit(wit) => return Ok(wit.run()),
            Command::Connectors(asking) => connectors::show(&asking).await,
            Command::DeadLetters(letters) => letters.run().await,
            Command::End { session, asking } => {
                asking.post("sessions/end", &json!({ "session": session })).await?;
                println!("Ended.");
                Ok(())
            }
            Command::Forget { customer, asking } => {
                let answer = asking.post("customers/forget", &json!({ "customer": customer })).await?;
                println!(
                    "{} sessions of this customer are erased, or will be once they have ended.",
                    answer["sessions"]
                );
                Ok(())
            }
        }?;
        Ok(ExitCode::SUCCESS)
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
        config.bot.local |= self.local;
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
