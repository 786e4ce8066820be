//! From sources to core modules: one call of cargo for each package.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::catalog::{Component, Kind};
use crate::manifest::PROFILE;
use crate::toolchain::{TARGET, Toolchain};

/// Where cargo keeps what it builds; components get a folder of their own in it.
pub fn target_folder(root: &Path) -> PathBuf {
    match env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root.join(folder),
        None => root.join("target"),
    }
}

/// The cargo that runs this, or the one on the path.
pub fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Builds the package of `components`, which are all of the same one, and answers where each core module lies.
///
/// One package at a time: built together, packages would share features, and what one connector asks of a
/// dependency would change the others.
pub fn modules(
    root: &Path,
    toolchain: &Toolchain,
    components: &[&Component],
) -> Result<BTreeMap<String, PathBuf>> {
    let Some(first) = components.first() else {
        return Ok(BTreeMap::new());
    };
    let folder = target_folder(root).join("connectors");
    let what = match first.kind {
        Kind::Connector => "--lib",
        Kind::Fixture(_) => "--examples",
    };
    let mut command = Command::new(cargo());
    command
        .current_dir(root)
        .args(["build", "--package", &first.package, what])
        .args(["--target", TARGET, "--profile", PROFILE])
        .args(["--message-format", "json-render-diagnostics"])
        .arg("--target-dir")
        .arg(&folder)
        .args(&toolchain.arguments)
        .envs(toolchain.environment.iter().map(|(key, value)| (key, value)))
        // Replaces whatever flags this machine's configuration has: the same everywhere.
        .env("CARGO_ENCODED_RUSTFLAGS", flags(root, &folder, toolchain)?)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit());
    let output = command.output().with_context(|| format!("cannot run {}", cargo().display()))?;
    if !output.status.success() {
        bail!("building `{}` for {TARGET} failed; the compiler's messages are above", first.package);
    }
    let manifest = fs::canonicalize(first.folder.join("Cargo.toml"))?;
    let found = artifacts(&String::from_utf8_lossy(&output.stdout), &manifest);
    components
        .iter()
        .map(|component| {
            let module = match component.kind {
                Kind::Connector => found.values().next(),
                Kind::Fixture(_) => found.get(&component.name),
            };
            let module = module.with_context(|| {
                format!(
                    "building `{}` left no WebAssembly module of `{}`; its crate-type must be \"cdylib\"",
                    component.package, component.name
                )
            })?;
            Ok((component.name.clone(), module.clone()))
        })
        .collect()
}

/// The modules that cargo reports to have made from this manifest, by target name.
fn artifacts(messages: &str, manifest: &Path) -> BTreeMap<String, PathBuf> {
    let mut found = BTreeMap::new();
    for message in messages.lines() {
        let Ok(message) = serde_json::from_str::<Value>(message) else {
            continue;
        };
        let ours = message["manifest_path"]
            .as_str()
            .is_some_and(|path| fs::canonicalize(path).is_ok_and(|path| path == manifest));
        if message["reason"] != "compiler-artifact" || !ours {
            continue;
        }
        let mut modules = message["filenames"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .filter(|name| name.ends_with(".wasm"));
        if let (Some(name), Some(module)) = (message["target"]["name"].as_str(), modules.next_back()) {
            found.insert(name.to_owned(), PathBuf::from(module));
        }
    }
    found
}

/// Paths of this machine end up in panic messages and in the names of symbols; each is given a name that is the
/// same everywhere. Where several fit the last one counts.
fn flags(root: &Path, target: &Path, toolchain: &Toolchain) -> Result<OsString> {
    let mut names: Vec<(PathBuf, String)> = Vec::new();
    if let Some(home) = cargo_home() {
        names.push((home.clone(), "/cargo".into()));
        // One folder per registry or mirror, whose name tells which; the crates in it are the same.
        for kind in ["registry/src", "git/checkouts"] {
            let Ok(entries) = fs::read_dir(home.join(kind)) else {
                continue;
            };
            for entry in entries {
                names.push((entry?.path(), "/cargo/crates".into()));
            }
        }
    }
    names.push((root.to_path_buf(), "/handover".into()));
    names.push((target.to_path_buf(), "/handover/target".into()));
    names.extend(toolchain.sources.iter().cloned());
    // Listing a folder gives no order, and another order would be another set of flags: a rebuild for nothing.
    // Parents first, so that the more particular name is the later one.
    names.sort();
    let mut flags = OsString::new();
    for (path, name) in names {
        if !flags.is_empty() {
            flags.push("\u{1f}");
        }
        flags.push("--remap-path-prefix=");
        flags.push(path);
        flags.push("=");
        flags.push(name);
    }
    Ok(flags)
}

fn cargo_home() -> Option<PathBuf> {
    if let Some(home) = env::var_os("CARGO_HOME") {
        return Some(home.into());
    }
    env::home_dir().map(|home| home.join(".cargo"))
}
