//! A simulator to test, a stand-in gateway, and the calls tests make.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    routing::put,
};
use matrix_simulator::{Config, Running, serve};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::oneshot};

pub const SERVER: &str = "matrix.example";
pub const GHOST: &str = "@_handover_jane:matrix.example";
pub const AMBER: &str = "@amber.okafor:matrix.example";
pub const BEN: &str = "@ben.idris:matrix.example";

/// A transaction as it came.
#[derive(Clone, Debug)]
pub struct Transaction {
    pub id: String,
    pub headers: HeaderMap,
    pub body: Value,
}

/// Takes transactions; answers with these statuses first, then 200.
#[derive(Clone, Default)]
pub struct Gateway {
    pub taken: Arc<Mutex<Vec<Transaction>>>,
    pub statuses: Arc<Mutex<Vec<u16>>>,
}

impl Gateway {
    async fn start(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/api/callbacks/matrix", listener.local_addr().unwrap());
        let path = "/api/callbacks/matrix/_matrix/app/v1/transactions/{id}";
        let routes = Router::new().route(path, put(take)).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        url
    }
}

async fn take(
    State(gateway): State<Gateway>,
    Path(id): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> StatusCode {
    let body = serde_json::from_slice(&bytes).unwrap();
    gateway.taken.lock().unwrap().push(Transaction { id, headers, body });
    let mut statuses = gateway.statuses.lock().unwrap();
    let status = if statuses.is_empty() { 200 } else { statuses.remove(0) };
    StatusCode::from_u16(status).unwrap()
}

/// An answer: status, headers, and JSON (null where there is none).
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Bytes,
    pub body: Value,
}

impl Answer {
    /// Status and `errcode`.
    pub fn refusal(&self) -> (u16, &str) {
        (self.status, self.body["errcode"].as_str().unwrap_or_default())
    }
}

pub struct House {
    pub gateway: Gateway,
    pub running: Running,
    pub client: Client,
    pub token: &'static str,
    _stop: oneshot::Sender<()>,
}

impl House {
    pub async fn open() -> Self {
        Self::with(Config::default()).await
    }

    pub async fn with(config: Config) -> Self {
        let gateway = Gateway::default();
        let (stop, stopped) = oneshot::channel::<()>();
        let config = Config {
            addr: "127.0.0.1:0".parse().unwrap(),
            url: gateway.start().await,
            pause: Duration::from_millis(5),
            longest_pause: Duration::from_millis(5),
            ..config
        };
        let running = serve(config, async {
            let _ = stopped.await;
        });
        let running = running.await.unwrap();
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
        Self { gateway, running, client, token: "simulated-as-token", _stop: stop }
    }

    /// A request below `/_matrix/`.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}/_matrix/{path}", self.running.url())).bearer_auth(self.token)
    }

    /// A request to the client-server API, as this user.
    pub async fn call(&self, method: Method, path: &str, user: &str, body: Value) -> Answer {
        let and = if path.contains('?') { '&' } else { '?' };
        let path = format!("client/v3/{path}{and}user_id={}", percent(user));
        let request = self.request(method, &path);
        read(if body.is_null() { request } else { request.json(&body) }).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, GHOST, body).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PUT, path, GHOST, body).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, GHOST, Value::Null).await
    }

    pub async fn register(&self, local: &str) -> Answer {
        let body = json!({ "type": "m.login.application_service", "username": local, "inhibit_login": true });
        self.post("register", body).await
    }

    /// Jane's ghost and a room of hers; its id.
    pub async fn room(&self) -> String {
        self.register("_handover_jane").await;
        self.put(&format!("profile/{}/displayname", percent(GHOST)), json!({ "displayname": "Jane" })).await;
        let body = json!({
            "preset": "private_chat", "name": "Jane: It is on fire", "topic": "It is on fire",
            "power_level_content_override": { "users_default": 50 },
        });
        let made = self.post("createRoom", body).await;
        assert_eq!(made.status, 200, "{made:?}");
        made.body["room_id"].as_str().unwrap().to_owned()
    }

    /// The same, and Amber is invited: it shows at the desk.
    pub async fn chat(&self) -> String {
        let room = self.room().await;
        let asked = self.in_room(&room, "invite", json!({ "user_id": AMBER })).await;
        assert_eq!(asked.status, 200, "{asked:?}");
        room
    }

    /// `POST rooms/{room}/{what}`
    pub async fn in_room(&self, room: &str, what: &str, body: Value) -> Answer {
        self.post(&format!("rooms/{}/{what}", percent(room)), body).await
    }

    pub async fn say(&self, room: &str, transaction: &str, content: Value) -> Answer {
        self.put(&format!("rooms/{}/send/m.room.message/{transaction}", percent(room)), content).await
    }

    /// The room's whole history.
    pub async fn history(&self, room: &str) -> Vec<Value> {
        let told = self.get(&format!("rooms/{}/messages?dir=f&limit=1000", percent(room))).await;
        assert_eq!(told.status, 200, "{told:?}");
        told.body["chunk"].as_array().unwrap().clone()
    }

    /// All events and all that passes, of the transactions so far.
    pub fn told(&self, list: &str) -> Vec<Value> {
        let taken = self.gateway.taken.lock().unwrap().clone();
        taken.iter().flat_map(|one| one.body[list].as_array().cloned().unwrap_or_default()).collect()
    }

    /// Waits until it was told something like this; what.
    pub async fn hears(&self, list: &str, is: impl Fn(&Value) -> bool) -> Value {
        wait(|| self.told(list).iter().any(&is)).await;
        self.told(list).into_iter().find(is).unwrap()
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

pub async fn read(request: RequestBuilder) -> Answer {
    let answer = request.send().await.unwrap();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let bytes = answer.bytes().await.unwrap();
    Answer { status, headers, body: serde_json::from_slice(&bytes).unwrap_or_default(), bytes }
}

/// As a segment of a path.
pub fn percent(text: &str) -> String {
    let escaped = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(escaped).collect()
}
