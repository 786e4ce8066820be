//! The agent ends the conversation, and the customer's side hears of it even when the gateway is restarting.

use serde_json::json;

use crate::{
    gateway::Gateway,
    house::{House, client},
};

#[tokio::test]
async fn the_webhook_is_told_once_and_the_conversation_is_over() {
    let house = House::open().await;
    let id = house.start().await;
    house.accept(&id).await;
    for _ in 0..2 {
        let answer = house.post("/api/chat/close", json!({ "conversationId": id, "agent": "Anna" })).await;
        assert_eq!(answer.status, 200);
    }
    let ended = house.gateway.event("ended").await;
    assert_eq!(ended["ConversationId"], json!(id));
    assert_eq!(ended["Sender"], "Anna");
    assert_eq!(ended["Reason"], "agent");
    assert!(ended["Id"].is_string() && ended["Timestamp"].is_string());

    let conversation = house.conversation(&id).await;
    assert_eq!((&conversation["status"], &conversation["endedBy"]), (&json!("ended"), &json!("agent")));
    let late = json!({ "conversationId": id, "message": "wait" });
    assert_eq!(house.post("/api/chat/receive", late.clone()).await.status, 410);
    assert_eq!(house.post("/api/chat/send", late).await.status, 410);
    assert_eq!(house.post("/api/chat/accept", json!({ "conversationId": id })).await.status, 410);
    assert_eq!(house.post("/api/chat/close", json!({ "conversationId": "unknown" })).await.status, 404);
    let ends = house.gateway.told().iter().filter(|told| told["Type"] == "ended").count();
    assert_eq!(ends, 1);
}

#[tokio::test]
async fn the_end_comes_after_the_last_message() {
    let house = House::open().await;
    let id = house.start().await;
    house.accept(&id).await;
    house.gateway.event("joined").await;
    house.gateway.hold();
    let request = client().post(house.url("/api/chat/send"));
    let goodbye = tokio::spawn(request.json(&json!({ "conversationId": id, "message": "Goodbye" })).send());
    house.messages_until(&id, |messages| messages.len() == 1).await;
    house.post("/api/chat/close", json!({ "conversationId": id })).await;
    house.gateway.release(10);
    assert_eq!(goodbye.await.unwrap().unwrap().status(), 200);
    house.gateway.event("ended").await;
    let told = house.gateway.told();
    assert_eq!((&told[1]["Message"], &told[2]["Type"]), (&json!("Goodbye"), &json!("ended")));
}

#[tokio::test]
async fn the_end_is_told_again_until_it_is_taken() {
    let house = House::open().await;
    let id = house.start().await;
    house.gateway.will_answer(&[(503, "restarting"), (429, "slower"), (500, "oops")]);
    house.post("/api/chat/close", json!({ "conversationId": id })).await;
    let told = house.gateway.told_until(|told| told.len() == 4).await;
    assert!(told.iter().all(|attempt| *attempt == told[0]), "each attempt is the same event: {told:?}");
}

#[tokio::test]
async fn the_end_reaches_a_gateway_that_was_away() {
    let house = House::with(Gateway::start().await, "http://127.0.0.1:9/hook").await;
    let id = house.start().await;
    house.post("/api/chat/close", json!({ "conversationId": id })).await;
    house.running.set_webhook_url(&house.gateway.url()).unwrap();
    assert_eq!(house.gateway.event("ended").await["ConversationId"], json!(id));
}

#[tokio::test]
async fn an_end_that_is_refused_for_good_is_shown_to_the_agent() {
    let house = House::open().await;
    let id = house.start().await;
    house.gateway.will_answer(&[(404, "no such session")]);
    house.post("/api/chat/close", json!({ "conversationId": id })).await;
    let messages = house.messages_until(&id, |messages| !messages.is_empty()).await;
    assert_eq!(messages[0]["kind"], "system");
    assert!(messages[0]["message"].as_str().unwrap().contains("no such session"));
}

#[tokio::test]
async fn joining_is_told_again_but_does_not_hold_messages_up() {
    let house = House::open().await;
    let id = house.start().await;
    house.gateway.will_answer(&[(503, "restarting")]);
    assert_eq!(house.send(&id, "hello").await.status, 200);
    let joined = |told: &[serde_json::Value]| told.iter().filter(|told| told["Type"] == "joined").count();
    house.gateway.told_until(|told| joined(told) == 2).await;
}
