//! A start: what the vendor is told, and what the bot is.

use serde_json::{Value, json};

use crate::house::House;

#[tokio::test]
async fn what_the_bot_knows_reaches_the_vendor() {
    let house = House::open().await;
    let jane = house.customer("Jane Doe");
    let mut event = jane.event(
        "startConversation",
        json!({
            "ProblemDescription": "my laptop is on fire",
            "Transcript": [
                { "role": "user", "text": "hello", "timestamp": "2025-11-05T15:21:01Z" },
                { "role": "bot", "name": "Contoso Agent", "text": "How can I help?" },
            ],
            "CustomerEmail": "jane@contoso.example",
            "OrderNumber": 4711,
        }),
    );
    event["locale"] = json!("de-AT");
    jane.sends(&event).await;
    let end = house.bot.ends("a:1Jane Doe", "startConversation").await;
    let live = end.body["value"]["LiveChatConversationId"].as_str().expect("an id");

    let seen = house.desk.conversation(live).await;
    assert_eq!(seen["problem"], "my laptop is on fire");
    assert_eq!(seen["locale"], "de-AT");
    assert_eq!(seen["channel"], "msteams");
    let expected = json!({
        "id": "29:Jane Doe", "name": "Jane Doe", "email": "jane@contoso.example", "locale": "de-AT",
    });
    assert_eq!(seen["customer"], expected);
    let transcript = seen["transcript"].as_array().expect("a transcript");
    let said: Vec<_> = transcript.iter().map(|turn| (&turn["role"], &turn["text"])).collect();
    assert_eq!(said, [(&json!("customer"), &json!("hello")), (&json!("bot"), &json!("How can I help?"))]);
    assert!(transcript[0]["time"].as_str().is_some_and(|time| time.starts_with("2025-11-05T15:21:01")));
    assert_eq!(seen["attributes"]["OrderNumber"], "4711");

    // The topic's first message repeats the problem: where the vendor has it, it is said once.
    let mut first = jane.message("my laptop is on fire");
    first["value"] = json!({ "LiveChatConversationId": live, "ProblemDescription": "my laptop is on fire" });
    jane.sends(&first).await;
    jane.says("hurry").await;
    house.desk.hears(live, "hurry").await;
    let heard = house.desk.heard(live).await;
    assert!(heard.iter().filter(|text| text.contains("on fire")).count() <= 1, "{heard:?}");
}

#[tokio::test]
async fn a_second_start_returns_the_running_session() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let live = house.escalates(&jane).await;
    let again = jane.event("startConversation", json!({}));
    jane.sends(&again).await;
    let end = house
        .bot
        .gets("a:1jane", "the second start's end", |post| post.body["replyToId"] == again["id"])
        .await;
    assert_eq!(end.body["value"]["LiveChatConversationId"], live.as_str());

    let mut inline = jane.clone();
    inline.inline = true;
    let activities = inline.starts().await.activities();
    let end = activities.last().expect("an end");
    assert_eq!(end["value"]["LiveChatConversationId"], live.as_str());
    assert_eq!(house.desk.conversations().await.len(), 1);
}

#[tokio::test]
async fn two_starts_at_once_make_one_session() {
    let house = House::open().await;
    house.desk.switch(json!({ "fault": "slow", "delayMs": 300 })).await;
    let jane = house.customer("jane");
    let (one, other) =
        (jane.event("startConversation", json!({})), jane.event("startConversation", json!({})));
    tokio::join!(jane.sends(&one), jane.sends(&other));
    let mut ids = Vec::new();
    for event in [&one, &other] {
        let end = house.bot.gets("a:1jane", "an end", |post| post.body["replyToId"] == event["id"]).await;
        ids.push(end.body["value"]["LiveChatConversationId"].clone());
    }
    let conversations = house.desk.conversations().await;
    assert_eq!(conversations.len(), 1);
    assert_eq!(ids, [conversations[0]["id"].clone(), conversations[0]["id"].clone()]);
}

#[tokio::test]
async fn the_same_activity_again_starts_nothing_again() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let event = jane.event("startConversation", json!({}));
    for _ in 0..3 {
        jane.sends(&event).await;
    }
    let message = jane.message("once");
    for _ in 0..3 {
        jane.sends(&message).await;
    }
    jane.says("then").await;
    let end = house.bot.ends("a:1jane", "startConversation").await;
    let live = end.body["value"]["LiveChatConversationId"].as_str().expect("an id");
    house.desk.hears(live, "then").await;
    assert_eq!(house.desk.heard(live).await, ["once", "then"]);
    assert_eq!(house.bot.ends_of("a:1jane", "startConversation").len(), 1);
}

#[tokio::test]
async fn where_nobody_is_there_the_bot_is_told_so() {
    let house = House::open().await;
    house.desk.switch(json!({ "closed": true })).await;
    let jane = house.customer("jane");
    jane.starts().await;
    let end = house.bot.ends("a:1jane", "startConversation").await;
    assert_eq!(end.body["value"]["Status"], "no-agents");
    assert_eq!(end.body["code"], "completedSuccessfully");
    assert!(house.desk.conversations().await.is_empty());

    // A topic that does not branch on it goes on to `sendMessage`, and gets the customer back at once.
    let first = jane.message("my laptop is on fire");
    jane.sends(&first).await;
    let end = house.bot.ends("a:1jane", "sendMessage").await;
    assert_eq!(end.body["replyToId"], first["id"]);
    assert_eq!(house.bot.shown("a:1jane").len(), 1, "told once: {:?}", house.bot.shown("a:1jane"));

    // And the next start is a new one.
    house.desk.switch(json!({ "closed": false })).await;
    let again = jane.event("startConversation", json!({}));
    jane.sends(&again).await;
    let end = house.bot.gets("a:1jane", "a new start", |post| post.body["replyToId"] == again["id"]).await;
    assert_eq!(end.body["value"]["Status"], "queued");
}

#[tokio::test]
async fn a_customer_without_a_name_is_a_customer() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let mut event = jane.event("startConversation", Value::Null);
    event["from"] = json!({ "id": "29:x" });
    jane.sends(&event).await;
    let end = house.bot.ends("a:1jane", "startConversation").await;
    let live = end.body["value"]["LiveChatConversationId"].as_str().expect("an id");
    let mut message = jane.message("it is me");
    message["from"] = json!({ "id": "29:x" });
    jane.sends(&message).await;
    house.desk.hears(live, "it is me").await;
    assert_eq!(house.desk.messages(live).await[0]["sender"], "unknown-user");
}
