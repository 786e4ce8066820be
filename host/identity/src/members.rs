//! JSON objects whose members are unique: of two that share a name, readers take different ones.

use std::fmt;

use serde::Deserialize;
use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Why a text is no such object.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NotMembers {
    /// No JSON, or JSON that is no object.
    NotAnObject,
    /// A name stands twice, at any depth.
    Repeated,
}

/// Reads an object (RFC 8259), and refuses repeated names (RFC 7519 §4 leaves that choice).
pub(crate) fn read(text: &[u8]) -> Result<Map<String, Value>, NotMembers> {
    match serde_json::from_slice::<Unique>(text) {
        Ok(Unique(Value::Object(members))) => Ok(members),
        Ok(_) => Err(NotMembers::NotAnObject),
        // Any JSON suits the visitor, so the only error about data is its own.
        Err(error) if error.is_data() => Err(NotMembers::Repeated),
        Err(_) => Err(NotMembers::NotAnObject),
    }
}

struct Unique(Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueVisitor).map(Unique)
    }
}

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON with unique names")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Unique(item)) = seq.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            let Unique(value) = map.next_value()?;
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom("a name stands twice"));
            }
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_reads_as_usual() {
        let text = br#"{"a":1,"b":[true,null,-2,1.5,"x"],"c":{"a":{}}}"#;
        let usual: Value = serde_json::from_slice(text).expect("JSON");
        assert_eq!(read(text).map(Value::Object), Ok(usual));
    }

    #[test]
    fn a_name_that_stands_twice_is_refused_at_any_depth() {
        for text in [r#"{"a":1,"a":1}"#, r#"{"b":{"a":1,"a":2}}"#, r#"{"b":[{"a":1,"\u0061":2}]}"#] {
            assert_eq!(read(text.as_bytes()), Err(NotMembers::Repeated), "{text}");
        }
    }

    #[test]
    fn what_is_no_object_is_told_from_it() {
        let deep = "[".repeat(100_000);
        for text in ["", "[]", "1", "{", "{}x", r#"{"a":1,}"#, deep.as_str()] {
            assert_eq!(read(text.as_bytes()), Err(NotMembers::NotAnObject));
        }
        assert_eq!(read(b"{\"a\":\"\xff\"}"), Err(NotMembers::NotAnObject));
    }
}
