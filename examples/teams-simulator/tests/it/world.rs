//! A simulator, a skill and customers, and waiting for what must come.
use std::{
    fmt::Display,
    net::{Ipv4Addr, SocketAddr},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use teams_simulator::{Config, Running, serve};
use tokio::sync::oneshot;

use crate::skill::Skill;

/// Waits until something holds; a test that waits this long in vain has failed.
pub async fn eventually<T, F>(what: impl Display, mut look: impl FnMut() -> F) -> T
where
    F: Future<Output = Result<T, Value>>,
{
    let give_up = Instant::now() + Duration::from_secs(30);
    loop {
        match look().await {
            Ok(found) => return found,
            Err(seen) if Instant::now() > give_up => panic!("never came: {what}; seen: {seen:#}"),
            Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    }
}

pub struct World {
    pub skill: Skill,
    pub addr: SocketAddr,
    pub http: reqwest::Client,
    pub running: Running,
    pub stop: oneshot::Sender<()>,
}

impl World {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let skill = Skill::listen(http.clone()).await;
        let mut config =
            Config { addr: (Ipv4Addr::LOCALHOST, 0).into(), skill_url: skill.url(), ..Config::default() };
        change(&mut config);
        let (stop, stopped) = oneshot::channel::<()>();
        let running = serve(config, async {
            let _ = stopped.await;
        })
        .await
        .expect("it serves");
        Self { skill, addr: running.addr(), http, running, stop }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }

    pub async fn get(&self, path: &str) -> Value {
        let response = self.http.get(self.url(path)).send().await.expect("an answer");
        assert!(response.status().is_success(), "{path}: {}", response.status());
        response.json().await.expect("JSON")
    }

    pub async fn post(&self, path: &str, body: Value) -> Value {
        let response = self.http.post(self.url(path)).json(&body).send().await.expect("an answer");
        assert!(response.status().is_success(), "{path}: {}", response.status());
        let body = response.bytes().await.expect("a body");
        serde_json::from_slice(&body).unwrap_or(Value::Null)
    }

    pub async fn customer(&self) -> Customer<'_> {
        self.arrives(json!({})).await
    }

    pub async fn arrives(&self, arrival: Value) -> Customer<'_> {
        let opened = self.post("/api/conversations", arrival).await;
        Customer { world: self, id: opened["conversationId"].as_str().expect("an id").to_owned() }
    }
}

pub struct Customer<'w> {
    world: &'w World,
    pub id: String,
}

impl Customer<'_> {
    fn path(&self, rest: &str) -> String {
        // The id as a careful client writes it.
        format!("/api/conversations/{}{rest}", self.id.replace(':', "%3A"))
    }

    pub async fn write(&self, text: &str) -> Value {
        self.world.post(&self.path("/messages"), json!({ "text": text })).await
    }

    pub async fn post(&self, rest: &str, body: Value) {
        self.world.post(&self.path(rest), body).await;
    }

    pub async fn state(&self) -> Value {
        self.world.get(&self.path("")).await
    }

    pub async fn transcript(&self) -> Vec<Value> {
        let transcript = self.world.get(&self.path("/transcript")).await;
        transcript.as_array().expect("a list").clone()
    }

    pub async fn wire(&self) -> Vec<Value> {
        let wire = self.world.get(&format!("/api/wire?conversationId={}", self.id)).await;
        wire.as_array().expect("a list").clone()
    }

    /// The last line with this text, once it is there.
    pub async fn reads(&self, text: &str) -> Value {
        eventually(format!("\"{text}\""), || async {
            let transcript = self.transcript().await;
            let found = transcript.iter().rfind(|entry| entry["text"] == text).cloned();
            found.ok_or_else(|| json!(transcript))
        })
        .await
    }

    /// What the bot is doing, once it is this.
    pub async fn finds_bot(&self, doing: &str) -> Value {
        eventually(format!("a bot that is {doing}"), || async {
            let state = self.state().await;
            if state["bot"] == doing { Ok(state) } else { Err(state) }
        })
        .await
    }

    /// Comes to where every word goes to the skill; the problem is "My laptop is on fire".
    pub async fn escalates(&self) {
        self.write("I want to talk with a person").await;
        self.reads("Please briefly explain your problem:").await;
        self.write("My laptop is on fire").await;
        self.finds_bot("parked").await;
    }

    /// Posts to the Bot Connector; the path begins after the conversation.
    pub async fn connector(&self, rest: &str, activity: Value) -> reqwest::Response {
        self.connector_request(rest, activity).send().await.expect("an answer")
    }

    pub fn connector_request(&self, rest: &str, activity: Value) -> reqwest::RequestBuilder {
        let id = self.id.replace(':', "%3A");
        let url = self.world.url(&format!("/teams/v3/conversations/{id}{rest}"));
        self.world.http.post(url).json(&activity)
    }
}

/// A live agent's words, as the gateway posts them.
pub fn agent_says(text: &str) -> Value {
    json!({ "type": "message", "text": format!("**Contoso Support**: {text}") })
}
