//! What is no reference to a secret may be the secret itself: no refusal repeats any of it. What is one is written as it
//! is read.
#![no_main]

use handover_credentials::{NotAReference, Reference};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = str::from_utf8(data) {
        match text.parse::<Reference>() {
            Ok(reference) => {
                assert_eq!(reference.to_string(), text);
                assert_eq!(serde_json::from_value::<Reference>(text.into()).ok(), Some(reference));
            }
            Err(refusal) => {
                assert_eq!(refusal.to_string(), NotAReference.to_string());
                refused(text.into());
            }
        }
    }
    match serde_json::from_slice::<Value>(data) {
        Ok(value) if !value.is_string() => refused(value),
        _ => {}
    }
});

/// Refused, in words that are the same for every value of its kind.
fn refused(value: Value) {
    let kind = match &value {
        Value::Null => "null",
        Value::Array(_) => "sequence",
        Value::Object(_) => "map",
        Value::Bool(_) | Value::Number(_) | Value::String(_) => "",
    };
    let words = serde_json::from_value::<Reference>(value).expect_err("no reference").to_string();
    let expected = format!("invalid type: {kind}, expected env:NAME, file:PATH or keyvault:VAULT/NAME");
    assert!(words == NotAReference.to_string() || words == expected, "{words}");
}
