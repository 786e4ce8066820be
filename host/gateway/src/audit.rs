//! The audit: who did what to this gateway, when, and what came of it. No message texts, no secrets.
//!
//! A line of JSON each in `audit.jsonl` in the data folder, on the disk before anything goes on, and in the log under
//! the target `audit`. The file is opened anew for each line: it can be moved away at any time.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use handover_handoff::Timestamp;
use serde::Serialize;
use thiserror::Error;
use uuid::Uuid;

use crate::clock;
use crate::front::Caller;
use crate::printable::printable;

const FILE: &str = "audit.jsonl";

/// A line could not be written; what it was about must not happen.
#[derive(Debug, Error)]
#[error("the audit cannot be written to {}: {source}", file.display())]
pub(crate) struct AuditError {
    file: PathBuf,
    source: io::Error,
}

/// Who does something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Who {
    pub(crate) name: &'static str,
    /// From where, where it came over the network.
    pub(crate) from: Option<Caller>,
}

impl Who {
    /// The gateway by itself.
    pub(crate) const GATEWAY: Self = Self { name: "this gateway", from: None };
    /// Whoever changes the connectors' folder.
    pub(crate) const FOLDER: Self = Self { name: "the connectors' folder", from: None };
}

/// What is done: the same in all lines about it.
#[derive(Debug, Clone)]
pub(crate) struct Deed {
    id: Uuid,
    who: Who,
    what: &'static str,
    about: String,
}

impl Deed {
    /// `about` names what it is done to.
    pub(crate) fn new(who: Who, what: &'static str, about: impl Into<String>) -> Self {
        Self { id: Uuid::now_v7(), who, what, about: about.into() }
    }
}

#[derive(Serialize)]
struct Line<'a> {
    /// RFC 3339.
    at: String,
    /// The same for the beginning and the outcome of one deed.
    id: Uuid,
    who: &'a str,
    from: Option<String>,
    what: &'a str,
    about: &'a str,
    outcome: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    detail: &'a str,
}

/// Where the lines go.
pub(crate) struct Audit {
    file: PathBuf,
    writing: Mutex<()>,
}

impl Audit {
    pub(crate) fn new(data: &Path) -> Arc<Self> {
        Arc::new(Self { file: data.join(FILE), writing: Mutex::new(()) })
    }

    /// Writes down how far a deed is: `begun`, `done`, `refused` or `failed`. It is on the disk when this returns.
    ///
    /// # Errors
    /// The disk's; then the line is not there, and what it is about must not be done.
    pub(crate) async fn write(
        self: &Arc<Self>,
        deed: &Deed,
        outcome: &'static str,
        detail: &str,
    ) -> Result<(), AuditError> {
        let line = line(deed, outcome, detail, clock::now());
        let audit = Arc::clone(self);
        let appended = tokio::task::spawn_blocking(move || audit.append(&line)).await;
        let appended = appended.unwrap_or_else(|e| Err(io::Error::other(e)));
        if let Err(source) = appended {
            let error = AuditError { file: self.file.clone(), source };
            tracing::error!(what = deed.what, reason = %error, "an audit line is missing");
            return Err(error);
        }
        let Deed { id, who, what, about } = deed;
        let from = who.from.map(|from| from.to_string()).unwrap_or_default();
        tracing::info!(target: "audit", %id, who = who.name, from, what, about, outcome, detail);
        Ok(())
    }

    fn append(&self, line: &str) -> io::Result<()> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut options = File::options();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&self.file)?;
        file.write_all(line.as_bytes())?;
        file.sync_data()
    }
}

fn line(deed: &Deed, outcome: &str, detail: &str, now: Timestamp) -> String {
    let at = i64::try_from(now.0).ok().and_then(|now| jiff::Timestamp::from_millisecond(now).ok());
    let line = Line {
        at: at.unwrap_or_default().to_string(),
        id: deed.id,
        who: deed.who.name,
        from: deed.who.from.map(|from| from.to_string()),
        what: deed.what,
        about: &deed.about,
        outcome,
        detail,
    };
    // Strings and ids always make JSON.
    let json = serde_json::to_string(&line).unwrap_or_default();
    // Such characters stand in strings only, and JSON spells them the same way.
    format!("{}\n", printable(&json))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn a_name_from_outside_makes_no_line_of_its_own() {
        let evil = "x\n{\"who\":\"root\"}\u{1b}[2J\u{2028}\u{202e}\"";
        let text = line(&Deed::new(Who::GATEWAY, "end", evil), "done", evil, Timestamp(1_700_000_000_000));
        assert_eq!(text.lines().count(), 1, "{text:?}");
        assert!(!text.trim_end().contains(|c: char| c.is_control() || c == '\u{2028}' || c == '\u{202e}'));
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["about"], evil, "what was said is still there");
        assert_eq!(read["at"], "2023-11-14T22:13:20Z");
    }

    #[tokio::test]
    async fn a_line_that_cannot_be_written_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let deed = Deed::new(Who::GATEWAY, "start", "");
        assert!(Audit::new(&folder.path().join("gone")).write(&deed, "done", "").await.is_err());
        let audit = Audit::new(folder.path());
        audit.write(&deed, "begun", "").await.unwrap();
        audit.write(&deed, "done", "2 of them").await.unwrap();
        let text = std::fs::read_to_string(folder.path().join(FILE)).unwrap();
        assert_eq!(text.lines().count(), 2, "{text}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(folder.path().join(FILE)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}
