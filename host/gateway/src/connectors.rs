//! `handover connectors`: what the running gateway says of its connectors, for the terminal.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::client::{Asking, read};
use crate::clock;

#[derive(Deserialize)]
struct Answer {
    connectors: Vec<Line>,
    #[serde(default)]
    becomes: Becomes,
    breakers: Vec<Breaker>,
}

#[derive(Deserialize)]
struct Line {
    name: String,
    file: String,
    state: String,
    version: Option<String>,
    digest: Option<String>,
    #[serde(default)]
    signer: Option<String>,
    reason: Option<String>,
    /// Milliseconds since 1970.
    since: Option<u64>,
    #[serde(default)]
    instances: Option<String>,
    description: Option<Description>,
}

#[derive(Deserialize)]
struct Description {
    text_limit: Option<(u32, String)>,
    text_formats: Vec<String>,
    attachments: Attachments,
    capabilities: BTreeMap<String, bool>,
    #[serde(default)]
    imports: Vec<String>,
}

#[derive(Deserialize)]
struct Attachments {
    mode: String,
    size: Option<u64>,
    types: Vec<String>,
}

/// What becomes of what; see [`crate::becomes`].
#[derive(Default, Deserialize)]
struct Becomes {
    channels: Vec<String>,
    connectors: BTreeMap<String, Vec<Kind>>,
}

#[derive(Deserialize)]
struct Kind {
    kind: String,
    direction: String,
    channels: Vec<String>,
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
    println!("{:<16} {:<10} {:<10} {:<12} {:<12} FILE", "CONNECTOR", "STATE", "VERSION", "DIGEST", "SIGNER");
    for line in answer.connectors {
        let digest = line.digest.as_deref().and_then(|digest| digest.get(..12)).unwrap_or("-");
        let version = line.version.as_deref().unwrap_or("-");
        let signer = line.signer.as_deref().unwrap_or("-");
        println!(
            "{:<16} {:<10} {:<10} {:<12} {:<12} {}",
            line.name, line.state, version, digest, signer, line.file
        );
        let can = line.description.iter().flat_map(|one| &one.capabilities).filter(|(_, has)| **has);
        let can: Vec<&str> = can.map(|(name, _)| name.as_str()).collect();
        if !can.is_empty() {
            println!("    can: {}", can.join(", "));
        }
        if let Some(reason) = line.reason {
            println!("    {reason}");
        }
        if let ("compiling", Some(since)) = (line.state.as_str(), line.since) {
            println!("    compiling, {} s", clock::now().0.saturating_sub(since) / 1_000);
        }
        if let Some(description) = line.description.as_ref().filter(|one| !one.imports.is_empty()) {
            println!("    asks for: {}", asked(&description.imports));
        }
        if let Some(instances) = line.instances {
            println!("    instances: {instances}");
        }
        if let Some(description) = line.description {
            tell(&description);
        }
    }
    for (name, kinds) in &answer.becomes.connectors {
        table(name, &answer.becomes.channels, kinds);
    }
    for breaker in answer.breakers {
        println!("{} does not answer; its breaker is {}", breaker.target, breaker.state);
    }
    Ok(())
}

/// What a component imports, the interfaces of one package together.
fn asked(imports: &[String]) -> String {
    let mut packages: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for import in imports.iter().filter(|import| *import != "types") {
        let (package, interface) = import.split_once('/').unwrap_or(("", import));
        packages.entry(package).or_default().push(interface);
    }
    let told = packages.into_iter().map(|(package, interfaces)| match (package, interfaces.as_slice()) {
        ("", own) => own.join(", "),
        // Linked so that interpreters start, and always refused.
        ("wasi:sockets", _) => "wasi:sockets (refused)".to_owned(),
        (package, [one]) => format!("{package}/{one}"),
        (package, several) => format!("{package}/{{{}}}", several.join(", ")),
    });
    told.collect::<Vec<_>>().join("; ")
}

/// What a connector can show and carry.
fn tell(of: &Description) {
    let formats = if of.text_formats.is_empty() { "plain".to_owned() } else { of.text_formats.join(", ") };
    let longest = match &of.text_limit {
        Some((length, unit)) => format!("at most {length} {unit}, longer ones in parts"),
        None => "of any length".to_owned(),
    };
    println!("    texts: {formats}; {longest}");
    let size = of.attachments.size.map_or("any size".to_owned(), |size| format!("at most {size} bytes"));
    let types =
        if of.attachments.types.is_empty() { "any type".to_owned() } else { of.attachments.types.join(", ") };
    println!("    files: {}; {size}; {types}", of.attachments.mode);
    let has = |name: &str| if of.capabilities.get(name) == Some(&true) { "yes" } else { "no" };
    println!(
        "    typing and receipts: {}; availability: {}; feed: {}; reconcile: {}; migration: {}; trial: {}",
        has("signals"),
        has("availability"),
        has("feed"),
        has("reconcile"),
        has("migration"),
        has("trial")
    );
}

/// What becomes of what, channel by channel; where it is the same in all of them it is said once.
fn table(name: &str, channels: &[String], kinds: &[Kind]) {
    println!("\nWhat becomes of what with {name}:");
    println!("    {:<12} {:<20} BECOMES", "DIRECTION", "KIND");
    for line in kinds {
        let same = line.channels.windows(2).all(|two| two[0] == two[1]);
        let becomes = match line.channels.first() {
            Some(first) if same => first.clone(),
            _ => {
                let each = channels.iter().zip(&line.channels);
                each.map(|(channel, becomes)| format!("{channel}: {becomes}")).collect::<Vec<_>>().join("; ")
            }
        };
        println!("    {:<12} {:<20} {becomes}", line.direction, line.kind);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_told_by_package() {
        let imports = [
            "types",
            "http",
            "log",
            "wasi:cli/stdout",
            "wasi:http/outgoing-handler",
            "wasi:cli/stderr",
            "wasi:sockets/tcp",
            "wasi:sockets/udp",
        ];
        assert_eq!(
            asked(&imports.map(str::to_owned)),
            "http, log; wasi:cli/{stdout, stderr}; wasi:http/outgoing-handler; wasi:sockets (refused)"
        );
    }
}
