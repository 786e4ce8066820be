//! What is run: a folder with a project, or a component that somebody else builds; and when its sources have changed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::super::build;

/// What tools make or fetch: no sources.
const MADE: [&str; 6] = ["target", "dist", "node_modules", "bindings", "types", "__pycache__"];

/// Where the gateway keeps its own in the project, beside what is built.
const OURS: &str = "dist/run";

/// The scenario where none is named.
const SCENARIO: &str = "scenario.toml";

/// What is run.
#[derive(Debug, Clone)]
pub(super) struct Project {
    /// The connector's name.
    pub(super) name: String,
    /// Where `scenario.toml` and `handover.toml` lie.
    pub(super) folder: PathBuf,
    /// The component that is watched; none where it is built from the folder.
    file: Option<PathBuf>,
}

/// Every source, by when it was changed and how long it is.
pub(super) type Sources = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

impl Project {
    /// # Errors
    /// There is no project, and no component.
    pub(super) fn found(at: &Path) -> anyhow::Result<Self> {
        if at.is_file() {
            let folder = at.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
            let name = stem(at)?;
            return Ok(Self { name, folder: folder.to_owned(), file: Some(at.to_owned()) });
        }
        let name = stem(&build::component(at)?)?;
        Ok(Self { name, folder: at.to_owned(), file: None })
    }

    /// Where the gateway keeps its own.
    pub(super) fn ours(&self) -> PathBuf {
        match &self.file {
            None => self.folder.join(OURS),
            Some(_) => self.folder.join(".handover-run").join(&self.name),
        }
    }

    /// The scenario that lies there.
    pub(super) fn scenario(&self) -> Option<PathBuf> {
        Some(self.folder.join(SCENARIO)).filter(|file| file.is_file())
    }

    /// The configuration that lies there.
    pub(super) fn configuration(&self) -> Option<PathBuf> {
        Some(self.folder.join("handover.toml")).filter(|file| file.is_file())
    }

    /// Makes the component; its bytes.
    pub(super) fn make(&self) -> Result<Vec<u8>, String> {
        let file = match &self.file {
            Some(file) => file.clone(),
            None => build::build(&self.folder).map_err(|e| e.to_string())?.0,
        };
        std::fs::read(&file).map_err(|e| format!("{}: {e}", file.display()))
    }

    /// What it is made of, and what else it is played with.
    pub(super) fn sources(&self, played: &[PathBuf]) -> Sources {
        let mut found = match &self.file {
            Some(file) => seen(file).into_iter().map(|seen| (file.clone(), seen)).collect(),
            None => below(&self.folder),
        };
        found.extend(played.iter().filter_map(|file| Some((file.clone(), seen(file)?))));
        found
    }
}

fn stem(file: &Path) -> anyhow::Result<String> {
    let name = file.file_stem().map(|name| name.to_string_lossy().into_owned());
    name.ok_or_else(|| anyhow::anyhow!("{}: a connector is named after its file", file.display()))
}

fn seen(file: &Path) -> Option<(Option<SystemTime>, u64)> {
    let known = std::fs::metadata(file).ok()?;
    Some((known.modified().ok(), known.len()))
}

fn below(project: &Path) -> Sources {
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
        let found = below(folder.path());
        let wanted = ["Cargo.toml", "src/a.rs"].map(|path| folder.path().join(path));
        assert_eq!(found.keys().cloned().collect::<Vec<_>>(), wanted);
        std::fs::write(folder.path().join("src/a.rs"), "longer than it was").unwrap();
        assert_ne!(below(folder.path()), found);
    }

    #[test]
    fn of_a_component_only_its_file_is_looked_at() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("acme.wasm");
        std::fs::write(&file, "one").unwrap();
        let project = Project::found(&file).unwrap();
        assert_eq!((project.name.as_str(), project.folder.as_path()), ("acme", folder.path()));
        let before = project.sources(&[]);
        std::fs::write(folder.path().join("notes.txt"), "nothing").unwrap();
        assert_eq!(project.sources(&[]), before);
        std::fs::write(&file, "another").unwrap();
        assert_ne!(project.sources(&[]), before);
    }
}
