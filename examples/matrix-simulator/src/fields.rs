//! Reading bodies: JSON objects with the specification's members, each of its type.

use serde_json::{Map, Value};

use crate::refusal::Refusal;

/// What a member must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Flag,
    Number,
    Object,
    List,
}

impl Kind {
    fn fits(self, value: &Value) -> bool {
        match self {
            // PostgreSQL below a homeserver keeps no NUL.
            Self::Text => value.as_str().is_some_and(|text| !text.contains('\0')),
            Self::Flag => value.is_boolean(),
            Self::Number => value.as_u64().is_some(),
            Self::Object => value.is_object(),
            Self::List => value.is_array(),
        }
    }
}

/// An object.
pub(crate) fn object(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    let read = serde_json::from_slice(body).map_err(|_| Refusal::bad("M_NOT_JSON", "Content not JSON."))?;
    match read {
        Value::Object(object) => Ok(object),
        _ => Err(Refusal::bad_json("Content must be a JSON object.")),
    }
}

/// An object with these members and no others; the specification allows others, whoever sends them errs here.
pub(crate) fn members(body: &[u8], known: &[(&str, Kind)]) -> Result<Map<String, Value>, Refusal> {
    let object = object(body)?;
    for (name, value) in &object {
        match known.iter().find(|(known, _)| known == name) {
            Some((_, kind)) if kind.fits(value) => {}
            Some((_, kind)) => return Err(Refusal::bad_json(format!("{name} must be of the kind {kind:?}"))),
            None => return Err(Refusal::bad_json(format!("{name} is no member of this body"))),
        }
    }
    Ok(object)
}

/// A text that must be there.
pub(crate) fn required<'a>(object: &'a Map<String, Value>, name: &str) -> Result<&'a str, Refusal> {
    let missing = || Refusal::bad("M_MISSING_PARAM", format!("Missing param: {name}"));
    object
        .get(name)
        .ok_or_else(missing)?
        .as_str()
        .ok_or_else(|| Refusal::bad_json(format!("{name} must be a string")))
}

/// A text that may be there.
pub(crate) fn optional<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Value::as_str)
}

/// No NUL anywhere in it.
pub(crate) fn without_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.contains('\0'),
        Value::Array(items) => items.iter().all(without_nul),
        Value::Object(members) => {
            members.iter().all(|(name, value)| !name.contains('\0') && without_nul(value))
        }
        _ => true,
    }
}
