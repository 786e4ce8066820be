//! Which language a folder's project is in, and what its tools make of it.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::tool::{needed, output, run};
use super::{BuildError, bindings};

/// Where Rust's standard library for connectors lies.
const TARGET: &str = "wasm32-unknown-unknown";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Cargo,
    Npm,
    /// A Makefile whose component is made by componentize-py.
    MakePython,
    /// A Makefile that leaves a core module before it wraps it.
    MakeC,
}

/// A folder with a connector's sources.
#[derive(Debug)]
pub(super) struct Project {
    folder: PathBuf,
    way: Way,
    name: String,
}

impl Project {
    pub(super) fn found(folder: &Path) -> Result<Self, BuildError> {
        let there = |file: &str| folder.join(file).is_file();
        let way = if there("Cargo.toml") {
            Way::Cargo
        } else if there("package.json") {
            Way::Npm
        } else if there("Makefile") && there("src/connector.py") {
            Way::MakePython
        } else if there("Makefile") {
            Way::MakeC
        } else {
            return Err(BuildError::Unknown(folder.to_owned()));
        };
        let name = if way == Way::Cargo { package(folder)? } else { world(folder)? };
        Ok(Self { folder: folder.to_owned(), way, name })
    }

    /// Where the component goes.
    pub(super) fn component(&self) -> PathBuf {
        // `./` says nothing.
        if self.folder == Path::new(".") { self.below().into() } else { self.folder.join(self.below()) }
    }

    fn below(&self) -> String {
        format!("dist/{}.wasm", self.name)
    }

    /// Lets the tools do their work; the file that they leave.
    pub(super) fn make(&self) -> Result<PathBuf, BuildError> {
        match self.way {
            Way::Cargo => self.cargo(),
            Way::Npm => self.npm(),
            Way::MakePython => {
                needed("python3")?;
                run(&self.folder, "make", &[&format!("FILE={}", self.below())])?;
                Ok(self.component())
            }
            Way::MakeC => {
                needed("python3")?;
                self.bind()?;
                run(&self.folder, "make", &["WORK=dist", "dist/module.wasm"])?;
                Ok(self.folder.join("dist/module.wasm"))
            }
        }
    }

    fn cargo(&self) -> Result<PathBuf, BuildError> {
        let libraries = output(&self.folder, "rustc", &["--print", "target-libdir", "--target", TARGET])?;
        if !Path::new(String::from_utf8_lossy(&libraries).trim()).is_dir() {
            let program = format!("Rust's target {TARGET}");
            let remedy = "rustup target add wasm32-unknown-unknown";
            return Err(BuildError::Missing { program, remedy });
        }
        let args = ["build", "--release", "--target", TARGET, "--message-format=json-render-diagnostics"];
        let told = output(&self.folder, "cargo", &args)?;
        let manifest = self.folder.join("Cargo.toml").canonicalize();
        let manifest = manifest.map_err(|source| BuildError::File { file: self.folder.clone(), source })?;
        module(&told, &manifest).ok_or_else(|| BuildError::Project {
            file: self.folder.join("Cargo.toml"),
            why: "cargo made no module: it needs `[lib]` with `crate-type = [\"cdylib\"]`".to_owned(),
        })
    }

    /// Makes the bindings that the Makefile would ask `wit-bindgen` for, and then finds made.
    fn bind(&self) -> Result<(), BuildError> {
        let wit = self.folder.join("wit");
        let files = bindings::c(&wit, &self.name);
        let files = files.map_err(|why| BuildError::Project { file: wit, why })?;
        let folder = self.folder.join("dist/bindings");
        let unusable = |file: &Path, source| BuildError::File { file: file.to_owned(), source };
        std::fs::create_dir_all(&folder).map_err(|source| unusable(&folder, source))?;
        for (name, bytes) in files {
            let file = folder.join(name);
            std::fs::write(&file, bytes).map_err(|source| unusable(&file, source))?;
        }
        Ok(())
    }

