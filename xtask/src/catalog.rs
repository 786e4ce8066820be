//! What components there are: the connectors and the guest fixtures, found by looking into their folders.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::manifest;

/// Where the fixtures' crates live, below the repository.
const GUESTS: [&str; 2] = ["host/sandbox/guests", "host/kit/guests"];

/// What a component is for, and with that what it is built from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The library of a crate below `connectors/`.
    Connector,
    /// One example of a fixtures' crate: this file, or this folder.
    Fixture(PathBuf),
}

/// One component that is built from this repository.
#[derive(Clone, Debug)]
pub struct Component {
    /// What the file is called, without `.wasm`: the package's name, or the example's.
    pub name: String,
    /// Connector or fixture.
    pub kind: Kind,
    /// The package that cargo is asked to build.
    pub package: String,
    /// The folder of that package.
    pub folder: PathBuf,
}

impl Component {
    /// Where its file belongs: in the repository, or below `out` where one is given.
    pub fn destination(&self, root: &Path, out: Option<&Path>) -> PathBuf {
        let folder = match (&self.kind, out) {
            (Kind::Connector, None) => root.join("connectors/installed"),
            (Kind::Connector, Some(out)) => out.to_path_buf(),
            (Kind::Fixture(_), None) => self.folder.join("built"),
            // Not beside the connectors: a gateway that watches `out` must not serve a hostile fixture.
            (Kind::Fixture(_), Some(out)) => out.join("guests"),
        };
        folder.join(format!("{}.wasm", self.name))
    }
}

/// The repository that this crate was compiled in.
pub fn repository_root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Every connector, then every fixture, each group by name.
pub fn components(root: &Path) -> Result<Vec<Component>> {
    let mut found = connectors(root)?;
    found.extend(fixtures(root)?);
    Ok(found)
}

/// Whether there are fixtures.
pub fn has_fixtures(root: &Path) -> bool {
    GUESTS.iter().any(|folder| root.join(folder).join("Cargo.toml").is_file())
}

fn connectors(root: &Path) -> Result<Vec<Component>> {
    let mut found = Vec::new();
    for folder in entries(&root.join("connectors"))? {
        let is_connector = folder.file_name().is_some_and(|name| name != "sdk" && name != "installed");
        if is_connector && folder.join("Cargo.toml").is_file() {
            let package = manifest::package_name(&folder)?;
            found.push(Component { name: package.clone(), kind: Kind::Connector, package, folder });
        }
    }
    if found.is_empty() {
        bail!("there is no connector crate below {}", root.join("connectors").display());
    }
    Ok(found)
}

fn fixtures(root: &Path) -> Result<Vec<Component>> {
    let mut found = Vec::new();
    for folder in GUESTS.map(|folder| root.join(folder)) {
        if folder.join("Cargo.toml").is_file() && folder.join("examples").is_dir() {
            found.extend(examples(&folder)?);
        }
    }
    Ok(found)
}

fn examples(folder: &Path) -> Result<Vec<Component>> {
    let package = manifest::package_name(folder)?;
    let mut found = Vec::new();
    for example in entries(&folder.join("examples"))? {
        let is_example = match example.extension() {
            Some(extension) => extension == "rs",
            None => example.join("main.rs").is_file(),
        };
        if let (true, Some(name)) = (is_example, example.file_stem()) {
            found.push(Component {
                name: name.to_string_lossy().into_owned(),
                kind: Kind::Fixture(example.clone()),
                package: package.clone(),
                folder: folder.to_path_buf(),
            });
        }
    }
    Ok(found)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let list = || -> std::io::Result<Vec<PathBuf>> {
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect()
    };
    let mut paths = list().with_context(|| format!("cannot list {}", folder.display()))?;
    paths.sort();
    Ok(paths)
}
