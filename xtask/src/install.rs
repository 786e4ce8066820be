//! Putting a file where a running gateway may be looking: whole, or not at all.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, Result};

/// What happened to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There was none, or one with other bytes.
    Rebuilt,
    /// The same bytes were there already; the file was not touched.
    Unchanged,
}

/// Writes `bytes` beside `path` and renames it over.
pub fn install(path: &Path, bytes: &[u8]) -> Result<Outcome> {
    if fs::read(path).is_ok_and(|present| present == bytes) {
        return Ok(Outcome::Unchanged);
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    // Hidden and not named `.wasm`, so that nobody takes it for a component while it grows.
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.part", std::process::id()));
    let part = folder.join(name);
    let written = write_through(&part, bytes).and_then(|()| fs::rename(&part, path));
    if let Err(error) = written {
        let _ = fs::remove_file(&part);
        return Err(error).with_context(|| format!("cannot install {}", path.display()));
    }
    #[cfg(unix)]
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .with_context(|| format!("cannot make {} durable", folder.display()))?;
    Ok(Outcome::Rebuilt)
}

fn write_through(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_bytes_are_left_alone_and_nothing_is_left_behind() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("deeper/one.wasm");
        assert_eq!(install(&path, b"1").expect("installs"), Outcome::Rebuilt);
        assert_eq!(install(&path, b"1").expect("installs"), Outcome::Unchanged);
        assert_eq!(install(&path, b"2").expect("installs"), Outcome::Rebuilt);
        assert_eq!(fs::read(&path).expect("is there"), b"2");
        let files = fs::read_dir(folder.path().join("deeper")).expect("lists");
        assert_eq!(files.count(), 1);
    }
}
