//! One gateway as a child process: started, killed, started again on the same data and ports.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, bail};
use reqwest::Client;
use serde_json::Value;
use tokio::sync::oneshot;

use super::ports;

const LOG: &str = "gateway.log";

/// A gateway with its folder: `handover.toml`, `data`, `connectors`, `gateway.log`.
#[derive(Debug)]
pub struct Gateway {
    /// The folder.
    pub folder: PathBuf,
    binary: PathBuf,
    port: u16,
    admin_port: u16,
    child: Option<Child>,
}

impl Gateway {
    /// Not started yet.
    pub fn new(binary: &Path, folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            binary: binary.to_owned(),
            port: ports::free(),
            admin_port: ports::free(),
            child: None,
        }
    }

    /// Where bots and vendors reach it.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Where operators do.
    pub fn admin_url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.admin_port)
    }

    /// Starts it; it serves when this returns.
    ///
    /// # Errors
    /// With its last words, where it does not.
    pub async fn start(&mut self) -> anyhow::Result<()> {
        let log = File::options().create(true).append(true).open(self.folder.join(LOG))?;
        let mut child = Command::new(&self.binary)
            .args(["serve", "--local", "--config", "handover.toml", "--data", "data"])
            .args(["--connectors", "connectors"])
            .args(["--listen", &format!("127.0.0.1:{}", self.port)])
            .args(["--admin-addr", &format!("127.0.0.1:{}", self.admin_port)])
            .env("NO_COLOR", "1")
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .with_context(|| self.binary.display().to_string())?;
        let stdout = child.stdout.take();
        self.child = Some(child);
        let (tell, told) = oneshot::channel();
        // Read to its end: a pipe that is full would stop the gateway.
        std::thread::spawn(move || {
            let mut tell = Some(tell);
            for line in stdout.into_iter().flat_map(|out| BufReader::new(out).lines().map_while(Result::ok)) {
                if line.contains(" listens on ")
                    && let Some(tell) = tell.take()
                {
                    let _ = tell.send(());
                }
            }
        });
        if told.await.is_err() {
            bail!("the gateway did not start: {}", self.last_words());
        }
        Ok(())
    }

    /// `kill -9`: it gets to do nothing any more.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It may be gone already, which is as good.
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// What the operators see of its connectors.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn connectors(&self, http: &Client) -> anyhow::Result<Value> {
        self.operators(http, "/admin/api/connectors", "connectors").await
    }

    /// What it could not deliver.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn dead_letters(&self, http: &Client) -> anyhow::Result<Value> {
        self.operators(http, "/admin/api/dead-letters", "letters").await
    }

    async fn operators(&self, http: &Client, path: &str, what: &str) -> anyhow::Result<Value> {
        let answer = http.get(self.admin_url(path)).send().await?.error_for_status()?;
        let mut answer: Value = answer.json().await?;
        Ok(answer[what].take())
    }

    /// The end of what it logged.
    pub fn last_words(&self) -> String {
        let log = fs::read(self.folder.join(LOG)).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(12)..].join(" | ")
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.kill();
    }
}
