//! The customer's side of the simulated Teams, as its page uses it.

use std::net::SocketAddr;

use reqwest::Client;
use serde_json::{Value, json};

use crate::patience::eventually;

/// The page of a customer of the simulated Teams.
pub struct Page {
    addr: SocketAddr,
    http: Client,
    id: String,
}

impl Page {
    /// A new conversation at this simulator.
    pub async fn open(http: &Client, addr: SocketAddr) -> Self {
        let opened = http.post(format!("http://{addr}/api/conversations")).json(&json!({})).send().await;
        let opened: Value = opened.expect("an answer").json().await.expect("JSON");
        let id = opened["conversationId"].as_str().expect("an id").to_owned();
        Self { addr, http: http.clone(), id }
    }

    fn url(&self, rest: &str) -> String {
        format!("http://{}/api/conversations/{}{rest}", self.addr, self.id.replace(':', "%3A"))
    }

    pub async fn writes(&self, text: &str) {
        let response = self.http.post(self.url("/messages")).json(&json!({ "text": text })).send().await;
        assert_eq!(response.expect("an answer").status(), 202);
    }

    /// All lines.
    pub async fn transcript(&self) -> Value {
        let lines = self.http.get(self.url("/transcript")).send().await.expect("an answer");
        lines.json().await.expect("JSON")
    }

    pub async fn reads(&self, text: &str) {
        eventually(format!("\"{text}\" on the customer's page"), || async {
            let lines = self.transcript().await;
            let lines = lines.as_array().expect("a list");
            let found =
                lines.iter().any(|line| line["text"].as_str().is_some_and(|said| said.contains(text)));
            if found { Ok(()) } else { Err(json!(lines).to_string()) }
        })
        .await;
    }

    pub async fn finds_bot(&self, doing: &str) -> Value {
        eventually(format!("a bot that is {doing}"), || async {
            let state: Value =
                self.http.get(self.url("")).send().await.expect("an answer").json().await.expect("JSON");
            if state["bot"] == doing { Ok(state) } else { Err(state.to_string()) }
        })
        .await
    }

    pub async fn escalates(&self) -> String {
        self.writes("I want to talk with a person").await;
        self.reads("Please briefly explain your problem:").await;
        self.writes("My laptop is on fire").await;
        let state = self.finds_bot("parked").await;
        state["liveChatConversationId"].as_str().expect("an id").to_owned()
    }
}
