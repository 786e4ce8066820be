//! JSON as vendors write it, always by the same reader and writer: each further kind of either would stand in the
//! component once more.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::Refusal;

/// What a connector has kept as text; null where it is no JSON.
pub fn read(text: &str) -> Value {
    serde_json::from_slice(text.as_bytes()).unwrap_or_default()
}

/// A value as text.
pub fn write(value: &Value) -> String {
    // A value always can be written.
    serde_json::to_string(value).unwrap_or_default()
}

/// The body of a callback.
///
/// # Errors
/// [`Refusal::Malformed`] with the place where it is no JSON; serde's own message may quote the value.
pub fn callback(body: &[u8]) -> Result<Value, Refusal> {
    let place = |e: serde_json::Error| format!("no JSON (line {}, column {})", e.line(), e.column());
    serde_json::from_slice(body).map_err(|e| Refusal::Malformed(place(e)))
}

/// The elements of a list; none where it is no list.
pub fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// A text with something in it.
pub fn text(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| !text.trim().is_empty())
}

/// The same as the caller's own.
pub fn owned(value: &Value) -> Option<String> {
    text(value).map(str::to_owned)
}

/// An id, which some vendors write as text here and as a number there.
pub fn id(value: &Value) -> Option<String> {
    owned(value).or_else(|| value.as_u64().map(|id| id.to_string()))
}

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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_cannot_be_read_is_nothing_and_a_callback_says_where() {
        assert_eq!(read("{"), Value::Null);
        assert_eq!(read(&write(&json!({ "a": [1] }))), json!({ "a": [1] }));
        assert_eq!(callback(b"{\n?"), Err(Refusal::Malformed("no JSON (line 2, column 1)".to_owned())));
    }

    #[test]
    fn ids_are_texts_or_numbers_and_blanks_are_none() {
        assert_eq!(id(&json!("a")), Some("a".to_owned()));
        assert_eq!(id(&json!(17)), Some("17".to_owned()));
        assert_eq!(id(&json!(" ")), None);
        assert_eq!(id(&json!(null)), None);
        assert!(list(&json!({})).is_empty());
    }
}
