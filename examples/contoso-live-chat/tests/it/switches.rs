//! The live chat can be made closed, slow or broken, and well again.

use reqwest::StatusCode;
use serde_json::json;

use crate::house::{Answer, House};

#[tokio::test]
async fn closed_turns_new_conversations_away_and_lets_old_ones_go_on() {
    let house = House::open().await;
    let id = house.start().await;
    house.post("/api/switches", json!({ "closed": true })).await;
    let answer = house.post("/api/chat/start", json!({})).await;
    let expected = json!({ "error": "no agents available", "code": "no-agents" });
    assert_eq!(answer, Answer { status: 503, body: expected });
    house.receive(&id, "still here").await;
    house.post("/api/switches", json!({ "closed": false })).await;
    house.start().await;
}

#[tokio::test]
async fn faults_meet_the_gateways_calls_only() {
    let house = House::open().await;
    let id = house.start().await;
    house.post("/api/switches", json!({ "fault": "error500" })).await;
    for path in ["start", "receive", "end"] {
        let body = json!({ "conversationId": id, "message": "hello" });
        assert_eq!(house.post(&format!("/api/chat/{path}"), body).await.status, 500);
    }
    assert_eq!(house.send(&id, "hello").await.status, 200);
    assert_eq!(house.conversation(&id).await["messages"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn throttling_says_when_to_come_back() {
    let house = House::open().await;
    house.post("/api/switches", json!({ "fault": "throttled429" })).await;
    let answer = house.client.post(house.url("/api/livechat/start")).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.headers()["retry-after"], "1");
}

#[tokio::test]
async fn a_dropped_call_gets_no_answer() {
    let house = House::open().await;
    let id = house.start().await;
    let message = json!({ "conversationId": id, "message": "hello", "id": "m-1" });
    let receive = || house.client.post(house.url("/api/chat/receive")).json(&message).send();

    house.post("/api/switches", json!({ "fault": "drop" })).await;
    assert!(receive().await.is_err());
    assert!(house.messages(&id).await.is_empty());

    house.post("/api/switches", json!({ "fault": "dropAfter" })).await;
    assert!(receive().await.is_err());
    assert_eq!(house.messages(&id).await.len(), 1);

    house.post("/api/switches", json!({ "fault": "none" })).await;
    assert_eq!(receive().await.unwrap().status(), 200);
    assert_eq!(house.messages(&id).await.len(), 1);
}

#[tokio::test]
async fn a_slow_call_is_carried_out_all_the_same() {
    let house = House::open().await;
    house.post("/api/switches", json!({ "fault": "slow", "delayMs": 50 })).await;
    let id = house.start().await;
    house.receive(&id, "hello").await;
    assert_eq!(house.messages(&id).await.len(), 1);
}

#[tokio::test]
async fn switches_are_shown_and_wrong_ones_refused() {
    let house = House::open().await;
    let all_well = json!({ "closed": false, "fault": "none", "delayMs": 3000 });
    assert_eq!(house.get("/api/switches").await.body, all_well);
    assert_eq!(house.post("/api/switches", json!({ "closed": true, "fault": "explode" })).await.status, 400);
    assert_eq!(house.get("/api/switches").await.body, all_well);
    let set = house.post("/api/switches", json!({ "Fault": "SLOW", "delayMs": 10 })).await;
    assert_eq!(set.body, json!({ "closed": false, "fault": "slow", "delayMs": 10 }));
}
