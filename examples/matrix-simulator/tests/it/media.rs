//! Files.

use agent_desk::Words;
use matrix_simulator::Config;
use reqwest::Method;
use serde_json::json;

use crate::house::{AMBER, House, read};

#[tokio::test]
async fn a_file_of_the_customer_is_at_the_desk() {
    let house = House::open().await;
    let room = house.chat().await;
    let upload =
        house.request(Method::POST, "media/v3/upload?filename=a.txt").header("content-type", "text/plain");
    let kept = read(upload.body("words")).await;
    let uri = kept.body["content_uri"].as_str().unwrap();
    assert!(uri.starts_with("mxc://matrix.example/"), "{uri}");
    let content = json!({ "msgtype": "m.file", "body": "a.txt", "filename": "a.txt", "url": uri });
    assert_eq!(house.say(&room, "1", content).await.status, 200);
    let detail = house.running.desk().look(&room, |known| known.detail()).unwrap();
    let file = &detail["messages"][0]["attachments"][0];
    assert_eq!((&file["name"], &file["contentType"]), (&json!("a.txt"), &json!("text/plain")));
    let shown = read(house.client.get(file["url"].as_str().unwrap())).await;
    assert_eq!(&shown.bytes[..], b"words");
}

#[tokio::test]
async fn a_file_of_the_agent_is_in_the_media_repository() {
    let house = House::open().await;
    let room = house.chat().await;
    let desk = house.running.desk();
    let file = desk.keep_file("b.png", "image/png", (&b"picture"[..]).into()).unwrap();
    let words = Words { attachments: vec![file], ..Words::plain("Look") };
    desk.say(&room, Some("Amber Okafor"), words).unwrap().1.await.unwrap().unwrap();
    let event = house.hears("events", |event| event["content"]["msgtype"] == "m.image").await;
    assert_eq!(event["sender"], AMBER);
    assert_eq!(event["content"]["info"], json!({ "mimetype": "image/png", "size": 7 }));
    let place = event["content"]["url"].as_str().unwrap().strip_prefix("mxc://").unwrap().to_owned();
    let path = format!("client/v1/media/download/{place}");
    let got = read(house.request(Method::GET, &path)).await;
    assert_eq!(
        (&got.bytes[..], &got.headers["content-type"]),
        (&b"picture"[..], &"image/png".parse().unwrap())
    );
    let bare = house.client.get(format!("{}/_matrix/{path}", house.running.url()));
    assert_eq!(read(bare).await.refusal(), (401, "M_MISSING_TOKEN"));
    let none = house.request(Method::GET, "client/v1/media/download/matrix.example/none");
    assert_eq!(read(none).await.refusal(), (404, "M_NOT_FOUND"));
}

#[tokio::test]
async fn a_file_that_is_too_large_is_refused() {
    let house = House::with(Config { most_media: 4, ..Config::default() }).await;
    let upload = house.request(Method::POST, "media/v3/upload");
    assert_eq!(read(upload.body("words")).await.refusal(), (413, "M_TOO_LARGE"));
}
