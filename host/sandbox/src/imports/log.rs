//! `log`: lines for the operator, bounded, with the connector named.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{CallState, wit};
use crate::fuel::CALL;

/// Characters of a line that are kept.
pub(super) const LINE: usize = 2_000;

/// Lines that are remembered to explain a trap.
const REMEMBERED: usize = 4;

impl wit::log::Host for CallState {
    fn write(&mut self, level: wit::log::Level, line: String) -> wasmtime::Result<()> {
        self.fuel.spend(CALL, line.len())?;
        journal(&self.journal).write(level, &line);
        Ok(())
    }
}

/// What one call writes, by whatever way.
#[derive(Debug)]
pub(crate) struct Journal {
    connector: Arc<str>,
    version: Arc<str>,
    subject: String,
    /// Lines that are kept of one call.
    bound: u32,
    lines: u32,
    last_lines: Vec<String>,
}

/// Standard output and error are written to by streams of their own.
pub(crate) type SharedJournal = Arc<Mutex<Journal>>;

/// Whoever holds it writes a line and no more.
pub(crate) fn journal(shared: &SharedJournal) -> MutexGuard<'_, Journal> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Journal {
    pub(crate) fn new(connector: Arc<str>, version: Arc<str>, subject: String, bound: u32) -> Self {
        Self { connector, version, subject, bound, lines: 0, last_lines: Vec::new() }
    }

    /// The next call of the same instance.
    pub(crate) fn turn_over(&mut self, subject: String) {
        self.subject = subject;
        self.lines = 0;
        self.last_lines.clear();
    }

    /// The last lines, which may explain a trap.
    pub(crate) fn last_lines(&self) -> &[String] {
        &self.last_lines
    }

    pub(crate) fn write(&mut self, level: wit::log::Level, line: &str) {
        self.lines = self.lines.saturating_add(1);
        let line = printable(line);
        if self.last_lines.len() == REMEMBERED {
            self.last_lines.remove(0);
        }
        self.last_lines.push(line.clone());
        let (connector, version, subject) = (&*self.connector, &*self.version, &*self.subject);
        if self.lines > self.bound {
            if self.lines == self.bound + 1 {
                tracing::warn!(target: "connector", connector, version, subject, "further lines are dropped");
            }
            return;
        }
        match level {
            wit::log::Level::Trace => {
                tracing::trace!(target: "connector", connector, version, subject, "{line}")
            }
            wit::log::Level::Debug => {
                tracing::debug!(target: "connector", connector, version, subject, "{line}")
            }
            wit::log::Level::Info => {
                tracing::info!(target: "connector", connector, version, subject, "{line}")
            }
            wit::log::Level::Warn => {
                tracing::warn!(target: "connector", connector, version, subject, "{line}")
            }
            wit::log::Level::Error => {
                tracing::error!(target: "connector", connector, version, subject, "{line}")
            }
        }
    }
}

/// A guest's line must not pass for two lines, nor for the terminal's own control sequences.
fn printable(line: &str) -> String {
    line.chars().take(LINE).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
