//! The skill's three actions with normal delivery: 202 at once, and the end of the action posted to the bot's runtime.

use serde_json::{Value, json};

use crate::bot::Service;
use crate::house::House;

#[tokio::test]
async fn a_start_is_ended_with_the_live_chats_id() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let event = jane.event("startConversation", json!({}));
    let answer = jane.post(&event).await;
    assert_eq!((answer.status, answer.body.as_str()), (202, ""));

    let end = house.bot.ends("a:1jane", "startConversation").await;
    assert_eq!(end.service, Service::Runtime);
    assert_eq!(end.method, "POST");
    assert_eq!(end.headers["content-type"], "application/json");
    assert_eq!(end.reply_to.as_deref(), event["id"].as_str());
    let live = house.desk.conversations().await[0]["id"].clone();
    let expected = json!({
        "type": "endOfConversation",
        "name": "startConversation",
        "text": "",
        "code": "completedSuccessfully",
        "value": { "LiveChatConversationId": live, "Status": "queued" },
        "channelId": "msteams",
        "serviceUrl": jane.service_url,
        "conversation": { "id": "a:1jane" },
        "from": { "id": "28:agent-app", "name": "Contoso Agent" },
        "recipient": { "id": "29:jane", "name": "jane" },
        "replyToId": event["id"],
        "locale": "en-US",
    });
    assert_eq!(end.body, expected);
}

#[tokio::test]
async fn without_an_id_the_end_is_posted_to_the_conversation() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let mut event = jane.event("startConversation", json!({}));
    let fields = event.as_object_mut().expect("an object");
    fields.remove("id");
    fields.remove("recipient");
    fields.remove("locale");
    jane.sends(&event).await;

    let end = house.bot.ends("a:1jane", "startConversation").await;
    assert_eq!((end.service, &end.reply_to), (Service::Runtime, &None));
    assert!(end.body.get("replyToId").is_none(), "{}", end.body);
    assert!(end.body["value"]["LiveChatConversationId"].is_string(), "{}", end.body);
}

#[tokio::test]
async fn nulls_unknown_fields_and_a_serviceurl_in_relates_to_are_tolerated() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let mut event = jane.event("startConversation", Value::Null);
    for field in ["id", "recipient", "locale", "channelData", "deliveryMode", "replyToId", "serviceUrl"] {
        event[field] = Value::Null;
    }
    event["relatesTo"] = json!({ "bot": null, "serviceUrl": jane.service_url });
    event["madeUp"] = json!([{ "of": 1 }]);
    jane.sends(&event).await;
    house.bot.ends("a:1jane", "startConversation").await;
}

#[tokio::test]
async fn messages_reach_the_live_chat_and_are_not_answered() {
    let house = House::open().await;
    let jane = house.customer("Jane Doe");
    jane.starts().await;
    let end = house.bot.ends("a:1Jane Doe", "startConversation").await;
    let live = end.body["value"]["LiveChatConversationId"].as_str().expect("an id");

    let mut first = jane.message("my laptop is on fire");
    first["value"] = json!({ "LiveChatConversationId": live, "ProblemDescription": "my laptop is on fire" });
    let mut later = jane.message("and it smells");
    later["attachments"] = json!([]);
    later["entities"] = json!([{ "type": "clientInfo", "locale": "en-US" }]);
    for message in [&first, &later] {
        let answer = jane.post(message).await;
        assert_eq!((answer.status, answer.body.as_str()), (202, ""));
    }
    house.desk.hears(live, "and it smells").await;
    let messages = house.desk.messages(live).await;
    let seen: Vec<_> = messages.iter().map(|one| (one["message"].as_str(), one["sender"].as_str())).collect();
    let sender = Some("Jane Doe");
    assert_eq!(seen, [(Some("my laptop is on fire"), sender), (Some("and it smells"), sender)]);

    // Whatever goes to the bot's side goes in order: with the agent's words there, no reply was before them.
    house.desk.says(live, "hello").await;
    house.bot.shows("a:1Jane Doe", "**Contoso Support**: hello").await;
    assert!(house.bot.ends_of("a:1Jane Doe", "sendMessage").is_empty());
    let replies: Vec<_> =
        house.bot.posts().into_iter().filter(|post| post.service == Service::Runtime).collect();
    assert_eq!(replies.len(), 1, "only the start is answered: {replies:?}");
}

#[tokio::test]
async fn an_end_is_ended_without_a_value() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let live = house.escalates(&jane).await;
    let event = jane.event("endConversation", json!({ "LiveChatConversationId": live }));
    let answer = jane.post(&event).await;
    assert_eq!((answer.status, answer.body.as_str()), (202, ""));

    let end = house.bot.ends("a:1jane", "endConversation").await;
    assert_eq!(end.service, Service::Runtime);
    assert_eq!(end.reply_to.as_deref(), event["id"].as_str());
    let expected = json!({
        "type": "endOfConversation",
        "name": "endConversation",
        "text": "",
        "code": "completedSuccessfully",
        "channelId": "msteams",
        "serviceUrl": jane.service_url,
        "conversation": { "id": "a:1jane" },
        "from": { "id": "28:agent-app", "name": "Contoso Agent" },
        "recipient": { "id": "29:jane", "name": "jane" },
        "replyToId": event["id"],
        "locale": "en-US",
    });
    assert_eq!(end.body, expected);
    let ended = house.desk.sees_end(&live).await;
    assert_eq!((&ended["endedBy"], &ended["endReason"]), (&json!("customer"), &json!("customer")));
}

#[tokio::test]
async fn an_end_without_a_session_is_ended_too() {
    let house = House::open().await;
    let jane = house.customer("jane");
    jane.ends("3f9a1").await;
    let end = house.bot.ends("a:1jane", "endConversation").await;
    assert_eq!(end.body["code"], "completedSuccessfully");
    assert!(end.body.get("value").is_none(), "{}", end.body);
}

#[tokio::test]
async fn the_bots_own_end_of_conversation_is_always_taken() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let mut elsewhere = jane.activity("endOfConversation");
    elsewhere["serviceUrl"] = json!("https://somewhere.example/");
    let mut inline = jane.activity("endOfConversation");
    inline["deliveryMode"] = json!("expectReplies");
    for ping in [
        json!({ "type": "endOfConversation" }),
        json!({ "type": "endOfConversation", "conversation": null, "from": {}, "serviceUrl": 7 }),
        jane.activity("endOfConversation"),
        elsewhere,
        inline,
    ] {
        let answer = jane.post(&ping).await;
        assert!((200..300).contains(&answer.status), "{ping}: {} {}", answer.status, answer.body);
    }
    assert!(house.bot.posts().is_empty(), "{:?}", house.bot.posts());

    let live = house.escalates(&jane).await;
    jane.sends(&jane.activity("endOfConversation")).await;
    let ended = house.desk.sees_end(&live).await;
    assert_eq!(ended["endReason"], "bot");
    assert!(house.bot.ends_of("a:1jane", "sendMessage").is_empty(), "who let go is told nothing");
}
