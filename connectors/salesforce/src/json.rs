//! JSON that the connector keeps for itself: one reader and one writer, as each further one is a tenth of the component.

use serde_json::Value;

/// Null where it is none.
pub fn read(text: &str) -> Value {
    serde_json::from_slice(text.as_bytes()).unwrap_or_default()
}

pub fn write(value: &Value) -> String {
    // A value that is built here always can be written.
    serde_json::to_string(value).unwrap_or_default()
}
