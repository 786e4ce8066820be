//! Structured content as lines of plain text, which can be read in any channel: what is blank leaves no line.

use serde_json::Value;

use crate::json;

/// Lines, one below the other.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Lines(Vec<String>);

impl Lines {
    /// Adds a line.
    pub fn push(&mut self, line: impl Into<String>) {
        let line = line.into();
        if !line.trim().is_empty() {
            self.0.push(line);
        }
    }

    /// Adds the text of a value, where it is one.
    pub fn value(&mut self, value: &Value) {
        self.push(json::text(value).unwrap_or_default());
    }

    /// Adds the texts of these members.
    pub fn members(&mut self, of: &Value, names: &[&str]) {
        names.iter().for_each(|name| self.value(&of[*name]));
    }

    /// Adds something that can be chosen, behind a mark such as `•`.
    pub fn choice(&mut self, mark: &str, text: &str) {
        if !text.trim().is_empty() {
            self.0.push(format!("{mark} {text}"));
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is nothing to read.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of it.
    pub fn text(&self) -> String {
        self.0.join("\n")
    }
}

/// The parts that are not blank, with `by` between them.
pub fn joined(parts: &[&str], by: &str) -> String {
    parts.iter().copied().filter(|part| !part.trim().is_empty()).collect::<Vec<_>>().join(by)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_blank_leaves_no_line() {
        let mut lines = Lines::default();
        lines.members(
            &json!({ "title": "Pizza", "image": " ", "price": 7 }),
            &["title", "image", "price", "x"],
        );
        lines.choice("•", "");
        lines.choice("•", "Order");
        assert_eq!(lines.text(), "Pizza\n• Order");
        assert_eq!(lines.len(), 2);
        assert_eq!(joined(&["a", " ", "b"], ": "), "a: b");
    }
}
