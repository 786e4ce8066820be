//! The command line of Contoso Live Chat.

use std::{net::SocketAddr, path::PathBuf};

use clap::Parser;
use contoso_live_chat::{Config, Secret, serve};

/// A small live-chat system with a REST API and a console for its agents.
#[derive(Parser)]
#[command(name = "contoso-live-chat", version)]
struct Arguments {
    /// Address to listen on.
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:5000")]
    addr: SocketAddr,
    /// Let others reach it too: the address need not be loopback. Nobody logs in here.
    #[arg(long)]
    beyond_loopback: bool,
    /// Where to post what agents say and do.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:5001/api/livechat/messages")]
    webhook_url: String,
    /// Sign what is posted with the key in this file; unsigned without it.
    #[arg(long, value_name = "FILE", env = "CONTOSO_WEBHOOK_SECRET_FILE")]
    webhook_secret_file: Option<PathBuf>,
    /// Let only those call for the customer who send the key in this file as a bearer token; anyone without it.
    #[arg(long, value_name = "FILE", env = "CONTOSO_API_KEY_FILE")]
    api_key_file: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments { addr, beyond_loopback, webhook_url, webhook_secret_file, api_key_file } =
        Arguments::parse();
    let read = |file: Option<PathBuf>| file.map(|file| Secret::read(&file)).transpose();
    let config = Config {
        addr,
        beyond_loopback,
        webhook_url: webhook_url.clone(),
        webhook_secret: read(webhook_secret_file)?,
        api_key: read(api_key_file)?,
    };
    let running = serve(config, agent_desk::interrupted()).await?;
    println!("Contoso Live Chat: http://{}/", running.addr());
    println!("Agents' messages go to {webhook_url}");
    running.join().await
}
