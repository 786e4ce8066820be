//! `log`: lines for the operator, bounded, with the connector named.

use super::{CallState, wit};
use crate::fuel::CALL;

/// Characters of a line that are kept.
const LINE: usize = 2_000;

/// Lines that are remembered to explain a trap.
const REMEMBERED: usize = 4;

impl wit::log::Host for CallState {
    fn write(&mut self, level: wit::log::Level, line: String) -> wasmtime::Result<()> {
        self.fuel.spend(CALL, line.len())?;
        self.note(level, &line);
        Ok(())
    }
}

impl CallState {
    fn note(&mut self, level: wit::log::Level, line: &str) {
        self.lines = self.lines.saturating_add(1);
        let line = printable(line);
        if self.last_lines.len() == REMEMBERED {
            self.last_lines.remove(0);
        }
        self.last_lines.push(line.clone());
        let (connector, version, subject) = (&*self.connector, &*self.version, &*self.subject);
        if self.lines > self.limits.log_lines {
            if self.lines == self.limits.log_lines + 1 {
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
