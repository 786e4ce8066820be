//! What lies in the drop-in folder.

use std::fs::Metadata;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Tells one state of a file, and of the signature beside it, from another without reading them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fingerprint {
    file: Mark,
    signature: Option<Mark>,
}

/// The same of one of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mark([u64; 5]);

impl Mark {
    #[cfg(unix)]
    fn of(meta: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        let time = |s: i64, ns: i64| (s as u64).wrapping_mul(1_000_000_000).wrapping_add(ns as u64);
        Self([
            meta.dev(),
            meta.ino(),
            meta.size(),
            time(meta.mtime(), meta.mtime_nsec()),
            time(meta.ctime(), meta.ctime_nsec()),
        ])
    }

    #[cfg(not(unix))]
    fn of(meta: &Metadata) -> Self {
        let changed = meta.modified().ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
        Self([0, 0, meta.len(), changed.map_or(0, |since| since.as_nanos() as u64), 0])
    }
}

/// A file that may be a connector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// The connector that it is for: at first the file's name, without its ending.
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) size: u64,
}

impl Candidate {
    /// The file's name.
    pub(crate) fn file(&self) -> String {
        file_name(&self.path)
    }
}

/// The last part of a path, as people read it.
pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Tells one folder from another that bears its name later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place([u64; 2]);

/// Which folder this is now, links followed; none where there is none.
pub(crate) fn place(folder: &Path) -> Option<Place> {
    let meta = std::fs::metadata(folder).ok().filter(Metadata::is_dir)?;
    let [device, inode, ..] = Mark::of(&meta).0;
    Some(Place([device, inode]))
}

/// Reads a whole file; one that has grown beyond `most` only so far as to show it.
pub(crate) fn read(path: &Path, most: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Lists what may be a connector, links followed: files that end in `.wasm`, and in `.cwasm`, so that those can be
/// refused in so many words. Hidden files are not looked at: copies in progress often are.
pub(crate) fn scan(folder: &Path) -> std::io::Result<Vec<Candidate>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let (Some(stem), Some(ending)) = (path.file_stem(), path.extension()) else {
            continue;
        };
        let name = stem.to_string_lossy().into_owned();
        if name.starts_with('.') || !(ending == "wasm" || ending == "cwasm") {
            continue;
        }
        // It may be gone again, or a link to nowhere: then it is not there.
        let Ok(meta) = std::fs::metadata(&path) else {
            continue;
        };
        if meta.is_file() {
            found.push(Candidate { name, fingerprint: beside(&path, &meta), size: meta.len(), path });
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

/// What a file looks like now.
pub(crate) fn fingerprint(path: &Path) -> Option<Fingerprint> {
    std::fs::metadata(path).ok().map(|meta| beside(path, &meta))
}

fn beside(path: &Path, meta: &Metadata) -> Fingerprint {
    let signature = std::fs::metadata(signature_of(path)).ok();
    Fingerprint { file: Mark::of(meta), signature: signature.map(|meta| Mark::of(&meta)) }
}

/// Where the signature of a component lies: beside it.
pub(crate) fn signature_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".minisig");
    PathBuf::from(name)
}

/// The signature of a component, where there is one. What is longer than any signature is read only so far as to be
/// none.
pub(crate) fn signature(path: &Path) -> std::io::Result<Option<Arc<str>>> {
    const LONGEST: u64 = 16 << 10;
    match read(&signature_of(path), LONGEST) {
        Ok(text) => Ok(Some(String::from_utf8_lossy(&text).into())),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

/// Connectors are named in configuration, addresses and metrics.
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 64
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_')
}
