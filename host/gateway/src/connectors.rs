//! `handover connectors`: what the running gateway says of its connectors, for the terminal.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::client::{Asking, read};

#[derive(Deserialize)]
struct Answer {
    connectors: Vec<Line>,
    breakers: Vec<Breaker>,
}

#[derive(Deserialize)]
struct Line {
    name: String,
    file: String,
    state: String,
    version: Option<String>,
    digest: Option<String>,
    reason: Option<String>,
    description: Option<Description>,
}

#[derive(Deserialize)]
struct Description {
    /// Optional interfaces, and whether it has them.
    capabilities: BTreeMap<String, bool>,
}

#[derive(Deserialize)]
struct Breaker {
    target: String,
    state: String,
}

pub(crate) async fn show(asking: &Asking) -> anyhow::Result<()> {
    let answer = asking.get("connectors", &[]).await?;
    if asking.json {
        println!("{answer}");
        return Ok(());
    }
    let answer: Answer = read(answer)?;
    if answer.connectors.is_empty() {
        println!("No connectors: drop a .wasm into the connectors' folder.");
    }
    println!("{:<16} {:<10} {:<10} {:<12} FILE", "CONNECTOR", "STATE", "VERSION", "DIGEST");
    for line in answer.connectors {
        let digest = line.digest.as_deref().and_then(|digest| digest.get(..12)).unwrap_or("-");
        let version = line.version.as_deref().unwrap_or("-");
        println!("{:<16} {:<10} {:<10} {:<12} {}", line.name, line.state, version, digest, line.file);
        let can = line.description.iter().flat_map(|one| &one.capabilities).filter(|(_, has)| **has);
        let can: Vec<&str> = can.map(|(name, _)| name.as_str()).collect();
        if !can.is_empty() {
            println!("    can: {}", can.join(", "));
        }
        if let Some(reason) = line.reason {
            println!("    {reason}");
        }
    }
    for breaker in answer.breakers {
        println!("{} does not answer; its breaker is {}", breaker.target, breaker.state);
    }
    Ok(())
}
