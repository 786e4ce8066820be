//! Whether every dependency's licence is one that this project may be shipped with.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use spdx::{Expression, ParseMode};

use crate::compile::cargo;

/// Permissive licences that ask for no more than their text and the names of the authors.
const ALLOWED: [&str; 14] = [
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    // Of data only: the certificates of the public authorities.
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Unlicense",
    "Zlib",
];

/// An exception takes conditions away; these leave the licence as free as it was.
const EXCEPTIONS: [&str; 1] = ["LLVM-exception"];

/// Reads the licences of all dependencies, for all systems, and names those that are not allowed.
pub fn check(root: &Path) -> Result<()> {
    let output = Command::new(cargo())
        .current_dir(root)
        .args(["metadata", "--format-version", "1", "--locked"])
        .output()
        .with_context(|| format!("cannot run {}", cargo().display()))?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        bail!("cargo cannot list the dependencies: {}", complaint.trim());
    }
    let metadata: Value =
        serde_json::from_slice(&output.stdout).context("cargo's list of dependencies is not JSON")?;
    let mut checked = 0;
    let mut refused = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        // This project's own packages come from nowhere.
        if package["source"].is_null() {
            continue;
        }
        checked += 1;
        if let Err(why) = judge(package["license"].as_str()) {
            let text = |key: &str| package[key].as_str().unwrap_or("?").to_owned();
            refused.push(format!("  {} {}: {why:#}", text("name"), text("version")));
        }
    }
    if !refused.is_empty() {
        bail!(
            "{} of {checked} dependencies have a licence that is not allowed:\n{}\n\
             Use another dependency, or add the licence to xtask/src/licences.rs and say there why it is acceptable.",
            refused.len(),
            refused.join("\n")
        );
    }
    println!("the licences of all {checked} dependencies are allowed");
    Ok(())
}

fn judge(licence: Option<&str>) -> Result<()> {
    let licence = licence.context("it names no licence")?;
    // Older crates write `MIT/Apache-2.0`.
    let expression = Expression::parse_mode(licence, ParseMode::LAX)
        .map_err(|error| anyhow::anyhow!("its licence `{licence}` cannot be read: {}", error.reason))?;
    let allowed = expression.evaluate(|requirement| {
        let name = requirement.license.id().map(|id| id.name);
        let exception = match &requirement.addition {
            None => true,
            Some(addition) => addition.id().is_some_and(|id| EXCEPTIONS.contains(&id.name)),
        };
        exception && name.is_some_and(|name| ALLOWED.contains(&name))
    });
    if !allowed {
        bail!("`{licence}`");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::judge;

    #[test]
    fn expressions_are_read_with_their_precedence() {
        for allowed in [
            "MIT",
            "MIT/Apache-2.0",
            "GPL-3.0-only OR MIT",
            "Apache-2.0 WITH LLVM-exception OR GPL-2.0-only",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "GPL-3.0-only AND MIT OR ISC",
        ] {
            assert!(judge(Some(allowed)).is_ok(), "{allowed}");
        }
        for refused in [
            "GPL-3.0-only",
            "MIT AND GPL-3.0-only",
            "(MIT OR Apache-2.0) AND LGPL-2.1-only",
            "Apache-2.0 WITH Classpath-exception-2.0",
            "Nobody-Knows-1.0",
        ] {
            assert!(judge(Some(refused)).is_err(), "{refused}");
        }
        assert!(judge(None).is_err());
    }
}
