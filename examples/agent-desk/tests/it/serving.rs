//! A simulator listens on loopback, and stops when it is told to, whatever is under way.

use std::net::SocketAddr;

use serde_json::json;

use crate::{gateway::Answer::Silence, house::House};

#[tokio::test]
async fn an_address_beyond_loopback_must_be_meant() {
    let everywhere: SocketAddr = "0.0.0.0:0".parse().unwrap();
    let error = agent_desk::bind(everywhere, false).await.err().unwrap();
    assert!(error.to_string().contains("is not loopback"), "{error}");
    assert!(agent_desk::bind(everywhere, true).await.is_ok());
    let taken = agent_desk::bind("127.0.0.1:0".parse().unwrap(), false).await.unwrap();
    let error = agent_desk::bind(taken.addr(), false).await.err().unwrap();
    assert!(error.to_string().contains("cannot listen on"), "{error}");
}

#[tokio::test]
async fn it_stops_with_streams_open_requests_held_and_the_gateway_silent() {
    let house = House::open().await;
    let stream = house.client.get(house.url("/desk/events")).send().await.unwrap();
    let id = house.start().await;
    house.gateway.will_answer(&[Silence]);
    let body = json!({ "text": "hello", "wait": true });
    let say = house.client.post(house.url(&format!("/desk/conversations/{id}/say"))).json(&body).send();
    let say = tokio::spawn(say);
    house.gateway.of_kind("accepted", 1).await;
    house.fault(json!({ "operation": "start", "fault": "hold" })).await;
    let held = tokio::spawn(house.client.post(house.url("/chats")).json(&json!({})).send());
    while house.desk().wire().requests().len() < 2 {
        tokio::task::yield_now().await;
    }
    let House { running, stop, .. } = house;
    drop(stop);
    running.join().await.unwrap();
    assert_eq!(say.await.unwrap().unwrap().status(), 502);
    assert!(held.await.unwrap().is_err());
    drop(stream);
}
