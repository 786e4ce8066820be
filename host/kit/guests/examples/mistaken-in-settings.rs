//! Asks for a secret by value.

const SETTINGS: &str = r#"{ "type": "object", "properties": { "webhook_secret": { "type": "string" } } }"#;

struct Desk;

kit_guests::desk!(Desk, SETTINGS, kit_guests::Encoding::Base64);
