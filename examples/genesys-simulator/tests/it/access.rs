//! Who is let in.

use std::time::Duration;

use genesys_simulator::{Config, Secret, serve};
use reqwest::Method;
use serde_json::{Value, json};

use crate::house::{House, read, said};

#[tokio::test]
async fn a_token_lives_as_long_as_it_says_and_is_for_those_who_know_the_secret() {
    let house = House::open().await;
    let granted = house.grant().await;
    assert_eq!((granted.status, &granted.body["expires_in"]), (200, &json!(86_400)));
    assert_eq!(granted.body["token_type"], "bearer");
    let ask = |id: &str, secret: &str, form: &'static str| {
        let request = house.client.post(format!("{}/oauth/token", house.running.url()));
        let form = request.header("content-type", "application/x-www-form-urlencoded").body(form);
        read(if id.is_empty() { form } else { form.basic_auth(id, Some(secret)) })
    };
    let (id, secret) = (house.config.client_id.as_str(), "simulated-client-secret");
    for (id, secret, form, error) in [
        (id, "wrong", "grant_type=client_credentials", "invalid_client"),
        ("other", secret, "grant_type=client_credentials", "invalid_client"),
        (id, secret, "grant_type=password", "unsupported_grant_type"),
        (id, secret, "", "unsupported_grant_type"),
        // Not in the form: client authentication is Basic.
        (
            "",
            "",
            "grant_type=client_credentials&client_id=8d1c7e52-58a4-4f0c-9c8e-000000000001&client_secret=simulated-client-secret",
            "invalid_client",
        ),
    ] {
        let refused = ask(id, secret, form).await;
        assert_eq!((refused.status, refused.body["error"].as_str()), (400, Some(error)), "{form}");
    }
}

#[tokio::test]
async fn without_a_token_that_lives_nothing_is_served() {
    let mut house = House::open().await;
    house.token = "made-up".to_owned();
    let refused = house.message(&said("m-1", "Hello")).await;
    assert_eq!((refused.status, &refused.body["code"]), (401, &json!("bad.credentials")));
    let url = format!("{}/api/v2/conversations/messages/x", house.running.url());
    let bare = read(house.client.get(url)).await;
    assert_eq!((bare.status, &bare.body["code"]), (401, &json!("authentication.required")));
    for member in ["message", "status", "contextId", "details", "errors"] {
        assert_ne!(bare.body[member], Value::Null, "{member} of the platform's errors");
    }
    let house = House::with(Config { token_life: Duration::ZERO, ..Config::default() }).await;
    assert_eq!(house.call(Method::GET, "x", None).await.status, 401, "a token that lives no longer");
}

#[tokio::test]
async fn a_token_has_so_many_requests_a_minute() {
    let mut house = House::with(Config { requests_per_minute: 2, ..Config::default() }).await;
    let first = house.call(Method::GET, "x", None).await;
    assert_eq!((first.status, &first.headers["inin-ratelimit-count"]), (404, &"1".parse().unwrap()));
    assert_eq!(first.headers["inin-ratelimit-allowed"], "2");
    assert_eq!(house.call(Method::GET, "x", None).await.status, 404);
    let third = house.call(Method::GET, "x", None).await;
    assert_eq!((third.status, &third.body["code"]), (429, &json!("too.many.requests")));
    let seconds: u64 = third.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    house.token = house.grant().await.body["access_token"].as_str().unwrap().to_owned();
    assert_eq!(house.call(Method::GET, "x", None).await.status, 404, "each token has its own");
}

#[tokio::test]
async fn a_short_webhook_secret_is_refused() {
    let config = Config {
        addr: "127.0.0.1:0".parse().unwrap(),
        webhook_secret: Secret::new("fifteen letters"),
        ..Config::default()
    };
    let why = serve(config, std::future::pending()).await.err().unwrap().to_string();
    assert!(why.contains("longer than 15"), "{why}");
}
