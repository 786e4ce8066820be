//! The Contoso live chat behind the gateway, and its agent at work.

use std::net::{Ipv4Addr, SocketAddr};

use reqwest::Client;
use serde_json::{Value, json};

use crate::patience::eventually;

/// A live chat that serves.
pub struct Desk {
    running: contoso_live_chat::Running,
    http: Client,
}

impl Desk {
    pub async fn open(http: Client) -> Self {
        Self::with(http, contoso_live_chat::Config::default()).await
    }

    /// It signs its webhooks with one, and asks whoever calls for the other.
    pub async fn guarded(http: Client, webhook: &str, key: &str) -> Self {
        let config = contoso_live_chat::Config {
            webhook_secret: Some(contoso_live_chat::Secret::new(webhook)),
            api_key: Some(contoso_live_chat::Secret::new(key)),
            ..contoso_live_chat::Config::default()
        };
        Self::with(http, config).await
    }

    async fn with(http: Client, config: contoso_live_chat::Config) -> Self {
        let config = contoso_live_chat::Config {
            addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            webhook_url: String::new(),
            ..config
        };
        let running = contoso_live_chat::serve(config, std::future::pending()).await.expect("a live chat");
        Self { running, http }
    }

    /// Posts what agents say to this gateway, as the sample's live chat does.
    pub fn calls(&self, webhook: &str) {
        self.running.set_webhook_url(webhook).expect("a webhook");
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.running.addr())
    }

    async fn get(&self, path: &str) -> Value {
        let response = self.http.get(self.url(path)).send().await.expect("an answer");
        assert!(response.status().is_success(), "{path}: {}", response.status());
        response.json().await.expect("JSON")
    }

    /// Posts; the status and the body.
    pub async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let response = self.http.post(self.url(path)).json(&body).send().await.expect("an answer");
        let status = response.status().as_u16();
        let body = response.bytes().await.expect("a body");
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }

    pub async fn conversations(&self) -> Vec<Value> {
        self.get("/api/conversations").await.as_array().expect("a list").clone()
    }

    /// One conversation with everything in it.
    pub async fn conversation(&self, id: &str) -> Value {
        self.get(&format!("/api/conversations/{id}")).await
    }

    /// What was said in a conversation, as the sample lists it.
    pub async fn messages(&self, id: &str) -> Vec<Value> {
        self.get(&format!("/api/chat/messages?conversationId={id}")).await.as_array().expect("a list").clone()
    }

    /// What the customer said, in order.
    pub async fn heard(&self, id: &str) -> Vec<String> {
        let messages = self.messages(id).await;
        let of_customer = messages.iter().filter(|message| message["kind"] == "customer");
        of_customer.filter_map(|message| message["message"].as_str().map(str::to_owned)).collect()
    }

    /// Waits until the customer's last message here is this one.
    pub async fn hears(&self, id: &str, text: &str) {
        eventually(format!("\"{text}\" at the live chat"), || async {
            let heard = self.heard(id).await;
            if heard.last().is_some_and(|last| last == text) { Ok(()) } else { Err(format!("{heard:?}")) }
        })
        .await;
    }

    /// The agent writes; the message's id. The webhook must take it.
    pub async fn says(&self, id: &str, text: &str) -> String {
        let (status, body) =
            self.post("/api/chat/send", json!({ "conversationId": id, "message": text })).await;
        assert_eq!(status, 200, "{body}");
        body["messageId"].as_str().expect("a message id").to_owned()
    }

    /// The agent ends the conversation.
    pub async fn closes(&self, id: &str) {
        let (status, body) = self.post("/api/chat/close", json!({ "conversationId": id })).await;
        assert_eq!(status, 200, "{body}");
    }

    /// Throws switches.
    pub async fn switch(&self, switches: Value) {
        let (status, body) = self.post("/api/switches", switches).await;
        assert_eq!(status, 200, "{body}");
    }

    /// Waits until a message of the agent has come this far; the message.
    pub async fn sees(&self, id: &str, message: &str, status: &str) -> Value {
        eventually(format!("message {message} {status}"), || async {
            let messages = self.messages(id).await;
            let found = messages.iter().find(|one| one["id"] == message).cloned().unwrap_or_default();
            if found["status"] == status { Ok(found) } else { Err(found.to_string()) }
        })
        .await
    }

    /// Waits until a conversation has ended; the whole of it.
    pub async fn sees_end(&self, id: &str) -> Value {
        eventually(format!("the end of {id}"), || async {
            let conversation = self.conversation(id).await;
            if conversation["status"] == "ended" { Ok(conversation) } else { Err(conversation.to_string()) }
        })
        .await
    }
}
