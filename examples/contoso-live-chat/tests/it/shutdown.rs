//! The server stops when it is told to, whatever is under way.

use contoso_live_chat::{Config, serve};
use serde_json::json;

use crate::house::{House, client};

#[tokio::test]
async fn it_stops_with_streams_open_and_the_webhook_silent() {
    let house = House::open().await;
    let stream = house.client.get(house.url("/api/events")).send().await.unwrap();
    let id = house.start().await;
    house.gateway.hold();
    let send =
        client().post(house.url("/api/chat/send")).json(&json!({ "conversationId": id, "message": "hello" }));
    let send = tokio::spawn(send.send());
    house.gateway.event("joined").await;
    let House { running, stop, .. } = house;
    drop(stop);
    running.join().await.unwrap();
    assert_eq!(send.await.unwrap().unwrap().status(), 503);
    drop(stream);
}

#[tokio::test]
async fn an_address_in_use_is_an_error_at_the_start() {
    let house = House::open().await;
    let config = Config { addr: house.running.addr(), ..Config::default() };
    let error = serve(config, std::future::pending()).await.err().unwrap();
    assert!(error.to_string().contains("cannot listen on"));
}

#[test]
fn the_default_is_the_samples_addresses_on_loopback() {
    let config = Config::default();
    assert_eq!(config.addr.to_string(), "127.0.0.1:5000");
    assert_eq!(config.webhook_url, "http://127.0.0.1:5001/api/livechat/messages");
}
