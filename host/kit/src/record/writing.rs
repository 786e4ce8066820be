//! A scenario's text, as an author would have written it.

use serde_json::{Map, Value};

/// A value in a line of TOML.
pub(super) fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Array(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Value::Object(members) if members.is_empty() => "{}".to_owned(),
        Value::Object(members) => format!("{{ {} }}", pairs(members).join(", ")),
        Value::Null => "\"\"".to_owned(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

fn pairs(members: &Map<String, Value>) -> Vec<String> {
    members.iter().map(|(name, value)| format!("{} = {}", key(name), inline(value))).collect()
}

/// A name as a key of TOML.
pub(super) fn key(name: &str) -> String {
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if !name.is_empty() && name.bytes().all(is_bare) { name.to_owned() } else { quoted(name) }
}

/// The members of a table, a line each.
pub(super) fn lines(members: &Map<String, Value>) -> String {
    pairs(members).into_iter().map(|pair| pair + "\n").collect()
}

/// A text in quotes. JSON's escapes are TOML's, too.
fn quoted(text: &str) -> String {
    let quoted = Value::String(text.to_owned()).to_string();
    quoted.replace('\u{7f}', "\\u007F")
}
