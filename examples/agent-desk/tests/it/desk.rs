//! The desk opens and closes, knows a session again, and learns more about a customer.

use agent_desk::{Delivery, Party, Settings, Skill, fresh_id};
use serde_json::json;

use crate::house::{House, policy};

#[tokio::test]
async fn a_closed_desk_takes_known_sessions_only() {
    let house = House::open().await;
    let first = house.post("/chats", json!({ "session": "s-1" })).await;
    assert_eq!(house.post("/desk/close", json!({})).await.body["open"], false);
    assert_eq!(house.post("/chats", json!({ "session": "s-1" })).await, first);
    let refused = house.post("/chats", json!({ "session": "s-2" })).await;
    assert_eq!((refused.status, &refused.body["code"]), (503, &json!("no-agents")));
    house.post("/desk/open", json!({})).await;
    assert_eq!(house.post("/chats", json!({ "session": "s-2" })).await.status, 200);
    assert_eq!(house.get("/desk/conversations").await.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_repeated_message_is_one_message() {
    let house = House::open().await;
    let id = house.start().await;
    let (path, body) = (format!("/chats/{id}/messages"), json!({ "text": "hello", "id": "m-1" }));
    let (first, second) = (house.post(&path, body.clone()).await, house.post(&path, body).await);
    assert_eq!(first.body["messageId"], second.body["messageId"]);
    assert_eq!((&first.body["repeated"], &second.body["repeated"]), (&json!(false), &json!(true)));
    assert_eq!(house.messages(&id).await.len(), 1);
}

#[tokio::test]
async fn what_is_learned_later_is_shown() {
    let house = House::open().await;
    let id = house.start().await;
    let amend = |opening: &mut agent_desk::Opening| {
        opening.id = "another".to_owned();
        opening.problem = Some("Charged twice".to_owned());
        opening.attributes.insert("Order".to_owned(), "7".to_owned());
    };
    house.desk().amend(&id, amend).unwrap();
    let conversation = house.conversation(&id).await;
    assert_eq!(
        (&conversation["problem"], &conversation["attributes"]["Order"]),
        (&json!("Charged twice"), &json!("7"))
    );
    assert_eq!(conversation["id"], json!(id));
}

#[tokio::test]
async fn receipts_are_shown_and_do_not_go_back() {
    let house = House::open().await;
    let id = house.start().await;
    let message_id = house.say(&id, "hello").await.body["messageId"].as_str().unwrap().to_owned();
    for (news, shown) in [
        (Delivery::Delivered, "delivered"),
        (Delivery::Read, "read"),
        (Delivery::NotDelivered("late".to_owned()), "read"),
    ] {
        house.desk().receipt(&id, &message_id, news).unwrap();
        assert_eq!(house.messages(&id).await[0]["status"], shown);
    }
}

#[tokio::test]
async fn the_vendor_itself_may_end_a_conversation() {
    let house = House::open().await;
    let id = house.start().await;
    house.desk().end(&id, Party::Vendor, Some("idle".to_owned())).unwrap();
    let conversation = house.conversation(&id).await;
    assert_eq!((&conversation["endedBy"], &conversation["endReason"]), (&json!("vendor"), &json!("idle")));
    assert!(house.gateway.told().is_empty(), "what the vendor tells of that is its own affair");
}

#[tokio::test]
async fn ids_have_the_vendors_shape_also_when_a_message_is_sent_anew() {
    let settings = Settings { message_id: || format!("acme-{}", fresh_id()), ..Settings::default() };
    let house = House::with(settings, policy(), Skill::ALL).await;
    let id = house.start().await;
    let customers = house.post(&format!("/chats/{id}/messages"), json!({ "text": "hello" })).await;
    let message_id = house.say(&id, "hi").await.body["messageId"].as_str().unwrap().to_owned();
    house.desk().receipt(&id, &message_id, Delivery::NotDelivered("no channel".to_owned())).unwrap();
    assert_eq!(house.act(&id, "retry", json!({ "messageId": message_id, "wait": true })).await.status, 200);
    let said = house.gateway.of_kind("said", 2).await;
    assert_eq!(said[0]["id"], json!(message_id));
    assert_ne!(said[1]["id"], json!(message_id), "whoever took the first would drop it as a repeat");
    for given in [&customers.body["messageId"], &said[0]["id"], &said[1]["id"]] {
        assert!(given.as_str().unwrap().starts_with("acme-"), "{given}");
    }
}
