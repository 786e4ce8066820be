//! Receipts tell the agent what became of a message.

use serde_json::{Value, json};

use crate::house::{House, client};

async fn receipt(house: &House, id: &str, message_id: &Value, status: &str) -> u16 {
    let body =
        json!({ "conversationId": id, "messageId": message_id, "status": status, "reason": "left the chat" });
    house.post("/api/chat/receipt", body).await.status
}

#[tokio::test]
async fn a_message_goes_from_accepted_to_delivered_to_read_and_not_back() {
    let house = House::open().await;
    let id = house.start().await;
    let message_id = house.send(&id, "hello").await.body["messageId"].clone();
    assert_eq!(house.messages(&id).await[0]["status"], "accepted");
    for (status, shown) in
        [("delivered", "delivered"), ("not-delivered", "delivered"), ("read", "read"), ("delivered", "read")]
    {
        assert_eq!(receipt(&house, &id, &message_id, status).await, 200);
        assert_eq!(house.messages(&id).await[0]["status"], shown);
    }
}

#[tokio::test]
async fn a_message_that_was_accepted_may_still_fail() {
    let house = House::open().await;
    let id = house.start().await;
    let message_id = house.send(&id, "hello").await.body["messageId"].clone();
    assert_eq!(receipt(&house, &id, &message_id, "not-delivered").await, 200);
    let message = house.messages(&id).await.remove(0);
    assert_eq!((&message["status"], &message["reason"]), (&json!("not-delivered"), &json!("left the chat")));
}

#[tokio::test]
async fn a_receipt_may_overtake_the_webhooks_answer() {
    let house = House::open().await;
    let id = house.start().await;
    house.accept(&id).await;
    house.gateway.event("joined").await;
    house.gateway.hold();
    let request = client().post(house.url("/api/chat/send"));
    let send = tokio::spawn(request.json(&json!({ "conversationId": id, "message": "hello" })).send());
    let told = house.gateway.told_until(|told| told.len() == 2).await;
    assert_eq!(receipt(&house, &id, &told[1]["Id"], "delivered").await, 200);
    house.gateway.release(1);
    assert_eq!(send.await.unwrap().unwrap().status(), 200);
    assert_eq!(house.messages(&id).await[0]["status"], "delivered");
}

#[tokio::test]
async fn receipts_for_what_is_not_there_are_refused() {
    let house = House::open().await;
    let (id, other) = (house.start().await, house.start().await);
    let message_id = house.send(&id, "hello").await.body["messageId"].clone();
    let customers = json!(house.receive(&id, "hello").await);
    assert_eq!(receipt(&house, &id, &json!("unknown"), "read").await, 404);
    assert_eq!(receipt(&house, &id, &customers, "read").await, 404);
    assert_eq!(receipt(&house, &other, &message_id, "read").await, 404);
    assert_eq!(receipt(&house, "unknown", &message_id, "read").await, 404);
    assert_eq!(receipt(&house, &id, &message_id, "eaten").await, 400);
}
