//! A gateway with a live chat behind it and a bot before it, each on ports of its own.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::bot::{Bot, Post};
use crate::component::contoso;
use crate::customer::Customer;
use crate::desk::Desk;
use crate::gateway::Gateway;

/// A client that talks to this machine.
pub fn client() -> Client {
    drop(rustls::crypto::ring::default_provider().install_default());
    Client::builder().no_proxy().build().expect("a client")
}

pub struct House {
    // Dropped in this order: nothing may run in a folder that is gone.
    pub gateway: Gateway,
    pub desk: Arc<Desk>,
    pub bot: Bot,
    pub http: Client,
    pub folder: TempDir,
}

impl House {
    /// With everything as it is by default.
    pub async fn open() -> Self {
        Self::with("").await
    }

    /// With further sections of configuration.
    pub async fn with(sections: &str) -> Self {
        let mut house = Self::closed(sections).await;
        house.install("contoso.wasm", &contoso());
        house.gateway.start().await;
        house
    }

    /// Not started, and without connectors.
    pub async fn closed(sections: &str) -> Self {
        let http = client();
        let (desk, bot) = (Arc::new(Desk::open(http.clone()).await), Bot::open().await);
        let folder = tempfile::tempdir().expect("a folder");
        let config = format!(
            "[bot]\nruntime_hosts = [\"{}\"]\nteams_connector_url = \"{}\"\n\n\
             [connectors.contoso.upstreams.api]\nbase_url = \"{}\"\n\n{sections}",
            bot.host(),
            bot.teams_url(),
            desk.url(""),
        );
        fs::write(folder.path().join("handover.toml"), config).expect("a configuration");
        let gateway = Gateway::new(folder.path(), &[]);
        desk.calls(&gateway.url("/api/livechat/messages"));
        Self { gateway, desk, bot, http, folder }
    }

    /// The drop-in folder's file of this name.
    pub fn connector(&self, file: &str) -> PathBuf {
        self.folder.path().join("connectors").join(file)
    }

    /// Copies a component into the drop-in folder.
    pub fn install(&self, file: &str, bytes: &[u8]) {
        fs::write(self.connector(file), bytes).expect("a component is copied");
    }

    /// A customer on Teams; the name makes the conversation.
    pub fn customer(&self, name: &str) -> Customer {
        Customer {
            conversation: format!("a:1{name}"),
            channel: "msteams".to_owned(),
            name: name.to_owned(),
            service_url: self.bot.service_url(),
            inline: false,
            skill: self.gateway.url("/api/messages"),
            http: self.http.clone(),
        }
    }

    /// Brings a customer to where every word goes to the live chat; the conversation's id there.
    pub async fn escalates(&self, customer: &Customer) -> String {
        let event = customer.event("startConversation", json!({}));
        customer.sends(&event).await;
        let ours =
            |post: &Post| post.body["name"] == "startConversation" && post.body["replyToId"] == event["id"];
        let end = self.bot.gets(&customer.conversation, "the start's end", ours).await;
        let live = end.body["value"]["LiveChatConversationId"].as_str().expect("an id").to_owned();
        let mut first = customer.message("My laptop is on fire");
        first["value"] = json!({
            "LiveChatConversationId": live,
            "ProblemDescription": "My laptop is on fire",
        });
        customer.sends(&first).await;
        self.desk.hears(&live, "My laptop is on fire").await;
        live
    }

    /// Posts to the gateway as a vendor would; the status and the body.
    pub async fn call_back(&self, path: &str, body: &Value) -> (u16, Value) {
        self.call_back_with(path, body.to_string()).await
    }

    pub async fn call_back_with(&self, path: &str, body: impl Into<String>) -> (u16, Value) {
        let request = self.http.post(self.gateway.url(path)).header("content-type", "application/json");
        let response = request.body(body.into()).send().await.expect("an answer");
        let status = response.status().as_u16();
        let body = response.bytes().await.expect("a body");
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }

    /// GET; the status and the body.
    pub async fn get(&self, path: &str) -> (u16, String) {
        let response = self.http.get(self.gateway.url(path)).send().await.expect("an answer");
        (response.status().as_u16(), response.text().await.expect("a body"))
    }
}
