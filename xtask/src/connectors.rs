//! The command that builds every component from source and installs it.

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::catalog::{self, Component, Kind};
use crate::freshness::short;
use crate::install::{Outcome, install};
use crate::lockfile::Lockfile;
use crate::toolchain::{self, Choice, Toolchain};
use crate::{compile, component, sources};

/// One line of the table.
struct Line {
    name: String,
    size: usize,
    digest: String,
    outcome: Outcome,
}

/// Builds all connectors and fixtures and installs them, in the repository or into `out`.
pub fn rebuild(root: &Path, choice: Choice, out: Option<&Path>) -> Result<()> {
    let begun = Instant::now();
    let root = &fs::canonicalize(root)
        .with_context(|| format!("cannot find the repository at {}", root.display()))?;
    let toolchain = toolchain::find(root, choice)?;
    eprintln!("building with {}", toolchain.name);
    let components = catalog::components(root)?;
    if !catalog::has_fixtures(root) {
        eprintln!("there is no crate of guest fixtures (host/sandbox/guests); skipping them");
    }
    let mut lines = Vec::new();
    for group in components.chunk_by(|one, next| one.package == next.package) {
        lines.extend(build(root, &toolchain, group, out)?);
    }
    print(&lines);
    eprintln!("done in {:.0} s", begun.elapsed().as_secs_f32());
    Ok(())
}

fn build(root: &Path, toolchain: &Toolchain, group: &[Component], out: Option<&Path>) -> Result<Vec<Line>> {
    let before = digests(root, group)?;
    let modules = compile::modules(root, toolchain, &group.iter().collect::<Vec<_>>())?;
    // Somebody may be editing, and cargo may have renewed the lock file. A stamp must not claim sources that the
    // component was not built from.
    let after = digests(root, group)?;
    let mut lines = Vec::new();
    for ((component, digest), earlier) in group.iter().zip(after).zip(before) {
        if digest != earlier {
            bail!(
                "the sources of `{}` changed while it was being built; run the command again",
                component.name
            );
        }
        let path = &modules[&component.name];
        let module = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let bytes = component::wrap(&module)
            .and_then(|bytes| component::stamp(bytes, &digest))
            .with_context(|| format!("`{}` does not become a component", component.name))?;
        let outcome = install(&component.destination(root, out), &bytes)?;
        lines.push(Line {
            name: match component.kind {
                Kind::Connector => component.name.clone(),
                Kind::Fixture(_) => format!("{} (fixture)", component.name),
            },
            size: bytes.len(),
            digest,
            outcome,
        });
    }
    Ok(lines)
}

fn digests(root: &Path, group: &[Component]) -> Result<Vec<String>> {
    let lock = Lockfile::read(root)?;
    group.iter().map(|component| sources::digest(root, &lock, component)).collect()
}

fn print(lines: &[Line]) {
    let width = lines.iter().map(|line| line.name.len()).max().unwrap_or(0);
    println!("{:width$}  {:>8}  {:12}", "component", "bytes", "sources");
    for line in lines {
        let outcome = match line.outcome {
            Outcome::Rebuilt => "rebuilt",
            Outcome::Unchanged => "unchanged",
        };
        println!("{:width$}  {:>8}  {:12}  {outcome}", line.name, line.size, short(&line.digest));
    }
}
