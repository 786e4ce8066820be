//! What may come in from the customer's side.

use agent_desk::Words;
use reqwest::Method;
use serde_json::{Value, json};

use crate::house::{CUSTOMER, House, but, said, wait};

#[tokio::test]
async fn a_first_message_begins_a_conversation_and_names_it_only_when_asked() {
    let house = House::open().await;
    let body =
        but(said("m-1", "Hello 👋"), "/channel/metadata", json!({ "customAttributes": { "order": "5" } }));
    let answer = house.inbound("message", &body).await;
    assert_eq!((answer.status, answer.body.get("conversationId")), (200, None));
    assert_eq!(answer.body["type"], "Text");
    let next = house.message(&said("m-2", "Are you there?")).await;
    let id = next.body["conversationId"].as_str().unwrap();
    let (attributes, texts) = house
        .running
        .desk()
        .look(id, |known| {
            let texts: Vec<String> = known.messages.iter().map(|message| message.text.clone()).collect();
            (known.opening.attributes.clone(), texts)
        })
        .unwrap();
    assert_eq!(attributes.get("order").map(String::as_str), Some("5"));
    assert_eq!(texts, ["Hello 👋", "Are you there?"]);
}

#[tokio::test]
async fn the_same_id_at_the_same_time_is_the_same_message() {
    let house = House::open().await;
    let first = house.message(&said("m-1", "Hello")).await;
    let again = house.message(&said("m-1", "Hello")).await;
    assert_eq!((again.status, &again.body), (200, &first.body));
    let later = but(said("m-1", "Hello"), "/channel/time", json!("2025-11-22T21:24:06Z"));
    assert_ne!(house.message(&later).await.body["id"], first.body["id"]);
    let id = first.body["conversationId"].as_str().unwrap();
    assert_eq!(house.running.desk().look(id, |known| known.messages.len()), Some(2));
}

#[tokio::test]
async fn a_message_after_the_end_begins_another_conversation() {
    let house = House::open().await;
    let first = house.begin().await;
    house.running.desk().close(&first, None).unwrap();
    let second = house.message(&said("m-2", "One more thing")).await;
    assert_ne!(second.body["conversationId"], json!(first));
}

#[tokio::test]
async fn a_message_that_does_not_fit_the_model_is_refused() {
    let house = House::open().await;
    let file = |url: &str| json!([{ "attachment": { "mediaType": "Image", "url": url } }]);
    for (pointer, value) in [
        ("/channel", Value::Null),
        ("/channel/messageId", Value::Null),
        ("/channel/messageId", json!("")),
        ("/channel/messageId", json!(1)),
        ("/channel/time", Value::Null),
        ("/channel/time", json!("yesterday")),
        ("/channel/from", Value::Null),
        ("/channel/from/id", Value::Null),
        ("/channel/from/idType", json!("opaque")),
        ("/channel/platform", json!("Open")),
        ("/text", Value::Null),
        ("/text", json!(" ")),
        ("/text", json!("a\0b")),
        ("/text", json!("x".repeat(4_001))),
        ("/metadata", json!({ "customAttributes": { "rating": "5" } })),
        ("/channel/metadata", json!({ "customAttributes": { "rating": 5 } })),
        ("/content", json!([file("https://a/1")[0], file("https://a/2")[0]])),
        ("/content", file("file:///etc/passwd")),
        ("/content", json!([{ "attachment": { "mediaType": "Picture", "url": "https://a/1" } }])),
        ("/content", json!([{ "attachment": { "mediaType": "Image" } }])),
        ("/direction", json!("Inbound")),
    ] {
        let answer = house.message(&but(said("m-1", "Hello"), pointer, value.clone())).await;
        assert_eq!((answer.status, &answer.body["code"]), (400, &json!("bad.request")), "{pointer} {value}");
    }
    let url = format!("{}/inbound/open/message", house.config.integration_id);
    assert_eq!(house.call(Method::POST, &url, None).await.status, 400, "no JSON");
    let maybe = house.inbound("message?prefetchConversationId=maybe", &said("m-1", "Hello")).await;
    assert_eq!(maybe.status, 400);
    let elsewhere = house.call(Method::POST, "other/inbound/open/message", Some(&said("m-1", "Hello"))).await;
    assert_eq!(elsewhere.status, 404);
    assert!(house.running.desk().summaries().is_empty(), "nothing of it had an effect");
}

