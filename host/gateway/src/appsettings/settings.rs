//! Keys as .NET's configuration finds them: whatever their case, sections nested or written `Section:Key`.

use std::collections::BTreeMap;

use serde_json::Value;

/// A section: its own value, and what is below it, in the order of .NET (by name, whatever its case).
#[derive(Debug, Default)]
pub(super) struct Settings {
    value: Option<String>,
    /// By lower-case name: the name as it is written, and the section.
    below: BTreeMap<String, (String, Settings)>,
}

impl Settings {
    /// Of a document.
    pub(super) fn new(value: Value) -> Self {
        let mut settings = Self::default();
        settings.take(value);
        settings
    }

    fn take(&mut self, value: Value) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    let mut place = &mut *self;
                    for part in name.split(':') {
                        place = place.entry(part);
                    }
                    place.take(value);
                }
            }
            Value::Array(items) => {
                for (nth, item) in items.into_iter().enumerate() {
                    // So that ten comes behind nine.
                    self.entry(&format!("{nth:06}")).take(item);
                }
            }
            Value::Null => {}
            Value::String(text) => self.value = Some(text),
            other => self.value = Some(other.to_string()),
        }
    }

    fn entry(&mut self, name: &str) -> &mut Self {
        &mut self.below.entry(name.to_lowercase()).or_insert_with(|| (name.to_owned(), Self::default())).1
    }

    /// The section of this path, such as `Connections:LiveChat`.
    pub(super) fn section(&self, path: &str) -> Option<&Self> {
        path.split(':').try_fold(self, |place, part| Some(&place.below.get(&part.to_lowercase())?.1))
    }

    /// The text at this path; none where it is empty.
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        let text = self.section(path)?.value.as_deref()?.trim();
        (!text.is_empty()).then_some(text)
    }

    /// Whether it is said to be so.
    pub(super) fn is_true(&self, path: &str) -> bool {
        self.text(path).is_some_and(|text| text.eq_ignore_ascii_case("true"))
    }

    /// What is below this path, with the names as they are written.
    pub(super) fn each(&self, path: &str) -> Vec<(&str, &Self)> {
        let below = self.section(path).map(|section| &section.below).into_iter().flatten();
        below.map(|(_, (name, section))| (name.as_str(), section)).collect()
    }

    /// The list of texts at this path.
    pub(super) fn texts(&self, path: &str) -> Vec<&str> {
        self.each(path).into_iter().filter_map(|(_, item)| item.value.as_deref()).map(str::trim).collect()
    }

    /// The names of what is in it, as they are written.
    pub(super) fn names(&self) -> Vec<&str> {
        self.below.values().map(|(name, _)| name.as_str()).collect()
    }
}
