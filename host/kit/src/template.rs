//! What a scenario says of a value: the value itself, or a text with placeholders such as `{text}` and `{any}`.

use std::collections::BTreeMap;

use serde_json::Value;

/// Stands for anything, the empty text included.
pub(crate) const ANY: &str = "{any}";

/// Those that a request may tell the meaning of by carrying it.
pub(crate) const PLACEHOLDERS: [&str; 14] = [
    "session.id",
    "message.id",
    "conversation",
    "customer.id",
    "customer.name",
    "customer.email",
    "customer.locale",
    "problem",
    "text",
    "channel",
    "callback_url",
    "typing",
    "receipt.message",
    "receipt.status",
];

/// What the placeholders stand for in one call.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names(BTreeMap<&'static str, String>);

impl Names {
    /// Gives a placeholder its meaning.
    pub(crate) fn set(&mut self, name: &'static str, value: impl Into<String>) {
        self.0.insert(name, value.into());
    }

    /// The text with its placeholders replaced, but for `{any}`.
    pub(crate) fn fill(&self, text: &str) -> String {
        self.parts(text).join(ANY)
    }

    /// The value with the placeholders of all its texts replaced.
    pub(crate) fn filled(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.fill(text)),
            Value::Array(items) => items.iter().map(|item| self.filled(item)).collect(),
            Value::Object(members) => {
                members.iter().map(|(name, member)| (name.clone(), self.filled(member))).collect()
            }
            other => other.clone(),
        }
    }

    /// What stands between the `{any}`s. Split first: what a placeholder stands for may contain braces of its own.
    fn parts(&self, text: &str) -> Vec<String> {
        text.split(ANY).map(|part| self.replaced(part)).collect()
    }

    fn replaced(&self, text: &str) -> String {
        let mut made = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('{') {
            made.push_str(&rest[..at]);
            rest = &rest[at..];
            let known = rest.find('}').and_then(|end| Some((self.0.get(&rest[1..end])?, end)));
            match known {
                Some((value, end)) => {
                    made.push_str(value);
                    rest = &rest[end + 1..];
                }
                None => {
                    made.push('{');
                    rest = &rest[1..];
                }
            }
        }
        made.push_str(rest);
        made
    }

    /// Whether a text is as the template says.
    pub(crate) fn text(&self, template: &str, text: &str) -> bool {
        let parts = self.parts(template);
        let (Some((first, middle)), true) = (parts.split_first(), true) else { return text.is_empty() };
        let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
        let Some((last, middle)) = middle.split_last() else { return rest.is_empty() };
        for part in middle {
            let Some(at) = rest.find(part.as_str()) else { return false };
            rest = &rest[at + part.len()..];
        }
        rest.ends_with(last.as_str())
    }

    /// Where a value is not as the template says: each place with what was wanted and what is there. What the
    /// template does not name may be there or not.
    pub(crate) fn differences(&self, template: &Value, value: &Value) -> Vec<Difference> {
        let mut found = Vec::new();
        self.compare("", template, value, &mut found);
        found
    }

    fn compare(&self, place: &str, template: &Value, value: &Value, found: &mut Vec<Difference>) {
        match (template, value) {
            (Value::Object(wanted), Value::Object(there)) => {
                for (name, wanted) in wanted {
                    let place = format!("{place}/{name}");
                    self.compare(&place, wanted, there.get(name).unwrap_or(&Value::Null), found);
                }
            }
            (Value::Array(wanted), Value::Array(there)) if wanted.len() == there.len() => {
                for (at, (wanted, there)) in wanted.iter().zip(there).enumerate() {
                    self.compare(&format!("{place}/{at}"), wanted, there, found);
                }
            }
            (Value::String(wanted), Value::String(there)) if self.text(wanted, there) => {}
            // A placeholder may stand for a number or for true and false.
            (Value::String(wanted), Value::Number(_) | Value::Bool(_) | Value::Null)
                if wanted.contains('{') && self.text(wanted, &value.to_string()) => {}
            (Value::String(wanted), _) if wanted == ANY => {}
            (wanted, there) if wanted == there => {}
            (wanted, there) => found.push(Difference {
                place: if place.is_empty() { "/".to_owned() } else { place.to_owned() },
                wanted: match wanted {
                    Value::String(text) => Value::String(self.fill(text)).to_string(),
                    other => other.to_string(),
                },
                there: there.to_string(),
            }),
        }
    }
}

/// The text with `{any}` in the place of all that looks like a placeholder.
pub(crate) fn open(text: &str) -> String {
    let mut made = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        made.push_str(&rest[..at]);
        rest = &rest[at..];
        match rest.find('}').filter(|end| is_name(&rest[1..*end])) {
            Some(end) => {
                made.push_str(ANY);
                rest = &rest[end + 1..];
            }
            None => {
                made.push('{');
                rest = &rest[1..];
            }
        }
    }
    made.push_str(rest);
    made
}

/// All that looks like a placeholder, without its braces.
pub(crate) fn names_in(text: &str) -> Vec<&str> {
    let parts = text.split('{').skip(1);
    parts.filter_map(|part| part.split_once('}')).map(|(name, _)| name).filter(|name| is_name(name)).collect()
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'.' | b'_'))
}

/// One place where a value is not as a template says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    /// A JSON pointer.
    pub(crate) place: String,
    pub(crate) wanted: String,
    pub(crate) there: String,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use serde_json::json;

    use super::*;

    fn names() -> Names {
        let mut names = Names::default();
        names.set("text", "a {any} b");
        names.set("on", "true");
        names
    }

    #[test]
    fn placeholders_are_replaced_and_any_stands_for_anything() {
        let names = names();
        assert!(names.text("{any}: {text}!", "Jane: a {any} b!"));
        assert!(!names.text("{any}: {text}!", "Jane: other!"));
        assert!(names.text("plain {unknown}", "plain {unknown}"));
        assert!(names.text("", ""));
        assert!(!names.text("", "x"));
        assert!(names.text("{any}", ""));
        assert!(names.text("/a/{any}/b/{any}", "/a/1/b/2"));
    }

    #[test]
    fn only_what_the_template_names_is_compared() {
        let names = names();
        let template = json!({ "a": "{text}", "on": "{on}", "list": [1, "{any}"], "none": null });
        let value = json!({ "a": "a {any} b", "on": true, "list": [1, { "x": 1 }], "more": 7 });
        assert_eq!(names.differences(&template, &value), []);
        let found = names.differences(&template, &json!({ "a": "cut", "on": false, "list": [1] }));
        let places: Vec<_> = found.iter().map(|one| one.place.as_str()).collect();
        assert_eq!(places, ["/a", "/list", "/on"]);
    }
}
