//! What both services publish about themselves: OpenID metadata and keys.
use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, State},
    routing::get,
};
use serde_json::{Value, json};

use super::entra_error::EntraError;
use crate::simulator::Simulator;

/// The channels that Bot Service's key is endorsed for. Only a token signed with a key endorsed for a channel may bring
/// an activity of it.
const ENDORSEMENTS: [&str; 7] =
    ["msteams", "webchat", "directline", "emulator", "skype", "pva-studio", "pva-published-engine-direct"];

/// What an app of many tenants writes in the tenant's place.
const ANY_TENANT: [&str; 2] = ["common", "organizations"];

pub(super) fn routes() -> Router<Arc<Simulator>> {
    Router::new()
        .route("/{tenant}/v2.0/.well-known/openid-configuration", get(entra))
        .route("/{tenant}/discovery/v2.0/keys", get(entra_keys))
        .route("/{tenant}/.well-known/openid-configuration", get(entra_v1))
        .route("/{tenant}/discovery/keys", get(entra_keys_v1))
        // Bot Service writes it without the hyphen.
        .route("/v1/.well-known/openidconfiguration", get(bot_service))
        .route("/v1/.well-known/keys", get(bot_service_keys))
}

/// The tenant as its documents name it; the documents for any tenant leave its place open.
fn named<'a>(simulator: &'a Simulator, tenant: &str) -> Result<&'a str, EntraError> {
    let own = &simulator.authority.tenant;
    if tenant.eq_ignore_ascii_case(own) {
        Ok(own)
    } else if ANY_TENANT.contains(&tenant) {
        Ok("{tenantid}")
    } else {
        Err(EntraError::unknown_tenant(tenant))
    }
}

async fn entra(
    State(simulator): State<Arc<Simulator>>,
    Path(tenant): Path<String>,
) -> Result<Json<Value>, EntraError> {
    let authority = &simulator.authority;
    let issuer = authority.issuer_v2(named(&simulator, &tenant)?);
    let base = format!("{}/{tenant}", authority.base);
    Ok(document(&issuer, &base, &format!("{base}/discovery/v2.0/keys")))
}

async fn entra_v1(
    State(simulator): State<Arc<Simulator>>,
    Path(tenant): Path<String>,
) -> Result<Json<Value>, EntraError> {
    let authority = &simulator.authority;
    let issuer = authority.issuer_v1(named(&simulator, &tenant)?);
    let base = format!("{}/{tenant}", authority.base);
    Ok(document(&issuer, &base, &format!("{base}/discovery/keys")))
}

fn document(issuer: &str, base: &str, jwks_uri: &str) -> Json<Value> {
    Json(json!({
        "issuer": issuer,
        "token_endpoint": format!("{base}/oauth2/v2.0/token"),
        "authorization_endpoint": format!("{base}/oauth2/v2.0/authorize"),
        "jwks_uri": jwks_uri,
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
    }))
}

async fn entra_keys(
    State(simulator): State<Arc<Simulator>>,
    Path(tenant): Path<String>,
) -> Result<Json<Value>, EntraError> {
    let issuer = simulator.authority.issuer_v2(named(&simulator, &tenant)?);
    let keys = simulator.authority.entra.published().await;
    let keys: Vec<Value> = keys
        .iter()
        .map(|key| {
            let mut jwk = key.jwk();
            jwk["issuer"] = json!(issuer);
            jwk
        })
        .collect();
    Ok(Json(json!({ "keys": keys })))
}

/// The same keys; only the newer document says whose they are.
async fn entra_keys_v1(
    State(simulator): State<Arc<Simulator>>,
    Path(tenant): Path<String>,
) -> Result<Json<Value>, EntraError> {
    named(&simulator, &tenant)?;
    let keys = simulator.authority.entra.published().await;
    Ok(Json(json!({ "keys": keys.iter().map(|key| key.jwk()).collect::<Vec<_>>() })))
}

async fn bot_service(State(simulator): State<Arc<Simulator>>) -> Json<Value> {
    let authority = &simulator.authority;
    Json(json!({
        "issuer": authority.bot_service_issuer,
        "authorization_endpoint": "https://invalid.botframework.com",
        "jwks_uri": format!("{}/v1/.well-known/keys", authority.base),
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
    }))
}

async fn bot_service_keys(State(simulator): State<Arc<Simulator>>) -> Json<Value> {
    let keys = simulator.authority.bot_service.published().await;
    let keys: Vec<Value> = keys
        .iter()
        .map(|key| {
            let mut jwk = key.jwk();
            jwk["endorsements"] = json!(ENDORSEMENTS);
            jwk
        })
        .collect();
    Json(json!({ "keys": keys }))
}
