//! A vendor that answers nothing at all: turns are taken, both sides are told, nobody else notices, and what is still
//! fresh arrives in order once it is back.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::component::contoso;
use crate::desk::Desk;
use crate::house::House;

#[tokio::test]
async fn a_silent_vendor_slows_nobody_and_what_is_fresh_arrives_when_it_is_back() {
    let sections =
        "[connectors.contoso.limits]\ncall_ms = 300\n\n[timing]\nfresh_seconds = 6\nstart_budget_ms = 200\n";
    let house = House::with(sections).await;
    let jane = house.customer("jane").on("directline");
    let live = house.escalates(&jane).await;
    house.desk.switch(json!({ "fault": "slow", "delayMs": 30_000 })).await;

    // Nothing that a vendor does stands between a turn and its acknowledgement.
    let mut slowest = Duration::ZERO;
    jane.says("too early").await;
    for nth in 0..20 {
        let begun = Instant::now();
        house.customer(&format!("joe-{nth}")).on("directline").starts().await;
        slowest = slowest.max(begun.elapsed());
    }
    assert!(slowest < Duration::from_secs(2), "{slowest:?}");

    // The customer is told that it takes longer, then that it did not arrive; and a start fails at once.
    house
        .bot
        .gets("a:1jane", "that it did not arrive", |post| post.text().contains("did not get through"))
        .await;
    jane.says("still fresh 1").await;
    jane.says("still fresh 2").await;
    house.bot.gets("a:1jane", "that it takes longer", |post| post.text().contains("keep trying")).await;
    let jim = house.customer("jim").on("directline");
    jim.starts().await;
    let end = house.bot.ends(&jim.conversation, "startConversation").await;
    assert_eq!(end.body["value"]["Status"], "failed");

    // Operators see it.
    let url = format!("http://{}/admin/api/connectors", house.gateway.admin_addr());
    let state: serde_json::Value =
        house.http.get(url).send().await.expect("an answer").json().await.expect("JSON");
    assert_eq!(state["breakers"][0]["target"], "connector contoso", "{state}");

    house.desk.switch(json!({ "fault": "none" })).await;
    house.desk.hears(&live, "still fresh 2").await;
    let heard = house.desk.heard(&live).await;
    assert_eq!(heard[heard.len() - 2..], ["still fresh 1", "still fresh 2"]);
}

#[tokio::test]
async fn another_vendor_does_not_notice() {
    let other = Desk::open(crate::house::client()).await;
    let sections = format!(
        "[connectors.other.upstreams.api]\nbase_url = \"{}\"\n\n[connectors.contoso.limits]\ncall_ms = 10000\n\n\
         [timing]\nstart_budget_ms = 200\n",
        other.url("")
    );
    let mut house = House::with(&sections).await;
    // Their conversations go to the other connector: it is the default from now on.
    house.desk.switch(json!({ "fault": "slow", "delayMs": 30_000 })).await;
    for nth in 0..300 {
        house.customer(&format!("stuck-{nth}")).on("directline").starts().await;
    }
    house.install("other.wasm", &contoso());
    house.gateway.kill();
    let config = house.folder.path().join("handover.toml");
    let text = std::fs::read_to_string(&config).expect("a configuration");
    std::fs::write(&config, format!("{text}\n[routing]\ndefault = \"other\"\n")).expect("a configuration");
    house.gateway.start().await;
    let jane = house.customer("jane").on("directline");
    let begun = Instant::now();
    jane.starts().await;
    let end = house.bot.ends("a:1jane", "startConversation").await;
    assert_eq!(end.body["value"]["Status"], "queued", "while 300 starts hang at the silent one");
    let live = end.body["value"]["LiveChatConversationId"].as_str().expect("an id").to_owned();
    for nth in 1..=10 {
        jane.says(&format!("word {nth}")).await;
    }
    other.hears(&live, "word 10").await;
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
}
