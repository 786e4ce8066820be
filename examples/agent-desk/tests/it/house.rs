//! Acme's simulator with its stand-in gateway, and the calls tests make.

use std::time::Duration;

use agent_desk::{Desk, Policy, Running, Settings, Skill};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::{acme, acme::Acme, gateway::Gateway};

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

/// Quick, so that tests need not wait.
pub fn policy() -> Policy {
    Policy::retrying(Duration::from_secs(20), [Duration::from_millis(5); 3])
}

impl House {
    pub async fn open() -> Self {
        Self::with(Settings::default(), policy(), Skill::ALL).await
    }

    pub async fn with(settings: Settings, policy: Policy, skills: &'static [Skill]) -> Self {
        let gateway = Gateway::start().await;
        let desk = Desk::new(settings);
        let acme = Acme::new(&desk, gateway.url(), policy, skills);
        let routes = acme::routes(&acme);
        let (stop, stopped) = oneshot::channel::<()>();
        let bound = agent_desk::bind("127.0.0.1:0".parse().unwrap(), false).await.unwrap();
        let running = bound.serve(desk, acme, routes, async {
            let _ = stopped.await;
        });
        // The courier sets one up too; whoever comes first decides.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client =
            Client::builder().no_proxy().tls_certs_only([]).timeout(Duration::from_secs(60)).build().unwrap();
        Self { gateway, running, client, stop }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.running.url())
    }

    pub fn desk(&self) -> &Desk {
        self.running.desk()
    }

    pub async fn try_post(&self, path: &str, body: Value) -> reqwest::Result<Answer> {
        read(self.client.post(self.url(path)).json(&body).send().await?).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.try_post(path, body).await.unwrap()
    }

    pub async fn get(&self, path: &str) -> Value {
        let answer = read(self.client.get(self.url(path)).send().await.unwrap()).await.unwrap();
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.body
    }

    /// A chat of Kim's; its id.
    pub async fn start(&self) -> String {
        let answer = self.post("/chats", json!({ "name": "Kim" })).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body["id"].as_str().unwrap().to_owned()
    }

    /// What an agent does at the desk.
    pub async fn act(&self, id: &str, deed: &str, body: Value) -> Answer {
        self.post(&format!("/desk/conversations/{id}/{deed}"), body).await
    }

    /// An agent says something, and what became of it is known.
    pub async fn say(&self, id: &str, text: &str) -> Answer {
        self.act(id, "say", json!({ "agent": "Anna", "text": text, "wait": true })).await
    }

    pub async fn conversation(&self, id: &str) -> Value {
        self.get(&format!("/desk/conversations/{id}")).await
    }

    pub async fn messages(&self, id: &str) -> Vec<Value> {
        self.conversation(id).await["messages"].as_array().unwrap().clone()
    }

    /// Waits until the conversation satisfies the test.
    pub async fn until(&self, id: &str, enough: impl Fn(&Value) -> bool) -> Value {
        let wait = async {
            loop {
                let conversation = self.conversation(id).await;
                if enough(&conversation) {
                    return conversation;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), wait)
            .await
            .expect("the conversation did not come to that")
    }

    pub async fn fault(&self, fault: Value) {
        let answer = self.post("/desk/faults", fault).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

pub async fn read(response: reqwest::Response) -> reqwest::Result<Answer> {
    let status = response.status().as_u16();
    let body = response.bytes().await?;
    Ok(Answer { status, body: serde_json::from_slice(&body).unwrap_or_default() })
}