#[tokio::test]
async fn a_file_comes_with_or_without_a_text() {
    let house = House::open().await;
    let file = json!([{ "attachment": { "mediaType": "Image", "url": "https://a/1", "mime": "image/png", "filename": "1.png" } }]);
    let id = house.begin().await;
    let bare = but(but(said("m-2", ""), "/text", Value::Null), "/content", file);
    assert_eq!(house.message(&bare).await.status, 200);
    let names = house.running.desk().look(&id, |known| {
        known
            .messages
            .iter()
            .flat_map(|message| &message.attachments)
            .map(|file| file.name.clone())
            .collect::<Vec<_>>()
    });
    assert_eq!(names.unwrap(), ["1.png"]);
}

#[tokio::test]
async fn typing_is_the_only_event_and_needs_a_conversation() {
    let house = House::open().await;
    let typing = json!({
        "channel": { "from": { "id": CUSTOMER, "idType": "Opaque" }, "time": "2025-11-22T21:24:05Z" },
        "events": [{ "eventType": "Typing", "typing": { "type": "On", "duration": 5000 } }],
    });
    assert_eq!(house.inbound("event", &typing).await.status, 404);
    let id = house.begin().await;
    assert_eq!(house.inbound("event", &typing).await.status, 200);
    assert_eq!(house.running.desk().look(&id, |known| known.customer_typing), Some(true));
    for (pointer, value) in [
        ("/events", json!([])),
        ("/events", json!([{ "eventType": "Presence" }])),
        ("/events", json!([{ "eventType": "Typing", "typing": { "type": "Off" } }])),
        ("/events", json!([{}])),
        ("/channel/messageId", json!("e-1")),
        ("/channel/time", Value::Null),
        ("/text", json!("hi")),
    ] {
        assert_eq!(
            house.inbound("event", &but(typing.clone(), pointer, value.clone())).await.status,
            400,
            "{value}"
        );
    }
}

#[tokio::test]
async fn a_receipt_is_for_a_message_that_was_posted() {
    let house = House::open().await;
    let id = house.begin().await;
    let (message, posted) = house.running.desk().say(&id, Some("Ann"), Words::plain("Hello")).unwrap();
    posted.await.unwrap().unwrap();
    let receipt = json!({
        "id": message.id,
        "channel": { "to": { "id": CUSTOMER }, "time": "2025-11-22T21:24:05Z" },
        "status": "Delivered",
    });
    for (pointer, value, status) in [
        ("/id", json!("other"), 404),
        ("/channel/to/id", json!("nobody"), 404),
        ("/id", Value::Null, 400),
        ("/status", json!("Read"), 400),
        ("/status", json!("Failed"), 400),
        ("/reasons", json!([{ "code": "GeneralError" }]), 400),
        ("/channel/to", Value::Null, 400),
    ] {
        let answer = house.inbound("receipt", &but(receipt.clone(), pointer, value.clone())).await;
        assert_eq!(answer.status, status, "{pointer} {value}");
    }
    assert_eq!(house.inbound("receipt", &receipt).await.status, 200);
    let word = || house.running.desk().look(&id, |known| known.messages[1].to_json(&id)["status"].clone());
    assert_eq!(word(), Some(json!("delivered")));
    let (late, posted) = house.running.desk().say(&id, Some("Ann"), Words::plain("Still there?")).unwrap();
    posted.await.unwrap().unwrap();
    let reasons = json!([{ "code": "GeneralError", "message": "gone" }]);
    let failed =
        but(but(but(receipt, "/id", json!(late.id)), "/status", json!("Failed")), "/reasons", reasons);
    let odd = but(failed.clone(), "/reasons", json!([{ "code": "Whatever" }]));
    assert_eq!(house.inbound("receipt", &odd).await.status, 400);
    assert_eq!(house.inbound("receipt", &failed).await.status, 200);
    wait(|| {
        let reason = house.running.desk().look(&id, |known| known.messages[2].to_json(&id)["reason"].clone());
        reason == Some(json!("gone"))
    })
    .await;
}

#[tokio::test]
async fn a_structured_response_is_what_the_button_says() {
    let house = House::open().await;
    let id = house.begin().await;
    let body = json!({
        "channel": said("m-2", "")["channel"],
        "buttonResponse": { "type": "QuickReply", "text": "Yes", "payload": "y" },
        "originatingMessageId": "a-1",
    });
    for pointer in ["/originatingMessageId", "/buttonResponse/payload", "/buttonResponse", "/channel/time"] {
        let answer = house.inbound("structured/response", &but(body.clone(), pointer, Value::Null)).await;
        assert_eq!(answer.status, 400, "{pointer}");
    }
    assert_eq!(house.inbound("structured/response", &body).await.status, 200);
    assert_eq!(
        house.running.desk().look(&id, |known| known.messages[1].text.clone()).as_deref(),
        Some("Yes")
    );
}
