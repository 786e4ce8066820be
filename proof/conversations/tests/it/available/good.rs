//! Of each vendor: a section that is whole and right is found to be, and a secret that the vendor does not take is
//! found where that can be known before the first handover.

use std::future::pending;
use std::net::{Ipv4Addr, SocketAddr};

use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use servicenow_simulator::{Secret, SignIn};
use tokio::net::TcpListener;

use super::doctor::{Said, ask};
use super::section::{
    Section, genesys, matrix, salesforce, secrets, servicenow, servicenow_client, zendesk, zendesk_support,
};

const ANY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

async fn right(section: &Section) -> Said {
    ask(section.vendor, &section.whole(), &secrets(section.vendor)).await
}

/// With the secret of somebody else.
async fn wrong(section: &Section) -> Said {
    let toml = section.whole().replace("file:key", "file:wrong");
    ask(section.vendor, &toml, &secrets(section.vendor)).await
}

#[tokio::test]
async fn zendesks_key_is_tried_on_the_path_that_the_readme_names() {
    let config = zendesk_simulator::Config { addr: ANY, ..Default::default() };
    let vendor = zendesk_simulator::serve(config, pending()).await.unwrap();
    let key = "connectors.zendesk.credentials.api";
    let section = zendesk(&vendor.base_url(), true);
    let said = right(&section).await;
    said.fails(Vec::new());
    said.tells(key, "ok", &["takes it"]);
    said.tells("/api/callbacks/zendesk", "ok", &["shared-secret"]);
    wrong(&section).await.tells(key, "failed", &["does not take it: 401", "check user or id, and secret"]);
    let said = right(&zendesk(&vendor.base_url(), false)).await;
    said.tells(key, "skipped", &["at the first handover", "connectors.zendesk.upstreams.api.probe"]);

    let section = zendesk_support(&vendor.support_url());
    let key = "connectors.zendesk-support.credentials.api";
    let said = right(&section).await;
    said.fails(Vec::new());
    said.tells(key, "ok", &["takes it"]);
    wrong(&section).await.tells(key, "failed", &["does not take it: 401"]);
    // Nothing was written there.
    assert!(vendor.desk().summaries().is_empty());
}

#[tokio::test]
async fn servicenows_client_is_signed_in_and_of_a_password_the_doctor_says_that_it_does_not_know() {
    let config = servicenow_simulator::Config {
        addr: ANY,
        sign_in: vec![SignIn::Client("the-client".to_owned(), Secret::new("the key"))],
        ..Default::default()
    };
    let vendor = servicenow_simulator::serve(config, pending()).await.unwrap();
    let key = "connectors.servicenow.credentials.api";
    let section = servicenow_client(&vendor.url());
    let said = right(&section).await;
    said.fails(Vec::new());
    said.tells(key, "ok", &["a token was given"]);
    wrong(&section).await.tells(key, "failed", &["gives no token", "status 401", "id and secret"]);
    let said = right(&servicenow(&vendor.url())).await;
    said.fails(Vec::new());
    said.tells(key, "skipped", &["at the first handover", "connectors.servicenow.upstreams.api.probe"]);
}

#[tokio::test]
async fn genesys_client_is_signed_in() {
    let config = genesys_simulator::Config { addr: ANY, ..Default::default() };
    let vendor = genesys_simulator::serve(config, pending()).await.unwrap();
    let key = "connectors.genesys.credentials.api";
    let section = genesys(&vendor.url());
    let said = right(&section).await;
    said.fails(Vec::new());
    said.tells(key, "ok", &["a token was given"]);
    said.tells("/api/callbacks/genesys", "ok", &["hmac"]);
    wrong(&section).await.tells(key, "failed", &["gives no token", "invalid_client", "id and secret"]);
}

#[tokio::test]
async fn salesforces_organization_and_deployment_are_asked_for_their_hours() {
    let config = salesforce_simulator::Config { addr: ANY, ..Default::default() };
    let vendor = salesforce_simulator::serve(config, pending()).await.unwrap();
    let step = "connectors.salesforce, availability";
    let section = salesforce(&vendor.url());
    let said = right(&section).await;
    said.fails(Vec::new());
    said.tells(step, "ok", &["can begin now"]);
    let deployment = "connectors.salesforce.settings.deployment";
    let elsewhere = section
        .each(|piece| if piece.key == deployment { piece.with("\"Another_Client\"") } else { piece.line() });
    let said = ask("salesforce", &elsewhere, &[]).await;
    said.tells(step, "failed", &["the vendor answered 400", "settings"]);
}

/// A homeserver's `whoami` (client-server API, "Current account information").
async fn whoami(headers: HeaderMap) -> (StatusCode, Json<Value>) {
    let told = |code| (StatusCode::UNAUTHORIZED, Json(json!({ "errcode": code, "error": "no" })));
    match headers.get("authorization").and_then(|value| value.to_str().ok()) {
        None => told("M_MISSING_TOKEN"),
        Some("Bearer the key") => (StatusCode::OK, Json(json!({ "user_id": "@_handover_bot:example.org" }))),
        Some(_) => told("M_UNKNOWN_TOKEN"),
    }
}

#[tokio::test]
async fn matrix_is_asked_who_the_token_is() {
    let listener = TcpListener::bind(ANY).await.unwrap();
    let at = format!("http://{}", listener.local_addr().unwrap());
    let routes = Router::new().route("/_matrix/client/v3/account/whoami", get(whoami));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    let key = "connectors.matrix.credentials.as_token";
    let section = matrix(&at);
    let said = right(&section).await;
    said.fails(Vec::new());
    said.tells(key, "ok", &["takes it: 200"]);
    said.tells("/api/callbacks/matrix/_matrix/app/v1/*", "ok", &["shared-secret"]);
    wrong(&section).await.tells(key, "failed", &["does not take it: 401"]);
}
