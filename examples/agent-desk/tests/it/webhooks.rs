//! Webhooks are repeated, ordered and lost as the vendor's policy and the faults say.

use std::time::Duration;

use agent_desk::{Policy, Settings, Skill, doubling};
use serde_json::json;

use crate::{
    gateway::Answer::{Silence, Status},
    house::{House, policy},
};

#[tokio::test]
async fn what_may_pass_is_tried_again_with_headers_of_its_own() {
    let house = House::open().await;
    let id = house.start().await;
    house.act(&id, "accept", json!({ "agent": "Anna" })).await;
    house.gateway.of_kind("accepted", 1).await;
    house.gateway.will_answer(&[Status(503), Status(429), Status(500)]);
    assert_eq!(house.say(&id, "hello").await.status, 200);
    let tries = house.gateway.told().split_off(1);
    let numbers: Vec<_> = tries.iter().map(|letter| letter.headers["x-attempt"].to_str().unwrap()).collect();
    assert_eq!(numbers, ["1", "2", "3", "4"]);
    assert!(tries.iter().all(|letter| letter.body == tries[0].body));
    assert_eq!(house.messages(&id).await[0]["status"], "accepted");
}

#[tokio::test]
async fn there_are_no_more_tries_than_the_policy_has() {
    let house = House::open().await;
    let id = house.start().await;
    house.act(&id, "accept", json!({ "agent": "Anna" })).await;
    house.gateway.of_kind("accepted", 1).await;
    house.gateway.will_answer(&[Status(500); 4]);
    assert_eq!(house.say(&id, "hello").await.status, 502);
    assert_eq!(house.gateway.told().len(), 1 + 4);
    assert_eq!(house.messages(&id).await[0]["status"], "not-delivered");
}

#[tokio::test]
async fn a_final_status_is_final_and_silence_is_not() {
    let timeout = Duration::from_millis(300);
    let policy = Policy::retrying(timeout, [Duration::from_millis(5)]);
    let house = House::with(Settings::default(), policy, Skill::ALL).await;
    let id = house.start().await;
    house.act(&id, "accept", json!({ "agent": "Anna" })).await;
    house.gateway.of_kind("accepted", 1).await;
    house.gateway.will_answer(&[Silence, Status(200), Status(404)]);
    assert_eq!(house.say(&id, "one").await.status, 200);
    assert_eq!(house.say(&id, "two").await.status, 502);
    let said: Vec<_> =
        house.gateway.of_kind("said", 3).await.iter().map(|body| body["text"].clone()).collect();
    assert_eq!(said, ["one", "one", "two"]);
}

#[tokio::test]
async fn a_duplicate_is_the_same_webhook_once_more() {
    let house = House::open().await;
    let id = house.start().await;
    house.fault(json!({ "operation": "webhook*", "fault": "duplicate" })).await;
    assert_eq!(house.say(&id, "hello").await.status, 200);
    let said = house.gateway.of_kind("said", 2).await;
    assert_eq!(said[0], said[1]);
    assert_eq!(house.messages(&id).await[0]["status"], "accepted");
}

#[tokio::test]
async fn an_answer_that_is_lost_has_the_gateway_told_again() {
    let house = House::open().await;
    let id = house.start().await;
    house.act(&id, "accept", json!({ "agent": "Anna" })).await;
    house.gateway.of_kind("accepted", 1).await;
    house.fault(json!({ "operation": "*", "fault": "drop-answer", "times": 1 })).await;
    assert_eq!(house.say(&id, "hello").await.status, 200);
    let said = house.gateway.of_kind("said", 2).await;
    assert_eq!((said.len(), &said[0]), (2, &said[1]));
}

#[tokio::test]
async fn two_webhooks_change_places_and_the_third_keeps_its_own() {
    let house = House::open().await;
    let id = house.start().await;
    house.act(&id, "accept", json!({ "agent": "Anna" })).await;
    house.gateway.of_kind("accepted", 1).await;
    house.fault(json!({ "operation": "webhook", "fault": "reorder", "times": 1 })).await;
    for text in ["one", "two"] {
        house.act(&id, "say", json!({ "agent": "Anna", "text": text })).await;
    }
    house.gateway.of_kind("said", 2).await;
    assert_eq!(house.say(&id, "three").await.status, 200);
    let said: Vec<_> =
        house.gateway.of_kind("said", 3).await.iter().map(|body| body["text"].clone()).collect();
    assert_eq!(said, ["two", "one", "three"]);
    house
        .until(&id, |conversation| {
            conversation["messages"].as_array().unwrap().iter().all(|message| message["status"] == "accepted")
        })
        .await;
}

#[tokio::test]
async fn one_conversations_silence_does_not_hold_up_another() {
    let house = House::open().await;
    let (one, two) = (house.start().await, house.start().await);
    house.gateway.will_answer(&[Silence]);
    house.act(&one, "accept", json!({ "agent": "Anna" })).await;
    house.gateway.of_kind("accepted", 1).await;
    house.act(&one, "say", json!({ "agent": "Anna", "text": "held up" })).await;
    assert_eq!(house.say(&two, "not held up").await.status, 200);
    assert_eq!(house.messages(&one).await[0]["status"], "sending");
}

#[tokio::test]
async fn a_vendor_without_order_lets_the_next_message_overtake_a_silent_one() {
    let policy = Policy { in_turn: false, ..policy() };
    let house = House::with(Settings::default(), policy, Skill::ALL).await;
    let id = house.start().await;
    house.act(&id, "accept", json!({ "agent": "Anna" })).await;
    house.gateway.of_kind("accepted", 1).await;
    house.gateway.will_answer(&[Silence]);
    house.act(&id, "say", json!({ "agent": "Anna", "text": "one" })).await;
    house.gateway.of_kind("said", 1).await;
    assert_eq!(house.say(&id, "two").await.status, 200);
    let statuses: Vec<_> =
        house.messages(&id).await.iter().map(|message| message["status"].clone()).collect();
    assert_eq!(statuses, ["sending", "accepted"]);
}

#[test]
fn doubling_pauses_stay_within_their_time() {
    let seconds = |count| Duration::from_secs(count);
    let pauses = doubling(seconds(1), seconds(4), seconds(12));
    assert_eq!(pauses, [seconds(1), seconds(2), seconds(4), seconds(4)]);
    assert!(doubling(seconds(5), seconds(5), seconds(4)).is_empty());
}
