//! The operator's settings. The host fills in what the schema says where they say nothing, so each default is written
//! once, there.
//!
//! They are read member by member: derived readers would make a component a fifth larger.

use serde_json::Value;

use crate::{Context, Failure, failure, json};

/// The settings, or an object within them.
#[derive(Debug, Clone, PartialEq)]
pub struct Members(Value);

impl Members {
    /// What the host has held against the schema, and filled with its defaults.
    ///
    /// # Errors
    /// Where they are no JSON object.
    pub fn of(context: &Context) -> Result<Self, Failure> {
        match json::read(&context.settings) {
            said @ Value::Object(_) => Ok(Self(said)),
            _ => Err(failure::misconfigured("settings", "the settings are no JSON object")),
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

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use serde_json::json;

    use super::*;
    use crate::testing::context;

    #[test]
    fn settings_are_read_member_by_member() {
        let said =
            json!({ "name": "Ann", "on": true, "most": 5, "inner": { "field": "x" }, "all": ["a", 1, "b"] });
        let mut said = Members::of(&context(&said)).unwrap();
        assert_eq!((said.text("name"), said.find("other")), ("Ann".to_owned(), None));
        assert_eq!((said.is("on"), said.is("name"), said.number("most")), (true, false, 5));
        assert_eq!(said.texts("all"), ["a", "b"]);
        assert_eq!(said.take("inner").get("field"), Some("x"));
    }

    #[test]
    fn what_are_no_settings_is_the_operators_to_mend() {
        assert!(Members::of(&context(&json!([]))).is_err());
    }
}
