//! The log: one event, one line, whatever is in it.
//!
//! Ids, names and the words of vendors come from outside. The subscriber spells out the terminal's escapes in fields,
//! but not line breaks in those that are shown by `Display`: here every line is made safe as a whole.

use std::io::{self, IsTerminal as _, Stderr, Write};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::printable::printable;

/// Sends what is traced to the standard error output; `RUST_LOG` says how much of it.
pub fn begin() {
    let colours = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|no| no.is_empty());
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = Lines { of: io::stderr, colours };
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(lines).init();
}

/// Makes writers of safe lines.
struct Lines<F> {
    of: F,
    colours: bool,
}

/// Takes one whole event with each write, as the subscriber does it.
struct Line<W> {
    to: W,
    colours: bool,
}

impl<'a, F: Fn() -> Stderr> MakeWriter<'a> for Lines<F> {
    type Writer = Line<Stderr>;

    fn make_writer(&'a self) -> Self::Writer {
        Line { to: (self.of)(), colours: self.colours }
    }
}

impl<W: Write> Write for Line<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let (text, end) = text.strip_suffix('\n').map_or((&*text, ""), |text| (text, "\n"));
        // The subscriber's own colours begin with an escape; it lets none through from a field.
        let safe = printable(text, |character| self.colours && character == '\u{1b}');
        self.to.write_all(format!("{safe}{end}").as_bytes())?;
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

    fn logged(colours: bool, event: impl Fn()) -> String {
        let page = Page::default();
        let to = page.clone();
        let writer = move || Line { to: to.clone(), colours };
        let subscriber = tracing_subscriber::fmt().with_ansi(colours).with_writer(writer).finish();
        tracing::subscriber::with_default(subscriber, event);
        String::from_utf8(page.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn a_field_from_outside_stays_in_its_line() {
        let evil = "x\n2026-01-01T00:00:00Z  INFO audit: who=root\r\u{1b}[2J\u{202e}\u{9b}1m";
        for colours in [false, true] {
            let text = logged(colours, || {
                tracing::info!(quoted = evil, shown = %evil, debugged = ?evil, "{evil}");
            });
            assert_eq!(text.lines().count(), 1, "{text:?}");
            assert!(!text.contains("\u{1b}[2J") && !text.contains(['\r', '\u{202e}', '\u{9b}']), "{text:?}");
            assert!(text.ends_with('\n') && text.contains("who=root"), "{text:?}");
            assert_eq!(text.contains('\u{1b}'), colours, "{text:?}");
        }
    }
}
