//! The command line of the simulated organization.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use anyhow::Context;
use clap::Parser;
use salesforce_simulator::{Config, Identity, serve};

/// A simulated Salesforce organization with Enhanced Chat, and a desk for its reps.
#[derive(Parser)]
#[command(name = "salesforce-simulator", version)]
struct Arguments {
    /// Address to listen on.
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:5040")]
    addr: SocketAddr,
    /// Let others reach it too: the address need not be loopback. Nobody logs in here.
    #[arg(long)]
    beyond_loopback: bool,
    /// The organization's id.
    #[arg(long, value_name = "00D…", default_value = "00Dxx0000001gErEAI")]
    organization: String,
    /// The API name of the custom client deployment.
    #[arg(long, value_name = "NAME", default_value = "Custom_Client")]
    deployment: String,
    /// How long a visitor's token is good, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 21_600)]
    token_life: u64,
    /// Let a continued token be good for a whole life more.
    #[arg(long)]
    continuation_extends: bool,
    /// Who vouches for customers (iss); together with --identity-key-id and --identity-key-file.
    #[arg(long, value_name = "ISS", requires_all = ["identity_key_id", "identity_key_file"])]
    identity_issuer: Option<String>,
    /// The name of the key (kid).
    #[arg(long, value_name = "KID")]
    identity_key_id: Option<String>,
    /// The RSA public key: PKCS #1, DER.
    #[arg(long, value_name = "FILE")]
    identity_key_file: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let identity = match (arguments.identity_issuer, arguments.identity_key_id, arguments.identity_key_file) {
        (Some(issuer), Some(key_id), Some(file)) => {
            let public_key =
                std::fs::read(&file).with_context(|| format!("cannot read the key in {}", file.display()))?;
            Some(Identity { issuer, key_id, public_key })
        }
        _ => None,
    };
    let config = Config {
        addr: arguments.addr,
        beyond_loopback: arguments.beyond_loopback,
        organization: arguments.organization,
        deployment: arguments.deployment,
        token_life: Duration::from_secs(arguments.token_life),
        continuation_extends: arguments.continuation_extends,
        identity,
        ..Config::default()
    };
    let running = serve(config, agent_desk::interrupted()).await?;
    println!("Salesforce Enhanced Chat: {}/", running.url());
    running.join().await
}
