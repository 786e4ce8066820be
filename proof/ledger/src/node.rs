//! One gateway as a process: its folder and configuration, its start, its violent end.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, bail};
use tokio::sync::oneshot;

use crate::cli::Options;
use crate::ports;

/// The file that the gateway's words go to.
const LOG: &str = "gateway.log";

/// Rates for one that is driven as fast as it goes: everybody here calls from one address.
pub const UNHURRIED: &str = "[limits]\ncaller_per_second = 1000000\nconnector_per_second = 1000000\nconversation_per_10_seconds = 1000000\n";

/// Where gateways of a run meet the world.
#[derive(Debug)]
pub struct Surroundings<'a> {
    /// The vendor.
    pub vendor: SocketAddr,
    /// The database, where there is one.
    pub database: Option<&'a str>,
    /// The connector.
    pub component: &'a [u8],
}

/// A gateway.
#[derive(Debug)]
pub struct Node {
    /// Its folder: `handover.toml`, `connectors`, `data`, `gateway.log`.
    pub folder: PathBuf,
    /// Where it listens.
    pub addr: SocketAddr,
    admin: SocketAddr,
    binary: PathBuf,
    child: Option<Child>,
}

impl Node {
    /// Not started yet.
    pub fn new(binary: &Path, folder: PathBuf) -> Self {
        let port = || SocketAddr::from((Ipv4Addr::LOCALHOST, ports::free()));
        Self { folder, addr: port(), admin: port(), binary: binary.to_owned(), child: None }
    }

    /// Writes its folder.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn furnish(&self, options: &Options, around: &Surroundings<'_>) -> anyhow::Result<()> {
        let connectors = self.folder.join("connectors");
        fs::create_dir_all(&connectors)?;
        fs::write(connectors.join("contoso.wasm"), around.component)?;
        let mut config = format!(
            "[timing]\nfresh_seconds = {}\n\n[connectors.contoso.upstreams.api]\nbase_url = \"http://{}\"\n\n\
             [connectors.contoso.limits]\ncall_ms = {}\n\n{UNHURRIED}",
            options.fresh_seconds, around.vendor, options.call_ms
        );
        if let Some(url) = around.database {
            config.push_str(&format!("\n[store]\nurl = \"{url}\"\n"));
        }
        if let Some(more) = &options.config {
            config.push('\n');
            config.push_str(&fs::read_to_string(more).with_context(|| more.display().to_string())?);
        }
        fs::write(self.folder.join("handover.toml"), config)?;
        Ok(())
    }

    /// Starts it; it serves when this returns.
    ///
    /// # Errors
    /// With its last words, where it does not.
    pub async fn start(&mut self) -> anyhow::Result<()> {
        let log = File::options().create(true).append(true).open(self.folder.join(LOG))?;
        let mut child = Command::new(&self.binary)
            .args([
                "serve",
                "--local",
                "--config",
                "handover.toml",
                "--data",
                "data",
                "--connectors",
                "connectors",
            ])
            .args(["--listen", &self.addr.to_string(), "--admin-addr", &self.admin.to_string()])
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
            bail!("the gateway did not start:\n{}", self.last_words());
        }
        Ok(())
    }

    /// `kill -9`: it gets to do nothing any more.
    ///
    /// # Errors
    /// Where it cannot be killed.
    pub fn kill(&mut self) -> std::io::Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// The process, while it is there.
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// Whether it has ended although nobody killed it.
    pub fn has_died(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| !matches!(child.try_wait(), Ok(None)))
    }

    /// The end of what it logged.
    pub fn last_words(&self) -> String {
        let log = fs::read(self.folder.join(LOG)).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // A run that is over leaves no process behind.
        drop(self.kill());
    }
}
