//! A simulator to test, a stand-in gateway, and the calls tests make.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, http::StatusCode, routing::post};
use genesys_simulator::{Config, Running, serve};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::oneshot};

/// The customer's id.
pub const CUSTOMER: &str = "session-1";

/// A notification as it came.
#[derive(Clone, Debug)]
pub struct Notification {
    pub headers: HeaderMap,
    pub bytes: Bytes,
}

impl Notification {
    pub fn body(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap()
    }
}

/// Takes notifications; answers with these statuses first, then 200.
#[derive(Clone, Default)]
pub struct Gateway {
    pub taken: Arc<Mutex<Vec<Notification>>>,
    pub statuses: Arc<Mutex<Vec<u16>>>,
}

impl Gateway {
    async fn start(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/api/callbacks/genesys", listener.local_addr().unwrap());
        let routes = Router::new().route("/api/callbacks/genesys", post(take)).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        url
    }
}

async fn take(State(gateway): State<Gateway>, headers: HeaderMap, bytes: Bytes) -> StatusCode {
    gateway.taken.lock().unwrap().push(Notification { headers, bytes });
    let mut statuses = gateway.statuses.lock().unwrap();
    let status = if statuses.is_empty() { 200 } else { statuses.remove(0) };
    StatusCode::from_u16(status).unwrap()
}

/// An answer: status, headers, and JSON (null where there is none).
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

pub struct House {
    pub gateway: Gateway,
    pub running: Running,
    pub client: Client,
    pub token: String,
    pub config: Config,
    _stop: oneshot::Sender<()>,
}

impl House {
    pub async fn open() -> Self {
        Self::with(Config { receipts: false, ..Config::default() }).await
    }

    pub async fn with(config: Config) -> Self {
        let gateway = Gateway::default();
        let (stop, stopped) = oneshot::channel::<()>();
        let config = Config {
            addr: "127.0.0.1:0".parse().unwrap(),
            webhook_url: gateway.start().await,
            pause: Duration::from_millis(5),
            ..config
        };
        let running = serve(config.clone(), async {
            let _ = stopped.await;
        })
        .await
        .unwrap();
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
        let mut house = Self { gateway, running, client, token: String::new(), config, _stop: stop };
        house.token = house.grant().await.body["access_token"].as_str().unwrap().to_owned();
        house
    }

    /// Asks for a token as Genesys' SDKs do.
    pub async fn grant(&self) -> Answer {
        let secret = String::from_utf8(self.config.client_secret.bytes().to_vec()).unwrap();
        let request = self.client.post(format!("{}/oauth/token", self.running.url()));
        let request = request.basic_auth(&self.config.client_id, Some(secret));
        let form = "grant_type=client_credentials";
        read(request.header("content-type", "application/x-www-form-urlencoded").body(form)).await
    }

    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let url = format!("{}/api/v2/conversations/messages/{path}", self.running.url());
        let request = self.client.request(method, url).bearer_auth(&self.token);
        read(match body {
            Some(body) => request.json(body),
            None => request,
        })
        .await
    }

    /// `…/inbound/open/{kind}` of the integration.
    pub async fn inbound(&self, kind: &str, body: &Value) -> Answer {
        let path = format!("{}/inbound/open/{kind}", self.config.integration_id);
        self.call(Method::POST, &path, Some(body)).await
    }

    pub async fn message(&self, body: &Value) -> Answer {
        self.inbound("message?prefetchConversationId=true", body).await
    }

    /// Begins a conversation; its id.
    pub async fn begin(&self) -> String {
        let answer = self.message(&said("m-1", "Hello")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body["conversationId"].as_str().unwrap().to_owned()
    }

    pub async fn conversation(&self, id: &str) -> Value {
        let answer = self.call(Method::GET, id, None).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body
    }

    /// Purpose, state and why, of each participant.
    pub async fn people(&self, id: &str) -> Vec<String> {
        let conversation = self.conversation(id).await;
        let word = |one: &Value, name: &str| one[name].as_str().unwrap_or("-").to_owned();
        let line =
            |one: &Value| [word(one, "purpose"), word(one, "state"), word(one, "disconnectType")].join(" ");
        conversation["participants"].as_array().unwrap().iter().map(line).collect()
    }

    /// Waits until so many notifications have come.
    pub async fn notifications(&self, count: usize) -> Vec<Notification> {
        wait(|| self.gateway.taken.lock().unwrap().len() >= count).await;
        self.gateway.taken.lock().unwrap().clone()
    }
}

/// Waits for a condition, ten seconds at most.
pub async fn wait(mut is: impl FnMut() -> bool) {
    for _ in 0..1_000 {
        if is() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it has not come");
}

pub async fn read(request: reqwest::RequestBuilder) -> Answer {
    let answer = request.send().await.unwrap();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let bytes = answer.bytes().await.unwrap();
    Answer { status, headers, body: serde_json::from_slice(&bytes).unwrap_or_default() }
}

/// A message of the customer.
pub fn said(id: &str, text: &str) -> Value {
    json!({
        "channel": {
            "messageId": id,
            "from": { "id": CUSTOMER, "idType": "Opaque", "nickname": "Jane" },
            "time": "2025-11-22T21:24:05.120Z",
        },
        "text": text,
    })
}

/// The same with one member changed, or gone where `value` is null.
pub fn but(mut body: Value, pointer: &str, value: Value) -> Value {
    let (parent, member) = pointer.rsplit_once('/').unwrap();
    let parent = body.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    if value.is_null() {
        parent.remove(member);
    } else {
        parent.insert(member.to_owned(), value);
    }
    body
}
