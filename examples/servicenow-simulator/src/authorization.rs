//! Who is signed in: "Requires authentication" by Basic or OAuth, with the platform's own token endpoint.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use agent_desk::Secret;
use axum::{
    Json, Router,
    extract::{Form, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::json;

use crate::{Instance, refusal::Refusal, users::sys_id};

/// How long an access token is good, as the Application Registry has it.
const LIFE: Duration = Duration::from_secs(1_800);

/// A way to sign in.
#[derive(Clone, Debug)]
pub enum SignIn {
    /// A user and a password.
    Basic(String, Secret),
    /// An OAuth client with the grant `client_credentials`: id and secret.
    Client(String, Secret),
}

/// Access tokens, and until when they are good.
#[derive(Default)]
pub struct Tokens(Mutex<HashMap<String, Instant>>);

impl Instance {
    /// Lets in whoever is signed in.
    pub fn admit(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        if self.config.sign_in.is_empty() || self.is_signed_in(headers).unwrap_or(false) {
            return Ok(());
        }
        Err(Refusal::UNAUTHORIZED)
    }

    fn is_signed_in(&self, headers: &HeaderMap) -> Option<bool> {
        let given = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        let (scheme, given) = given.split_once(' ')?;
        if scheme.eq_ignore_ascii_case("bearer") {
            let tokens = self.tokens.0.lock().unwrap_or_else(PoisonError::into_inner);
            return Some(tokens.get(given).is_some_and(|until| *until > Instant::now()));
        }
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let pair = STANDARD.decode(given).ok()?;
        Some(self.config.sign_in.iter().any(|way| match way {
            SignIn::Basic(user, password) => is_pair(&pair, user, password),
            SignIn::Client(..) => false,
        }))
    }
}

/// `user:password`.
fn is_pair(given: &[u8], user: &str, password: &Secret) -> bool {
    Secret::new([user.as_bytes(), b":", password.bytes()].concat()).is(given)
}

pub fn routes(instance: &Arc<Instance>) -> Router<Arc<Instance>> {
    Router::new().route("/oauth_token.do", instance.desk.operation("token", post(token)))
}

#[derive(Deserialize)]
struct Asked {
    grant_type: String,
    client_id: Option<String>,
    client_secret: Option<String>,
}

async fn token(
    State(instance): State<Arc<Instance>>,
    headers: HeaderMap,
    Form(asked): Form<Asked>,
) -> Response {
    let in_form =
        || Some(format!("{}:{}", asked.client_id.as_ref()?, asked.client_secret.as_ref()?).into_bytes());
    let in_header = || {
        let given = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        STANDARD.decode(given.strip_prefix("Basic ")?).ok()
    };
    let given = in_form().or_else(in_header).unwrap_or_default();
    let known = instance.config.sign_in.iter().any(|way| match way {
        SignIn::Client(id, secret) => is_pair(&given, id, secret),
        SignIn::Basic(..) => false,
    });
    if !known || asked.grant_type != "client_credentials" {
        let refused = json!({ "error": "server_error", "error_description": "access_denied" });
        return (StatusCode::UNAUTHORIZED, Json(refused)).into_response();
    }
    let token = sys_id() + &sys_id();
    let mut tokens = instance.tokens.0.lock().unwrap_or_else(PoisonError::into_inner);
    tokens.retain(|_, until| *until > Instant::now());
    tokens.insert(token.clone(), Instant::now() + LIFE);
    let granted = json!({ "access_token": token, "scope": "useraccount", "token_type": "Bearer", "expires_in": LIFE.as_secs() - 1 });
    Json(granted).into_response()
}
