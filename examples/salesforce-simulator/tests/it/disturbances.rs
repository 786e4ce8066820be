//! Faults of operations, and the switches of the stream.

use agent_desk::{Fault, Kind};
use reqwest::Method;
use serde_json::json;

use crate::house::{House, opened, read, sent, uuid};

#[tokio::test]
async fn a_stream_that_is_broken_off_goes_on_where_it_was() {
    let house = House::open().await;
    let (token, id) = house.begin().await;
    let mut stream = house.stream(&token, Some("0")).await;
    house.say(&token, &id, "one").await;
    let seen = stream.until("CONVERSATION_DELIVERY_ACKNOWLEDGEMENT").await;
    house.running.streams().break_off();
    assert!(stream.next().await.is_none());
    let second = house.say(&token, &id, "two").await;
    let mut again = house.stream(&token, Some(&seen.id)).await;
    assert_eq!(again.next().await.unwrap().entry(), second);
}

#[tokio::test]
async fn what_the_stream_loses_the_list_has() {
    let house = House::open().await;
    let (token, id) = house.begin().await;
    let mut stream = house.stream(&token, Some("0")).await;
    stream.until("CONVERSATION_ROUTING_RESULT").await;
    house.running.streams().lose(2);
    let lost = house.say(&token, &id, "lost").await;
    let seen = house.say(&token, &id, "seen").await;
    assert_eq!(stream.until("CONVERSATION_MESSAGE").await.entry(), seen);
    let listed = house.entries(&token, &id).await;
    assert!(listed.iter().any(|entry| entry["identifier"] == json!(lost)));
}

#[tokio::test]
async fn events_can_be_said_twice_and_change_places() {
    let house = House::open().await;
    let (token, id) = house.begin().await;
    let mut stream = house.stream(&token, Some("0")).await;
    let switch = async |switches: serde_json::Value| {
        let request = house.request(Method::POST, "", "/simulator/streams").json(&switches);
        read(request.send().await.unwrap()).await.status
    };
    assert_eq!(switch(json!({ "repeat": 1 })).await, 204);
    let twice = house.say(&token, &id, "twice").await;
    let (one, two) = (stream.until("CONVERSATION_MESSAGE").await, stream.until("CONVERSATION_MESSAGE").await);
    assert_eq!((one.entry(), two.entry()), (twice.as_str(), twice.as_str()));
    assert_ne!(one.id, two.id);
    stream.until("CONVERSATION_DELIVERY_ACKNOWLEDGEMENT").await;
    assert_eq!(switch(json!({ "swap": true })).await, 204);
    house.say(&token, &id, "after its acknowledgement").await;
    assert_eq!(stream.next().await.unwrap().name, "CONVERSATION_DELIVERY_ACKNOWLEDGEMENT");
    assert_eq!(stream.next().await.unwrap().name, "CONVERSATION_MESSAGE");
    assert_eq!(switch(json!({ "explode": true })).await, 400);
    assert_eq!(switch(json!({ "drop": true })).await, 204);
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn every_operation_has_its_name_and_answers_faults_as_the_vendor_does() {
    let house = House::open().await;
    let (token, id) = house.begin().await;
    let on = |path: &str| format!("/iamessage/api/v2{path}");
    let requests = [
        ("start.token", Method::POST, on("/authorization/unauthenticated/access-token")),
        ("start.token-known", Method::POST, on("/authorization/authenticated/access-token")),
        ("token.continue", Method::GET, on("/authorization/continuation-access-token")),
        ("start.conversation", Method::POST, on("/conversation")),
        ("send", Method::POST, on(&format!("/conversation/{id}/message"))),
        ("send.file", Method::POST, on(&format!("/conversation/{id}/file"))),
        ("typing", Method::POST, on(&format!("/conversation/{id}/entry"))),
        ("receipt", Method::POST, on(&format!("/conversation/{id}/acknowledge-entries"))),
        ("poll", Method::GET, on(&format!("/conversation/{id}/entries?direction=FromStart"))),
        ("find", Method::GET, on(&format!("/conversation/{id}/entries?direction=FromEnd"))),
        ("end.session", Method::DELETE, on(&format!("/conversation/{id}/session"))),
        ("end.conversation", Method::DELETE, on(&format!("/conversation/{id}"))),
        ("stream", Method::GET, "/eventrouter/v1/sse".to_owned()),
        ("availability", Method::GET, "/embeddedservice/v1/businesshours".to_owned()),
    ];
    for (operation, method, path) in requests {
        house.running.desk().set_faults([Fault::status(operation, 503).times(1)]).unwrap();
        let answer = read(house.request(method, &token, &path).send().await.unwrap()).await;
        assert_eq!(
            (answer.status, &answer.body["errorCode"]),
            (503, &json!("SERVICE_UNAVAILABLE")),
            "{operation}"
        );
    }
}

#[tokio::test]
async fn an_answer_can_get_lost_after_its_effect() {
    let house = House::open().await;
    let token = house.guest().await;
    let id = uuid();
    house.running.desk().set_faults([Fault::new("start.*", Kind::Reset).times(1).after()]).unwrap();
    let request = house.request(Method::POST, &token, "/iamessage/api/v2/conversation").json(&opened(&id));
    assert!(request.send().await.is_err());
    assert_eq!(house.post(&token, "/conversation", &opened(&id)).await.status, 201);
    assert_eq!(house.running.desk().summaries().len(), 1);
    let path = format!("/conversation/{id}/message");
    assert_eq!(house.post(&token, &path, &sent(&uuid(), "hi")).await.status, 202);
}

#[tokio::test]
async fn the_wire_log_keeps_no_token() {
    let house = House::open().await;
    let (token, _) = house.begin().await;
    let log = serde_json::to_string(&house.running.desk().wire().requests()).unwrap();
    assert!(log.contains("start.conversation"));
    assert!(!log.contains(&token), "{log}");
}
