//! What agents do reaches the vendor's own part, in order, and the desk shows what came of it.

use agent_desk::Settings;
use serde_json::json;

use crate::{
    gateway::Answer::Status,
    house::{House, policy},
};

#[tokio::test]
async fn each_deed_reaches_the_vendor_once_and_in_its_order() {
    let house = House::open().await;
    let id = house.start().await;
    let customers = house.post(&format!("/chats/{id}/messages"), json!({ "text": "hello" })).await;
    assert_eq!(house.act(&id, "queue", json!({ "position": 3 })).await.body["queuePosition"], 3);
    assert_eq!(house.act(&id, "read", json!({ "agent": "Anna" })).await.body["unread"], 0);
    assert_eq!(house.act(&id, "accept", json!({ "agent": "Anna" })).await.body["status"], "active");
    assert_eq!(house.act(&id, "accept", json!({ "agent": "Anna" })).await.status, 200);
    assert_eq!(house.say(&id, "hi").await.status, 200);
    let to = json!({ "agent": "Anna", "to": { "agent": "Ben" } });
    assert_eq!(house.act(&id, "transfer", to).await.body["agent"], "Ben");
    let to = json!({ "agent": "Ben", "to": { "queue": "billing" } });
    assert_eq!(house.act(&id, "transfer", to).await.body["status"], "waiting");
    house.act(&id, "accept", json!({ "agent": "Cara" })).await;
    assert_eq!(house.act(&id, "leave", json!({})).await.body["status"], "waiting");
    assert_eq!(house.act(&id, "end", json!({ "agent": "Dan" })).await.body["endedBy"], "agent");
    house.gateway.of_kind("ended", 1).await;

    let told = house.gateway.told();
    let kinds: Vec<_> = told.iter().map(|letter| letter.body["kind"].as_str().unwrap()).collect();
    let expected =
        ["queued", "read", "accepted", "said", "transferred", "transferred", "accepted", "left", "ended"];
    assert_eq!(kinds, expected);
    assert_eq!(told[1].body["id"], customers.body["messageId"]);
    let by: Vec<_> = told.iter().map(|letter| letter.body["by"].as_str().unwrap()).collect();
    assert_eq!(by, ["Agent", "Anna", "Anna", "Anna", "Anna", "Ben", "Cara", "Cara", "Dan"]);
    assert_eq!((&told[4].body["agent"], &told[5].body["queue"]), (&json!("Ben"), &json!("billing")));
    assert!(house.messages(&id).await.iter().all(|message| message["kind"] != "system"));
}

#[tokio::test]
async fn typing_is_told_and_shown_from_both_sides() {
    let house = House::open().await;
    let id = house.start().await;
    assert_eq!(house.act(&id, "typing", json!({ "agent": "Anna" })).await.status, 200);
    assert_eq!(house.gateway.of_kind("typing", 1).await[0]["typing"], true);
    house.desk().customer_types(&id, true, None).unwrap();
    assert_eq!(house.conversation(&id).await["customerTyping"], true);
    house.post(&format!("/chats/{id}/messages"), json!({ "text": "hello" })).await;
    assert_eq!(house.conversation(&id).await["customerTyping"], false);
}

#[tokio::test]
async fn what_the_vendors_agents_cannot_do_is_refused_before_anything_changes() {
    let house = House::with(Settings::default(), policy(), &[]).await;
    assert_eq!(house.get("/desk").await["skills"], json!([]));
    let id = house.start().await;
    house.act(&id, "accept", json!({})).await;
    let file = json!([{ "name": "a", "contentType": "text/plain", "url": "https://example.com/a" }]);
    for (deed, body) in [
        ("typing", json!({})),
        ("leave", json!({})),
        ("transfer", json!({ "to": { "queue": "billing" } })),
        ("queue", json!({ "position": 1 })),
        ("say", json!({ "text": "look", "attachments": file })),
    ] {
        assert_eq!(house.act(&id, deed, body).await.status, 501, "{deed}");
    }
    let conversation = house.conversation(&id).await;
    assert_eq!((&conversation["status"], &conversation["messages"]), (&json!("active"), &json!([])));
}

#[tokio::test]
async fn a_message_that_failed_says_why_and_is_sent_again() {
    let house = House::open().await;
    let id = house.start().await;
    house.act(&id, "accept", json!({ "agent": "Anna" })).await;
    house.gateway.of_kind("accepted", 1).await;
    house.gateway.will_answer(&[Status(400)]);
    let answer = house.say(&id, "hello").await;
    assert_eq!(answer.status, 502);
    let message = house.messages(&id).await.remove(0);
    assert_eq!((&message["status"], &message["id"]), (&json!("not-delivered"), &answer.body["messageId"]));
    assert_eq!(message["reason"], "The webhook answered 400: {\"token\":\"t\"}");
    let again = json!({ "messageId": message["id"], "wait": true });
    assert_eq!(house.act(&id, "retry", again.clone()).await.status, 200);
    assert_eq!(house.messages(&id).await[0]["status"], "accepted");
    assert_eq!(house.act(&id, "retry", again).await.status, 409);
}

#[tokio::test]
async fn a_deed_that_is_not_told_leaves_a_note() {
    let house = House::open().await;
    let id = house.start().await;
    house.gateway.will_answer(&[Status(404)]);
    house.act(&id, "end", json!({})).await;
    let conversation = house.until(&id, |conversation| conversation["messages"][0].is_object()).await;
    assert_eq!(conversation["messages"][0]["kind"], "system");
    let text = conversation["messages"][0]["message"].as_str().unwrap();
    assert!(text.starts_with("The customer's side was not told that the chat ended."), "{text}");
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let house = House::open().await;
    let id = house.start().await;
    for (deed, body, status) in [
        ("say", json!({ "text": " " }), 400),
        ("say", json!({ "message": "hello" }), 400),
        ("queue", json!({}), 400),
        ("transfer", json!({ "to": { "queue": "billing" } }), 409),
        ("retry", json!({ "messageId": "unknown" }), 404),
        ("dance", json!({}), 404),
    ] {
        assert_eq!(house.act(&id, deed, body).await.status, status, "{deed}");
    }
    assert_eq!(house.act("unknown", "accept", json!({})).await.status, 404);
    house.act(&id, "accept", json!({ "agent": "Anna" })).await;
    assert_eq!(house.act(&id, "accept", json!({ "agent": "Ben" })).await.status, 409);
    assert_eq!(house.act(&id, "queue", json!({ "position": 1 })).await.status, 409);
    house.post(&format!("/chats/{id}/end"), json!({})).await;
    assert_eq!(house.say(&id, "hello").await.status, 410);
}

#[tokio::test]
async fn files_go_along_with_messages_both_ways() {
    let house = House::open().await;
    let id = house.start().await;
    let file = json!([{ "name": "a.png", "contentType": "image/png", "url": "https://example.com/a" }]);
    assert_eq!(house.act(&id, "say", json!({ "attachments": file, "wait": true })).await.status, 200);
    assert_eq!(house.gateway.of_kind("said", 1).await[0]["files"], file);
    house.post(&format!("/chats/{id}/messages"), json!({ "files": file })).await;
    let messages = house.messages(&id).await;
    assert_eq!((&messages[0]["attachments"], &messages[1]["attachments"]), (&file, &file));
}
