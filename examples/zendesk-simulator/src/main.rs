//! The command line of the Zendesk simulator.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use clap::Parser;
use zendesk_simulator::{Config, Key, Schema, Secret, serve};

/// A simulated Zendesk account with messaging, and a page for its agents.
#[derive(Parser)]
#[command(name = "zendesk-simulator", version)]
struct Arguments {
    /// Address to listen on.
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:5020")]
    addr: SocketAddr,
    /// Let others reach it too: the address need not be loopback. Nobody logs in here.
    #[arg(long)]
    beyond_loopback: bool,
    /// Where the integration's webhook posts to.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:5001/api/callbacks/zendesk")]
    webhook_url: String,
    /// The webhook's shared secret.
    #[arg(long, value_name = "FILE", env = "ZENDESK_WEBHOOK_SECRET_FILE")]
    webhook_secret_file: Option<PathBuf>,
    /// The secret of the app's key, whose id is `app_simulated`.
    #[arg(long, value_name = "FILE", env = "ZENDESK_KEY_SECRET_FILE")]
    key_secret_file: Option<PathBuf>,
    /// Let users have several personal conversations.
    #[arg(long)]
    multi_conversations: bool,
    /// The vendor's openapi.yaml, to hold every request against.
    #[arg(long, value_name = "FILE", env = "ZENDESK_SCHEMA")]
    schema: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let given = Arguments::parse();
    let usual = Config::default();
    let read = |file: Option<PathBuf>, usual: Secret| match file {
        Some(file) => Secret::read(&file),
        None => Ok(usual),
    };
    if given.schema.is_none() {
        eprintln!(
            "WITHOUT THE VENDOR'S SCHEMA: requests are only checked by hand-written rules; give it as --schema"
        );
    }
    let config = Config {
        addr: given.addr,
        beyond_loopback: given.beyond_loopback,
        webhook_url: given.webhook_url.clone(),
        webhook_secret: read(given.webhook_secret_file, usual.webhook_secret.clone())?,
        key: Key { secret: read(given.key_secret_file, usual.key.secret.clone())?, ..usual.key.clone() },
        multi_conversations: given.multi_conversations,
        schema: given.schema.as_deref().map(Schema::read).transpose()?.map(Arc::new),
        ..usual
    };
    let (app_id, key) = (config.app_id.clone(), config.key.id.clone());
    let running = serve(config, agent_desk::interrupted()).await?;
    println!("Zendesk simulator: http://{}/", running.addr());
    println!("Conversations API: {} (app {app_id}, key {key})", running.base_url());
    println!("Tickets: {} (agent@example.com/token)", running.support_url());
    println!("Events go to {}", given.webhook_url);
    running.join().await
}
