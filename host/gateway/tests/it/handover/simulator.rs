//! The whole with the simulated Teams and Copilot Studio before the gateway, as the demo has it.

use std::net::{Ipv4Addr, SocketAddr};

use reqwest::Client;
use serde_json::{Value, json};

use crate::component::contoso;
use crate::gateway::Gateway;
use crate::house::House;
use crate::patience::eventually;

struct Page {
    addr: SocketAddr,
    http: Client,
    id: String,
}

impl Page {
    fn url(&self, rest: &str) -> String {
        format!("http://{}/api/conversations/{}{rest}", self.addr, self.id.replace(':', "%3A"))
    }

    async fn writes(&self, text: &str) {
        let response = self.http.post(self.url("/messages")).json(&json!({ "text": text })).send().await;
        assert_eq!(response.expect("an answer").status(), 202);
    }

    async fn reads(&self, text: &str) {
        eventually(format!("\"{text}\" on the customer's page"), || async {
            let lines: Value = self
                .http
                .get(self.url("/transcript"))
                .send()
                .await
                .expect("an answer")
                .json()
                .await
                .expect("JSON");
            let lines = lines.as_array().expect("a list");
            let found =
                lines.iter().any(|line| line["text"].as_str().is_some_and(|said| said.contains(text)));
            if found { Ok(()) } else { Err(json!(lines).to_string()) }
        })
        .await;
    }

    async fn finds_bot(&self, doing: &str) -> Value {
        eventually(format!("a bot that is {doing}"), || async {
            let state: Value =
                self.http.get(self.url("")).send().await.expect("an answer").json().await.expect("JSON");
            if state["bot"] == doing { Ok(state) } else { Err(state.to_string()) }
        })
        .await
    }

    async fn escalates(&self) -> String {
        self.writes("I want to talk with a person").await;
        self.reads("Please briefly explain your problem:").await;
        self.writes("My laptop is on fire").await;
        let state = self.finds_bot("parked").await;
        state["liveChatConversationId"].as_str().expect("an id").to_owned()
    }
}

#[tokio::test]
async fn escalate_chat_end_and_once_more_with_a_goodbye() {
    let mut house = House::closed("").await;
    let config = teams_simulator::Config { addr: (Ipv4Addr::LOCALHOST, 0).into(), ..Default::default() };
    let simulator = teams_simulator::serve(config, std::future::pending()).await.expect("a simulator");
    let environment = [
        ("HANDOVER__BOT__RUNTIME_HOSTS", format!("[\"{}\"]", simulator.addr())),
        ("HANDOVER__BOT__TEAMS_CONNECTOR_URL", simulator.connector_url()),
    ];
    house.gateway = Gateway::new(house.folder.path(), &environment);
    house.desk.calls(&house.gateway.url("/api/livechat/messages"));
    simulator.set_skill_url(house.gateway.url("/api/messages"));
    house.install("contoso.wasm", &contoso());
    house.gateway.start().await;
    let addr = simulator.addr();
    let opened = house.http.post(format!("http://{addr}/api/conversations")).json(&json!({})).send().await;
    let opened: Value = opened.expect("an answer").json().await.expect("JSON");
    let id = opened["conversationId"].as_str().expect("an id").to_owned();
    let page = Page { addr, http: house.http.clone(), id };

    let live = page.escalates().await;
    house.desk.hears(&live, "My laptop is on fire").await;
    house.desk.says(&live, "Is it **still** burning?").await;
    page.reads("Is it **still** burning?").await;
    page.writes("A little").await;
    house.desk.hears(&live, "A little").await;
    house.desk.closes(&live).await;
    page.reads("The chat was closed").await;
    page.reads("The live chat has ended; you are talking to Contoso Agent again.").await;
    page.finds_bot("idle").await;
    page.writes("hello").await;
    page.reads("How can I help you today?").await;

    let next = page.escalates().await;
    assert_ne!(next, live, "a new handover is a new conversation");
    house.desk.hears(&next, "My laptop is on fire").await;
    page.writes("Good bye").await;
    page.reads("Contoso Live Chat conversation ended").await;
    assert_eq!(house.desk.sees_end(&next).await["endedBy"], "customer");
    page.finds_bot("idle").await;
}
