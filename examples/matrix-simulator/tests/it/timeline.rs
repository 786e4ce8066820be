//! What is said, and the room's history.

use serde_json::json;

use crate::house::{House, percent};

#[tokio::test]
async fn a_transaction_is_one_event_however_often_it_is_sent() {
    let house = House::open().await;
    let room = house.chat().await;
    let said = |text: &str| json!({ "msgtype": "m.text", "body": text });
    let first = house.say(&room, "1", said("hi")).await;
    let again = house.say(&room, "1", said("hi")).await;
    let other = house.say(&room, "2", said("hi")).await;
    assert_eq!(first.body["event_id"], again.body["event_id"]);
    assert_ne!(first.body["event_id"], other.body["event_id"]);
    // Each device counts its own.
    house.put("devices/D", json!({})).await;
    let path = format!("rooms/{}/send/m.room.message/1?device_id=D", percent(&room));
    assert_ne!(house.put(&path, said("hi")).await.body["event_id"], first.body["event_id"]);
    let messages = house.running.desk().look(&room, |known| known.messages.len()).unwrap();
    assert_eq!(messages, 3);
    assert_eq!(
        house.history(&room).await.iter().filter(|event| event["type"] == "m.room.message").count(),
        3
    );
}

#[tokio::test]
async fn what_no_client_could_show_is_refused() {
    let house = House::open().await;
    let room = house.chat().await;
    for (content, status, code) in [
        (json!({ "msgtype": "m.text" }), 400, "M_BAD_JSON"),
        (json!({ "body": "hi" }), 400, "M_BAD_JSON"),
        (json!({ "msgtype": "m.text", "body": " " }), 400, "M_BAD_JSON"),
        (json!({ "msgtype": "m.text", "body": "a\u{0}b" }), 400, "M_BAD_JSON"),
        (json!({ "msgtype": "m.text", "body": "hi", "formatted_body": "<b>hi</b>" }), 400, "M_BAD_JSON"),
        (json!({ "msgtype": "m.file", "body": "x", "url": "https://x" }), 400, "M_BAD_JSON"),
        (json!({ "msgtype": "m.poem", "body": "x" }), 400, "M_BAD_JSON"),
        (json!({ "msgtype": "m.text", "body": "x".repeat(65_536) }), 413, "M_TOO_LARGE"),
        (json!("hi"), 400, "M_BAD_JSON"),
    ] {
        let refused = house.say(&room, "1", content).await;
        assert_eq!(refused.refusal(), (status, code), "{refused:?}");
    }
    assert_eq!(
        house.say(&room, "1", json!({ "msgtype": "m.text", "body": "hi" })).await.status,
        200,
        "nothing was sent"
    );
}

#[tokio::test]
async fn the_history_is_read_from_where_one_was() {
    let house = House::open().await;
    let room = house.room().await;
    let path = format!("rooms/{}/messages", percent(&room));
    let page = |query: String| {
        let path = format!("{path}?{query}");
        let house = &house;
        async move { house.get(&path).await }
    };
    let first = page("dir=f&limit=3".to_owned()).await;
    assert_eq!(first.body["chunk"].as_array().unwrap().len(), 3);
    let end = first.body["end"].as_str().unwrap().to_owned();
    let rest = page(format!("dir=f&limit=100&from={end}")).await;
    assert_eq!(rest.body["chunk"][0]["type"], "m.room.join_rules");
    let end = rest.body["end"].as_str().unwrap().to_owned();
    let nothing = page(format!("dir=f&from={end}")).await;
    assert_eq!((&nothing.body["chunk"], nothing.body.get("end")), (&json!([]), None));
    house.say(&room, "1", json!({ "msgtype": "m.text", "body": "hi" })).await;
    assert_eq!(page(format!("dir=f&from={end}")).await.body["chunk"][0]["content"]["body"], "hi");
    assert_eq!(page("dir=b&limit=1".to_owned()).await.body["chunk"][0]["content"]["body"], "hi");
    assert_eq!(page(String::new()).await.refusal(), (400, "M_MISSING_PARAM"));
    for query in ["dir=x", "dir=f&from=here", "dir=f&from=t999", "dir=f&limit=all"] {
        assert_eq!(page(query.to_owned()).await.refusal(), (400, "M_INVALID_PARAM"), "{query}");
    }
    assert_eq!(house.get("rooms/%21none/messages?dir=f").await.refusal(), (403, "M_FORBIDDEN"));
}
