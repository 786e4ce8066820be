//! The sample's skill finds here what it found in the sample's live chat, field by field.

use serde_json::{Value, json};

use crate::{
    gateway::Gateway,
    house::{Answer, House, read},
};

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn a_conversation_starts_without_a_body_and_has_an_id_nobody_guesses() {
    let house = House::open().await;
    for path in ["/api/chat/start", "/api/livechat/start"] {
        let answer = read(house.client.post(house.url(path)).send().await.unwrap()).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.body["status"], "waiting");
        let id: uuid::Uuid = answer.body["conversationId"].as_str().unwrap().parse().unwrap();
        assert_eq!(id.get_version_num(), 4);
    }
}

#[tokio::test]
async fn a_customers_message_is_taken_on_both_routes_with_names_in_any_case() {
    let house = House::open().await;
    let id = house.start().await;
    let camel = json!({ "conversationId": id, "message": "one", "sender": "Amira" });
    let pascal = json!({ "ConversationId": id, "Message": "two", "SENDER": null, "unknown": {} });
    for (path, body) in [("/api/chat/receive", camel), ("/api/livechat/send", pascal)] {
        let answer = house.post(path, body).await;
        assert_eq!(answer.status, 200);
        assert_eq!(keys(&answer.body), ["message", "messageId"]);
        assert_eq!(answer.body["message"], "Message received successfully");
    }
    let messages = house.messages(&id).await;
    let said: Vec<_> = messages.iter().map(|m| (m["message"].clone(), m["sender"].clone())).collect();
    assert_eq!(said, [(json!("one"), json!("Amira")), (json!("two"), json!("Remote"))]);
    assert_eq!(keys(&messages[0]), ["conversationId", "id", "kind", "message", "sender", "timestamp"]);
    assert!(messages[0]["timestamp"].as_str().unwrap().ends_with('Z'));
}

#[tokio::test]
async fn what_cannot_be_taken_is_refused_with_the_samples_error() {
    let house = House::open().await;
    let id = house.start().await;
    for text in [json!(""), json!("  \n"), json!(null)] {
        let answer = house.post("/api/chat/receive", json!({ "conversationId": id, "message": text })).await;
        assert_eq!(answer, Answer { status: 400, body: json!({ "error": "Message text cannot be empty" }) });
        let answer = house.post("/api/chat/send", json!({ "conversationId": id, "message": text })).await;
        assert_eq!(answer, Answer { status: 400, body: json!({ "error": "Message text cannot be empty" }) });
    }
    // The sample drops such a message and says 200.
    let answer =
        house.post("/api/chat/receive", json!({ "conversationId": "3f9a1", "message": "hello" })).await;
    assert_eq!(answer, Answer { status: 404, body: json!({ "error": "Conversation not found" }) });
    let answer = house.client.post(house.url("/api/chat/receive")).body("{").send().await.unwrap();
    assert_eq!(answer.status(), 400);
    assert!(house.messages(&id).await.is_empty());
}

#[tokio::test]
async fn an_agents_message_goes_to_the_webhook_in_the_samples_shape() {
    let house = House::open().await;
    let id = house.start().await;
    let answer = house.post("/api/chat/send", json!({ "conversationId": id, "message": "hello" })).await;
    assert_eq!(answer.status, 200);
    assert_eq!(keys(&answer.body), ["conversationId", "message", "messageId", "sender", "timestamp"]);
    assert_eq!(answer.body["message"], "Message sent successfully");
    assert_eq!(answer.body["sender"], "Contoso Support");
    assert_eq!(answer.body["conversationId"], json!(id));

    let told = house.gateway.messages();
    let expected = json!({
        "ConversationId": id,
        "Id": answer.body["messageId"],
        "Message": "hello",
        "Sender": "Contoso Support",
        "Timestamp": answer.body["timestamp"],
    });
    assert_eq!(told, [expected]);
}

#[tokio::test]
async fn the_webhooks_refusal_is_passed_on() {
    let house = House::open().await;
    let id = house.start().await;
    house.accept(&id).await;
    house.gateway.event("joined").await;
    house.gateway.will_answer(&[(418, "not today")]);
    assert_eq!(house.send(&id, "hello").await, Answer { status: 418, body: json!({ "error": "not today" }) });
}

#[tokio::test]
async fn without_a_webhook_sending_fails_with_500() {
    let nowhere = House::with(Gateway::start().await, "").await;
    // Nothing listens on the discard port of loopback.
    let unreachable = House::with(Gateway::start().await, "http://127.0.0.1:9/hook").await;
    for house in [nowhere, unreachable] {
        let id = house.start().await;
        let answer = house.send(&id, "hello").await;
        assert_eq!(answer.status, 500);
        assert_eq!(keys(&answer.body), ["error"]);
    }
}

#[tokio::test]
async fn ending_is_always_fine_and_keeps_the_conversation() {
    let house = House::open().await;
    let id = house.start().await;
    house.receive(&id, "bye").await;
    let done = Answer { status: 200, body: json!({ "message": "Conversation ended successfully" }) };
    for (path, id) in
        [("/api/chat/end", id.as_str()), ("/api/livechat/end", &id), ("/api/chat/end", "unknown")]
    {
        assert_eq!(house.post(path, json!({ "conversationId": id, "reason": "goodbye" })).await, done);
    }
    let conversation = house.conversation(&id).await;
    assert_eq!(conversation["status"], "ended");
    assert_eq!(conversation["endedBy"], "customer");
    assert_eq!(conversation["endReason"], "goodbye");
    assert_eq!(house.messages(&id).await.len(), 1);
    assert!(house.gateway.told().is_empty(), "the customer's side knows that it ended");
}
