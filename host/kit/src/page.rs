//! The certificate for people: what passed in a line each, what failed with what was expected, what came, where to look.

use std::fmt::Write as _;

use crate::certificate::{Certificate, Check, Fault, Level, Measured, Outcome};

/// Faults of one check that are shown; the machine-readable file has them all.
const SHOWN: usize = 5;

impl Certificate {
    /// For people.
    pub fn page(&self) -> String {
        let mut page = String::new();
        let digest = self.digest.get(..12).unwrap_or_default();
        let name = if self.connector.is_empty() { "the component" } else { &self.connector };
        let _ = writeln!(
            page,
            "{name} {} (sha256:{digest}, {} KiB), kit {}, {}\n",
            self.version,
            self.size / 1024,
            self.kit,
            self.contract
        );
        for level in [Level::Bronze, Level::Silver, Level::Gold] {
            let mut checks = self.checks.iter().filter(|check| check.level == level).peekable();
            if checks.peek().is_none() {
                continue;
            }
            let _ = writeln!(page, "{}", level.as_str());
            for check in checks {
                line(&mut page, check);
            }
        }
        measured(&mut page, &self.measured);
        let met = self.checks.iter().filter(|check| check.is_met()).count();
        let _ = writeln!(page, "\nlevel: {} ({met} of {} checks)", self.level.as_str(), self.checks.len());
        if let Some(next) = self.next() {
            let _ = writeln!(page, "{next}");
        }
        page
    }

    /// What stands in the way of the next level.
    fn next(&self) -> Option<String> {
        let next = match self.level {
            Level::None => Level::Bronze,
            Level::Bronze => Level::Silver,
            Level::Silver => Level::Gold,
            Level::Gold => return None,
        };
        let open = self.checks.iter().filter(|check| check.level == next && !check.is_met());
        let open: Vec<&str> = open.map(|check| check.name).collect();
        Some(format!("for {}: {}", next.as_str(), open.join(", ")))
    }
}

fn line(page: &mut String, check: &Check) {
    let (mark, rest) = match &check.outcome {
        Outcome::Passed { note } => ("passed ", note.as_str()),
        Outcome::Failed { .. } => ("FAILED ", ""),
        Outcome::NotApplicable { why } => ("n/a    ", why.as_str()),
        Outcome::Untold { add } => ("UNTOLD ", add.as_str()),
        Outcome::NotRun { why } => ("NOT RUN", why.as_str()),
    };
    let _ = write!(page, "  {mark} {:<18} {}", check.name, check.title);
    let _ = match (&check.outcome, rest.is_empty()) {
        (Outcome::Untold { .. }, _) => writeln!(page, "\n            the scenario lacks: {rest}"),
        (_, true) => writeln!(page),
        (_, false) => writeln!(page, " [{rest}]"),
    };
    if let Outcome::Failed { faults } = &check.outcome {
        for fault in faults.iter().take(SHOWN) {
            told(page, fault);
        }
        if faults.len() > SHOWN {
            let _ =
                writeln!(page, "            … and {} more; --json FILE has them all", faults.len() - SHOWN);
        }
    }
}

fn told(page: &mut String, fault: &Fault) {
    let _ = writeln!(page, "          - {}", plain(&fault.at));
    let _ = writeln!(page, "            expected: {}", plain(&fault.expected));
    let _ = writeln!(page, "            came:     {}", plain(&fault.came));
    let _ = writeln!(page, "            look at:  {}", plain(&fault.look));
}

/// What a component or a vendor says must not move a terminal's cursor.
fn plain(text: &str) -> String {
    let clipped = crate::vendor::clip(text);
    clipped.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

fn measured(page: &mut String, measured: &Measured) {
    let time = |us: Option<u64>| us.map_or("-".to_owned(), |us| format!("{us} µs"));
    let _ = writeln!(page, "measured (on this machine, with this build of the kit)");
    let _ =
        writeln!(page, "  a callback: p50 {}, p99 {}", time(measured.map_p50_us), time(measured.map_p99_us));
    let _ = writeln!(
        page,
        "  a message:  p50 {}, p99 {}",
        time(measured.send_p50_us),
        time(measured.send_p99_us)
    );
    let memory = measured.map_memory.map_or("-".to_owned(), |bytes| format!("{} KiB", bytes / 1024));
    let least = measured.conversation_memory_mib.map_or("-".to_owned(), |mib| format!("{mib} MiB"));
    let _ = writeln!(page, "  memory:     {memory} for a callback; a conversation works with {least}");
}
