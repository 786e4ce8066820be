//! Secrets from an Azure key vault, read as the platform's identity.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use handover_credentials::entra::{Connection, Identity, Platform, Proof};
use handover_credentials::{Keyring, KeyringConfig, SecretError, VaultConfig, VaultError};
use serde_json::json;

use crate::stand_in::{StandIn, endpoint, granted};

fn keyring(server: &StandIn) -> Keyring {
    let identity = Identity {
        tenant: String::new(),
        client_id: String::new(),
        authority: server.url.clone(),
        proof: Proof::ManagedIdentity(Platform::instance_metadata(server.url.join("imds").unwrap())),
    };
    let identity = Some(Connection::new(identity, endpoint()));
    let vault = VaultConfig { identity, address: Some(server.url.clone()), ..VaultConfig::default() };
    Keyring::new(KeyringConfig { vault, ..KeyringConfig::default() }, endpoint())
}

#[tokio::test]
async fn a_secret_of_a_vault_is_read_and_follows_its_new_version() {
    let version = Arc::new(AtomicUsize::new(1));
    let current = Arc::clone(&version);
    let server = StandIn::new(move |seen, _| match seen.path.as_str() {
        "/imds" => (200, granted("vault-token", json!("86400"))),
        _ => (200, json!({"value": format!("v{}", current.load(Ordering::SeqCst)), "id": "…"}).to_string()),
    })
    .await;
    let keyring = keyring(&server);
    let held = keyring.hold(&"keyvault:my-vault/zendesk".parse().unwrap()).await.unwrap();
    assert_eq!(held.current().expose(), b"v1");
    version.store(2, Ordering::SeqCst);
    keyring.refresh().await;
    assert_eq!(held.current().expose(), b"v2");

    let seen = server.seen();
    // One token for both looks.
    assert_eq!(seen.len(), 3);
    assert_eq!(seen[0].headers["metadata"], "true");
    assert_eq!(seen[0].query["resource"], "https://vault.azure.net");
    assert_eq!(seen[0].query["api-version"], "2018-02-01");
    assert_eq!((seen[1].method.as_str(), seen[1].path.as_str()), ("GET", "/secrets/zendesk"));
    assert_eq!(seen[1].query["api-version"], "7.4");
    assert_eq!(seen[1].headers["authorization"], "Bearer vault-token");
}

#[tokio::test]
async fn a_vault_that_refuses_is_told_with_the_way_out() {
    let server = StandIn::new(|seen, _| match seen.path.as_str() {
        "/imds" => (200, granted("vault-token", json!(86400))),
        _ => (403, json!({"error": {"code": "Forbidden"}}).to_string()),
    })
    .await;
    let error = keyring(&server).hold(&"keyvault:my-vault/zendesk".parse().unwrap()).await.unwrap_err();
    assert!(matches!(error, SecretError::Vault { why: VaultError::Refused { status: 403, .. }, .. }));
    let error = error.to_string();
    assert!(error.starts_with("keyvault:my-vault/zendesk: "), "{error}");
    assert!(error.contains("Key Vault Secrets User"), "{error}");
}

#[tokio::test]
async fn a_vault_that_goes_away_leaves_the_last_value() {
    let server = StandIn::new(|seen, number| match (seen.path.as_str(), number) {
        ("/imds", _) => (200, granted("vault-token", json!(86400))),
        (_, 1) => (200, json!({"value": "good"}).to_string()),
        _ => (503, String::new()),
    })
    .await;
    let keyring = keyring(&server);
    let held = keyring.hold(&"keyvault:my-vault/zendesk".parse().unwrap()).await.unwrap();
    keyring.refresh().await;
    assert_eq!(server.seen().len(), 3);
    assert_eq!(held.current().expose(), b"good");
}
