//! Compiled code on disk, so that a component is compiled once and loaded in a millisecond ever after.
//!
//! Loading compiled code runs it: this is the one place where the sandbox trusts bytes. They come from a folder that
//! only this user can enter, which nobody is ever told to drop anything into, and a file is named after the content
//! and the engine settings that it was compiled from.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use wasmtime::Engine;
use wasmtime::component::Component;

use crate::folder::{self, signature_of};
use crate::provenance::Build;

/// How long compiled code is kept that nobody loads: a version that may be gone back to.
const KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// The private folder.
#[derive(Debug, Clone)]
pub(crate) struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// Makes the folder, closed to others.
    pub(crate) fn open(folder: &Path) -> std::io::Result<Self> {
        fs::create_dir_all(folder.join("last-good"))?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
        }
        let cache = Self { folder: folder.to_owned() };
        cache.tidy();
        Ok(cache)
    }

    /// Removes what nobody has loaded for long, and what a run that was killed left half written.
    fn tidy(&self) {
        for folder in [self.folder.clone(), self.folder.join("last-good"), self.folder.join("pinned")] {
            let Ok(entries) = fs::read_dir(&folder) else {
                continue;
            };
            // No session lasts as long as that.
            let pinned = folder.ends_with("pinned");
            for entry in entries.flatten() {
                let path = entry.path();
                let ending = path.extension().unwrap_or_default();
                let age = |at| SystemTime::now().duration_since(at).unwrap_or_default();
                let old = entry.metadata().and_then(|meta| meta.modified()).is_ok_and(|at| age(at) > KEPT);
                if old && (pinned || ending == "cwasm" || ending == "new") {
                    drop(fs::remove_file(path));
                }
            }
        }
    }

    /// Loads the component, compiling it where that has not been done. Blocks for as long as compiling takes.
    pub(crate) fn compile(&self, engine: &Engine, bytes: &[u8], digest: &str) -> wasmtime::Result<Component> {
        let file = self.compiled(engine, digest);
        if file.is_file() {
            match load(engine, &file) {
                Ok(component) => {
                    // It is in use: see `tidy`.
                    drop(fs::File::open(&file).and_then(|file| file.set_modified(SystemTime::now())));
                    return Ok(component);
                }
                Err(e) => {
                    tracing::warn!(file = %file.display(), reason = %e, "compiled code is no good; compiling again")
                }
            }
        }
        let component = Component::from_binary(engine, bytes)?;
        // Serving matters more than the cache: a full disk costs time at the next start, nothing else.
        if let Err(e) = component
            .serialize()
            .map_err(|e| e.to_string())
            .and_then(|code| replace(&file, &code).map_err(|e| e.to_string()))
        {
            tracing::warn!(file = %file.display(), reason = %e, "compiled code was not kept");
        }
        Ok(component)
    }

    /// Whether loading it will be a matter of a moment.
    pub(crate) fn has(&self, engine: &Engine, digest: &str) -> bool {
        self.compiled(engine, digest).is_file()
    }

    fn compiled(&self, engine: &Engine, digest: &str) -> PathBuf {
        let mut settings = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut settings);
        self.folder.join(format!("{digest}-{:016x}.cwasm", settings.finish()))
    }

    /// Keeps what a connector serves with, for a restart that finds a broken file or none.
    pub(crate) fn keep_good(&self, name: &str, build: &Build) -> std::io::Result<()> {
        put(&self.good(name), build)
    }

    /// The build that a connector served with last.
    pub(crate) fn last_good(&self, name: &str) -> Option<Build> {
        get(&self.good(name))
    }

    /// The connectors that have served.
    pub(crate) fn known(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.folder.join("last-good")) else {
            return Vec::new();
        };
        entries
            .filter_map(|entry| {
                let path = entry.ok()?.path();
                (path.extension()? == "wasm").then(|| path.file_stem()?.to_str().map(str::to_owned))?
            })
            .collect()
    }

    /// Keeps a build for sessions whose state only it can read.
    pub(crate) fn pin(&self, name: &str, schema: u32, build: &Build) -> std::io::Result<()> {
        let pinned = self.folder.join("pinned");
        fs::create_dir_all(&pinned)?;
        put(&pinned.join(format!("{name}@{schema}.wasm")), build)
    }

    /// The builds that are kept so, by the connector's name.
    pub(crate) fn pinned(&self) -> Vec<(String, Build)> {
        let Ok(entries) = fs::read_dir(self.folder.join("pinned")) else {
            return Vec::new();
        };
        entries
            .filter_map(|entry| {
                let path = entry.ok()?.path();
                let name = path.file_stem()?.to_str()?.split_once('@')?.0.to_owned();
                (path.extension()? == "wasm").then(|| Some((name, get(&path)?)))?
            })
            .collect()
    }

    fn good(&self, name: &str) -> PathBuf {
        self.folder.join("last-good").join(format!("{name}.wasm"))
    }
}

/// A build with its signature, so that it can be held against what is demanded after the next start.
fn put(file: &Path, build: &Build) -> std::io::Result<()> {
    let signature = signature_of(file);
    match &build.signature {
        Some(text) => replace(&signature, text.as_bytes())?,
        // Mostly there is none.
        None => drop(fs::remove_file(&signature)),
    }
    replace(file, &build.bytes)
}

fn get(file: &Path) -> Option<Build> {
    Some(Build::new(fs::read(file).ok()?, folder::signature(file).ok()?))
}

/// Whole or not at all: readers see the old file until the new one is on disk. Two who write the same file at the same
/// time each write their own: what is mapped into memory must never be written to.
fn replace(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    static WRITERS: AtomicU64 = AtomicU64::new(0);
    let writer = WRITERS.fetch_add(1, Ordering::Relaxed);
    let beside = file.with_extension(format!("{}-{writer}.new", std::process::id()));
    let mut writer = fs::File::create(&beside)?;
    writer.write_all(bytes)?;
    writer.sync_all()?;
    fs::rename(&beside, file)
}

#[allow(unsafe_code, reason = "wasmtime loads compiled code by an unsafe function only")]
fn load(engine: &Engine, file: &Path) -> wasmtime::Result<Component> {
    // SAFETY: the file was written by `Cache::compile`, of this or an earlier run under the same user, into a
    // folder closed to everybody else; whoever can write there can replace this program as well. wasmtime checks
    // that version and settings fit. Files from the drop-in folder never come here: compiled code among them is
    // refused before it is read (`load::parse`).
    unsafe { Component::deserialize_file(engine, file) }
}
