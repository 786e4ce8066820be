//! Whether what is installed was built from the sources as they are. Needs no WebAssembly toolchain.

use std::fmt;
use std::fmt::Write as _;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::lockfile::Lockfile;
use crate::{catalog, component, sources};

/// A component that should be rebuilt.
#[derive(Debug)]
pub struct Stale {
    /// Where its file is, or should be.
    pub path: PathBuf,
    /// What is wrong with it.
    pub reason: Reason,
}

/// Why a component should be rebuilt.
#[derive(Debug, PartialEq, Eq)]
pub enum Reason {
    /// There is no such file.
    Missing,
    /// The file cannot be read as a component.
    Unreadable(String),
    /// It carries no stamp: built by other means.
    Unstamped,
    /// It was built from other sources than these.
    Older {
        /// The digest in the file.
        stamped: String,
        /// The digest of the sources.
        now: String,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => write!(to, "is missing"),
            Self::Unreadable(why) => write!(to, "cannot be read: {why}"),
            Self::Unstamped => write!(to, "does not say what it was built from"),
            Self::Older { stamped, now } => write!(
                to,
                "is older than its sources (built from {}, they are {} now)",
                short(stamped),
                short(now)
            ),
        }
    }
}

/// The beginning of a digest, enough to tell two apart by eye.
pub fn short(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}

/// Every component that is missing or was not built from the sources as they are.
pub fn stale(root: &Path, out: Option<&Path>) -> Result<Vec<Stale>> {
    let lock = Lockfile::read(root)?;
    let mut found = Vec::new();
    for component in catalog::components(root)? {
        let now = sources::digest(root, &lock, &component)?;
        let path = component.destination(root, out);
        if let Some(reason) = compare(&path, now) {
            found.push(Stale { path, reason });
        }
    }
    Ok(found)
}

/// What to tell the person who has to mend it.
pub fn report(stale: &[Stale], out: Option<&Path>) -> String {
    let mut text = String::new();
    for Stale { path, reason } in stale {
        let _ = writeln!(text, "{} {reason}", path.display());
    }
    let _ = match out {
        None => writeln!(text, "Run `cargo xtask connectors` and commit what it builds."),
        Some(out) => writeln!(text, "Run `cargo xtask connectors --out {}`.", out.display()),
    };
    text
}

fn compare(path: &Path, now: String) -> Option<Reason> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Some(Reason::Missing),
        Err(error) => return Some(Reason::Unreadable(error.to_string())),
    };
    match component::read_stamp(&bytes) {
        Err(error) => Some(Reason::Unreadable(format!("{error:#}"))),
        Ok(None) => Some(Reason::Unstamped),
        Ok(Some(stamped)) if stamped == now => None,
        Ok(Some(stamped)) => Some(Reason::Older { stamped, now }),
    }
}
