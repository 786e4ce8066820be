//! Where the live chat has an API key, only those who know it speak for customers; agents do not need it.

use contoso_live_chat::{Config, Secret};
use serde_json::{Value, json};

use crate::{
    gateway::Gateway,
    house::{Answer, House, read},
};

const KEY: &str = "the key of this API";

/// All that the gateway calls for the customer.
const CUSTOMERS: [&str; 8] = [
    "/api/chat/start",
    "/api/livechat/start",
    "/api/chat/receive",
    "/api/livechat/send",
    "/api/chat/typing",
    "/api/chat/receipt",
    "/api/chat/end",
    "/api/livechat/end",
];

async fn locked_house() -> House {
    let gateway = Gateway::start().await;
    let config = Config { webhook_url: gateway.url(), api_key: Some(Secret::new(KEY)), ..Config::default() };
    House::configured(gateway, config).await
}

async fn post_with(house: &House, authorization: &str, path: &str, body: &Value) -> Answer {
    let request = house.client.post(house.url(path)).header("authorization", authorization);
    read(request.json(body).send().await.unwrap()).await
}

async fn post_with_key(house: &House, path: &str, body: &Value) -> Answer {
    post_with(house, &format!("Bearer {KEY}"), path, body).await
}

#[tokio::test]
async fn without_the_key_nothing_is_done_for_a_customer() {
    let house = locked_house().await;
    let wrong = ["", "Bearer", "Bearer ", "Bearer the key of this AP", "Basic the key of this API", KEY];
    for path in CUSTOMERS {
        let answer = house.client.post(house.url(path)).body("{").send().await.unwrap();
        assert_eq!(answer.status(), 401, "{path} without any");
        assert_eq!(answer.headers()["www-authenticate"], "Bearer");
        let refused = Answer { status: 401, body: json!({ "error": "The API key is missing or wrong" }) };
        assert_eq!(read(answer).await, refused);
        for authorization in wrong {
            let answer = post_with(&house, authorization, path, &json!({})).await;
            assert_eq!(answer, refused, "{path} with {authorization:?}");
        }
    }
    assert_eq!(house.get("/api/conversations").await.body, json!([]));
}

#[tokio::test]
async fn a_stranger_is_not_told_what_is_broken() {
    let house = locked_house().await;
    house.post("/api/switches", json!({ "fault": "error500" })).await;
    assert_eq!(house.post("/api/chat/start", json!({})).await.status, 401);
    assert_eq!(post_with_key(&house, "/api/chat/start", &json!({})).await.status, 500);
}

#[tokio::test]
async fn with_the_key_a_customer_is_served() {
    let house = locked_house().await;
    let started = post_with_key(&house, "/api/chat/start", &json!({})).await;
    assert_eq!(started.status, 200, "{started:?}");
    let id = started.body["conversationId"].clone();
    let body = json!({ "conversationId": id, "message": "hello", "status": "read", "messageId": "none" });
    for (path, status) in CUSTOMERS.into_iter().zip([200, 200, 200, 200, 204, 404, 200, 200]) {
        assert_eq!(post_with_key(&house, path, &body).await.status, status, "{path}");
    }
    let any_case = post_with(&house, &format!("bearer {KEY}"), "/api/chat/start", &json!({})).await;
    assert_eq!(any_case.status, 200, "the name of the scheme has no case");
}

#[tokio::test]
async fn agents_and_their_console_need_no_key() {
    let house = locked_house().await;
    let started = post_with_key(&house, "/api/chat/start", &json!({})).await;
    let id = started.body["conversationId"].as_str().unwrap();
    for path in ["/", "/console.js", "/api/conversations", "/api/switches", "/api/events"] {
        assert_eq!(house.client.get(house.url(path)).send().await.unwrap().status(), 200, "{path}");
    }
    let of = json!({ "conversationId": id });
    assert_eq!(house.post("/api/switches", json!({ "fault": "none" })).await.status, 200);
    house.accept(id).await;
    assert_eq!(house.send(id, "hello").await.status, 200);
    assert_eq!(house.messages(id).await.len(), 1);
    for (path, status) in [("agent-typing", 204), ("read", 204), ("leave", 200), ("close", 200)] {
        assert_eq!(house.post(&format!("/api/chat/{path}"), of.clone()).await.status, status, "{path}");
    }
}

#[tokio::test]
async fn where_there_is_no_key_none_is_looked_at() {
    let house = House::open().await;
    assert_eq!(post_with(&house, "Bearer anything", "/api/chat/start", &json!({})).await.status, 200);
}
