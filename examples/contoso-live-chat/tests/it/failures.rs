//! A message that does not reach the webhook stays visible, says why, and can be sent again.

use serde_json::json;

use crate::{
    gateway::Gateway,
    house::{House, client},
};

#[tokio::test]
async fn a_refused_message_is_kept_and_sent_again_with_the_same_id() {
    let house = House::open().await;
    let id = house.start().await;
    house.accept(&id).await;
    house.gateway.event("joined").await;
    house.gateway.will_answer(&[(502, "channel is down")]);
    let body = json!({ "conversationId": id, "message": "hello", "agent": "Anna" });
    let answer = house.client.post(house.url("/api/chat/send")).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 502);
    let message_id = answer.headers()["x-message-id"].to_str().unwrap().to_owned();

    let messages = house.messages(&id).await;
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0]["id"], json!(message_id));
    assert_eq!(messages[0]["status"], "not-delivered");
    assert_eq!(messages[0]["reason"], "The webhook answered 502: channel is down");

    let retry = json!({ "conversationId": id, "messageId": message_id });
    let answer = house.post("/api/chat/retry", retry.clone()).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body["messageId"], json!(message_id));
    let told = house.gateway.messages();
    assert_eq!(told.len(), 2);
    assert_eq!(told[0], told[1]);
    let messages = house.messages(&id).await;
    assert_eq!((messages.len(), &messages[0]["status"]), (1, &json!("accepted")));
    assert!(messages[0].get("reason").is_none());

    assert_eq!(house.post("/api/chat/retry", retry).await.status, 409);
    let unknown = json!({ "conversationId": id, "messageId": "unknown" });
    assert_eq!(house.post("/api/chat/retry", unknown).await.status, 404);
}

#[tokio::test]
async fn a_message_that_was_taken_but_not_delivered_is_sent_again_as_a_new_one() {
    let house = House::open().await;
    let id = house.start().await;
    house.accept(&id).await;
    house.gateway.event("joined").await;
    let message_id = house.send(&id, "hello").await.body["messageId"].clone();
    let receipt = |message: &serde_json::Value, status: &str| json!({ "conversationId": id, "messageId": message, "status": status, "reason": "no channel" });
    assert_eq!(house.post("/api/chat/receipt", receipt(&message_id, "not-delivered")).await.status, 200);

    let retry = json!({ "conversationId": id, "messageId": message_id });
    assert_eq!(house.post("/api/chat/retry", retry).await.status, 200);
    let told = house.gateway.messages();
    assert_eq!(told.len(), 2);
    assert_eq!(told[0]["Id"], message_id);
    assert_ne!(told[1]["Id"], message_id, "whoever took the first would drop it as a repeat");
    assert_eq!(house.post("/api/chat/receipt", receipt(&told[1]["Id"], "delivered")).await.status, 200);
    let messages = house.messages(&id).await;
    assert_eq!((messages.len(), &messages[0]["status"]), (1, &json!("delivered")));
    assert_eq!(messages[0]["id"], message_id);
}

#[tokio::test]
async fn an_unreachable_webhook_is_named_as_the_reason() {
    let house = House::with(Gateway::start().await, "http://127.0.0.1:9/hook").await;
    let id = house.start().await;
    assert_eq!(house.send(&id, "hello").await.status, 500);
    let messages = house.messages(&id).await;
    assert_eq!(messages[0]["status"], "not-delivered");
    assert_eq!(messages[0]["reason"], "The webhook could not be reached");
}

#[tokio::test]
async fn a_message_still_in_line_when_the_customer_ends_is_not_told() {
    let house = House::open().await;
    let id = house.start().await;
    house.gateway.hold();
    house.accept(&id).await;
    house.gateway.event("joined").await;
    let request = client().post(house.url("/api/chat/send"));
    let send = tokio::spawn(request.json(&json!({ "conversationId": id, "message": "hello" })).send());
    house.messages_until(&id, |messages| messages.len() == 1).await;
    house.post("/api/chat/end", json!({ "conversationId": id })).await;
    house.gateway.release(10);
    assert_eq!(send.await.unwrap().unwrap().status(), 410);
    assert!(house.gateway.messages().is_empty());
    assert_eq!(house.messages(&id).await[0]["status"], "not-delivered");
}

#[tokio::test]
async fn a_webhook_url_that_is_none_is_refused_at_once() {
    let house = House::open().await;
    assert!(house.running.set_webhook_url("not a url").is_err());
    assert!(house.running.set_webhook_url("ftp://example.com/").is_err());
}
