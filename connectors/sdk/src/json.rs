//! JSON as vendors write it.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Reads an object whose members' names are matched without regard to case: `T` spells them in lower case.
///
/// # Errors
/// A sentence without any of the values, for the one who sent it.
pub fn read_any_case<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    let value: Value = serde_json::from_slice(body)
        .map_err(|e| format!("no JSON (line {}, column {})", e.line(), e.column()))?;
    let Value::Object(members) = value else {
        return Err("no JSON object".to_owned());
    };
    let lower: Map<String, Value> =
        members.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
    T::deserialize(Value::Object(lower)).map_err(|e| {
        let text = e.to_string();
        // Only what names a member is repeated: other messages quote values.
        if text.starts_with("missing field") { text } else { "a member has the wrong type".to_owned() }
    })
}
