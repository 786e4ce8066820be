//! Whatever stands in the sample's `appsettings.json`, what is told of it is TOML or a refusal, never a panic; and no
//! client's secret is in either.
#![no_main]

/// The gateway's own files, without the rest of it.
#[allow(dead_code, reason = "the gateway needs more of them")]
#[path = "../../host/gateway/src/appsettings"]
mod appsettings {
    mod connections;
    pub(crate) mod json;
    mod settings;
    mod translation;

    pub(crate) fn read(text: &str) -> Result<serde_json::Value, serde_json::Error> {
        json::read(text)
    }

    pub(crate) fn import(value: serde_json::Value) -> (String, Vec<String>) {
        translation::translate(&settings::Settings::new(value))
    }

    /// As in their `mod.rs`, which also reads files and arguments.
    fn quoted(text: &str) -> String {
        toml::Value::String(text.to_owned()).to_string()
    }

    /// As in their `mod.rs`.
    fn key(name: &str) -> String {
        let line = toml::Table::from_iter([(name.to_owned(), toml::Value::Boolean(true))]).to_string();
        line.trim_end().strip_suffix(" = true").unwrap_or(&line).to_owned()
    }
}

use libfuzzer_sys::fuzz_target;
use serde_json::Value;

/// The dictionary brings it in.
const SECRET: &str = "hunter2hunter2";

fuzz_target!(|text: &str| {
    let value = match appsettings::read(text) {
        Ok(value) => value,
        Err(refusal) => {
            assert!(!refusal.to_string().contains(SECRET), "{refusal}");
            return;
        }
    };
    let elsewhere = elsewhere(&value);
    let (told, notes) = appsettings::import(value);
    if let Err(why) = told.parse::<toml::Table>() {
        panic!("no TOML: {why}");
    }
    if !elsewhere {
        assert!(
            !told.contains(SECRET) && !notes.iter().any(|note| note.contains(SECRET)),
            "the secret is told"
        );
    }
});

/// Whether the secret stands anywhere but as a `ClientSecret`.
fn elsewhere(value: &Value) -> bool {
    match value {
        Value::String(text) => has(text),
        Value::Array(list) => list.iter().any(elsewhere),
        Value::Object(members) => members.iter().any(|(name, value)| {
            let secret = name.eq_ignore_ascii_case("ClientSecret") && value.is_string();
            has(name) || (!secret && elsewhere(value))
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// As an address is written, too: its letters become small, and some marks go.
fn has(text: &str) -> bool {
    text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase().contains(SECRET)
}
