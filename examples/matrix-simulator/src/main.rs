//! The command line of the simulated homeserver.

use std::{net::SocketAddr, path::PathBuf};

use clap::Parser;
use matrix_simulator::{Config, Secret, serve};

/// A simulated Matrix homeserver for an application service, and a console for its agents.
#[derive(Parser)]
#[command(name = "matrix-simulator", version)]
struct Arguments {
    /// Address to listen on.
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:5060")]
    addr: SocketAddr,
    /// Let others reach it too: the address need not be loopback. Nobody logs in at the console.
    #[arg(long)]
    beyond_loopback: bool,
    /// The registration's `url`: below it transactions are put.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:5001/api/callbacks/matrix")]
    url: String,
    /// The registration's `as_token` is in this file, not the one that everybody knows.
    #[arg(long, value_name = "FILE", env = "MATRIX_AS_TOKEN_FILE")]
    as_token_file: Option<PathBuf>,
    /// The registration's `hs_token` is in this file, not the one that everybody knows.
    #[arg(long, value_name = "FILE", env = "MATRIX_HS_TOKEN_FILE")]
    hs_token_file: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments { addr, beyond_loopback, url, as_token_file, hs_token_file } = Arguments::parse();
    let mut config = Config { addr, beyond_loopback, url: url.clone(), ..Config::default() };
    if let Some(file) = as_token_file {
        config.as_token = Secret::read(&file)?;
    }
    if let Some(file) = hs_token_file {
        config.hs_token = Secret::read(&file)?;
    }
    let name = config.server_name.clone();
    let running = serve(config, agent_desk::interrupted()).await?;
    println!("Simulated Matrix homeserver {name}: {}/", running.url());
    println!("The staff's room is {}", running.staff_room());
    println!("Transactions go to {url}");
    running.join().await
}
