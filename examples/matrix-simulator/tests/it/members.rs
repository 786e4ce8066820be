//! Invitations, leaving, removal.

use matrix_simulator::Config;
use serde_json::json;

use crate::house::{AMBER, BEN, GHOST, House, percent, wait};

#[tokio::test]
async fn the_first_invitation_of_an_agent_shows_the_room_at_the_desk() {
    let house = House::open().await;
    let room = house.room().await;
    house.say(&room, "1", json!({ "msgtype": "m.notice", "body": "Jane asks for a person" })).await;
    assert!(house.running.desk().summaries().is_empty());
    assert_eq!(house.in_room(&room, "invite", json!({ "user_id": AMBER })).await.status, 200);
    assert_eq!(house.in_room(&room, "invite", json!({ "user_id": BEN })).await.status, 200);
    let [summary] = house.running.desk().summaries().try_into().unwrap();
    assert_eq!((&summary["id"], &summary["problem"]), (&json!(room), &json!("It is on fire")));
    assert_eq!(summary["customer"]["name"], "Jane");
    let detail = house.running.desk().look(&room, |known| known.detail()).unwrap();
    assert_eq!(detail["messages"][0]["message"], "Jane asks for a person");
    assert_eq!(detail["messages"][0]["kind"], "system");
}

#[tokio::test]
async fn who_cannot_be_invited_is_not() {
    let house = House::open().await;
    let room = house.chat().await;
    let invite = |user: &'static str| house.in_room(&room, "invite", json!({ "user_id": user }));
    assert_eq!(invite("@nobody:matrix.example").await.refusal(), (404, "M_NOT_FOUND"));
    assert_eq!(invite("amber").await.refusal(), (400, "M_INVALID_PARAM"));
    assert_eq!(house.in_room(&room, "invite", json!({})).await.refusal(), (400, "M_MISSING_PARAM"));
    house.running.desk().accept(&room, Some("Amber Okafor")).unwrap();
    house.hears("events", |event| event["content"]["membership"] == "join" && event["sender"] == AMBER).await;
    assert_eq!(invite(AMBER).await.refusal(), (403, "M_FORBIDDEN"), "she is there");
    assert_eq!(
        house.in_room("!none", "invite", json!({ "user_id": BEN })).await.refusal(),
        (403, "M_FORBIDDEN")
    );
}

#[tokio::test]
async fn who_leaves_has_ended_the_conversation_and_says_nothing_more() {
    let house = House::open().await;
    let room = house.chat().await;
    assert_eq!(house.in_room(&room, "leave", json!({})).await.status, 200);
    let summary = &house.running.desk().summaries()[0];
    assert_eq!((&summary["status"], &summary["endedBy"]), (&json!("ended"), &json!("customer")));
    assert_eq!(house.in_room(&room, "leave", json!({})).await.status, 200, "as often as one likes");
    let content = json!({ "msgtype": "m.text", "body": "hi" });
    assert_eq!(house.say(&room, "1", content).await.refusal(), (403, "M_FORBIDDEN"));
    assert_eq!(house.in_room("!none", "leave", json!({})).await.refusal(), (403, "M_FORBIDDEN"));
}

#[tokio::test]
async fn only_who_stands_above_removes_others() {
    let house = House::with(Config { joins_at_once: true, ..Config::default() }).await;
    let room = house.chat().await;
    let kick =
        |user: &'static str| house.in_room(&room, "kick", json!({ "user_id": user, "reason": "done" }));
    assert_eq!(kick(BEN).await.refusal(), (403, "M_FORBIDDEN"), "he is not there");
    assert_eq!(kick(GHOST).await.refusal(), (403, "M_FORBIDDEN"), "nobody stands above oneself");
    assert_eq!(kick(AMBER).await.status, 200);
    let members = house.get(&format!("rooms/{}/joined_members", percent(&room))).await;
    assert_eq!(members.body["joined"], json!({ GHOST: { "display_name": "Jane", "avatar_url": null } }));
    house.in_room(&room, "leave", json!({})).await;
    let members = house.get(&format!("rooms/{}/joined_members", percent(&room))).await;
    assert_eq!(members.refusal(), (403, "M_FORBIDDEN"));
    wait(|| !house.told("events").is_empty()).await;
}
