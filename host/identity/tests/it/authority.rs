//! An authority on this machine: metadata and keys, counted, and in whatever state a test wants them.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use axum::routing::get;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use url::Url;

use crate::tokens::keys;

/// More answers than any test asks for.
const OPEN: usize = 10_000;

pub struct Authority {
    pub address: SocketAddr,
    inside: Arc<Inside>,
}

struct Inside {
    metadata: Mutex<(u16, String)>,
    keys: Mutex<(u16, String)>,
    metadata_hits: AtomicUsize,
    key_hits: AtomicUsize,
    /// Answers wait here where a test wants them to.
    gate: Semaphore,
}

type Shared = State<Arc<Inside>>;

impl Authority {
    /// One that publishes the first of the run's keys.
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let inside = Arc::new(Inside {
            metadata: Mutex::new((200, String::new())),
            keys: Mutex::new((200, String::new())),
            metadata_hits: AtomicUsize::new(0),
            key_hits: AtomicUsize::new(0),
            gate: Semaphore::new(OPEN),
        });
        let app = Router::new()
            .route("/metadata", get(metadata))
            .route("/keys", get(published))
            .route("/elsewhere", get(published))
            .with_state(Arc::clone(&inside));
        tokio::spawn(async move { axum::serve(listener, app).await });
        let authority = Self { address, inside };
        authority.describe(json!({"issuer": "any", "jwks_uri": authority.url("/keys")}));
        authority.publish(&[keys()[0].jwk()]);
        authority
    }

    pub fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://{}{path}", self.address)).expect("a url")
    }

    pub fn describe(&self, metadata: Value) {
        *self.inside.metadata.lock().unwrap() = (200, metadata.to_string());
    }

    pub fn publish(&self, keys: &[Value]) {
        self.publish_text(200, json!({"keys": keys}).to_string());
    }

    pub fn publish_text(&self, status: u16, text: String) {
        *self.inside.keys.lock().unwrap() = (status, text);
    }

    pub fn describe_text(&self, status: u16, text: String) {
        *self.inside.metadata.lock().unwrap() = (status, text);
    }

    /// From here on nothing is answered, until [`Authority::open`].
    pub fn close(&self) {
        self.inside.gate.forget_permits(OPEN);
    }

    pub fn open(&self) {
        self.inside.gate.add_permits(OPEN);
    }

    /// How often the metadata and the keys were asked for.
    pub fn hits(&self) -> (usize, usize) {
        (self.inside.metadata_hits.load(Ordering::SeqCst), self.inside.key_hits.load(Ordering::SeqCst))
    }
}

async fn answer(inside: &Inside, document: &Mutex<(u16, String)>) -> Response<Body> {
    inside.gate.acquire().await.expect("a gate").forget();
    let (status, text) = document.lock().unwrap().clone();
    let mut response = Response::builder().status(status);
    if status == 302 {
        response = response.header("location", "/elsewhere");
    }
    response.body(Body::from(text)).expect("a response")
}

async fn metadata(State(inside): Shared) -> Response<Body> {
    inside.metadata_hits.fetch_add(1, Ordering::SeqCst);
    answer(&inside, &inside.metadata).await
}

async fn published(State(inside): Shared) -> Response<Body> {
    inside.key_hits.fetch_add(1, Ordering::SeqCst);
    answer(&inside, &inside.keys).await
}
