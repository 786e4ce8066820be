//! The operator's settings, held against the component's schema.
//!
//! The schema is the component's: one that refers to itself, or unfolds without measure, would keep the validator busy
//! for ever or fill its stack. Such schemas are refused before anything is validated by them.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use serde_json::{Map, Value};

use crate::difference::Difference;

/// More mistakes than this are not told.
const MOST: usize = 100;

/// How many parts a schema may have, with each reference to a part counted as that part.
const PARTS: usize = 10_000;

/// How deep it may be nested, references followed.
const DEPTH: usize = 128;

/// What of the settings does not fit, below this key; or what is wrong with the schema itself.
pub(crate) fn differences(
    key: &str,
    schema: &str,
    settings: &Map<String, Value>,
) -> Result<Vec<Difference>, String> {
    let schema: Value = serde_json::from_str(schema).map_err(|e| format!("is no JSON: {e}"))?;
    Measure { root: &schema, parts: 0, open: Vec::new() }.measure(&schema, 0)?;
    let validator = jsonschema::draft202012::new(&schema).map_err(|e| format!("is no JSON Schema: {e}"))?;
    let settings = Value::Object(settings.clone());
    Ok(validator.iter_errors(&settings).take(MOST).flat_map(|error| told(key, &schema, &error)).collect())
}

/// The settings with the `default`s of their schema, where they say nothing: also those of objects within, where the
/// object itself is there or has a default. Once a version, so that no guest has to read its own schema at each call.
pub fn with_defaults(schema: &str, settings: &Map<String, Value>) -> Map<String, Value> {
    let mut filled = settings.clone();
    if let Ok(mut schema) = serde_json::from_str(schema) {
        fill(&mut filled, &mut schema);
    }
    filled
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

/// One mistake, with what the schema says of the place; without the value, which may be a secret in the wrong place.
fn told(key: &str, schema: &Value, error: &ValidationError<'_>) -> Vec<Difference> {
    let place = error.instance_path().as_str().replace('/', ".").replace("~1", "/").replace("~0", "~");
    let at = |name: Option<&str>| match name {
        Some(name) => format!("{key}{place}.{name}"),
        None => format!("{key}{place}"),
    };
    // The part of the schema that the broken rule stands in.
    let rule = error.schema_path().as_str();
    let part = rule.rsplit_once('/').and_then(|(part, _)| schema.pointer(part));
    let says = |part: Option<&Value>| {
        part.and_then(|part| part["description"].as_str()).unwrap_or_default().to_owned()
    };
    let known = part.and_then(|part| part["properties"].as_object());
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            let help = says(known.and_then(|known| known.get(name)));
            vec![Difference::new(at(Some(name)), "it is missing".to_owned(), &help)]
        }
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let there = known.into_iter().flatten().map(|(name, _)| name.as_str()).collect::<Vec<_>>();
            let help =
                if there.is_empty() { String::new() } else { format!("there are {}", there.join(", ")) };
            let unknown = |name: &String| {
                Difference::new(at(Some(name)), "the connector knows no such setting".to_owned(), &help)
            };
            unexpected.iter().map(unknown).collect()
        }
        _ => vec![Difference::new(at(None), error.masked_with("what is set").to_string(), &says(part))],
    }
}

struct Measure<'a> {
    root: &'a Value,
    parts: usize,
    /// The references that led here.
    open: Vec<&'a str>,
}

impl<'a> Measure<'a> {
    fn measure(&mut self, part: &'a Value, depth: usize) -> Result<(), String> {
        self.parts += 1;
        if self.parts > PARTS || depth > DEPTH {
            return Err("is too large, or nested too deep, with its references followed".to_owned());
        }
        match part {
            Value::Object(members) => {
                members.iter().try_for_each(|(name, value)| self.member(name, value, depth))
            }
            Value::Array(items) => items.iter().try_for_each(|item| self.measure(item, depth + 1)),
            _ => Ok(()),
        }
    }

    fn member(&mut self, name: &str, value: &'a Value, depth: usize) -> Result<(), String> {
        match (name, value) {
            ("$ref", Value::String(to)) => self.follow(to, depth),
            // What these refer to depends on the way that led to them.
            ("$dynamicRef" | "$recursiveRef", Value::String(_)) => {
                Err(format!("uses `{name}`, which settings have no use for"))
            }
            ("$id", Value::String(_)) if depth > 0 => Err("has an `$id` within itself".to_owned()),
            _ => self.measure(value, depth + 1),
        }
    }

