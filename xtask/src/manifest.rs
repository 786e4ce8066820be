//! What of a `Cargo.toml` decides on the component that is built from it.
//!
//! Not the file as it stands: a test dependency or a comment must not make a component look old, while a value that
//! the crate inherits from the workspace must.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use toml::{Table, Value};

/// The profile that components are built with; see the root `Cargo.toml`.
pub const PROFILE: &str = "connector";

/// The deciding part of one crate's manifest.
pub struct Effective {
    /// A text that is equal where, and only where, the deciding values are.
    pub text: String,
    /// The packages it depends upon directly.
    pub dependencies: BTreeSet<String>,
    /// The folders of those that live in this repository.
    pub local: Vec<PathBuf>,
}

/// The name of the package in `folder`.
pub fn package_name(folder: &Path) -> Result<String> {
    let manifest = read(folder)?;
    manifest
        .get("package")
        .and_then(|package| package.get("name"))
        .and_then(Value::as_str)
        .map(str::to_owned)
        .with_context(|| format!("{} names no package", folder.join("Cargo.toml").display()))
}

/// What the root manifest says about every component: the profile and replaced dependencies.
pub fn workspace_text(root: &Path) -> Result<String> {
    let manifest = read(root)?;
    let mut text = String::new();
    let profiles = manifest.get("profile");
    // `connector` inherits from `release`.
    for name in [PROFILE, "release"] {
        if let Some(profile) = profiles.and_then(|profiles| profiles.get(name)) {
            line(&mut text, &format!("profile.{name}"), profile);
        }
    }
    if let Some(patch) = manifest.get("patch") {
        line(&mut text, "patch", patch);
    }
    Ok(text)
}

/// The deciding part of the manifest in `folder`. `example` names the example that is built; without one it is the
/// library, and what only tests and examples use is left out.
pub fn effective(root: &Path, folder: &Path, example: Option<&str>) -> Result<Effective> {
    let workspace =
        read(root)?.remove("workspace").and_then(|value| value.as_table().cloned()).unwrap_or_default();
    let mut manifest = read(folder)?;
    let mut made = Effective { text: String::new(), dependencies: BTreeSet::new(), local: Vec::new() };

    if let Some(Value::Table(package)) = manifest.get_mut("package") {
        for (key, value) in package.iter_mut() {
            inherit(value, workspace.get("package").and_then(|own| own.get(key)));
        }
    }
    for key in ["package", "lib", "features"] {
        if let Some(value) = manifest.get(key) {
            line(&mut made.text, key, value);
        }
    }
    if let (Some(name), Some(Value::Array(examples))) = (example, manifest.get("example")) {
        let named = |entry: &&Value| entry.get("name").and_then(Value::as_str) == Some(name);
        if let Some(entry) = examples.iter().find(named) {
            line(&mut made.text, "example", entry);
        }
    }

    let crates = workspace.get("dependencies");
    collect(root, folder, &mut manifest, crates, example, "", &mut made);
    if let Some(Value::Table(targets)) = manifest.get_mut("target") {
        for (target, value) in targets.iter_mut() {
            if let Value::Table(table) = value {
                collect(root, folder, table, crates, example, target, &mut made);
            }
        }
    }
    Ok(made)
}

/// Adds the dependency tables of `table` (the manifest, or one of its targets) to what is made.
fn collect(
    root: &Path,
    folder: &Path,
    table: &mut Table,
    workspace: Option<&Value>,
    example: Option<&str>,
    target: &str,
    made: &mut Effective,
) {
    // Examples are built with the test dependencies, libraries are not.
    let kinds: &[&str] = match example {
        Some(_) => &["dependencies", "build-dependencies", "dev-dependencies"],
        None => &["dependencies", "build-dependencies"],
    };
    for kind in kinds {
        let Some(Value::Table(dependencies)) = table.get_mut(*kind) else {
            continue;
        };
        for (key, value) in dependencies.iter_mut() {
            let inherited = workspace.and_then(|crates| crates.get(key));
            let base = if inherit(value, inherited) { root } else { folder };
            let field = |name: &str| value.get(name).and_then(Value::as_str);
            made.dependencies.insert(field("package").unwrap_or(key).to_owned());
            if let Some(path) = field("path") {
                made.local.push(base.join(path));
            }
        }
        line(&mut made.text, &format!("{target}{kind}"), &Value::Table(dependencies.clone()));
    }
}

/// Puts the workspace's value in the place of `workspace = true`, keeping what the crate adds to it (features).
fn inherit(value: &mut Value, workspace: Option<&Value>) -> bool {
    let asks = value.get("workspace").and_then(Value::as_bool) == Some(true);
    if asks && let Some(inherited) = workspace {
        let mut own = Table::new();
        own.insert("inherited".into(), inherited.clone());
        if let Value::Table(table) = value {
            table.remove("workspace");
            own.insert("added".into(), Value::Table(table.clone()));
        }
        // The two keys that are asked for afterwards stay where a plain dependency has them.
        for key in ["path", "package"] {
            if let Some(found) = inherited.get(key) {
                own.insert(key.into(), found.clone());
            }
        }
        *value = Value::Table(own);
    }
    asks
}

fn line(text: &mut String, key: &str, value: &Value) {
    let _ = write!(text, "{key} = ");
    canonical(text, value);
    text.push('\n');
}

/// Sorted here rather than by the parser, whose order depends on a feature that any other crate may switch on.
fn canonical(text: &mut String, value: &Value) {
    match value {
        Value::Table(table) => {
            let mut entries: Vec<_> = table.iter().collect();
            entries.sort_by_key(|(key, _)| key.as_str());
            text.push('{');
            for (key, value) in entries {
                let _ = write!(text, "{key:?}: ");
                canonical(text, value);
                text.push(',');
            }
            text.push('}');
        }
        Value::Array(values) => {
            text.push('[');
            for value in values {
                canonical(text, value);
                text.push(',');
            }
            text.push(']');
        }
        Value::String(string) => {
            let _ = write!(text, "{string:?}");
        }
        other => {
            let _ = write!(text, "{other}");
        }
    }
}

fn read(folder: &Path) -> Result<Table> {
    let path = folder.join("Cargo.toml");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    text.parse().with_context(|| format!("{} is not valid TOML", path.display()))
}
