//! A gateway for hard times: a process with a folder of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use handover_ledger::node::{Node, UNHURRIED};
use reqwest::Client;
use serde_json::Value;

use crate::Around;

/// A folder for a gateway, with these sections of configuration and these connectors.
pub fn furnish(around: &Around, folder: &Path, config: &str, connectors: &[&str]) -> anyhow::Result<Node> {
    let source = around.connectors.join("contoso.wasm");
    let target = folder.join("connectors");
    fs::create_dir_all(&target)?;
    for name in connectors {
        fs::copy(&source, target.join(format!("{name}.wasm")))
            .with_context(|| source.display().to_string())?;
    }
    fs::write(folder.join("handover.toml"), format!("{config}\n{UNHURRIED}"))?;
    Ok(Node::new(&binary(around)?, folder.to_owned()))
}

fn binary(around: &Around) -> anyhow::Result<PathBuf> {
    let beside = || Ok::<_, std::io::Error>(std::env::current_exe()?.with_file_name("handover"));
    let binary = match &around.binary {
        Some(binary) => binary.clone(),
        None => beside()?,
    };
    fs::canonicalize(&binary).with_context(|| format!("no gateway at {}", binary.display()))
}

/// A client that talks to this machine.
pub fn client() -> anyhow::Result<Client> {
    Ok(Client::builder().no_proxy().tls_certs_only([]).timeout(Duration::from_secs(30)).build()?)
}

/// Posts until it is taken, with the time of the attempt that was.
pub async fn post(http: &Client, node: &Node, path: &str, body: &Value) -> anyhow::Result<Duration> {
    let give_up = Instant::now() + Duration::from_secs(60);
    loop {
        let begun = Instant::now();
        let answer = http.post(format!("http://{}{path}", node.addr)).json(body).send().await;
        let status = match answer {
            Ok(answer) => {
                let status = answer.status();
                drop(answer.bytes().await);
                if status.is_success() {
                    return Ok(begun.elapsed());
                }
                status.to_string()
            }
            Err(error) => error.to_string(),
        };
        if Instant::now() > give_up {
            bail!("{path} is not taken: {status}");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
