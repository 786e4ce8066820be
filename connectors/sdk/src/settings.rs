//! The operator's settings, with what the schema says where they say nothing: so each default is written once.
//!
//! They are read member by member: derived readers would make a component a fifth larger.

use serde_json::{Map, Value};

use crate::{Context, Failure, failure, json};

/// The settings, or an object within them.
#[derive(Debug, Clone, PartialEq)]
pub struct Members(Value);

impl Members {
    /// What the host has checked against `schema`. Members that it gives a `default` are always there, also those of
    /// objects within, where the object itself is there or has a default.
    ///
    /// # Errors
    /// Where they are no JSON object, or one without what the schema requires.
    pub fn of(context: &Context, schema: &str) -> Result<Self, Failure> {
        let (Value::Object(mut said), mut schema) = (json::read(&context.settings), json::read(schema))
        else {
            return Err(failure::misconfigured("settings", "the settings are no JSON object"));
        };
        fill(&mut said, &mut schema);
        let is_there = |name: &str| match said.get(name) {
            Some(value) => schema["properties"][name]["type"] != "string" || json::text(value).is_some(),
            None => false,
        };
        let mut needed = json::list(&schema["required"]).iter().filter_map(Value::as_str);
        match needed.find(|name| !is_there(name)) {
            Some(name) => {
                Err(failure::misconfigured(&format!("settings.{name}"), format!("`{name}` is not set")))
            }
            None => Ok(Self(Value::Object(said))),
        }
    }

    /// A text; empty where there is none.
    pub fn text(&self, name: &str) -> String {
        self.find(name).unwrap_or_default()
    }

    /// A text that may be missing.
    pub fn find(&self, name: &str) -> Option<String> {
        self.0[name].as_str().map(str::to_owned)
    }

    /// Whether something is switched on.
    pub fn is(&self, name: &str) -> bool {
        self.0[name] == true
    }

    /// A number; 0 where there is none.
    pub fn number(&self, name: &str) -> u64 {
        self.0[name].as_u64().unwrap_or_default()
    }

    /// A list of texts.
    pub fn texts(&self, name: &str) -> Vec<String> {
        json::list(&self.0[name]).iter().filter_map(|text| text.as_str().map(str::to_owned)).collect()
    }

    /// Takes an object out of it; empty where there is none.
    pub fn take(&mut self, name: &str) -> Self {
        Self(self.0.get_mut(name).map(Value::take).unwrap_or_default())
    }

    /// Names and texts of an object that the operator names the members of.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let members = self.0.as_object().into_iter().flatten();
        members.filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
    }

    /// The text of one of them.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0[name].as_str()
    }
}

fn fill(said: &mut Map<String, Value>, schema: &mut Value) {
    let Some(Value::Object(properties)) = schema.get_mut("properties") else { return };
    for (name, property) in properties {
        if let (None, Some(usual)) = (said.get(name), property.get_mut("default")) {
            said.insert(name.clone(), usual.take());
        }
        if let Some(Value::Object(inner)) = said.get_mut(name) {
            fill(inner, property);
        }
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use serde_json::json;

    use super::*;
    use crate::testing::context;

    const SCHEMA: &str = r#"{ "required": ["free"], "properties": {
        "name": { "default": "Ann" },
        "free": { "type": "string" },
        "inner": { "default": {}, "properties": { "field": { "default": "_field" } } }
    } }"#;

    fn read(said: Value) -> Result<Members, Failure> {
        Members::of(&context(&said), SCHEMA)
    }

    #[test]
    fn what_is_not_said_is_as_the_schema_says() {
        let mut usual = read(json!({ "free": "x" })).unwrap();
        assert_eq!((usual.text("name"), usual.find("other")), ("Ann".to_owned(), None));
        assert_eq!(usual.take("inner").get("field"), Some("_field"));
        let mut said = read(json!({ "name": "Bob", "free": "x", "inner": { "field": "" } })).unwrap();
        assert_eq!((said.text("name"), said.take("inner").text("field")), ("Bob".to_owned(), String::new()));
    }

    #[test]
    fn what_is_missing_is_the_operators_to_mend() {
        let missing = Err(failure::misconfigured("settings.free", "`free` is not set"));
        assert_eq!(read(json!({})), missing);
        assert_eq!(read(json!({ "free": 5 })), missing);
        assert!(read(json!([])).is_err());
    }
}
