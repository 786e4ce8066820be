//! Rooms come into being, and are found.

use matrix_simulator::Config;
use serde_json::{Value, json};

use crate::house::{GHOST, House, SERVER, percent};

#[tokio::test]
async fn a_room_begins_with_the_specifications_events() {
    let house = House::open().await;
    house.register("_handover_jane").await;
    let made = house
        .post(
            "createRoom",
            json!({ "preset": "private_chat", "room_alias_name": "_handover_1", "name": "Jane" }),
        )
        .await;
    let room = made.body["room_id"].as_str().unwrap();
    let kinds: Vec<Value> = house.history(room).await.iter().map(|event| event["type"].clone()).collect();
    let expected =
        ["create", "member", "power_levels", "canonical_alias", "join_rules", "history_visibility", "name"];
    assert_eq!(kinds, expected.map(|kind| json!(format!("m.room.{kind}"))));
    assert!(
        house.history(room).await.iter().all(|event| event["sender"] == GHOST && event["room_id"] == room)
    );
    assert!(house.running.desk().summaries().is_empty(), "no agent has been asked");
    let alias = format!("directory/room/{}", percent(&format!("#_handover_1:{SERVER}")));
    assert_eq!(house.get(&alias).await.body["room_id"], room);
}

#[tokio::test]
async fn an_alias_is_taken_once() {
    let house = House::open().await;
    house.register("_handover_jane").await;
    let create = || house.post("createRoom", json!({ "room_alias_name": "_handover_1" }));
    assert_eq!(create().await.status, 200);
    assert_eq!(create().await.refusal(), (400, "M_ROOM_IN_USE"));
    let alias = format!("directory/room/{}", percent(&format!("#_handover_1:{SERVER}")));
    let call = |method| house.call(method, &alias, GHOST, Value::Null);
    assert_eq!(call(reqwest::Method::DELETE).await.status, 200);
    assert_eq!(call(reqwest::Method::DELETE).await.refusal(), (404, "M_NOT_FOUND"));
    assert_eq!(call(reqwest::Method::GET).await.refusal(), (404, "M_NOT_FOUND"));
    assert_eq!(create().await.status, 200);
}

#[tokio::test]
async fn what_no_room_can_be_is_refused() {
    let house = House::open().await;
    house.register("_handover_jane").await;
    for (body, status, code) in [
        (json!({ "room_alias_name": "other" }), 400, "M_EXCLUSIVE"),
        (json!({ "room_alias_name": "_handover_:x" }), 400, "M_INVALID_PARAM"),
        (json!({ "preset": "secret" }), 400, "M_BAD_JSON"),
        (json!({ "visibility": 1 }), 400, "M_BAD_JSON"),
        (json!({ "nmae": "x" }), 400, "M_BAD_JSON"),
        (json!({ "name": "a\u{0}b" }), 400, "M_BAD_JSON"),
        (json!({ "initial_state": [{ "type": "m.room.guest_access" }] }), 400, "M_BAD_JSON"),
        (json!({ "initial_state": [{ "type": "m.room.encryption", "content": {} }] }), 403, "M_FORBIDDEN"),
        (json!({ "room_version": "1" }), 400, "M_UNSUPPORTED_ROOM_VERSION"),
    ] {
        assert_eq!(house.post("createRoom", body.clone()).await.refusal(), (status, code), "{body}");
    }
}

#[tokio::test]
async fn state_is_for_members() {
    let house = House::open().await;
    let room = percent(&house.room().await);
    assert_eq!(
        house.get(&format!("rooms/{room}/state/m.room.name/")).await.body["name"],
        "Jane: It is on fire"
    );
    let member = format!("rooms/{room}/state/m.room.member/{}", percent(GHOST));
    assert_eq!(house.get(&member).await.body["membership"], "join");
    assert_eq!(house.get(&format!("rooms/{room}/state/m.room.avatar")).await.refusal(), (404, "M_NOT_FOUND"));
    house.register("_handover_other").await;
    let other = "@_handover_other:matrix.example";
    let path = format!("rooms/{room}/state/m.room.name/");
    let refused = house.call(reqwest::Method::GET, &path, other, Value::Null).await;
    assert_eq!(refused.refusal(), (403, "M_FORBIDDEN"));
    assert_eq!(house.get("rooms/%21none/state/m.room.name/").await.refusal(), (403, "M_FORBIDDEN"));
}

#[tokio::test]
async fn a_creation_whose_answer_is_lost_has_its_effect() {
    let house = House::with(Config { loses_creations: true, ..Config::default() }).await;
    house.register("_handover_jane").await;
    let create = || house.post("createRoom", json!({ "room_alias_name": "_handover_1" }));
    assert_eq!(create().await.status, 503);
    assert_eq!(create().await.refusal(), (400, "M_ROOM_IN_USE"));
}
