//! The token endpoint: client credentials with Basic client authentication, as Genesys' SDKs ask it.

use std::{collections::HashMap, sync::Arc};

use axum::{
    Form, Json,
    extract::{State, rejection::FormRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;

use crate::App;

/// `POST /oauth/token`
pub(crate) async fn token(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    form: Result<Form<HashMap<String, String>>, FormRejection>,
) -> Response {
    let Ok(Form(form)) = form else {
        return refused(StatusCode::BAD_REQUEST, "invalid_request", "the body is no form");
    };
    if form.get("grant_type").map(String::as_str) != Some("client_credentials") {
        return refused(
            StatusCode::BAD_REQUEST,
            "unsupported_grant_type",
            "grant_type must be client_credentials",
        );
    }
    let Some((id, secret)) = basic(&headers) else {
        return refused(StatusCode::BAD_REQUEST, "invalid_client", "client authentication must be Basic");
    };
    if !app.access.is_client(&id, &secret) {
        return refused(StatusCode::BAD_REQUEST, "invalid_client", "client not found or secret wrong");
    }
    let (token, life) = app.access.grant();
    Json(json!({ "access_token": token, "token_type": "bearer", "expires_in": life })).into_response()
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, given) = value.split_once(' ')?;
    let decoded = String::from_utf8(STANDARD.decode(given.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    scheme.eq_ignore_ascii_case("basic").then(|| (id.to_owned(), secret.to_owned()))
}

fn refused(status: StatusCode, error: &str, why: &str) -> Response {
    (status, Json(json!({ "error": error, "description": why, "error_description": why }))).into_response()
}
