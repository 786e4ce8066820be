//! Entra's token endpoint: an app shows its secret and gets a token (OAuth 2.0 client credentials).
use std::{
    collections::HashMap,
    sync::{Arc, atomic::Ordering},
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::header::CACHE_CONTROL,
    response::IntoResponse,
    routing::post,
};
use serde_json::json;

use super::{Authority, BOT_CONNECTOR, app::App, claims::LIFETIME, entra_error::EntraError, flaw::Tokens};
use crate::simulator::Simulator;

pub(super) fn routes() -> Router<Arc<Simulator>> {
    Router::new().route("/{tenant}/oauth2/v2.0/token", post(token))
}

async fn token(
    State(simulator): State<Arc<Simulator>>,
    Path(tenant): Path<String>,
    body: Bytes,
) -> Result<impl IntoResponse, EntraError> {
    let authority = &simulator.authority;
    if !tenant.eq_ignore_ascii_case(&authority.tenant) {
        return Err(EntraError::unknown_tenant(&tenant));
    }
    let form: HashMap<String, String> = url::form_urlencoded::parse(&body).into_owned().collect();
    let field = |name: &str| form.get(name).map(String::as_str).filter(|value| !value.is_empty());
    let needed = |name| field(name).ok_or_else(|| EntraError::missing(name));
    match needed("grant_type")? {
        "client_credentials" => {}
        other => return Err(EntraError::unsupported_grant(other)),
    }
    let app = authority.app(needed("client_id")?)?;
    let secret = field("client_secret").ok_or_else(EntraError::no_credential)?;
    if secret != app.secret.reveal() {
        return Err(EntraError::invalid_secret(&app.id));
    }
    let version_1 = simulator.switches().tokens == Tokens::V1;
    let resource = authority.resource(needed("scope")?, version_1)?;
    let access_token = authority.issue(app, &resource.audience, resource.version_1).await;
    authority.issued.fetch_add(1, Ordering::SeqCst);
    let body = json!({
        "token_type": "Bearer",
        "expires_in": LIFETIME - 1,
        "ext_expires_in": LIFETIME - 1,
        "access_token": access_token,
    });
    Ok(([(CACHE_CONTROL, "no-store, no-cache")], Json(body)))
}

struct Resource {
    audience: String,
    version_1: bool,
}

impl Authority {
    fn app(&self, id: &str) -> Result<&App, EntraError> {
        [&self.skill, &self.agent]
            .into_iter()
            .find(|app| app.id.eq_ignore_ascii_case(id))
            .ok_or_else(|| EntraError::unknown_app(id, &self.tenant))
    }

    /// What a scope stands for: `{resource}/.default`, where the resource is the Bot Connector or an app, by its id or
    /// its `api://` address. A token of version 2.0 names the app's id in either case, one of version 1.0 what was asked.
    fn resource(&self, scope: &str, version_1: bool) -> Result<Resource, EntraError> {
        let name = scope
            .strip_suffix("/.default")
            .filter(|name| !name.is_empty() && !name.contains(' '))
            .ok_or_else(|| EntraError::invalid_scope(scope))?;
        if name == BOT_CONNECTOR {
            return Ok(Resource { audience: name.to_owned(), version_1: true });
        }
        let app = self
            .app(name.strip_prefix("api://").unwrap_or(name))
            .map_err(|_| EntraError::unknown_resource(name, &self.tenant))?;
        let audience = if version_1 { name.to_owned() } else { app.id.clone() };
        Ok(Resource { audience, version_1 })
    }
}
