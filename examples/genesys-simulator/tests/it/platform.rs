//! Looking at a conversation, looking for messages, and disconnecting the customer.

use reqwest::Method;
use serde_json::{Value, json};

use crate::house::{House, said};

#[tokio::test]
async fn the_customer_can_be_disconnected_by_its_participant() {
    let house = House::open().await;
    let id = house.begin().await;
    let conversation = house.conversation(&id).await;
    let customer = conversation["participants"][0]["id"].as_str().unwrap();
    let path = format!("{id}/participants/{customer}");
    for body in [
        json!({}),
        json!({ "state": "connected" }),
        json!({ "state": "gone" }),
        json!({ "status": "disconnected" }),
    ] {
        assert_eq!(house.call(Method::PATCH, &path, Some(&body)).await.status, 400, "{body}");
    }
    let gone = json!({ "state": "disconnected" });
    for path in [format!("{id}/participants/other"), format!("other/participants/{customer}")] {
        assert_eq!(house.call(Method::PATCH, &path, Some(&gone)).await.status, 404, "{path}");
    }
    assert_eq!(
        house.people(&id).await,
        ["customer connected -", "workflow disconnected transfer", "acd connected -"]
    );
    for _ in 0..2 {
        assert_eq!(house.call(Method::PATCH, &path, Some(&gone)).await.status, 204);
    }
    let all = ["customer disconnected client", "workflow disconnected transfer", "acd disconnected peer"];
    assert_eq!(house.people(&id).await, all);
    assert_eq!(house.running.desk().look(&id, |known| known.ending.is_some()), Some(true));
}

#[tokio::test]
async fn messages_are_found_by_the_platforms_ids_and_name_ours() {
    let house = House::open().await;
    let id = house.begin().await;
    let second = house.message(&said("m-2", "Are you there?")).await.body["id"].clone();
    let conversation = house.conversation(&id).await;
    let known: Vec<&Value> = conversation["participants"][0]["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| &m["messageId"])
        .collect();
    assert_eq!((known.len(), known[1]), (2, &second));
    let path = format!("{id}/messages/bulk");
    let found = house.call(Method::POST, &path, Some(&json!(known))).await;
    let entities = found.body["entities"].as_array().unwrap();
    assert_eq!(entities[1]["normalizedMessage"]["channel"]["messageId"], "m-2");
    let none = house.call(Method::POST, &path, Some(&json!(["other"]))).await;
    assert_eq!(none.body, json!({ "entities": [] }));
    let many: Vec<String> = (0..1_001).map(|n| n.to_string()).collect();
    for body in [json!([]), json!({}), json!([1]), json!(many)] {
        assert_eq!(house.call(Method::POST, &path, Some(&body)).await.status, 400);
    }
    assert_eq!(house.call(Method::POST, "other/messages/bulk", Some(&json!(["a"]))).await.status, 404);
}

#[tokio::test]
async fn what_is_not_there_is_not_found_in_the_platforms_words() {
    let house = House::open().await;
    let url = format!("{}/api/v2/nothing", house.running.url());
    let elsewhere = crate::house::read(house.client.get(url)).await;
    for answer in [house.call(Method::GET, "other", None).await, elsewhere] {
        assert_eq!((answer.status, &answer.body["code"]), (404, &json!("not.found")));
    }
}
