//! Reading JSON request bodies as ASP.NET does: names in any case, unknown ones ignored, null the same as absent.

use std::collections::BTreeMap;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value};

use crate::refusal::Refusal;

/// The fields of one JSON object.
#[derive(Debug, Default)]
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    /// Parses a body; an empty one has no fields.
    fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.trim_ascii().is_empty() {
            return Ok(Self::default());
        }
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(map)) => Ok(Self(map)),
            Ok(Value::Null) => Ok(Self::default()),
            Ok(_) => Err(Refusal::bad("The body must be a JSON object")),
            Err(error) => Err(Refusal::bad(format!("The body is not valid JSON: {error}"))),
        }
    }

    fn get(&self, name: &str) -> Option<&Value> {
        let found = self.0.get(name).or_else(|| {
            self.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
        });
        found.filter(|value| !value.is_null())
    }

    /// A string.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, Refusal> {
        self.read(name, "a string", |value| value.as_str().map(str::to_owned))
    }

    /// A string where blank means absent.
    pub(crate) fn name(&self, name: &str) -> Result<Option<String>, Refusal> {
        Ok(self.text(name)?.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()))
    }

    /// A string that must be there and not be blank.
    pub(crate) fn required(&self, name: &str) -> Result<String, Refusal> {
        self.name(name)?.ok_or_else(|| Refusal::bad(format!("{name} is missing")))
    }

    /// A boolean.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, Refusal> {
        self.read(name, "true or false", Value::as_bool)
    }

    /// A whole number that is not negative.
    pub(crate) fn number(&self, name: &str) -> Result<Option<u64>, Refusal> {
        self.read(name, "a whole number", Value::as_u64)
    }

    /// A nested object; absent is the same as empty.
    pub(crate) fn object(&self, name: &str) -> Result<Fields, Refusal> {
        Ok(self.read(name, "an object", |value| value.as_object().cloned())?.map(Fields).unwrap_or_default())
    }

    /// A list of objects; absent is the same as empty.
    pub(crate) fn objects(&self, name: &str) -> Result<Vec<Fields>, Refusal> {
        let items = self.read(name, "a list of objects", |value| {
            value
                .as_array()?
                .iter()
                .map(|item| item.as_object().cloned().map(Fields))
                .collect::<Option<Vec<_>>>()
        })?;
        Ok(items.unwrap_or_default())
    }

    /// The names as they were spelled, each with its value as text.
    pub(crate) fn into_attributes(self) -> BTreeMap<String, String> {
        let spell = |value: Value| match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        self.0
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key, spell(value)))
            .collect()
    }

    fn read<T>(
        &self,
        name: &str,
        wanted: &str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<Option<T>, Refusal> {
        match self.get(name) {
            None => Ok(None),
            Some(value) => {
                read(value).map(Some).ok_or_else(|| Refusal::bad(format!("{name} must be {wanted}")))
            }
        }
    }
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Response;

    /// The content type is not looked at: the sample's callers do not all send one.
    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let bytes = Bytes::from_request(request, state).await.map_err(IntoResponse::into_response)?;
        Self::parse(&bytes).map_err(IntoResponse::into_response)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn names_match_in_any_case_and_null_is_absent() {
        let fields = Fields::parse(br#"{"CONVERSATIONID":"a","sender":null,"extra":[1]}"#).unwrap();
        assert_eq!(fields.required("conversationId").unwrap(), "a");
        assert_eq!(fields.text("sender").unwrap(), None);
    }

    #[test]
    fn no_body_has_no_fields_and_a_wrong_kind_is_refused() {
        assert!(Fields::parse(b" \r\n").unwrap().text("message").unwrap().is_none());
        assert!(Fields::parse(b"[1]").is_err());
        assert!(Fields::parse(b"{").is_err());
        assert!(Fields::parse(br#"{"typing":"yes"}"#).unwrap().flag("typing").is_err());
    }

    #[test]
    fn attributes_keep_their_spelling() {
        let fields = Fields::parse(br#"{"Attributes":{"Order No":"7","vip":true}}"#).unwrap();
        let attributes = fields.object("attributes").unwrap().into_attributes();
        assert_eq!(attributes["Order No"], "7");
        assert_eq!(attributes["vip"], "true");
    }
}
