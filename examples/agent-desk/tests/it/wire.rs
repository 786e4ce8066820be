//! The wire log shows what the gateway sent and what it was told, without credentials.

use agent_desk::{Settings, Skill};
use serde_json::json;

use crate::house::{House, policy};

#[tokio::test]
async fn a_request_is_shown_with_its_answer_and_without_its_credentials() {
    let settings =
        Settings { credentials: vec!["X-Acme-Key".to_owned(), "pin".to_owned()], ..Settings::default() };
    let house = House::with(settings, policy(), Skill::ALL).await;
    let body = json!({ "name": "Kim", "pin": 1234, "nested": [{ "client_secret": "s3cr3t" }] });
    let request = house.client.post(house.url("/chats?page=2&access_token=s3cr3t")).json(&body);
    let request = request.header("authorization", "Bearer s3cr3t").header("x-acme-key", "s3cr3t");
    let answer = request.header("x-request-id", "r-1").send().await.unwrap();
    assert_eq!(answer.status(), 200);

    let wire = house.get("/desk/wire").await;
    let shown = &wire[0];
    assert!(!wire.to_string().contains("s3cr3t") && !wire.to_string().contains("1234"), "{wire}");
    assert_eq!(
        (&shown["operation"], &shown["method"], &shown["path"]),
        (&json!("start"), &json!("POST"), &json!("/chats"))
    );
    assert_eq!(shown["query"], json!([["page", "2"], ["access_token", "[struck out]"]]));
    let header = |name: &str| {
        let headers = shown["headers"].as_array().unwrap();
        headers.iter().find(|header| header[0] == name).map(|header| header[1].clone()).unwrap()
    };
    assert_eq!(header("authorization"), "Bearer [struck out]");
    assert_eq!((header("x-acme-key"), header("x-request-id")), (json!("[struck out]"), json!("r-1")));
    assert_eq!(shown["body"]["name"], "Kim");
    assert_eq!((&shown["status"], &shown["answer"]["status"]), (&json!(200), &json!("waiting")));
}

#[tokio::test]
async fn one_path_with_many_operations_is_told_apart_by_the_body() {
    let house = House::open().await;
    house.post("/bot", json!({ "action": "SEND" })).await;
    house.post("/bot", json!({ "action": "DANCE" })).await;
    let operations = |wire: &serde_json::Value| -> Vec<_> {
        wire.as_array().unwrap().iter().map(|shown| shown["operation"].clone()).collect()
    };
    assert_eq!(operations(&house.get("/desk/wire").await), ["bot.send", "bot.unknown"]);
    assert_eq!(operations(&house.get("/desk/wire?operation=bot.send").await), ["bot.send"]);
    assert_eq!(operations(&house.get("/desk/wire?after=1").await), ["bot.unknown"]);
    house.client.delete(house.url("/desk/wire")).send().await.unwrap();
    assert_eq!(house.get("/desk/wire").await, json!([]));
}

#[tokio::test]
async fn forms_are_shown_by_field_and_other_bodies_by_their_size() {
    let house = House::open().await;
    let post = |kind: &'static str, body: &'static str| {
        house.client.post(house.url("/bot")).header("content-type", kind).body(body).send()
    };
    post("application/x-www-form-urlencoded", "a=1&password=s3cr3t").await.unwrap();
    post("text/plain", "s3cr3t").await.unwrap();
    post("application/json", "{").await.unwrap();
    let bodies: Vec<_> = house.desk().wire().requests().into_iter().map(|exchange| exchange.body).collect();
    let form = json!({ "a": "1", "password": "[struck out]" });
    assert_eq!(bodies, [form, json!({ "bytes": 6 }), json!({ "bytes": 1 })]);
}

#[tokio::test]
async fn a_fault_is_shown_with_the_request_it_met() {
    let house = House::open().await;
    house.fault(json!({ "operation": "start", "fault": "reset", "after": true, "times": 1 })).await;
    house.try_post("/chats", json!({})).await.unwrap_err();
    let shown = house.get("/desk/wire").await[0].clone();
    assert_eq!((&shown["fault"], &shown["status"]), (&json!("reset after"), &json!(null)));
}

#[tokio::test]
async fn each_attempt_of_a_webhook_is_shown_without_its_credentials() {
    let house = House::open().await;
    let id = house.start().await;
    house.gateway.will_answer(&[crate::gateway::Answer::Status(503)]);
    assert_eq!(house.say(&id, "hello").await.status, 200);
    let shown = house.get("/desk/webhooks").await;
    let statuses: Vec<_> = shown.as_array().unwrap().iter().map(|shown| shown["status"].clone()).collect();
    assert_eq!(statuses, [503, 200, 200]);
    assert_eq!(shown[2]["body"]["text"], "hello");
    assert_eq!(shown[2]["answer"], json!({ "token": "[struck out]" }));
    assert!(shown[2]["path"].as_str().unwrap().ends_with("/hook"));
    assert!(!shown.to_string().contains("acme-webhook-key"), "{shown}");
    assert_eq!(house.get("/desk/wire").await.as_array().unwrap().len(), 1);
}
