//! The credentials of a scenario: real ones as the gateway has them, made of values that are good for nothing.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use handover_credentials::{CredentialConfig, Endpoint, Keyring, KeyringConfig};
use handover_sandbox::GrantedCredential;
use handover_sandbox::description::CredentialKind;
use serde_json::{Map, Value};

use crate::KitError;
use crate::scenario::Scenario;

/// Which fields of a credential hold a secret.
const SECRET: [&str; 10] = [
    "token",
    "password",
    "value",
    "client_secret",
    "secret",
    "access_key",
    "secret_key",
    "session_token",
    "previous",
    "key",
];

/// Shorter values could stand anywhere by accident.
const TELLING: usize = 8;

/// A credential's secret values, and how it travels.
#[derive(Debug, Clone, Default)]
pub(crate) struct Key {
    pub(crate) kind: String,
    pub(crate) fields: Map<String, Value>,
}

impl Key {
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).and_then(Value::as_str)
    }

    /// What would give it away.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        let held = self.fields.iter().filter(|(name, _)| SECRET.contains(&name.as_str()));
        held.filter_map(|(_, value)| value.as_str()).filter(|value| value.len() >= TELLING)
    }

    /// The header in which requests carry it, and what stands there, where it does not change.
    pub(crate) fn header(&self) -> Option<(String, String)> {
        use base64::Engine as _;
        match self.kind.as_str() {
            "bearer" => Some(("authorization".to_owned(), format!("Bearer {}", self.field("token")?))),
            "basic" => {
                let pair = format!("{}:{}", self.field("user")?, self.field("password")?);
                let coded = base64::engine::general_purpose::STANDARD.encode(pair);
                Some(("authorization".to_owned(), format!("Basic {coded}")))
            }
            "header" => {
                let prefix = self.field("prefix").unwrap_or_default();
                Some((self.field("name")?.to_ascii_lowercase(), format!("{prefix}{}", self.field("value")?)))
            }
            "oauth2-client-credentials" | "jwt-bearer" => {
                Some(("authorization".to_owned(), format!("Bearer {}", crate::vendor::TOKEN)))
            }
            _ => None,
        }
    }
}

/// The keys as the scenario tells them.
pub(crate) fn told(scenario: &Scenario) -> BTreeMap<String, Key> {
    let key = |fields: &Map<String, Value>| Key {
        kind: fields.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned(),
        fields: fields.clone(),
    };
    scenario.credentials.iter().map(|(name, fields)| (name.clone(), key(fields))).collect()
}

/// Opens them as the gateway would. Tokens are handed out at `token_url`, whatever the scenario says.
pub(crate) async fn open(
    keys: &BTreeMap<String, Key>,
    folder: &Path,
    token_url: &str,
) -> Result<BTreeMap<String, GrantedCredential>, KitError> {
    let endpoint = Endpoint::new().map_err(|e| KitError::Machine(e.to_string()))?;
    let keyring = Keyring::new(KeyringConfig::default(), endpoint.clone());
    let mut opened = BTreeMap::new();
    for (name, config) in configured(keys, folder, token_url)? {
        let credential = config
            .open(&keyring, &endpoint)
            .await
            .map_err(|e| KitError::Credential { name: name.clone(), why: e.to_string() })?;
        let granted =
            GrantedCredential { kind: CredentialKind::of(&config), credential: Arc::new(credential) };
        opened.insert(name, granted);
    }
    Ok(opened)
}

/// As the gateway's configuration has them, each secret in a file of this folder. Tokens are handed out at `token_url`.
pub(crate) fn configured(
    keys: &BTreeMap<String, Key>,
    folder: &Path,
    token_url: &str,
) -> Result<BTreeMap<String, CredentialConfig>, KitError> {
    let mut configured = BTreeMap::new();
    for (name, key) in keys {
        let mut fields = key.fields.clone();
        for (field, value) in fields.iter_mut().filter(|(field, _)| SECRET.contains(&field.as_str())) {
            let Some(secret) = value.as_str() else { continue };
            let file = folder.join(format!("{name}-{field}"));
            std::fs::write(&file, secret).map_err(|e| KitError::Machine(e.to_string()))?;
            *value = format!("file:{}", file.display()).into();
        }
        if matches!(key.kind.as_str(), "oauth2-client-credentials" | "jwt-bearer") {
            fields.insert("token_url".to_owned(), token_url.into());
        }
        let config: CredentialConfig = serde_json::from_value(Value::Object(fields))
            .map_err(|e| KitError::Credential { name: name.clone(), why: e.to_string() })?;
        configured.insert(name.clone(), config);
    }
    Ok(configured)
}
