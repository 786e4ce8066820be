//! Users: registration, names, presence.

use reqwest::Method;
use serde_json::{Value, json};

use crate::house::{AMBER, GHOST, House, percent};

const BOT: &str = "@_handover_bot:matrix.example";

#[tokio::test]
async fn a_ghost_is_registered_once_within_the_namespace() {
    let house = House::open().await;
    let made = house.register("_handover_jane").await;
    assert_eq!((made.status, &made.body["user_id"]), (200, &json!(GHOST)));
    assert_eq!(house.register("_handover_jane").await.refusal(), (400, "M_USER_IN_USE"));
    assert_eq!(house.register("jane").await.refusal(), (400, "M_EXCLUSIVE"));
    for strange in ["_handover_Jane", "_handover_j ne", "_handover_jäne", ""] {
        assert_eq!(house.register(strange).await.refusal(), (400, "M_INVALID_USERNAME"), "{strange}");
    }
    let long = format!("_handover_{}", "x".repeat(240));
    assert_eq!(house.register(&long).await.refusal(), (400, "M_INVALID_USERNAME"));
}

#[tokio::test]
async fn a_registration_says_how_it_is_meant() {
    let house = House::open().await;
    let whole =
        json!({ "type": "m.login.application_service", "username": "_handover_x", "inhibit_login": true });
    for (member, value, code) in [
        ("type", Value::Null, "M_BAD_JSON"),
        ("type", json!("m.login.dummy"), "M_UNKNOWN"),
        ("username", json!(7), "M_BAD_JSON"),
        ("inhibit_login", json!(false), "M_APPSERVICE_LOGIN_UNSUPPORTED"),
        ("password", json!("x"), "M_BAD_JSON"),
    ] {
        let mut body = whole.clone();
        body[member] = value;
        assert_eq!(house.post("register", body).await.refusal(), (400, code), "{member}");
    }
    assert_eq!(house.post("register", json!({})).await.refusal(), (400, "M_MISSING_PARAM"));
    assert_eq!(house.post("register", json!([])).await.refusal(), (400, "M_BAD_JSON"));
    let url = format!("{}/_matrix/client/v3/register", house.running.url());
    let request = house.client.post(url).bearer_auth(house.token).body("{");
    assert_eq!(crate::house::read(request).await.refusal(), (400, "M_NOT_JSON"));
}

#[tokio::test]
async fn a_name_is_ones_own_and_shows_in_ones_rooms() {
    let house = House::open().await;
    let room = house.room().await;
    let path = |user: &str| format!("profile/{}/displayname", percent(user));
    let name = |name: &str| json!({ "displayname": name });
    assert_eq!(house.put(&path(AMBER), name("Me")).await.refusal(), (403, "M_FORBIDDEN"));
    assert_eq!(house.put(&path(GHOST), name(&"x".repeat(257))).await.refusal(), (400, "M_INVALID_PARAM"));
    assert_eq!(house.put(&path(GHOST), json!({})).await.refusal(), (400, "M_MISSING_PARAM"));
    assert_eq!(house.put(&path(GHOST), name("a\0b")).await.refusal(), (400, "M_BAD_JSON"));
    assert_eq!(house.put(&path(GHOST), name("Jane Doe")).await.status, 200);
    let history = house.history(&room).await;
    let last = history.last().unwrap();
    assert_eq!(
        (&last["type"], &last["content"]["displayname"]),
        (&json!("m.room.member"), &json!("Jane Doe"))
    );
    assert_eq!(last["unsigned"]["prev_content"]["displayname"], "Jane");
}

#[tokio::test]
async fn presence_is_seen_by_those_who_share_a_room() {
    let house = House::open().await;
    house.register("_handover_jane").await;
    let path = format!("presence/{}/status", percent(AMBER));
    let ask = |user| house.call(Method::GET, &path, user, Value::Null);
    assert_eq!(ask(BOT).await.refusal(), (403, "M_FORBIDDEN"));
    let staff = percent(house.running.staff_room());
    let join = |user| house.call(Method::POST, "join/", user, json!({}));
    assert_eq!(join(BOT).await.refusal(), (404, "M_UNRECOGNIZED"));
    let path_of_staff = format!("join/{staff}");
    let refused = house.call(Method::POST, &path_of_staff, GHOST, json!({})).await;
    assert_eq!(refused.refusal(), (403, "M_FORBIDDEN"), "nobody has invited the ghost");
    assert_eq!(house.call(Method::POST, &path_of_staff, BOT, json!({})).await.status, 200);
    assert_eq!(ask(BOT).await.body["presence"], "online");
    assert_eq!(ask(GHOST).await.refusal(), (403, "M_FORBIDDEN"));
    house.running.desk().set_open(false);
    assert_eq!(ask(BOT).await.body["presence"], "offline");
    let members = house.call(Method::GET, &format!("rooms/{staff}/joined_members"), BOT, Value::Null).await;
    assert_eq!(members.body["joined"].as_object().unwrap().len(), 3, "{members:?}");
    assert_eq!(members.body["joined"][AMBER]["display_name"], "Amber Okafor");
}
