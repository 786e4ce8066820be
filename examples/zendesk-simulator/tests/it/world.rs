//! A simulator, a gateway's place that takes its webhooks, and one who calls the API.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use zendesk_simulator::{Config, Running, serve};

/// What a webhook brought: the secret in it, and the envelope.
pub type Brought = (String, Value);

/// What takes the webhooks.
#[derive(Clone, Default)]
pub struct Place {
    brought: Arc<Mutex<Vec<Brought>>>,
    /// Answers to come, each once; 200 when there are none.
    pub answers: Arc<Mutex<Vec<u16>>>,
}

pub struct World {
    pub simulator: Running,
    pub place: Place,
    client: Client,
}

const APP: &str = "/v2/apps/5ebee0975ac5304b664a12fa";

impl World {
    pub async fn new() -> Self {
        Self::with(Config::default()).await
    }

    pub async fn with(config: Config) -> Self {
        let place = Place::default();
        let take = |State(place): State<Place>, headers: HeaderMap, body: Bytes| async move {
            let secret = headers["x-api-key"].to_str().unwrap().to_owned();
            place.brought.lock().unwrap().push((secret, serde_json::from_slice(&body).unwrap()));
            let status = place.answers.lock().unwrap().pop().unwrap_or(200);
            StatusCode::from_u16(status).unwrap()
        };
        let router = Router::new().route("/hook", post(take)).with_state(place.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let webhook_url = format!("http://{}/hook", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let config = Config {
            addr: "127.0.0.1:0".parse().unwrap(),
            webhook_url,
            webhook_pauses: Some(vec![Duration::from_millis(20); 4]),
            ..config
        };
        let simulator = serve(config, std::future::pending()).await.unwrap();
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
        Self { simulator, place, client }
    }

    /// A request with the app's key.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}{APP}{path}", self.simulator.base_url());
        self.client.request(method, url).basic_auth("app_simulated", Some("simulated-secret"))
    }

    /// The same without one.
    pub fn nobody(&self, path: &str) -> reqwest::RequestBuilder {
        self.client.get(format!("{}{path}", self.simulator.base_url()))
    }

    pub async fn get(&self, path: &str) -> (u16, Value) {
        answer(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        answer(self.request(Method::POST, path).json(body)).await
    }

    /// A request of the Ticketing API's.
    pub fn ticketing(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}/api/v2{path}", self.simulator.support_url());
        self.client.request(method, url).basic_auth("agent@example.com/token", Some("simulated-token"))
    }

    /// What must go well.
    pub async fn make(&self, path: &str, body: &Value) -> Value {
        let (status, answer) = self.post(path, body).await;
        assert!((200..300).contains(&status), "{path}: {status} {answer}");
        answer
    }

    /// A user, and a conversation of theirs.
    pub async fn conversation(&self) -> (String, String) {
        let profile = json!({ "givenName": "Jane", "surname": "Doe", "email": "jane@example.com" });
        let user = self.make("/users", &json!({ "externalId": "jane", "profile": profile })).await;
        let user = user["user"]["id"].as_str().unwrap().to_owned();
        let body =
            json!({ "type": "personal", "participants": [{ "userId": user }], "metadata": { "mine": 1 } });
        let conversation = self.make("/conversations", &body).await;
        (user, conversation["conversation"]["id"].as_str().unwrap().to_owned())
    }

    /// The same, with the agents, and with us listening.
    pub async fn handed_over(&self) -> (String, String) {
        let (user, id) = self.conversation().await;
        let place = format!("/conversations/{id}");
        self.make(&format!("{place}/passControl"), &json!({ "switchboardIntegration": "handover" })).await;
        let first = self.make(&format!("{place}/messages"), &business("Transcript")).await;
        let first = &first["messages"][0]["id"];
        let metadata = json!({ "first_message_id": first, "dataCapture.systemField.priority": "high" });
        let body = json!({ "switchboardIntegration": "zd:agentWorkspace", "metadata": metadata });
        self.make(&format!("{place}/passControl"), &body).await;
        self.make(&format!("{place}/offerControl"), &json!({ "switchboardIntegration": "handover" })).await;
        (user, id)
    }

    /// Waits for so many events of this type, and gives their payloads.
    pub async fn told(&self, kind: &str, count: usize) -> Vec<Value> {
        for _ in 0..500 {
            let found: Vec<Value> = self.events().into_iter().filter(|event| event["type"] == kind).collect();
            if found.len() >= count {
                return found.into_iter().map(|event| event["payload"].clone()).collect();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("not {count} of {kind}: {:?}", self.events());
    }

    pub fn brought(&self) -> Vec<Brought> {
        self.place.brought.lock().unwrap().clone()
    }

    pub fn events(&self) -> Vec<Value> {
        let brought = self.brought();
        brought.iter().flat_map(|(_, body)| body["events"].as_array().unwrap().clone()).collect()
    }
}

pub async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (status, response.json().await.unwrap_or_default())
}

pub fn business(text: &str) -> Value {
    json!({ "author": { "type": "business", "displayName": "Bot" }, "content": { "type": "text", "text": text } })
}

pub fn says(user: &str, text: &str) -> Value {
    json!({ "author": { "type": "user", "userId": user }, "content": { "type": "text", "text": text } })
}

/// The first error's code.
pub fn code(answer: &(u16, Value)) -> (u16, &str) {
    let errors = &answer.1["errors"];
    assert!(errors[0]["title"].is_string(), "errors look like Zendesk's: {errors}");
    (answer.0, errors[0]["code"].as_str().unwrap())
}
