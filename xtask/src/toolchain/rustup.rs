//! The compiler that cargo runs with, given the target by rustup where it lacks it.

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::{Installed, TARGET, Toolchain};

/// Long enough for the target's 20 MB on a slow line; a server that cannot be reached usually says so at once.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) fn find(root: &Path, installed: &Installed) -> Result<Toolchain> {
    if !has_target(installed) {
        add_target(root)?;
        if !has_target(installed) {
            bail!("rustup added {TARGET}, but not to the toolchain at {}", installed.sysroot.display());
        }
    }
    // Where the sources are installed too, the compiler names them instead of the path they were built from.
    let sources = installed.library("src/rust");
    Ok(Toolchain {
        name: format!("the installed rustc {}", installed.release),
        arguments: Vec::new(),
        environment: Vec::new(),
        sources: vec![(sources, format!("/rustc/{}", installed.commit))],
    })
}

fn has_target(installed: &Installed) -> bool {
    let Ok(mut entries) = fs::read_dir(installed.library(TARGET).join("lib")) else {
        return false;
    };
    entries.any(|entry| entry.is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with("libcore-")))
}

fn add_target(root: &Path) -> Result<()> {
    eprintln!("the installed compiler lacks {TARGET}; asking rustup for it");
    let mut child = Command::new("rustup")
        .current_dir(root)
        .args(["target", "add", TARGET])
        // Trying again and again is for servers that are there.
        .env("RUSTUP_MAX_RETRIES", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("the installed compiler lacks the target, and there is no rustup to add it")?;
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().context("cannot wait for rustup")? {
            break status;
        }
        if begun.elapsed() > PATIENCE {
            let _ = child.kill();
            let _ = child.wait();
            bail!("rustup got no answer from its server within {} s", PATIENCE.as_secs());
        }
        thread::sleep(Duration::from_millis(100));
    };
    if status.success() {
        return Ok(());
    }
    let mut said = String::new();
    if let Some(mut stderr) = child.stderr.take() {
        let _ = stderr.read_to_string(&mut said);
    }
    let complaint = said.lines().filter(|line| line.starts_with("error")).collect::<Vec<_>>();
    bail!("rustup cannot add the target: {}", complaint.join("; "));
}
