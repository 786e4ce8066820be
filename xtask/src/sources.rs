//! The digest of the sources that a component is built from.
//!
//! Equal on every system: paths are relative and use `/`, line ends are LF, nothing of the machine goes in. Tests and
//! fixtures do not count, for they do not change the component.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::catalog::{Component, Kind};
use crate::lockfile::Lockfile;
use crate::manifest;

/// Said first in every digest; to be changed with the rules of this file, so that old stamps are old.
const RULES: &str = "handover-sources 1";

/// Hexadecimal SHA-256 over everything that `component` is built from.
pub fn digest(root: &Path, lock: &Lockfile, component: &Component) -> Result<String> {
    let root = &fs::canonicalize(root)
        .with_context(|| format!("cannot find the repository at {}", root.display()))?;
    let mut parts = Parts::default();
    parts.put("workspace", manifest::workspace_text(root)?.into_bytes());
    parts.folder(root, &root.join("wit"))?;

    let mut locked = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut open = vec![component.folder.clone()];
    while let Some(folder) = open.pop() {
        let folder = fs::canonicalize(&folder)
            .with_context(|| format!("cannot find the crate at {}", folder.display()))?;
        if !seen.insert(folder.clone()) {
            continue;
        }
        let example = match &component.kind {
            Kind::Fixture(_) if seen.len() == 1 => Some(component.name.as_str()),
            _ => None,
        };
        let made = manifest::effective(root, &folder, example)?;
        parts.put(&relative(root, &folder.join("Cargo.toml")), made.text.into_bytes());
        parts.folder(root, &folder)?;
        let package = manifest::package_name(&folder)?;
        locked.extend(lock.closure(&package, &made.dependencies)?);
        open.extend(made.local);
    }
    if let Kind::Fixture(example) = &component.kind {
        let example = fs::canonicalize(example)
            .with_context(|| format!("cannot find the fixture {}", example.display()))?;
        if example.is_dir() {
            parts.folder(root, &example)?;
        } else {
            parts.file(root, &example)?;
        }
    }
    let locked: Vec<String> = locked.into_iter().collect();
    parts.put("locked", locked.join("\n").into_bytes());
    Ok(parts.digest())
}

#[derive(Default)]
struct Parts(BTreeMap<String, Vec<u8>>);

impl Parts {
    fn put(&mut self, label: &str, content: Vec<u8>) {
        self.0.insert(label.to_owned(), content);
    }

    fn file(&mut self, root: &Path, path: &Path) -> Result<()> {
        let content = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        self.put(&relative(root, path), unix_lines(&content));
        Ok(())
    }

    fn folder(&mut self, root: &Path, folder: &Path) -> Result<()> {
        let entries = fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
        for entry in entries {
            let path = entry.with_context(|| format!("cannot list {}", folder.display()))?.path();
            if !counts(&path) {
                continue;
            }
            if path.is_dir() {
                self.folder(root, &path)?;
            } else {
                self.file(root, &path)?;
            }
        }
        Ok(())
    }

    fn digest(&self) -> String {
        let mut hasher = Sha256::new();
        hasher.update(RULES.as_bytes());
        for (label, content) in &self.0 {
            // Lengths, so that no two sets of parts run together into the same bytes.
            hasher.update((label.len() as u64).to_be_bytes());
            hasher.update(label.as_bytes());
            hasher.update((content.len() as u64).to_be_bytes());
            hasher.update(content);
        }
        hex::encode(hasher.finalize())
    }
}

/// Whether a file or folder inside a crate is a source of its component. The manifest is taken by its meaning instead;
/// `testing.rs` is the half of the connector SDK that only native tests have; `built` holds the fixtures' components.
fn counts(path: &Path) -> bool {
    const APART: [&str; 10] = [
        "Cargo.toml",
        "Cargo.lock",
        "target",
        "tests",
        "tests.rs",
        "testing.rs",
        "benches",
        "examples",
        "fixtures",
        "built",
    ];
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let note = name.ends_with(".md") || name.ends_with('~');
    !name.starts_with('.') && !note && !APART.contains(&name.as_ref())
}

fn relative(root: &Path, path: &Path) -> String {
    let inside: PathBuf = path.strip_prefix(root).unwrap_or(path).to_path_buf();
    let parts: Vec<_> = inside.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

fn unix_lines(content: &[u8]) -> Vec<u8> {
    let mut made = Vec::with_capacity(content.len());
    for (at, byte) in content.iter().enumerate() {
        if *byte != b'\r' || content.get(at + 1) != Some(&b'\n') {
            made.push(*byte);
        }
    }
    made
}
