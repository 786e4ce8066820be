//! Typing and receipts.

use agent_desk::Words;
use serde_json::{Value, json};

use crate::house::{AMBER, GHOST, House, percent, wait};

fn types(house: &House, room: &str) -> bool {
    house.running.desk().look(room, |known| known.customer_typing).unwrap()
}

#[tokio::test]
async fn typing_shows_and_wears_off() {
    let house = House::open().await;
    let room = house.chat().await;
    let path = format!("rooms/{}/typing/{}", percent(&room), percent(GHOST));
    assert_eq!(house.put(&path, json!({ "typing": true, "timeout": 60_000 })).await.status, 200);
    assert!(types(&house, &room));
    house.put(&path, json!({ "typing": false })).await;
    assert!(!types(&house, &room));
    house.put(&path, json!({ "typing": true, "timeout": 1 })).await;
    wait(|| !types(&house, &room)).await;
    let told = house.hears("ephemeral", |event| event["content"]["user_ids"] == json!([GHOST])).await;
    assert_eq!((&told["type"], &told["room_id"]), (&json!("m.typing"), &json!(room)));
}

#[tokio::test]
async fn nobody_types_for_others_or_elsewhere() {
    let house = House::open().await;
    let room = percent(&house.chat().await);
    let on = || json!({ "typing": true });
    let other = format!("rooms/{room}/typing/{}", percent(AMBER));
    assert_eq!(house.put(&other, on()).await.refusal(), (403, "M_FORBIDDEN"));
    let elsewhere = format!("rooms/%21none/typing/{}", percent(GHOST));
    assert_eq!(house.put(&elsewhere, on()).await.refusal(), (403, "M_FORBIDDEN"));
    let own = format!("rooms/{room}/typing/{}", percent(GHOST));
    assert_eq!(house.put(&own, json!({})).await.refusal(), (400, "M_MISSING_PARAM"));
    assert_eq!(house.put(&own, json!({ "typing": "yes" })).await.refusal(), (400, "M_BAD_JSON"));
}

#[tokio::test]
async fn a_receipt_is_of_an_event_that_is_there() {
    let house = House::open().await;
    let room = house.chat().await;
    let (message, report) =
        house.running.desk().say(&room, Some("Amber Okafor"), Words::plain("Hello")).unwrap();
    report.await.unwrap().unwrap();
    let path = |kind: &str, event: &str| format!("receipt/{kind}/{}", percent(event));
    let unknown = house.in_room(&room, &path("m.read", "$none"), json!({})).await;
    assert_eq!(unknown.refusal(), (404, "M_NOT_FOUND"));
    let strange = house.in_room(&room, &path("m.delivered", &message.id), json!({})).await;
    assert_eq!(strange.refusal(), (400, "M_INVALID_PARAM"));
    assert_eq!(house.in_room(&room, &path("m.read", &message.id), json!({})).await.status, 200);
    let detail = house.running.desk().look(&room, |known| known.detail()).unwrap();
    let messages = detail["messages"].as_array().unwrap();
    let read: Vec<&Value> = messages.iter().filter(|one| one["id"] == message.id.as_str()).collect();
    assert_eq!(read[0]["status"], "read", "{detail}");
}
