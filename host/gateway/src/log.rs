//! The log: one event, one line, whatever is in it.
//!
//! Ids, names and the words of vendors come from outside. The subscriber spells out neither line breaks nor a
//! terminal's escapes in fields that are shown by `Display`: here every line is made safe as a whole. That is why there
//! are no colours.

use std::io::{self, Write};

use tracing_subscriber::EnvFilter;

use crate::printable::printable;

/// Sends what is traced to the standard error output; `RUST_LOG` says how much of it, else `usual` (`info`, `off`).
pub fn begin(usual: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(usual));
    let lines = || Line { to: io::stderr() };
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(lines).init();
}

/// Takes one whole event with each write, as the subscriber does it.
struct Line<W> {
    to: W,
}

impl<W: Write> Write for Line<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let (text, end) = text.strip_suffix('\n').map_or((&*text, ""), |text| (text, "\n"));
        self.to.write_all(format!("{}{end}", printable(text)).as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl Write for Page {
        fn write(&mut self, text: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(text)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_field_from_outside_stays_in_its_line() {
        let page = Page::default();
        let to = page.clone();
        let writer = move || Line { to: to.clone() };
        let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(writer).finish();
        let evil = "x\n2026-01-01T00:00:00Z  INFO audit: who=root\r\u{1b}[2J\u{202e}\u{9b}1m";
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(quoted = evil, shown = %evil, debugged = ?evil, "{evil}");
        });
        let text = String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.lines().count(), 1, "{text:?}");
        assert!(!text.contains(['\u{1b}', '\r', '\u{202e}', '\u{9b}']), "{text:?}");
        assert!(text.ends_with('\n') && text.contains("who=root"), "{text:?}");
    }
}