    fn follow(&mut self, to: &'a str, depth: usize) -> Result<(), String> {
        if self.open.contains(&to) || to == "#" {
            return Err(format!("refers to itself by `{to}`"));
        }
        let part = to
            .strip_prefix('#')
            .and_then(|place| self.root.pointer(place))
            .ok_or_else(|| format!("refers to `{to}`, which it does not have"))?;
        self.open.push(to);
        self.measure(part, depth + 1)?;
        self.open.pop();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use serde_json::json;

    fn of(schema: &Value, settings: Value) -> Result<Vec<Difference>, String> {
        differences("settings", &schema.to_string(), settings.as_object().unwrap())
    }

    #[test]
    fn what_does_not_fit_is_named_with_its_place() {
        let schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": "https://acme.example/settings",
            "type": "object",
            "properties": { "queue": { "$ref": "#/$defs/name" }, "team": { "$ref": "#/$defs/name" } },
            "$defs": { "name": { "type": "string", "minLength": 1, "description": "As the desk calls it" } },
            "required": ["team"],
            "additionalProperties": false,
        });
        assert_eq!(of(&schema, json!({ "queue": "vip", "team": "b" })), Ok(Vec::new()));
        let found = of(&schema, json!({ "queue": 74_656, "quiet": true })).unwrap();
        let mut found: Vec<String> = found.iter().map(ToString::to_string).collect();
        found.sort();
        assert_eq!(
            found,
            [
                "`settings.queue`: what is set is not of type \"string\" (As the desk calls it)",
                "`settings.quiet`: the connector knows no such setting (there are queue, team)",
                "`settings.team`: it is missing",
            ]
        );
    }

    #[test]
    fn what_is_not_said_is_as_the_schema_says() {
        let schema = json!({ "properties": {
            "name": { "default": "Ann" },
            "free": { "type": "string" },
            "inner": { "default": {}, "properties": { "field": { "default": "_field" } } }
        } });
        let filled =
            |said: Value| Value::Object(with_defaults(&schema.to_string(), said.as_object().unwrap()));
        assert_eq!(filled(json!({})), json!({ "name": "Ann", "inner": { "field": "_field" } }));
        let said = json!({ "name": "Bob", "free": "x", "inner": { "field": "" }, "other": 1 });
        assert_eq!(filled(said.clone()), said);
        assert_eq!(filled(json!({ "inner": 5 })), json!({ "name": "Ann", "inner": 5 }));
    }

    #[test]
    fn a_schema_without_end_is_refused() {
        let laughs: Map<String, Value> = (0..40)
            .map(|n| {
                let next = json!({ "$ref": format!("#/$defs/d{}", n + 1) });
                (format!("d{n}"), json!({ "allOf": [next, next] }))
            })
            .chain([("d40".to_owned(), json!({}))])
            .collect();
        let in_itself = json!({ "a": { "not": { "$ref": "#/$defs/a" } } });
        for (schema, why) in [
            (json!({ "$ref": "#" }), "refers to itself"),
            (json!({ "allOf": [{ "$ref": "#" }] }), "refers to itself"),
            (json!({ "$ref": "#/$defs/a", "$defs": in_itself }), "refers to itself"),
            (json!({ "$ref": "#/$defs/d0", "$defs": laughs }), "too large"),
            (json!({ "$ref": "https://elsewhere.example/schema" }), "does not have"),
            (json!({ "$ref": "file:///etc/hostname" }), "does not have"),
            (json!({ "$dynamicRef": "#a" }), "no use for"),
            (json!({ "$defs": { "a": { "$id": "https://x.example/" } } }), "within itself"),
            (json!({ "type": "banana" }), "no JSON Schema"),
            (json!("text"), "no JSON Schema"),
        ] {
            let refused = of(&schema, json!({})).unwrap_err();
            assert!(refused.contains(why), "{schema}: {refused}");
        }
        assert!(differences("settings", "{", &Map::new()).unwrap_err().contains("no JSON"));
    }
}
