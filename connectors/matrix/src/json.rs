//! JSON from texts and to texts, always by the same reader and writer: each further kind of either, such as
//! `Value::to_string`, would stand in the component once more.

use serde_json::Value;

/// Null where it is none.
pub fn read(text: &str) -> Value {
    serde_json::from_slice(text.as_bytes()).unwrap_or_default()
}

pub fn text(value: &Value) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
