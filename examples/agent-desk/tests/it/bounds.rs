//! Nothing grows without end.

use agent_desk::{Settings, Skill};
use serde_json::json;

use crate::house::{House, policy};

#[tokio::test]
async fn the_oldest_conversation_that_ended_makes_room() {
    let settings = Settings { most_conversations: 2, ..Settings::default() };
    let house = House::with(settings, policy(), Skill::ALL).await;
    let (first, second) = (house.start().await, house.start().await);
    let refused = house.post("/chats", json!({})).await;
    assert_eq!(refused.status, 507, "{refused:?}");
    house.post(&format!("/chats/{second}/end"), json!({})).await;
    let third = house.start().await;
    let left = house.get("/desk/conversations").await;
    let left: Vec<_> = left.as_array().unwrap().iter().map(|one| one["id"].clone()).collect();
    assert_eq!(left, [json!(first), json!(third)]);
}

#[tokio::test]
async fn the_wire_log_remembers_the_last_requests() {
    let settings = Settings { most_wire: 3, ..Settings::default() };
    let house = House::with(settings, policy(), Skill::ALL).await;
    for _ in 0..5 {
        house.start().await;
    }
    let numbers: Vec<_> = house.desk().wire().requests().iter().map(|exchange| exchange.number).collect();
    assert_eq!(numbers, [3, 4, 5]);
}

#[tokio::test]
async fn a_hundred_faults_are_enough() {
    let house = House::open().await;
    for _ in 0..100 {
        house.fault(json!({ "operation": "send", "fault": "reset" })).await;
    }
    let more = house.post("/desk/faults", json!({ "operation": "send", "fault": "reset" })).await;
    assert_eq!(more.status, 507);
}
