//! Two desks that share a component: where a handover goes, and where it goes next.

use serde_json::{Value, json};

use crate::bot::Post;
use crate::component::contoso;
use crate::customer::Customer;
use crate::desk::Desk;
use crate::house::House;

/// A gateway with the desk of every house as `contoso`, and a second one as `branch`.
struct Two {
    house: House,
    branch: Desk,
}

impl Two {
    async fn open(routing: &str) -> Self {
        let branch = Desk::open(crate::house::client()).await;
        Self::with(branch, routing).await
    }

    async fn with(branch: Desk, routing: &str) -> Self {
        let sections = format!(
            "[connectors.branch]\ncomponent = \"contoso\"\ncallbacks = {{ \"\" = \"none\" }}\n\
             [connectors.branch.upstreams.api]\nbase_url = \"{}\"\n\n{routing}",
            branch.url("")
        );
        let house = House::with(&sections).await;
        branch.calls(&house.gateway.url("/api/callbacks/branch"));
        Self { house, branch }
    }

    /// The outputs of a start.
    async fn starts(&self, customer: &Customer, inputs: Value) -> Value {
        let event = customer.event("startConversation", inputs);
        customer.sends(&event).await;
        let ours =
            |post: &Post| post.body["name"] == "startConversation" && post.body["replyToId"] == event["id"];
        self.house.bot.gets(&customer.conversation, "the start's end", ours).await.body["value"].clone()
    }
}

#[tokio::test]
async fn a_component_speaks_for_two_connectors_and_a_rule_tells_which() {
    let two = Two::open(
        "[[routing.rules]]\nconnector = \"branch\"\nattributes = { queue = \"billing\" }\n\
         when.inputs.Department = [\"billing\", \"sales\"]\n",
    )
    .await;
    let (bill, ann) = (two.house.customer("Bill"), two.house.customer("Ann"));
    let there = two.starts(&bill, json!({ "Department": "Billing" })).await;
    two.starts(&ann, json!({})).await;
    let branch = two.branch.conversations().await;
    assert_eq!((branch.len(), two.house.desk.conversations().await.len()), (1, 1));
    assert_eq!(branch[0]["id"], there["LiveChatConversationId"]);
    let conversation = two.branch.conversation(branch[0]["id"].as_str().expect("a text")).await;
    assert!(conversation.to_string().contains("billing"), "the vendor is told the queue: {conversation}");

    let id = branch[0]["id"].as_str().expect("a text");
    two.branch.says(id, "billing speaking").await;
    two.house
        .bot
        .gets(&bill.conversation, "the agent's words", |post| {
            post.body["text"].as_str().is_some_and(|text| text.ends_with("billing speaking"))
        })
        .await;
}

#[tokio::test]
async fn where_the_first_has_no_agents_the_next_one_takes_the_customer() {
    let two = Two::open("[routing]\nfallback = [\"branch\"]\n").await;
    two.house.desk.switch(json!({ "closed": true })).await;
    let customer = two.house.customer("Ann");
    let outputs = two.starts(&customer, json!({})).await;
    assert_ne!(outputs["Status"], "no-agents");
    assert_eq!(two.branch.conversations().await[0]["id"], outputs["LiveChatConversationId"]);
    assert!(two.house.desk.conversations().await.is_empty());

    two.branch.switch(json!({ "closed": true })).await;
    let outputs = two.starts(&two.house.customer("Bill"), json!({})).await;
    assert_eq!(outputs["Status"], "no-agents", "nobody is anywhere");
}

#[tokio::test]
async fn where_the_first_does_not_answer_the_next_one_takes_the_customer() {
    let two = Two::open(
        "[routing]\ndefault = \"gone\"\nfallback = [\"branch\"]\n\
         [connectors.gone]\ncomponent = \"contoso\"\ncallbacks = { \"\" = \"none\" }\n\
         [connectors.gone.upstreams.api]\nbase_url = \"http://127.0.0.1:1\"\n",
    )
    .await;
    let outputs = two.starts(&two.house.customer("Ann"), json!({})).await;
    assert_eq!(two.branch.conversations().await[0]["id"], outputs["LiveChatConversationId"]);
}

#[tokio::test]
async fn a_topic_names_the_connector_itself() {
    let two = Two::open("").await;
    let outputs = two.starts(&two.house.customer("Ann"), json!({ "Connector": "branch" })).await;
    assert_eq!(two.branch.conversations().await[0]["id"], outputs["LiveChatConversationId"]);
    two.starts(&two.house.customer("Bill"), json!({ "Connector": "nowhere" })).await;
    assert_eq!(two.house.desk.conversations().await.len(), 1, "what is not there cannot be asked for");
}

#[tokio::test]
async fn both_connectors_follow_the_file_they_share() {
    let two = Two::open("").await;
    let states = |connectors: Vec<Value>, state: &str| {
        let of = connectors.iter().filter(|line| line["state"] == state);
        let mut names: Vec<String> =
            of.map(|line| line["name"].as_str().expect("a text").to_owned()).collect();
        names.sort();
        names
    };
    let gateway = &two.house.gateway;
    assert_eq!(states(gateway.connectors(&two.house.http).await, "active"), ["branch", "contoso"]);
    std::fs::remove_file(two.house.connector("contoso.wasm")).expect("it is there");
    crate::patience::eventually("both to be withdrawn".to_owned(), || async {
        let withdrawn = states(gateway.connectors(&two.house.http).await, "withdrawn");
        if withdrawn == ["branch", "contoso"] { Ok(()) } else { Err(format!("{withdrawn:?}")) }
    })
    .await;
    two.house.install("contoso.wasm", &contoso());
    crate::patience::eventually("both to serve".to_owned(), || async {
        let active = states(gateway.connectors(&two.house.http).await, "active");
        if active == ["branch", "contoso"] { Ok(()) } else { Err(format!("{active:?}")) }
    })
    .await;
}
