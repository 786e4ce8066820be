//! A secret is named, never written.

use handover_credentials::{Reference, Secret};
use serde::Deserialize;

#[test]
fn the_three_ways_to_name_a_secret_are_read_and_written_alike() {
    for text in ["env:ZENDESK_SECRET", "file:/run/secrets/zendesk", "keyvault:my-vault/zendesk-secret"] {
        let reference: Reference = text.parse().unwrap();
        assert_eq!(reference.to_string(), text);
    }
}

#[test]
fn anything_else_is_refused_and_not_repeated() {
    for text in [
        "hunter2-planted",
        "",
        "env:",
        "env:planted secret",
        "env:2planted",
        "file:",
        "keyvault:planted",
        "keyvault:/planted",
        "keyvault:planted/",
        "keyvault:planted.evil.example/x",
        "keyvault:vault/../planted",
        "keyvault:vault/a?planted",
        "planted:x",
        "https://planted",
    ] {
        let error = text.parse::<Reference>().unwrap_err().to_string();
        assert!(!error.contains("planted"), "{error}");
        assert!(error.contains("env:NAME"), "{error}");
    }
}

#[derive(Debug, Deserialize)]
struct Config {
    #[expect(dead_code, reason = "only read")]
    secret: Reference,
}

#[test]
fn a_secret_pasted_into_a_configuration_is_not_in_the_error() {
    for json in [
        r#"{"secret":"74656738"}"#,
        r#"{"secret":74656738}"#,
        r#"{"secret":-74656738}"#,
        r#"{"secret":74656738.5}"#,
    ] {
        let error = serde_json::from_str::<Config>(json).unwrap_err().to_string();
        assert!(!error.contains("74656738"), "{error}");
    }
}

#[test]
fn secrets_are_equal_by_content_only() {
    assert_eq!(Secret::new("one"), Secret::new("one"));
    assert_ne!(Secret::new("one"), Secret::new("two"));
    assert_ne!(Secret::new("one"), Secret::new("one "));
    assert_eq!(Secret::new([0xff, 0xfe]).text(), None);
}
