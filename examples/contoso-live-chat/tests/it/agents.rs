//! Agents take conversations, share the list, and hand back.

use serde_json::json;

use crate::house::{House, client};

#[tokio::test]
async fn accepting_tells_the_webhook_once() {
    let house = House::open().await;
    let id = house.start().await;
    house.accept(&id).await;
    house.accept(&id).await;
    // A message behind them shows that no second event is under way.
    house.send(&id, "hello").await;
    let told = house.gateway.told();
    assert_eq!(told.len(), 2, "{told:?}");
    let joined = &told[0];
    assert_eq!(joined["Type"], "joined");
    assert_eq!(joined["ConversationId"], json!(id));
    assert_eq!(joined["Sender"], "Anna");
    assert!(joined["Id"].is_string() && joined["Timestamp"].is_string());
    let conversation = house.conversation(&id).await;
    assert_eq!((&conversation["status"], &conversation["agent"]), (&json!("active"), &json!("Anna")));
}

#[tokio::test]
async fn a_taken_conversation_is_not_taken_twice() {
    let house = House::open().await;
    let id = house.start().await;
    house.accept(&id).await;
    let answer = house.post("/api/chat/accept", json!({ "conversationId": id, "agent": "Ben" })).await;
    assert_eq!(answer.status, 409);
    assert_eq!(house.conversation(&id).await["agent"], "Anna");
    assert_eq!(house.post("/api/chat/accept", json!({ "conversationId": "unknown" })).await.status, 404);
}

#[tokio::test]
async fn writing_to_a_waiting_customer_accepts_first() {
    let house = House::open().await;
    let id = house.start().await;
    assert_eq!(house.send(&id, "hello").await.status, 200);
    let told = house.gateway.told();
    assert_eq!(told[0]["Type"], "joined");
    assert_eq!(told[1]["Message"], "hello");
    assert_eq!(told[1]["Sender"], "Anna");
    assert_eq!(house.conversation(&id).await["status"], "active");
}

#[tokio::test]
async fn handing_back_makes_the_customer_wait_again() {
    let house = House::open().await;
    let id = house.start().await;
    house.accept(&id).await;
    let answer = house.post("/api/chat/leave", json!({ "conversationId": id, "agent": "Anna" })).await;
    assert_eq!((answer.status, &answer.body["status"]), (200, &json!("waiting")));
    assert_eq!(house.gateway.event("left").await["Sender"], "Anna");
    let answer = house.post("/api/chat/accept", json!({ "conversationId": id, "agent": "Ben" })).await;
    assert_eq!(answer.body["agent"], "Ben");
}

#[tokio::test]
async fn typing_is_told_to_the_webhook() {
    let house = House::open().await;
    let id = house.start().await;
    house.accept(&id).await;
    let body = json!({ "conversationId": id, "typing": true, "agent": "Anna" });
    assert_eq!(house.post("/api/chat/agent-typing", body).await.status, 204);
    let event = house.gateway.event("typing").await;
    assert_eq!(event["Typing"], true);
    assert_eq!(event["Sender"], "Anna");
    assert_eq!(event["ConversationId"], json!(id));
}

#[tokio::test]
async fn messages_of_one_conversation_are_told_one_after_another() {
    let house = House::open().await;
    let id = house.start().await;
    house.accept(&id).await;
    house.gateway.event("joined").await;
    house.gateway.hold();
    let mut sends = Vec::new();
    for (position, text) in ["one", "two"].into_iter().enumerate() {
        let request = client().post(house.url("/api/chat/send"));
        sends.push(tokio::spawn(request.json(&json!({ "conversationId": id, "message": text })).send()));
        house.messages_until(&id, |messages| messages.len() > position).await;
    }
    // Both are known here, the first is at the webhook, and only its answer lets the second go.
    house.gateway.told_until(|told| told.len() == 2).await;
    let statuses: Vec<_> = house.messages(&id).await.iter().map(|m| m["status"].clone()).collect();
    assert_eq!(statuses, ["sending", "sending"]);
    assert_eq!(house.gateway.messages().len(), 1);
    house.gateway.release(2);
    for send in sends {
        assert_eq!(send.await.unwrap().unwrap().status(), 200);
    }
    let told: Vec<_> = house.gateway.messages().iter().map(|m| m["Message"].clone()).collect();
    assert_eq!(told, ["one", "two"]);
}
