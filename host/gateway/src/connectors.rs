//! `handover connectors`: what the running gateway says of its connectors, for the terminal.

use std::net::SocketAddr;

use anyhow::Context as _;
use serde::Deserialize;

#[derive(Deserialize)]
struct Answer {
    connectors: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    name: String,
    file: String,
    state: String,
    version: Option<String>,
    digest: Option<String>,
    reason: Option<String>,
}

pub(crate) async fn show(admin: SocketAddr, json: bool) -> anyhow::Result<()> {
    drop(rustls::crypto::ring::default_provider().install_default());
    let url = format!("http://{admin}/admin/api/connectors");
    let client = reqwest::Client::builder().no_proxy().build()?;
    let body = async { client.get(&url).send().await?.error_for_status()?.text().await };
    let body = body
        .await
        .with_context(|| format!("no gateway answers at {url}; is it running, and is --admin-addr right?"))?;
    if json {
        println!("{body}");
        return Ok(());
    }
    let answer: Answer =
        serde_json::from_str(&body).with_context(|| format!("{url} is no gateway of this kind"))?;
    if answer.connectors.is_empty() {
        println!("No connectors: drop a .wasm into the connectors' folder.");
    }
    println!("{:<16} {:<10} {:<10} {:<12} FILE", "CONNECTOR", "STATE", "VERSION", "DIGEST");
    for line in answer.connectors {
        let digest = line.digest.as_deref().and_then(|digest| digest.get(..12)).unwrap_or("-");
        let version = line.version.as_deref().unwrap_or("-");
        println!("{:<16} {:<10} {:<10} {:<12} {}", line.name, line.state, version, digest, line.file);
        if let Some(reason) = line.reason {
            println!("    {reason}");
        }
    }
    Ok(())
}
