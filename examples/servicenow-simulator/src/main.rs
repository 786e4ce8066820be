//! The command line of the ServiceNow simulator.

use std::{net::SocketAddr, path::PathBuf};

use clap::Parser;
use servicenow_simulator::{Config, MessageAuth, Secret, SignIn, serve};

/// A ServiceNow instance with the Virtual Agent API and a console for its agents.
#[derive(Parser)]
#[command(name = "servicenow-simulator", version)]
struct Arguments {
    /// Address to listen on.
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:5020")]
    addr: SocketAddr,
    /// Let others reach it too: the address need not be loopback. Agents do not log in here.
    #[arg(long)]
    beyond_loopback: bool,
    /// Where callbacks go.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:5001/api/callbacks/servicenow")]
    callback_url: String,
    /// Send what is in this file as `x-handover-secret` with callbacks.
    #[arg(long, value_name = "FILE", env = "SERVICENOW_CALLBACK_SECRET_FILE")]
    callback_secret_file: Option<PathBuf>,
    /// The user who may sign in.
    #[arg(long, default_value = "handover", requires = "password_file")]
    user: String,
    /// That user's password; nobody has to sign in without it.
    #[arg(long, value_name = "FILE", env = "SERVICENOW_PASSWORD_FILE")]
    password_file: Option<PathBuf>,
    /// Want the static token in this file with each message.
    #[arg(long, value_name = "FILE", conflicts_with = "hash_file")]
    token_file: Option<PathBuf>,
    /// Want each message signed with the secret in this file.
    #[arg(long, value_name = "FILE")]
    hash_file: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let read = |file: Option<PathBuf>| file.map(|file| Secret::read(&file)).transpose();
    let callback_secret = read(arguments.callback_secret_file)?;
    let header = |secret: Secret| ("x-handover-secret".to_owned(), secret);
    let token = read(arguments.token_file)?.map(MessageAuth::Static);
    let config = Config {
        addr: arguments.addr,
        beyond_loopback: arguments.beyond_loopback,
        callback_url: arguments.callback_url,
        callback_headers: callback_secret.map(header).into_iter().collect(),
        sign_in: read(arguments.password_file)?
            .map(|password| SignIn::Basic(arguments.user, password))
            .into_iter()
            .collect(),
        message_auth: token.or(read(arguments.hash_file)?.map(MessageAuth::Hash)),
        ..Config::default()
    };
    println!("Callbacks go to {}", config.callback_url);
    let running = serve(config, agent_desk::interrupted()).await?;
    println!("ServiceNow simulator: {}/", running.url());
    running.join().await
}
