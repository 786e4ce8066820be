//! A server on this machine that stands in for token endpoints, identity services and vaults, and a table of secrets.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use handover_credentials::{
    Credential, CredentialConfig, Endpoint, Held, Keyring, KeyringConfig, Reference, Secret,
};
use serde_json::{Value, json};
use url::Url;

/// 30 August 2015, 12:36 UTC, in ms: the moment of AWS's examples, and of all these tests.
pub const NOW: u64 = 1_440_938_160_000;
pub const MINUTE: u64 = 60_000;

/// A request as it arrived.
#[derive(Clone)]
pub struct Seen {
    pub method: String,
    pub path: String,
    pub query: HashMap<String, String>,
    pub headers: HeaderMap,
    pub form: HashMap<String, String>,
    pub body: String,
}

pub struct StandIn {
    pub url: Url,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl StandIn {
    /// Answers each request with what `answer` makes of it and of its number, the first being 0.
    pub async fn new(answer: impl Fn(&Seen, usize) -> (u16, String) + Clone + Send + Sync + 'static) -> Self {
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let record = Arc::clone(&seen);
        let router = axum::Router::new().fallback(move |request: Request| {
            let (answer, record) = (answer.clone(), Arc::clone(&record));
            async move {
                let request = read(request).await;
                let number = {
                    let mut record = record.lock().unwrap();
                    record.push(request.clone());
                    record.len() - 1
                };
                let (status, body) = answer(&request, number);
                let location = [("location", "https://elsewhere.invalid/")];
                (StatusCode::from_u16(status).unwrap(), location, body).into_response()
            }
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, seen }
    }

    /// Hands out `token-0`, `token-1`, … with this life in seconds.
    pub async fn tokens(life: u64) -> Self {
        Self::new(move |_, number| (200, granted(&format!("token-{number}"), json!(life)))).await
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

async fn read(request: Request) -> Seen {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let pairs = |text: &[u8]| url::form_urlencoded::parse(text).into_owned().collect();
    Seen {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: pairs(parts.uri.query().unwrap_or_default().as_bytes()),
        headers: parts.headers,
        form: pairs(&body),
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

pub fn granted(token: &str, life: Value) -> String {
    json!({"token_type": "Bearer", "access_token": token, "expires_in": life}).to_string()
}

pub fn endpoint() -> Endpoint {
    Endpoint::new().unwrap()
}

pub fn fixed(text: &str) -> Held {
    Held::fixed(Secret::new(text))
}

pub fn key_file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/keys").join(name)
}

/// Secrets in files of a folder that goes with it.
pub struct Secrets {
    folder: tempfile::TempDir,
    pub keyring: Keyring,
    pub endpoint: Endpoint,
}

impl Secrets {
    pub fn new() -> Self {
        let endpoint = endpoint();
        let keyring = Keyring::new(KeyringConfig::default(), endpoint.clone());
        Self { folder: tempfile::tempdir().unwrap(), keyring, endpoint }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    pub fn reference(&self, name: &str) -> Reference {
        Reference::File(self.path(name))
    }

    /// A credential from its configuration, in which `@name` stands for a reference to this folder's file.
    pub async fn credential(&self, config: Value) -> Credential {
        let text = config.to_string().replace('@', &format!("file:{}/", self.folder.path().display()));
        let config: CredentialConfig = serde_json::from_str(&text).unwrap();
        config.open(&self.keyring, &self.endpoint).await.unwrap()
    }
}

pub fn request(method: &str, url: &str, body: &'static str) -> reqwest::Request {
    let mut request = reqwest::Request::new(method.parse().unwrap(), url.parse().unwrap());
    if !body.is_empty() {
        *request.body_mut() = Some(body.into());
    }
    request
}

/// The value of a header on a request.
pub fn header<'a>(request: &'a reqwest::Request, name: &str) -> &'a str {
    request.headers().get(name).unwrap_or_else(|| panic!("{name} is missing")).to_str().unwrap()
}
