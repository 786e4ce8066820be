//! A vendor that is slow, down or gone while somebody wants it.

use serde_json::json;

use crate::house::House;

#[tokio::test]
async fn a_slow_start_is_pending_and_the_chat_follows() {
    let house = House::with("[timing]\nstart_budget_ms = 200\n").await;
    house.desk.switch(json!({ "fault": "slow", "delayMs": 1500 })).await;
    let jane = house.customer("jane");
    jane.starts().await;
    let end = house.bot.ends("a:1jane", "startConversation").await;
    assert_eq!(end.body["value"]["Status"], "pending");
    let session = end.body["value"]["LiveChatConversationId"].as_str().expect("an id").to_owned();
    assert!(!session.is_empty());

    // What the customer writes meanwhile waits for the conversation, in order.
    jane.says("first").await;
    jane.says("second").await;
    house.desk.switch(json!({ "fault": "none" })).await;
    let live = crate::patience::eventually("the conversation", || async {
        let conversations = house.desk.conversations().await;
        conversations.first().and_then(|one| one["id"].as_str().map(str::to_owned)).ok_or_else(String::new)
    })
    .await;
    house.desk.hears(&live, "second").await;
    assert_eq!(house.desk.heard(&live).await, ["first", "second"]);
    house.desk.says(&live, "here I am").await;
    house.bot.shows("a:1jane", "**Contoso Support**: here I am").await;
    assert_eq!(house.bot.ends_of("a:1jane", "startConversation").len(), 1);

    // The bot names the conversation by what it was told.
    jane.ends(&session).await;
    house.bot.ends("a:1jane", "endConversation").await;
    house.desk.sees_end(&live).await;
}

#[tokio::test]
async fn a_vendor_that_comes_back_takes_the_start() {
    let house = House::with("[timing]\nstart_budget_ms = 200\n").await;
    house.desk.switch(json!({ "fault": "error500" })).await;
    let jane = house.customer("jane");
    jane.starts().await;
    let end = house.bot.ends("a:1jane", "startConversation").await;
    assert_eq!(end.body["value"]["Status"], "pending");
    jane.says("anybody?").await;
    house.desk.switch(json!({ "fault": "none" })).await;
    let live = crate::patience::eventually("the conversation", || async {
        let conversations = house.desk.conversations().await;
        conversations.first().and_then(|one| one["id"].as_str().map(str::to_owned)).ok_or_else(String::new)
    })
    .await;
    house.desk.hears(&live, "anybody?").await;
    assert_eq!(house.desk.conversations().await.len(), 1);
}

#[tokio::test]
async fn a_start_that_never_comes_to_anything_is_told_and_gives_control_back() {
    let house = House::with("[timing]\nstart_budget_ms = 200\nfresh_seconds = 2\n").await;
    house.desk.switch(json!({ "fault": "drop" })).await;
    let jane = house.customer("jane");
    jane.starts().await;
    let end = house.bot.ends("a:1jane", "startConversation").await;
    assert_eq!(end.body["value"]["Status"], "pending");
    let first = jane.message("anybody?");
    jane.sends(&first).await;

    let end = house.bot.ends("a:1jane", "sendMessage").await;
    assert_eq!(end.body["replyToId"], first["id"]);
    let shown = house.bot.shown("a:1jane");
    assert!(shown.iter().any(|text| text.contains("could not reach anybody")), "{shown:?}");
    assert_eq!(house.bot.ends_of("a:1jane", "startConversation").len(), 1);
}

#[tokio::test]
async fn a_start_whose_answer_was_lost_makes_one_conversation() {
    let house = House::open().await;
    house.desk.switch(json!({ "fault": "dropAfter" })).await;
    let jane = house.customer("jane");
    jane.starts().await;
    crate::patience::eventually("the conversation", || async {
        if house.desk.conversations().await.is_empty() { Err(String::new()) } else { Ok(()) }
    })
    .await;
    house.desk.switch(json!({ "fault": "none" })).await;
    let end = house.bot.ends("a:1jane", "startConversation").await;
    let conversations = house.desk.conversations().await;
    assert_eq!(conversations.len(), 1);
    assert_eq!(end.body["value"]["LiveChatConversationId"], conversations[0]["id"]);
}

#[tokio::test]
async fn a_customers_message_that_does_not_get_through_is_told() {
    let house = House::with("[timing]\nfresh_seconds = 2\n").await;
    let jane = house.customer("jane");
    let live = house.escalates(&jane).await;
    house.desk.switch(json!({ "fault": "error500" })).await;
    jane.says("lost").await;
    let notice =
        house.bot.gets("a:1jane", "the notice", |post| post.text().contains("did not get through")).await;
    assert!(notice.is("message"));
    house.desk.switch(json!({ "fault": "none" })).await;
    jane.says("again").await;
    house.desk.hears(&live, "again").await;
    assert!(!house.desk.heard(&live).await.contains(&"lost".to_owned()));
}
