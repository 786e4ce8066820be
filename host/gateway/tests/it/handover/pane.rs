//! Copilot Studio's test pane: nothing can be pushed there, so what comes is held for the customer's next turn.

use serde_json::{Value, json};

use crate::house::House;

fn texts(activities: &[Value]) -> Vec<&str> {
    activities
        .iter()
        .filter_map(|activity| activity["text"].as_str())
        .filter(|text| !text.is_empty())
        .collect()
}

#[tokio::test]
async fn the_agents_words_and_the_end_come_with_the_next_turn() {
    let house = House::open().await;
    let jane = house.customer("jane").in_the_pane();
    let start = jane.starts().await.activities();
    let live = start[0]["value"]["LiveChatConversationId"].as_str().expect("an id").to_owned();
    assert!(jane.says("hello").await.activities().is_empty());
    house.desk.hears(&live, "hello").await;

    let message = house.desk.says(&live, "hello Jane").await;
    house.desk.says(&live, "how can I help?").await;
    let held = jane.says("are you there?").await.activities();
    let said: Vec<_> = texts(&held).into_iter().filter(|text| text.contains("Support**:")).collect();
    assert_eq!(said, ["**Contoso Support**: hello Jane", "**Contoso Support**: how can I help?"]);
    house.desk.sees(&live, &message, "delivered").await;
    assert!(held.iter().all(|activity| activity["type"] == "message"), "the action stays open: {held:?}");

    house.desk.hears(&live, "are you there?").await;
    house.desk.closes(&live).await;
    // The end is told in the background: until it is, turns go on.
    let last = crate::patience::eventually("the end", || async {
        let activities = jane.says("still there?").await.activities();
        if activities.iter().any(|one| one["type"] == "endOfConversation") {
            Ok(activities)
        } else {
            Err(format!("{activities:?}"))
        }
    })
    .await;
    let ends: Vec<_> = last.iter().filter(|one| one["type"] == "endOfConversation").collect();
    assert_eq!(ends.len(), 1, "{last:?}");
    assert_eq!(ends[0]["name"], "sendMessage");
    assert_eq!(last.last().map(|one| &one["type"]), Some(&json!("endOfConversation")), "the end comes last");
    assert!(texts(&last).iter().any(|text| text.contains("chat was closed")), "{last:?}");
    assert!(house.bot.posts().is_empty(), "nothing is pushed: {:?}", house.bot.posts());
}

#[tokio::test]
async fn a_slow_start_in_the_pane_is_pending_in_the_response() {
    let house = House::with("[timing]\nstart_budget_ms = 200\n").await;
    house.desk.switch(json!({ "fault": "slow", "delayMs": 1500 })).await;
    let jane = house.customer("jane").in_the_pane();
    let start = jane.starts().await.activities();
    assert_eq!(start.last().map(|one| &one["value"]["Status"]), Some(&json!("pending")), "{start:?}");
}

#[tokio::test]
async fn what_is_held_comes_before_the_end_that_a_goodbye_gets() {
    let house = House::open().await;
    let jane = house.customer("jane").in_the_pane();
    let start = jane.starts().await.activities();
    let live = start[0]["value"]["LiveChatConversationId"].as_str().expect("an id").to_owned();
    jane.says("hello").await;
    house.desk.hears(&live, "hello").await;
    house.desk.says(&live, "one moment").await;
    let last = jane.ends(&live).await.activities();
    assert!(texts(&last).contains(&"**Contoso Support**: one moment"), "{last:?}");
    assert_eq!(last.last().map(|one| &one["name"]), Some(&json!("endConversation")), "{last:?}");
    let ends = last.iter().filter(|one| one["type"] == "endOfConversation").count();
    assert_eq!(ends, 1, "{last:?}");
    assert!(house.bot.posts().is_empty(), "{:?}", house.bot.posts());
}
