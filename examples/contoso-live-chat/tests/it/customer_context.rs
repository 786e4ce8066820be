//! The agent sees who the customer is, what they need and what was said before.

use serde_json::json;

use crate::house::House;

#[tokio::test]
async fn what_the_gateway_tells_at_the_start_is_shown() {
    let house = House::open().await;
    let id = house
        .start_with(json!({
            "sessionId": "s-1",
            "Customer": { "id": "29:1", "name": "Amira Haddad", "email": "amira@example.com", "locale": "en-GB" },
            "channel": "msteams",
            "locale": "en-US",
            "problem": "Charged twice",
            "transcript": [
                { "role": "bot", "text": "How can I help?", "time": "2026-01-02T03:04:05Z" },
                { "role": "customer", "name": "Amira", "text": "Agent, please" },
            ],
            "attributes": { "Order No": "7", "vip": true },
        }))
        .await;
    let conversation = house.conversation(&id).await;
    assert_eq!(
        conversation["customer"],
        json!({ "id": "29:1", "name": "Amira Haddad", "email": "amira@example.com", "locale": "en-GB" })
    );
    assert_eq!(conversation["channel"], "msteams");
    assert_eq!(conversation["locale"], "en-US");
    assert_eq!(conversation["problem"], "Charged twice");
    assert_eq!(conversation["sessionId"], "s-1");
    assert_eq!(conversation["transcript"][0]["text"], "How can I help?");
    assert_eq!(conversation["transcript"][1]["name"], "Amira");
    assert_eq!(conversation["attributes"], json!({ "Order No": "7", "vip": "true" }));
    assert_eq!(conversation["messages"], json!([]));

    let summary = &house.get("/api/conversations").await.body[0];
    assert_eq!(summary["id"], json!(id));
    assert_eq!(summary["status"], "waiting");
    assert_eq!(summary["problem"], "Charged twice");
    assert_eq!(house.get("/api/conversations/unknown").await.status, 404);
}

#[tokio::test]
async fn the_samples_skill_names_the_customer_with_each_message() {
    let house = House::open().await;
    let id = house.start().await;
    let said = |text: &str, sender: &str| json!({ "conversationId": id, "message": text, "sender": sender });
    house.post("/api/chat/receive", said("hello", "Amira")).await;
    house.post("/api/chat/receive", said("The conversation ended by user.", "System")).await;

    let conversation = house.conversation(&id).await;
    assert_eq!(conversation["customer"]["name"], "Amira");
    assert_eq!(conversation["unread"], 1);
    let kinds: Vec<_> =
        conversation["messages"].as_array().unwrap().iter().map(|m| m["kind"].clone()).collect();
    assert_eq!(kinds, ["customer", "system"]);
}

#[tokio::test]
async fn unread_counts_until_an_agent_has_looked() {
    let house = House::open().await;
    let id = house.start().await;
    house.receive(&id, "one").await;
    house.receive(&id, "two").await;
    let summary = house.get("/api/conversations").await.body[0].clone();
    assert_eq!(summary["unread"], 2);
    assert_eq!(summary["lastMessage"], "two");
    assert!(summary["lastMessageAt"].is_string());
    house.post("/api/chat/read", json!({ "conversationId": id })).await;
    assert_eq!(house.conversation(&id).await["unread"], 0);
}
