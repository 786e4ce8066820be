//! A file that is left at the desk can be fetched by whoever is told of it, and by nobody else.

use serde_json::json;

use crate::house::{House, read};

#[tokio::test]
async fn a_file_is_fetched_as_it_was_left() {
    let house = House::open().await;
    let left = house.client.post(house.url("/desk/files?name=a%20b.png")).header("content-type", "image/png");
    let left = read(left.body("picture").send().await.unwrap()).await.unwrap().body;
    assert_eq!((&left["name"], &left["contentType"]), (&json!("a b.png"), &json!("image/png")));
    let id = house.start().await;
    assert_eq!(house.act(&id, "say", json!({ "attachments": [left], "wait": true })).await.status, 200);
    let url = house.gateway.of_kind("said", 1).await[0]["files"][0]["url"].as_str().unwrap().to_owned();
    assert!(url.starts_with(&house.url("/desk/files/")) && url.ends_with("/a%20b.png"), "{url}");
    let fetched = house.client.get(&url).send().await.unwrap();
    assert_eq!(
        (&fetched.headers()["content-type"], &fetched.headers()["content-disposition"]),
        (&"image/png".parse().unwrap(), &"attachment".parse().unwrap())
    );
    assert_eq!(fetched.bytes().await.unwrap(), "picture");
    let other = house.client.get(house.url("/desk/files/unknown/a.png")).send().await.unwrap();
    assert_eq!(other.status(), 404);
}

#[tokio::test]
async fn fetching_is_an_operation_that_can_fail() {
    let house = House::open().await;
    let left = house.desk().keep_file("..", "text/plain", "secret".into()).unwrap();
    assert!(left.url.ends_with("/file"), "{}", left.url);
    house.fault(json!({ "operation": "file", "fault": "status", "status": 503, "times": 1 })).await;
    assert_eq!(house.client.get(&left.url).send().await.unwrap().status(), 503);
    assert_eq!(house.client.get(&left.url).send().await.unwrap().status(), 200);
}
