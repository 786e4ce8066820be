//! A live chat to test, with its stand-in gateway and the calls tests make.

use std::time::Duration;

use contoso_live_chat::{Config, Running, serve};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::gateway::Gateway;

pub struct House {
    pub gateway: Gateway,
    pub running: Running,
    pub client: Client,
    /// Dropped with the house, which stops the server.
    pub stop: oneshot::Sender<()>,
}

/// An answer: status and JSON (null when empty or not JSON).
#[derive(Debug, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl House {
    pub async fn open() -> Self {
        let gateway = Gateway::start().await;
        let url = gateway.url();
        Self::with(gateway, &url).await
    }

    pub async fn with(gateway: Gateway, webhook_url: &str) -> Self {
        let config = Config { webhook_url: webhook_url.to_owned(), ..Config::default() };
        Self::configured(gateway, config).await
    }

    /// A house of this configuration, but for its address.
    pub async fn configured(gateway: Gateway, config: Config) -> Self {
        let (stop, stopped) = oneshot::channel::<()>();
        let config = Config { addr: "127.0.0.1:0".parse().unwrap(), ..config };
        let running = serve(config, async {
            let _ = stopped.await;
        })
        .await
        .unwrap();
        Self { gateway, running, client: client(), stop }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.running.addr())
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        read(self.client.post(self.url(path)).json(&body).send().await.unwrap()).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        read(self.client.get(self.url(path)).send().await.unwrap()).await
    }

    /// Starts a conversation; its id.
    pub async fn start(&self) -> String {
        self.start_with(json!({})).await
    }

    pub async fn start_with(&self, body: Value) -> String {
        let answer = self.post("/api/chat/start", body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body["conversationId"].as_str().unwrap().to_owned()
    }

    /// A message from the customer; its id.
    pub async fn receive(&self, id: &str, text: &str) -> String {
        let body = json!({ "conversationId": id, "message": text, "sender": "Amira" });
        let answer = self.post("/api/chat/receive", body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body["messageId"].as_str().unwrap().to_owned()
    }

    /// A message from an agent.
    pub async fn send(&self, id: &str, text: &str) -> Answer {
        self.post("/api/chat/send", json!({ "conversationId": id, "message": text, "agent": "Anna" })).await
    }

    pub async fn accept(&self, id: &str) {
        let answer = self.post("/api/chat/accept", json!({ "conversationId": id, "agent": "Anna" })).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    pub async fn messages(&self, id: &str) -> Vec<Value> {
        let answer = self.get(&format!("/api/chat/messages?conversationId={id}")).await;
        assert_eq!(answer.status, 200);
        answer.body.as_array().unwrap().clone()
    }

    pub async fn conversation(&self, id: &str) -> Value {
        self.get(&format!("/api/conversations/{id}")).await.body
    }

    /// Waits until the messages of a conversation satisfy the test.
    pub async fn messages_until(&self, id: &str, enough: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let wait = async {
            loop {
                let messages = self.messages(id).await;
                if enough(&messages) {
                    return messages;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), wait).await.expect("the messages did not come to that")
    }
}

pub fn client() -> Client {
    // Also set up by the server; whoever comes first decides.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().tls_certs_only([]).timeout(Duration::from_secs(60)).build().unwrap()
}

pub async fn read(response: Response) -> Answer {
    let status = response.status().as_u16();
    let body = response.bytes().await.unwrap();
    Answer { status, body: serde_json::from_slice(&body).unwrap_or_default() }
}
