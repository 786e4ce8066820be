//! `expectReplies`: the response carries what would be posted otherwise.

use serde_json::json;

use crate::house::House;

#[tokio::test]
async fn a_start_is_ended_in_the_response() {
    let house = House::open().await;
    let mut jane = house.customer("jane");
    jane.inline = true;
    let event = jane.event("startConversation", json!({}));
    let answer = jane.post(&event).await;
    assert_eq!(answer.status, 200);
    let live = house.desk.conversations().await[0]["id"].clone();
    let expected = json!([{
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
    }]);
    assert_eq!(json!(answer.activities()), expected);

    let message = jane.says("anybody there?").await;
    assert!(message.activities().is_empty(), "the action stays open: {}", message.body);
    house.desk.hears(live.as_str().expect("an id"), "anybody there?").await;

    let over = jane.ends(live.as_str().expect("an id")).await.activities();
    assert_eq!(over.len(), 1, "{over:?}");
    assert_eq!(over[0]["name"], "endConversation");
    assert!(over[0].get("value").is_none());
    assert!(house.bot.posts().is_empty(), "nothing is posted beside: {:?}", house.bot.posts());
}

#[tokio::test]
async fn the_mode_is_read_without_regard_to_case_and_unknown_ones_are_normal() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let mut typing = jane.activity("typing");
    typing["deliveryMode"] = json!("EXPECTREPLIES");
    let answer = jane.post(&typing).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"activities":[]}"#));
    typing["deliveryMode"] = json!("default");
    let answer = jane.post(&typing).await;
    assert_eq!((answer.status, answer.body.as_str()), (202, ""));
}

#[tokio::test]
async fn an_invoke_and_what_is_not_served_are_answered_with_nothing() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let mut invoke = jane.activity("invoke");
    invoke["name"] = json!("adaptiveCard/action");
    let answer = jane.post(&invoke).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"activities":[]}"#));
    for kind in ["conversationUpdate", "messageReaction", "installationUpdate"] {
        assert_eq!(jane.post(&jane.activity(kind)).await.status, 202, "{kind}");
    }
    assert!(house.bot.posts().is_empty(), "{:?}", house.bot.posts());
}
