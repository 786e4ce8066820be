//! Credentials for a recorded scenario: of the operator's kinds, with values that are good for nothing.

use std::collections::BTreeMap;

use handover_credentials::CredentialConfig;
use handover_sandbox::description::CredentialKind;
use serde_json::{Map, Value, json};

/// The same names and kinds with values made up. What needs a key in a format of its own is left out.
pub(super) fn made_up(told: &BTreeMap<String, CredentialConfig>) -> BTreeMap<String, Map<String, Value>> {
    let each = told.iter().filter_map(|(name, config)| Some((name.clone(), one(name, config)?)));
    each.collect()
}

fn one(name: &str, config: &CredentialConfig) -> Option<Map<String, Value>> {
    let value = format!("recorded-{name}-value-1");
    let made = match config {
        CredentialConfig::Bearer { .. } => json!({ "kind": "bearer", "token": value }),
        CredentialConfig::Basic { .. } => json!({ "kind": "basic", "user": "recorded", "password": value }),
        CredentialConfig::Header { name, prefix, .. } => {
            json!({ "kind": "header", "name": name, "prefix": prefix, "value": value })
        }
        CredentialConfig::ClientCredentials { .. } => json!({
            "kind": "oauth2-client-credentials", "client_id": "recorded", "client_secret": value,
            "token_url": "https://vendor.example/token",
        }),
        other if CredentialKind::of(other).as_str() == "key" => json!({ "kind": "key", "value": value }),
        _ => return None,
    };
    match made {
        Value::Object(fields) => Some(fields),
        _ => None,
    }
}