    fn npm(&self) -> Result<PathBuf, BuildError> {
        if !self.folder.join("node_modules").is_dir() {
            let locked = self.folder.join("package-lock.json").is_file();
            run(&self.folder, "npm", &[if locked { "ci" } else { "install" }, "--no-audit", "--no-fund"])?;
        }
        run(&self.folder, "npm", &["run", "build", "--", &self.below()])?;
        Ok(self.component())
    }
}

/// The module of the package itself, among all that cargo tells of.
fn module(told: &[u8], manifest: &Path) -> Option<PathBuf> {
    let messages =
        told.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    let mut files = messages
        .filter(|message| message["reason"] == "compiler-artifact")
        .filter(|message| message["manifest_path"].as_str().is_some_and(|path| Path::new(path) == manifest))
        .flat_map(|message| message["filenames"].as_array().cloned().unwrap_or_default())
        .filter_map(|file| file.as_str().map(PathBuf::from));
    files.find(|file| file.extension().is_some_and(|end| end == "wasm"))
}

/// `acme`, of the package `acme-connector`.
fn package(folder: &Path) -> Result<String, BuildError> {
    let file = folder.join("Cargo.toml");
    let text =
        std::fs::read_to_string(&file).map_err(|source| BuildError::File { file: file.clone(), source })?;
    let manifest: toml::Table = text
        .parse()
        .map_err(|e: toml::de::Error| BuildError::Project { file: file.clone(), why: e.to_string() })?;
    let name = manifest.get("package").and_then(|package| package.get("name")).and_then(toml::Value::as_str);
    let name =
        name.ok_or(BuildError::Project { file, why: "there is no `[package]` with a `name`".to_owned() })?;
    Ok(name.strip_suffix("-connector").unwrap_or(name).to_owned())
}

/// The name of the one file that says what the connector exports: `wit/acme.wit`.
fn world(folder: &Path) -> Result<String, BuildError> {
    let folder = folder.join("wit");
    let entries =
        std::fs::read_dir(&folder).map_err(|source| BuildError::File { file: folder.clone(), source })?;
    let files = entries.flatten().map(|entry| entry.path());
    let mut worlds: Vec<PathBuf> =
        files.filter(|file| file.extension().is_some_and(|end| end == "wit")).collect();
    match (worlds.pop(), worlds.is_empty()) {
        (Some(world), true) => Ok(world.file_stem().unwrap_or_default().to_string_lossy().into_owned()),
        _ => Err(BuildError::Project {
            file: folder,
            why: "exactly one .wit file is expected here, named after the connector".to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let file = folder.path().join(path);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        }
        folder
    }

    #[test]
    fn a_project_is_known_by_what_its_tools_read() {
        let wit = ("wit/acme-desk.wit", "");
        for (files, way) in [
            (&[("Cargo.toml", "[package]\nname = \"acme-desk-connector\"")][..], Way::Cargo),
            (&[("package.json", "{}"), wit][..], Way::Npm),
            (&[("Makefile", ""), ("src/connector.py", ""), wit][..], Way::MakePython),
            (&[("Makefile", ""), wit][..], Way::MakeC),
        ] {
            let folder = folder(files);
            let project = Project::found(folder.path()).unwrap();
            assert_eq!(project.way, way);
            assert_eq!(project.component(), folder.path().join("dist/acme-desk.wasm"));
        }
        assert!(matches!(Project::found(folder(&[]).path()), Err(BuildError::Unknown(_))));
    }

    #[test]
    fn of_all_that_cargo_made_the_packages_own_module_is_taken() {
        let told = br#"{"reason":"compiler-artifact","manifest_path":"/a/sdk/Cargo.toml","filenames":["/t/sdk.wasm"]}
{"reason":"build-script-executed","manifest_path":"/a/Cargo.toml"}
{"reason":"compiler-artifact","manifest_path":"/a/Cargo.toml","filenames":["/t/liba.rlib","/t/a.wasm"]}
{"reason":"build-finished","success":true}"#;
        assert_eq!(module(told, Path::new("/a/Cargo.toml")), Some(PathBuf::from("/t/a.wasm")));
        assert_eq!(module(told, Path::new("/b/Cargo.toml")), None);
    }
}
