//! Tokens are fetched once, kept, refreshed early, and outlive a failed refresh.

use std::sync::Arc;

use handover_credentials::{Credential, TokenError};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::stand_in::{MINUTE, NOW, Secrets, StandIn, granted, header, request};

async fn credential(server: &StandIn) -> Credential {
    let secrets = Secrets::new();
    secrets.write("secret", "s3cret");
    secrets
        .credential(json!({
            "kind": "oauth2-client-credentials",
            "token_url": server.url,
            "client_id": "handover",
            "client_secret": "@secret",
        }))
        .await
}

async fn token(credential: &Credential, now: u64) -> String {
    let mut request = request("GET", "https://vendor.example/", "");
    credential.apply(&mut request, now).await.unwrap();
    header(&request, "authorization").strip_prefix("Bearer ").unwrap().to_owned()
}

#[tokio::test]
async fn fifty_callers_at_once_make_one_request() {
    let server = StandIn::tokens(3600).await;
    let credential = Arc::new(credential(&server).await);
    let mut callers = JoinSet::new();
    for _ in 0..50 {
        let credential = Arc::clone(&credential);
        callers.spawn(async move { token(&credential, NOW).await });
    }
    for got in callers.join_all().await {
        assert_eq!(got, "token-0");
    }
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn fifty_callers_at_once_share_a_failure_and_the_next_one_tries_again() {
    let server = StandIn::new(|_, number| match number {
        0 => (400, json!({"error": "invalid_client"}).to_string()),
        _ => (200, granted("token", json!(3600))),
    })
    .await;
    let credential = Arc::new(credential(&server).await);
    let mut callers = JoinSet::new();
    for _ in 0..50 {
        let credential = Arc::clone(&credential);
        callers.spawn(async move {
            let mut request = request("GET", "https://vendor.example/", "");
            credential.apply(&mut request, NOW).await.unwrap_err().to_string()
        });
    }
    for error in callers.join_all().await {
        assert!(error.contains("invalid_client"), "{error}");
    }
    assert_eq!(server.seen().len(), 1);
    assert_eq!(token(&credential, NOW).await, "token");
}

#[tokio::test]
async fn a_token_of_an_hour_is_refreshed_five_minutes_before_its_end() {
    let server = StandIn::tokens(3600).await;
    let credential = credential(&server).await;
    assert_eq!(token(&credential, NOW).await, "token-0");
    assert_eq!(token(&credential, NOW + 55 * MINUTE - 1).await, "token-0");
    assert_eq!(token(&credential, NOW + 55 * MINUTE).await, "token-1");
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn a_short_token_is_refreshed_after_four_fifths_of_its_life() {
    let server = StandIn::tokens(300).await;
    let credential = credential(&server).await;
    assert_eq!(token(&credential, NOW).await, "token-0");
    assert_eq!(token(&credential, NOW + 4 * MINUTE - 1).await, "token-0");
    assert_eq!(token(&credential, NOW + 4 * MINUTE).await, "token-1");
}

#[tokio::test]
async fn the_old_token_serves_while_a_refresh_fails_and_not_a_moment_longer() {
    let server = StandIn::new(|_, number| match number {
        0 => (200, granted("old", json!(3600))),
        _ => (503, "busy".to_owned()),
    })
    .await;
    let credential = credential(&server).await;
    assert_eq!(token(&credential, NOW).await, "old");
    assert_eq!(token(&credential, NOW + 56 * MINUTE).await, "old");
    // The endpoint is given a pause of half a minute.
    assert_eq!(token(&credential, NOW + 56 * MINUTE + 29_000).await, "old");
    assert_eq!(server.seen().len(), 2);
    assert_eq!(token(&credential, NOW + 60 * MINUTE - 1).await, "old");
    assert_eq!(server.seen().len(), 3);
    let mut late = request("GET", "https://vendor.example/", "");
    let error = credential.apply(&mut late, NOW + 60 * MINUTE).await.unwrap_err();
    assert!(!late.headers().contains_key("authorization"));
    let handover_credentials::CredentialError::Token(error) = error else { panic!("{error}") };
    assert!(error.is_transient(), "{error}");
}

#[tokio::test]
async fn after_a_401_the_next_call_fetches_a_token_anew() {
    let server = StandIn::tokens(3600).await;
    let credential = credential(&server).await;
    assert_eq!(token(&credential, NOW).await, "token-0");
    credential.refused().await;
    assert_eq!(token(&credential, NOW).await, "token-1");
    assert_eq!(token(&credential, NOW).await, "token-1");
}

#[tokio::test]
async fn an_answer_without_a_life_is_kept_for_half_an_hour() {
    let server =
        StandIn::new(|_, number| (200, json!({"access_token": format!("t{number}")}).to_string())).await;
    let credential = credential(&server).await;
    assert_eq!(token(&credential, NOW).await, "t0");
    assert_eq!(token(&credential, NOW + 25 * MINUTE - 1).await, "t0");
    assert_eq!(token(&credential, NOW + 25 * MINUTE).await, "t1");
}

async fn failure(status: u16, body: String) -> TokenError {
    let server = StandIn::new(move |_, _| (status, body.clone())).await;
    let credential = credential(&server).await;
    let mut request = request("GET", "https://vendor.example/", "");
    match credential.apply(&mut request, NOW).await.unwrap_err() {
        handover_credentials::CredentialError::Token(error) => error,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn redirects_long_answers_and_nonsense_are_no_tokens() {
    let moved = failure(307, String::new()).await;
    assert!(matches!(moved, TokenError::Refused { .. }), "{moved}");
    let long = failure(200, granted(&"x".repeat(70_000), json!(1))).await.to_string();
    assert!(long.contains("longer than 65536 bytes"), "{long}");
    for nonsense in ["<html>", "{}", r#"{"access_token":7}"#, ""] {
        let error = failure(200, nonsense.to_owned()).await.to_string();
        assert!(error.contains("not understood"), "{error}");
    }
}

#[tokio::test]
async fn no_secret_travels_in_the_clear() {
    let secrets = Secrets::new();
    secrets.write("secret", "s3cret");
    let config: Value = json!({
        "kind": "oauth2-client-credentials",
        "token_url": "http://vendor.example/token",
        "client_id": "handover",
        "client_secret": secrets.reference("secret").to_string(),
    });
    let config: handover_credentials::CredentialConfig = serde_json::from_value(config).unwrap();
    let error = config.open(&secrets.keyring, &secrets.endpoint).await.unwrap_err().to_string();
    assert!(error.contains("vendor.example is refused"), "{error}");
}
