//! Callbacks that a version of the connector cannot read: acknowledged, kept, and read in order by the next one.

use std::path::Path;

use serde_json::{Value, json};

use crate::component::guest;
use crate::customer::Customer;
use crate::gateway::run;
use crate::house::{House, client};
use crate::patience::eventually;

const ECHO: &str = "[routing]\ndefault = \"echo\"\n\n\
                    [connectors.echo.upstreams.api]\nbase_url = \"http://127.0.0.1:9\"\n";

/// A chat with a connector that trips over messages of the live agent; the session's key at the vendor.
async fn chatting() -> (House, Customer, String) {
    let mut house = House::closed(ECHO).await;
    house.install("echo.wasm", &guest("trips-over-messages"));
    house.gateway.start().await;
    let jane = house.customer("jane").on("directline");
    jane.starts().await;
    let end = house.bot.ends("a:1jane", "startConversation").await;
    let key = end.body["value"]["LiveChatConversationId"].as_str().expect("a key").to_owned();
    jane.says("hello").await;
    (house, jane, key)
}

async fn calls_back(house: &House, line: &str) -> u16 {
    house.call_back_with("/api/callbacks/echo", line).await.0
}

async fn unread(house: &House) -> Value {
    let url = format!("http://{}/admin/api/connectors", house.gateway.admin_addr());
    let body: Value = house.http.get(url).send().await.expect("an answer").json().await.expect("JSON");
    body["unread"].clone()
}

fn shown(house: &House) -> Vec<String> {
    let shown = house.bot.shown("a:1jane");
    shown.into_iter().filter(|text| text.contains("number ")).collect()
}

#[tokio::test]
async fn what_a_version_trips_over_is_kept_and_arrives_once_and_in_order_with_the_next() {
    let (mut house, _jane, key) = chatting().await;
    for nth in 1..=5 {
        assert_eq!(calls_back(&house, &format!("message {key} number {nth}")).await, 200);
    }
    // One comes twice, as webhooks do, and other kinds go on as ever.
    assert_eq!(calls_back(&house, &format!("message {key} number 2")).await, 200);
    assert_eq!(calls_back(&house, &format!("joined {key} Ada")).await, 202);
    house.bot.gets("a:1jane", "who joined", |post| post.text().contains("Ada")).await;
    assert_eq!(unread(&house).await, json!({ "echo": 6 }));

    // Neither a crash nor a version that is no better loses any.
    house.gateway.kill();
    house.gateway.start().await;
    house.http = client();
    assert_eq!(unread(&house).await, json!({ "echo": 6 }));
    assert_eq!(shown(&house), [] as [String; 0]);

    house.install("echo.wasm", &guest("echo-v2"));
    house.bot.gets("a:1jane", "the last one", |post| post.text().contains("number 5")).await;
    let texts = shown(&house);
    assert_eq!(texts.len(), 5, "{texts:?}");
    for (nth, text) in texts.iter().enumerate() {
        assert!(text.contains(&format!("number {}", nth + 1)), "{texts:?}");
    }
    eventually("nothing unread", || async {
        let left = unread(&house).await;
        if left == json!({}) { Ok(()) } else { Err(left.to_string()) }
    })
    .await;
    // What comes now is read at once, and what was kept does not come again.
    assert_eq!(calls_back(&house, &format!("message {key} number 6")).await, 202);
    house.bot.gets("a:1jane", "the next one", |post| post.text().contains("number 6")).await;
    assert_eq!(shown(&house).len(), 6);
}

#[tokio::test]
async fn what_was_kept_for_too_long_is_told_as_not_delivered() {
    let mut house =
        House::closed(&format!("{ECHO}\n[connectors.echo.timing]\nfresh_to_customer_seconds = 1\n")).await;
    house.install("echo.wasm", &guest("trips-over-messages"));
    house.gateway.start().await;
    let jane = house.customer("jane").on("directline");
    jane.starts().await;
    let end = house.bot.ends("a:1jane", "startConversation").await;
    let key = end.body["value"]["LiveChatConversationId"].as_str().expect("a key").to_owned();
    assert_eq!(calls_back(&house, &format!("message {key} number 1")).await, 200);
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    house.install("echo.wasm", &guest("echo-v2"));
    let admin = house.gateway.admin_addr();
    let letters = eventually("a dead letter", || async {
        let output = run(&["dead-letters", "--json", "--admin-addr", &admin], &[], Path::new(".")).await;
        let text = String::from_utf8(output.stdout).expect("text");
        if text.contains("agent-message") { Ok(text) } else { Err(text) }
    })
    .await;
    assert!(letters.contains("it waited too long"), "{letters}");
    assert!(!letters.contains("number 1"), "a list tells nothing of what was said: {letters}");
}
