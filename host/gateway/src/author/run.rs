//! `handover connector run`: a gateway on this machine that serves the project as it was last saved.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};

use clap::Args;

use super::{build, untried};
use crate::cli::interrupted;
use crate::config::{Config, ConfigError};
use crate::serve;

/// How often the sources are looked at. They are few, and not every file system says by itself what was saved.
const LOOK: Duration = Duration::from_millis(200);

/// What tools make or fetch: no sources.
const MADE: [&str; 6] = ["target", "dist", "node_modules", "bindings", "types", "__pycache__"];

/// Where the gateway keeps its own in the project, beside what is built.
const OURS: &str = "dist/run";

/// `handover connector run`
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// The project; this folder where none is given.
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
    /// Upstreams, credentials and settings, as an operator has them; the project's `handover.toml` where none is named.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where bots and vendors reach the gateway on this machine; the next but one is the operators'.
    #[arg(long, value_name = "PORT", default_value_t = 5001)]
    port: u16,
}

/// Every source, by when it was changed and how long it is.
type Sources = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

impl Run {
    pub(super) async fn run(&self) -> ExitCode {
        let running = match self.configuration() {
            Ok(config) => serve(config).await,
            Err(why) => return untried(why),
        };
        let running = match running {
            Ok(running) => running,
            Err(why) => return untried(format!("{why:#}")),
        };
        println!(
            "Handover listens on http://{}; operators: http://{}/admin",
            running.addr, running.admin_addr
        );
        println!("Each time you save, the connector is built and swapped. End with Ctrl+C.");
        tokio::select! {
            () = interrupted() => {}
            () = self.rebuild() => {}
        }
        running.stop().await;
        ExitCode::SUCCESS
    }

    /// The operator's, on this machine only and without tokens, with folders of its own.
    fn configuration(&self) -> Result<Config, ConfigError> {
        let there = self.folder.join("handover.toml");
        let file = self.config.clone().or_else(|| there.is_file().then_some(there));
        let mut config = Config::read(file.as_deref(), std::env::vars())?;
        let here = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        config.bot.local = true;
        let gateway = &mut config.gateway;
        gateway.listen = here(self.port);
        gateway.admin = here(self.port.saturating_add(2));
        gateway.data = self.folder.join(OURS).join("data");
        gateway.connectors = self.folder.join(OURS).join("connectors");
        std::fs::create_dir_all(&gateway.connectors)
            .map_err(|e| ConfigError::one(format!("{}: {e}", gateway.connectors.display())))?;
        Ok(config)
    }

    /// Builds what is there, and again whenever it has changed and has been the same for two looks.
    async fn rebuild(&self) {
        let mut built = Sources::new();
        let mut before = Sources::new();
        loop {
            let now = sources(&self.folder);
            if now == before && now != built {
                // As they were before the build: what is saved meanwhile is built next.
                built = now;
                self.swap().await;
            } else {
                before = now;
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn swap(&self) {
        let begun = Instant::now();
        let folder = self.folder.clone();
        let made = tokio::task::spawn_blocking(move || {
            let (file, _) = build::build(&folder).map_err(|e| e.to_string())?;
            let name = file.file_name().unwrap_or_default();
            let taken = folder.join(OURS).join("connectors").join(name);
            std::fs::copy(&file, &taken).map_err(|e| format!("{}: {e}", taken.display()))
        });
        match made.await {
            Ok(Ok(bytes)) => println!("Built in {:.1} s, {bytes} bytes.", begun.elapsed().as_secs_f64()),
            // What was served before still is.
            Ok(Err(why)) => eprintln!("handover: {why}"),
            Err(why) => eprintln!("handover: the build was given up: {why}"),
        }
    }
}

fn sources(project: &Path) -> Sources {
    let mut found = Sources::new();
    let mut folders = vec![project.to_owned()];
    while let Some(folder) = folders.pop() {
        // What is gone before it could be looked at is no source any more.
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let Ok(known) = entry.metadata() else { continue };
            if name.starts_with('.') || MADE.contains(&&*name) {
                continue;
            }
            if known.is_dir() {
                folders.push(entry.path());
            } else {
                found.insert(entry.path(), (known.modified().ok(), known.len()));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn what_tools_make_is_no_source() {
        let folder = tempfile::tempdir().unwrap();
        for path in
            ["src/a.rs", "dist/a.wasm", "target/x", "src/__pycache__/a.pyc", ".git/HEAD", "Cargo.toml"]
        {
            let file = folder.path().join(path);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, path).unwrap();
        }
        let found = sources(folder.path());
        let wanted = ["Cargo.toml", "src/a.rs"].map(|path| folder.path().join(path));
        assert_eq!(found.keys().cloned().collect::<Vec<_>>(), wanted);
        std::fs::write(folder.path().join("src/a.rs"), "longer than it was").unwrap();
        assert_ne!(sources(folder.path()), found);
    }
}
