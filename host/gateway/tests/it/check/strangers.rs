//! Others on this machine: an authority that gives tokens or says no, and whoever answers at the public address.

use std::collections::HashMap;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Serves as long as the test runs; the address without a slash at the end.
pub async fn serves(routes: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let addr = listener.local_addr().expect("its address");
    tokio::spawn(async move { axum::serve(listener, routes).await.expect("it serves") });
    format!("http://{addr}")
}

/// Entra's token endpoint and Teams' connector. Apps that are listed get this number of Entra's in place of a token.
pub async fn microsoft(refused: &[(&str, u32)]) -> String {
    let refused: HashMap<String, u32> =
        refused.iter().map(|(app, number)| ((*app).to_owned(), *number)).collect();
    let routes = Router::new()
        .route("/{tenant}/oauth2/v2.0/token", post(token))
        .route("/teams/", any(|| async { StatusCode::UNAUTHORIZED }))
        .with_state(refused);
    serves(routes).await
}

async fn token(State(refused): State<HashMap<String, u32>>, body: String) -> Response {
    let form: HashMap<String, String> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    match refused.get(&form["client_id"]) {
        None => {
            Json(json!({ "token_type": "Bearer", "expires_in": 3600, "access_token": "s3cret-of-the-skill" }))
                .into_response()
        }
        Some(number) => {
            let told = json!({
                "error": "invalid_client",
                "error_codes": [number],
                "error_description": format!("AADSTS{number}: {}", form["client_secret"]),
            });
            (StatusCode::UNAUTHORIZED, Json(told)).into_response()
        }
    }
}

/// A live chat that answers.
pub async fn vendor() -> String {
    serves(Router::new().fallback(|| async { StatusCode::NOT_FOUND })).await
}

/// A vendor where `/api/me` is only for those who have the key; without `/api` everybody is told the same.
pub async fn vendor_with_key(key: &'static str) -> String {
    let me = move |headers: HeaderMap| async move {
        let said = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
        match said.strip_prefix("Bearer ") {
            Some(said) if said == key => StatusCode::OK,
            Some("who-may-not") => StatusCode::FORBIDDEN,
            _ => StatusCode::UNAUTHORIZED,
        }
    };
    serves(Router::new().route("/api/me", get(me)).fallback(|| async { StatusCode::NOT_FOUND })).await
}

/// A vendor that says this to whoever asks whether somebody is there.
pub async fn vendor_saying(word: &'static str) -> String {
    serves(Router::new().fallback(move || async move { word })).await
}

/// Somebody else's page at each address.
pub async fn page() -> String {
    serves(Router::new().fallback(|| async { axum::response::Html("<h1>Welcome to the tunnel</h1>") })).await
}

/// Serves this manifest, and answers everything else with one status.
pub async fn front(manifest: Value, status: u16) -> String {
    let status = StatusCode::from_u16(status).expect("a status");
    let routes = Router::new()
        .route("/skill-manifest.json", get(move || async move { Json(manifest) }))
        .fallback(move || async move { status });
    serves(routes).await
}
