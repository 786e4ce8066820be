//! A gateway that is not sure repeats itself; nothing happens twice.

use serde_json::json;

use crate::house::House;

#[tokio::test]
async fn one_session_has_one_conversation() {
    let house = House::open().await;
    let first = house.start_with(json!({ "sessionId": "s-1", "problem": "first" })).await;
    let again = house.start_with(json!({ "SessionId": "s-1", "problem": "second" })).await;
    let other = house.start_with(json!({ "sessionId": "s-2" })).await;
    assert_eq!(first, again);
    assert_ne!(first, other);
    assert_eq!(house.conversation(&first).await["problem"], "first");
    assert_eq!(house.get("/api/conversations").await.body.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn whether_the_agents_see_the_problem_is_told() {
    let house = House::open().await;
    for (problem, shown) in [("first", true), ("second", false), ("first", true)] {
        let start = json!({ "sessionId": "s-1", "problem": problem });
        assert_eq!(house.post("/api/chat/start", start).await.body["problemShown"], shown, "{problem}");
    }
    let silent = house.post("/api/chat/start", json!({ "sessionId": "s-2" })).await;
    assert_eq!(silent.body["problemShown"], false);
}

#[tokio::test]
async fn a_known_session_is_found_when_no_agents_are_there() {
    let house = House::open().await;
    let first = house.start_with(json!({ "sessionId": "s-1" })).await;
    house.post("/api/switches", json!({ "closed": true })).await;
    assert_eq!(house.start_with(json!({ "sessionId": "s-1" })).await, first);
}

#[tokio::test]
async fn a_repeated_message_is_stored_once_also_when_the_end_came_between() {
    let house = House::open().await;
    let id = house.start().await;
    let body =
        json!({ "conversationId": id, "message": "hello", "id": "m-1", "timestamp": "2026-01-02T03:04:05Z" });
    let first = house.post("/api/chat/receive", body.clone()).await;
    assert_eq!(house.post("/api/chat/receive", body.clone()).await, first);
    house.post("/api/chat/end", json!({ "conversationId": id })).await;
    assert_eq!(house.post("/api/chat/receive", body).await, first);
    let messages = house.messages(&id).await;
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0]["sentAt"], "2026-01-02T03:04:05Z");

    let fresh = house
        .post("/api/chat/receive", json!({ "conversationId": id, "message": "late", "id": "m-2" }))
        .await;
    assert_eq!(fresh.status, 410);
}

#[tokio::test]
async fn the_same_id_in_another_conversation_is_another_message() {
    let house = House::open().await;
    let (one, two) = (house.start().await, house.start().await);
    let mut ids = Vec::new();
    for id in [&one, &two] {
        let body = json!({ "conversationId": id, "message": "hello", "id": "m-1" });
        ids.push(house.post("/api/chat/receive", body).await.body["messageId"].clone());
        assert_eq!(house.messages(id).await.len(), 1);
    }
    assert_ne!(ids[0], ids[1]);
}
