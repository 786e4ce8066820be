//! The command line of the simulated Genesys Cloud.

use std::{net::SocketAddr, path::PathBuf};

use clap::Parser;
use genesys_simulator::{Config, Secret, serve};

/// A simulated Genesys Cloud with Open Messaging and a console for its agents.
#[derive(Parser)]
#[command(name = "genesys-simulator", version)]
struct Arguments {
    /// Address to listen on.
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:5040")]
    addr: SocketAddr,
    /// Let others reach it too: the address need not be loopback. Nobody logs in at the console.
    #[arg(long)]
    beyond_loopback: bool,
    /// Where to post notifications.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:5001/api/callbacks/genesys")]
    webhook_url: String,
    /// Sign them with the key in this file, not with the one that everybody knows.
    #[arg(long, value_name = "FILE", env = "GENESYS_WEBHOOK_SECRET_FILE")]
    webhook_secret_file: Option<PathBuf>,
    /// Let only those in who know the client's secret in this file, not the one that everybody knows.
    #[arg(long, value_name = "FILE", env = "GENESYS_CLIENT_SECRET_FILE")]
    client_secret_file: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments { addr, beyond_loopback, webhook_url, webhook_secret_file, client_secret_file } =
        Arguments::parse();
    let mut config = Config { addr, beyond_loopback, webhook_url: webhook_url.clone(), ..Config::default() };
    if let Some(file) = webhook_secret_file {
        config.webhook_secret = Secret::read(&file)?;
    }
    if let Some(file) = client_secret_file {
        config.client_secret = Secret::read(&file)?;
    }
    let (client, integration) = (config.client_id.clone(), config.integration_id.clone());
    let running = serve(config, agent_desk::interrupted()).await?;
    println!("Simulated Genesys Cloud: {}/", running.url());
    println!("OAuth client {client}, token at {}/oauth/token; integration {integration}", running.url());
    println!("Notifications go to {webhook_url}");
    running.join().await
}
