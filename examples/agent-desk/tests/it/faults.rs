//! The vendor can be made to fail, in each of the ways the network and its servers fail.

use std::time::Duration;

use serde_json::{Value, json};

use crate::house::House;

async fn send(house: &House, id: &str) -> reqwest::Result<crate::house::Answer> {
    house.try_post(&format!("/chats/{id}/messages"), json!({ "text": "hello" })).await
}

#[tokio::test]
async fn a_status_meets_so_many_requests_of_its_operation() {
    let house = House::open().await;
    let id = house.start().await;
    house
        .fault(json!({ "operation": "send", "fault": "status", "status": 429, "retryAfter": 7, "times": 2 }))
        .await;
    house.start().await;
    let url = house.url(&format!("/chats/{id}/messages"));
    let answer = house.client.post(url).json(&json!({ "text": "hello" })).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), &answer.headers()["retry-after"]), (429, &"7".parse().unwrap()));
    assert_eq!(house.get("/desk/faults").await[0]["times"], 1);
    let answer = send(&house, &id).await.unwrap();
    assert_eq!((answer.status, answer.body), (429, json!({ "error": "Simulated failure 429" })));
    assert_eq!(house.get("/desk/faults").await, json!([]));
    assert_eq!(send(&house, &id).await.unwrap().status, 200);
    assert_eq!(house.messages(&id).await.len(), 1);
}

#[tokio::test]
async fn a_name_may_be_a_family_or_all() {
    let house = House::open().await;
    house
        .fault(json!({ "operation": "bot.*", "fault": "status", "status": 503, "body": { "own": true } }))
        .await;
    let answer = house.post("/bot", json!({ "action": "SEND" })).await;
    assert_eq!((answer.status, answer.body), (503, json!({ "own": true })));
    house.start().await;
    house.fault(json!({ "operation": "*", "fault": "status", "status": 500 })).await;
    assert_eq!(house.post("/chats", json!({})).await.status, 500);
    house.client.delete(house.url("/desk/faults")).send().await.unwrap();
    house.start().await;
}

#[tokio::test]
async fn a_fault_after_the_effect_leaves_the_effect() {
    let house = House::open().await;
    let id = house.start().await;
    for (fault, effects) in [
        (json!({ "fault": "reset" }), 0),
        (json!({ "fault": "reset", "after": true }), 1),
        (json!({ "fault": "status", "status": 500 }), 1),
        (json!({ "fault": "status", "status": 500, "after": true }), 2),
    ] {
        let Value::Object(mut fault) = fault else { panic!("an object") };
        fault.extend([("operation".to_owned(), json!("send")), ("times".to_owned(), json!(1))]);
        let reset = fault["fault"] == "reset";
        house.fault(fault.into()).await;
        let answer = send(&house, &id).await;
        assert_eq!(answer.is_err(), reset, "{answer:?}");
        assert_eq!(house.messages(&id).await.len(), effects);
    }
}

#[tokio::test]
async fn a_reset_is_one_on_the_wire() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let house = House::open().await;
    house.fault(json!({ "operation": "start", "fault": "reset" })).await;
    let mut stream = tokio::net::TcpStream::connect(house.running.addr()).await.unwrap();
    let head =
        "POST /chats HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
    stream.write_all(head.as_bytes()).await.unwrap();
    let error = stream.read(&mut [0; 64]).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn a_held_request_is_never_answered_and_has_its_effect_only_where_it_should() {
    let house = House::open().await;
    let id = house.start().await;
    for (after, effects) in [(false, 0), (true, 1)] {
        house.fault(json!({ "operation": "send", "fault": "hold", "after": after, "times": 1 })).await;
        let url = house.url(&format!("/chats/{id}/messages"));
        let request =
            house.client.post(url).json(&json!({ "text": "hello" })).timeout(Duration::from_millis(200));
        assert!(request.send().await.unwrap_err().is_timeout());
        assert_eq!(house.messages(&id).await.len(), effects);
    }
    let statuses: Vec<_> = house.desk().wire().requests().iter().map(|exchange| exchange.status).collect();
    assert_eq!(statuses, [Some(200), None, None]);
}

#[tokio::test]
async fn a_slow_request_is_carried_out() {
    let house = House::open().await;
    let id = house.start().await;
    for after in [false, true] {
        house
            .fault(json!({ "operation": "send", "fault": "slow", "ms": 20, "after": after, "times": 1 }))
            .await;
        assert_eq!(send(&house, &id).await.unwrap().status, 200);
    }
    assert_eq!(house.messages(&id).await.len(), 2);
}

#[tokio::test]
async fn agents_are_not_met_by_faults() {
    let house = House::open().await;
    let id = house.start().await;
    house.fault(json!({ "operation": "*", "fault": "reset" })).await;
    assert_eq!(house.say(&id, "hello").await.status, 200);
}

#[tokio::test]
async fn a_fault_that_makes_no_sense_is_refused() {
    let house = House::open().await;
    for fault in [
        json!({}),
        json!({ "operation": "", "fault": "reset" }),
        json!({ "operation": "send", "fault": "explode" }),
        json!({ "operation": "send", "fault": "status" }),
        json!({ "operation": "send", "fault": "status", "status": 200 }),
        json!({ "operation": "send", "fault": "slow" }),
        json!({ "operation": "send", "fault": "reset", "status": 500 }),
        json!({ "operation": "send", "fault": "reset", "times": 0 }),
        json!({ "operation": "send", "fault": "reset", "count": 1 }),
    ] {
        assert_eq!(house.post("/desk/faults", fault.clone()).await.status, 400, "{fault}");
    }
    assert_eq!(house.get("/desk/faults").await, json!([]));
}
