//! What was found, step by step, for people and for machines.

use std::fmt::Write as _;
use std::io::IsTerminal as _;

use serde::Serialize;

use crate::printable::printable;

/// How a step came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Ok,
    Failed,
    Skipped,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Step {
    group: &'static str,
    name: String,
    state: State,
    /// What was found, the cause of the failure, or why it was not looked at.
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
}

/// All steps, in the order of a first handover.
#[derive(Debug)]
pub(super) struct Report {
    /// The file that was looked at.
    file: String,
    group: &'static str,
    steps: Vec<Step>,
    /// The configuration cannot be read: nothing serves it.
    pub(super) unreadable: bool,
}

impl Report {
    pub(super) fn new(file: String) -> Self {
        Self { file, group: "", steps: Vec::new(), unreadable: false }
    }

    /// The steps that follow belong together.
    pub(super) fn group(&mut self, group: &'static str) {
        self.group = group;
    }

    pub(super) fn ok(&mut self, name: impl Into<String>, found: impl Into<String>) {
        self.push(name.into(), State::Ok, found.into(), None);
    }

    pub(super) fn failed(
        &mut self,
        name: impl Into<String>,
        cause: impl Into<String>,
        fix: impl Into<String>,
    ) {
        let fix = Some(fix.into()).filter(|fix| !fix.is_empty());
        self.push(name.into(), State::Failed, cause.into(), fix);
    }

    pub(super) fn skipped(&mut self, name: impl Into<String>, why: impl Into<String>) {
        self.push(name.into(), State::Skipped, why.into(), None);
    }

    fn push(&mut self, name: String, state: State, detail: String, fix: Option<String>) {
        let fix = fix.map(|fix| unsigned(&fix));
        self.steps.push(Step { group: self.group, name, state, detail: unsigned(&detail), fix });
    }

    fn count(&self, state: State) -> usize {
        self.steps.iter().filter(|step| step.state == state).count()
    }

    /// 0: all is well; 1: something failed; 2: the configuration cannot be read.
    pub(super) fn code(&self) -> u8 {
        match (self.unreadable, self.count(State::Failed)) {
            (true, _) => 2,
            (false, 0) => 0,
            (false, _) => 1,
        }
    }

    /// Writes it to the output; in colour where that is a terminal.
    pub(super) fn show(&self, json: bool) {
        if json {
            let all = serde_json::json!({ "ok": self.code() == 0, "file": self.file, "steps": self.steps });
            println!("{all:#}");
        } else {
            let colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            print!("{}", self.text(colour));
        }
    }

    fn text(&self, colour: bool) -> String {
        let mut text = format!("{}\n", self.file);
        let mut group = "";
        for step in &self.steps {
            if step.group != group {
                group = step.group;
                let _ = writeln!(text, "\n{group}");
            }
            let (word, code) = match step.state {
                State::Ok => ("ok", "32"),
                State::Failed => ("failed", "31"),
                State::Skipped => ("skipped", "33"),
            };
            let word = format!("{word:<7}");
            let word = if colour { format!("\u{1b}[{code}m{word}\u{1b}[0m") } else { word };
            let _ = writeln!(text, "  {word}  {}: {}", step.name, printable(&step.detail));
            if let Some(fix) = &step.fix {
                let _ = writeln!(text, "             fix: {}", printable(fix));
            }
        }
        let [ok, failed, skipped] = [State::Ok, State::Failed, State::Skipped].map(|state| self.count(state));
        let _ = writeln!(text, "\n{ok} ok, {failed} failed, {skipped} skipped");
        text
    }
}

/// The same text, and no name or password in any address in it.
fn unsigned(text: &str) -> String {
    let mut parts = text.split("://");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let authority =
            part.find(|each: char| each.is_whitespace() || "/?#\"`".contains(each)).unwrap_or(part.len());
        let host = part.get(..authority).and_then(|authority| authority.rfind('@')).map_or(0, |at| at + 1);
        plain.push_str("://");
        plain.push_str(&part[host..]);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::{Report, unsigned};

    #[test]
    fn addresses_lose_their_passwords() {
        assert_eq!(unsigned("`a`: ftp://u:p@ss@h.example/x@y is none"), "`a`: ftp://h.example/x@y is none");
        assert_eq!(unsigned("http://a/ and postgres://b:c@d"), "http://a/ and postgres://d");
        assert_eq!(unsigned("mail me@example"), "mail me@example");
    }

    #[test]
    fn colour_and_control_characters_reach_a_terminal_only_where_they_are_ours() {
        let mut report = Report::new("handover.toml".to_owned());
        report.group("Group");
        report.ok("one", "well");
        report.failed("two", "an answer \u{1b}[2J\nof two lines", "mend it");
        let text = report.text(false);
        assert!(!text.contains('\u{1b}'), "{text:?}");
        assert!(
            text.contains(
                "failed   two: an answer \\u001b[2J\\u000aof two lines\n             fix: mend it\n"
            ),
            "{text}"
        );
        assert!(text.ends_with("1 ok, 1 failed, 0 skipped\n"), "{text}");
        assert!(report.text(true).contains("\u{1b}[31mfailed \u{1b}[0m"));
        assert_eq!(report.code(), 1);
    }
}
