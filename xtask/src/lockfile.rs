//! The resolved versions in `Cargo.lock`, and which of them a crate of this repository is built with.
//!
//! Read as text rather than asked of cargo: the answer is then the same on every system, and needs no registry.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use toml::{Table, Value};

/// One resolved package.
#[derive(Debug)]
struct Package {
    name: String,
    version: String,
    source: Option<String>,
    checksum: Option<String>,
    dependencies: Vec<String>,
}

/// The whole lock file.
#[derive(Debug)]
pub struct Lockfile {
    packages: BTreeMap<String, Vec<Package>>,
}

impl Lockfile {
    /// Reads `Cargo.lock` of the repository.
    pub fn read(root: &Path) -> Result<Self> {
        let path = root.join("Cargo.lock");
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("{} is not a lock file", path.display()))
    }

    fn parse(text: &str) -> Result<Self> {
        let table: Table = text.parse()?;
        let entries = table.get("package").and_then(Value::as_array).context("it lists no packages")?;
        let mut packages: BTreeMap<String, Vec<Package>> = BTreeMap::new();
        for entry in entries {
            let field = |key: &str| entry.get(key).and_then(Value::as_str).map(str::to_owned);
            let name = field("name").context("a package has no name")?;
            let listed = entry.get("dependencies").and_then(Value::as_array);
            packages.entry(name.clone()).or_default().push(Package {
                name,
                version: field("version").context("a package has no version")?,
                source: field("source"),
                checksum: field("checksum"),
                dependencies: listed
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .map(str::to_owned)
                    .collect(),
            });
        }
        Ok(Self { packages })
    }

    /// One line per foreign package that the local package `name` is built with. `direct` are its own dependencies
    /// that count: the lock file does not say which of them are only for tests.
    pub fn closure(&self, name: &str, direct: &BTreeSet<String>) -> Result<BTreeSet<String>> {
        let package = self.find(name)?;
        let mut open: Vec<&Package> = Vec::new();
        for dependency in &package.dependencies {
            let found = self.find(dependency)?;
            if direct.contains(&found.name) {
                open.push(found);
            }
        }
        let mut lines = BTreeSet::new();
        while let Some(package) = open.pop() {
            // Local packages are followed by their manifests, for the same reason.
            let Some(source) = &package.source else {
                continue;
            };
            let proof = package.checksum.as_ref().unwrap_or(source);
            if lines.insert(format!("{} {} {proof}", package.name, package.version)) {
                for dependency in &package.dependencies {
                    open.push(self.find(dependency)?);
                }
            }
        }
        Ok(lines)
    }

    /// `name`, or `name version`, or `name version (source)`: as much as it takes to be unambiguous.
    fn find(&self, wanted: &str) -> Result<&Package> {
        let mut parts = wanted.split(' ');
        let name = parts.next().unwrap_or_default();
        let version = parts.next();
        let source = parts.next().map(|source| source.trim_matches(['(', ')']));
        let fits = |package: &&Package| {
            version.is_none_or(|version| package.version == version)
                && source.is_none_or(|source| package.source.as_deref() == Some(source))
        };
        self.packages.get(name).and_then(|versions| versions.iter().find(fits)).with_context(|| {
            format!("Cargo.lock has no `{wanted}`; run `cargo metadata` or any build to renew it")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"
        [[package]]
        name = "connector"
        version = "0.1.0"
        dependencies = ["sdk", "json 2.0.0", "only-tests"]
        [[package]]
        name = "sdk"
        version = "0.1.0"
        dependencies = ["json 1.0.0"]
        [[package]]
        name = "json"
        version = "1.0.0"
        source = "registry+a"
        checksum = "one"
        [[package]]
        name = "json"
        version = "2.0.0"
        source = "registry+a"
        checksum = "two"
        dependencies = ["digits"]
        [[package]]
        name = "digits"
        version = "3.0.0"
        source = "registry+a"
        checksum = "three"
        dependencies = ["json 2.0.0"]
        [[package]]
        name = "only-tests"
        version = "9.0.0"
        source = "registry+a"
        checksum = "nine"
    "#;

    #[test]
    fn only_what_is_built_with_counts() {
        let lock = Lockfile::parse(LOCK).expect("parses");
        let direct = BTreeSet::from(["sdk".to_owned(), "json".to_owned()]);
        let lines: Vec<_> = lock.closure("connector", &direct).expect("resolves").into_iter().collect();
        assert_eq!(lines, ["digits 3.0.0 three", "json 2.0.0 two"]);
    }

    #[test]
    fn a_package_that_is_not_locked_is_named() {
        let lock = Lockfile::parse(LOCK).expect("parses");
        let error = lock.closure("absent", &BTreeSet::new()).expect_err("is absent");
        assert!(error.to_string().contains("`absent`"), "{error}");
    }
}
