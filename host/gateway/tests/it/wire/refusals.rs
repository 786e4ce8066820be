//! Activities that are refused, and that nothing comes of them.

use serde_json::{Value, json};

use crate::house::House;

/// An activity without one of its fields; a field within a field is named `from.id`.
fn without(activity: &Value, field: &str) -> Value {
    let mut activity = activity.clone();
    let (parent, field) = match field.split_once('.') {
        Some((parent, field)) => (&mut activity[parent], field),
        None => (&mut activity, field),
    };
    parent.as_object_mut().expect("an object").remove(field);
    activity
}

#[tokio::test]
async fn an_activity_lacks_nothing_that_it_needs() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let event = jane.event("startConversation", json!({}));
    for field in
        ["type", "conversation", "conversation.id", "channelId", "from", "from.id", "name", "serviceUrl"]
    {
        let answer = jane.post(&without(&event, field)).await;
        assert_eq!(answer.status, 400, "without {field}: {}", answer.body);
        let error: Value = serde_json::from_str(&answer.body).expect("JSON");
        assert_eq!(error["error"]["code"], "BadSyntax");
        assert!(error["error"]["message"].as_str().is_some_and(|text| !text.is_empty()), "{error}");
    }
    for (field, value) in
        [("type", json!("")), ("channelId", json!(" ")), ("conversation", json!({ "id": ".." }))]
    {
        let mut activity = event.clone();
        activity[field] = value;
        assert_eq!(jane.post(&activity).await.status, 400, "{activity}");
    }
    assert!(house.bot.posts().is_empty(), "{:?}", house.bot.posts());
    assert!(house.desk.conversations().await.is_empty());
}

#[tokio::test]
async fn a_body_is_one_json_object() {
    let house = House::open().await;
    for body in ["", "hello", "{", "[]", "null", "7", "\"text\"", "{\"type\":\"message\"", "\u{0}"] {
        let (status, answer) = house.call_back_with("/api/messages", body).await;
        assert_eq!(status, 400, "{body:?}: {answer}");
    }
    let (status, _) = house.call_back_with("/api/messages", "x".repeat((1 << 20) + 1)).await;
    assert_eq!(status, 413);
    assert_eq!(house.get("/api/messages").await.0, 405);
}

#[tokio::test]
async fn a_byte_order_mark_is_no_fault() {
    let house = House::open().await;
    let ping = format!("\u{feff}{}", json!({ "type": "endOfConversation" }));
    assert_eq!(house.call_back_with("/api/messages", ping).await.0, 202);
}

#[tokio::test]
async fn an_event_that_is_no_action_is_ended_as_a_fault_where_the_bot_waits_for_it() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let event = jane.event("StartConversation", json!({}));
    jane.sends(&event).await;
    let end = house.bot.ends("a:1jane", "StartConversation").await;
    assert_eq!((&end.body["code"], &end.body["replyToId"]), (&json!("error"), &event["id"]));
    assert!(house.desk.conversations().await.is_empty(), "names are compared as they are");

    // With the live chat open, events of channels are none of its end.
    let live = house.escalates(&jane).await;
    jane.sends(&jane.event("application/vnd.microsoft.readReceipt", json!({}))).await;
    jane.says("still here").await;
    house.desk.hears(&live, "still here").await;
    assert!(house.bot.ends_of("a:1jane", "sendMessage").is_empty());
}
