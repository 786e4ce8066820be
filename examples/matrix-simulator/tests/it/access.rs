//! Who is let in, as whom, and how often.

use matrix_simulator::Config;
use reqwest::Method;
use serde_json::{Value, json};

use crate::house::{GHOST, House, read};

#[tokio::test]
async fn only_the_application_services_token_opens() {
    let mut house = House::open().await;
    let url = format!("{}/_matrix/client/v3/createRoom", house.running.url());
    let bare = read(house.client.post(&url).json(&json!({}))).await;
    assert_eq!(bare.refusal(), (401, "M_MISSING_TOKEN"));
    let in_the_query = format!("{url}?access_token=simulated-as-token");
    assert_eq!(read(house.client.post(in_the_query)).await.refusal(), (401, "M_MISSING_TOKEN"));
    let whoami = read(house.request(Method::GET, "client/v3/account/whoami")).await;
    assert_eq!(whoami.body["user_id"], "@_handover_bot:matrix.example");
    house.token = "simulated-hs-token";
    assert_eq!(house.post("createRoom", json!({})).await.refusal(), (401, "M_UNKNOWN_TOKEN"));
    let whoami = read(house.request(Method::GET, "client/v3/account/whoami")).await;
    assert_eq!(whoami.refusal(), (401, "M_UNKNOWN_TOKEN"));
    let media = read(house.request(Method::GET, "client/v1/media/download/matrix.example/x")).await;
    assert_eq!(media.refusal(), (401, "M_UNKNOWN_TOKEN"), "authenticated media");
}

#[tokio::test]
async fn it_acts_as_users_of_its_namespace_that_it_has_registered() {
    let house = House::open().await;
    let create = |user: &'static str| house.call(Method::POST, "createRoom", user, json!({}));
    for stranger in ["@jane:matrix.example", "@_handover_jane:elsewhere.example", "_handover_jane"] {
        assert_eq!(create(stranger).await.refusal(), (403, "M_FORBIDDEN"), "{stranger}");
    }
    let unknown = create(GHOST).await;
    assert_eq!(unknown.refusal(), (403, "M_FORBIDDEN"));
    assert!(unknown.body["error"].as_str().unwrap().contains("not registered"), "{unknown:?}");
    house.register("_handover_jane").await;
    assert_eq!(create(GHOST).await.status, 200);
    assert_eq!(
        create("@_handover_bot:matrix.example").await.status,
        200,
        "its sender is there from the start"
    );
}

#[tokio::test]
async fn a_device_that_nobody_made_is_unknown() {
    let house = House::open().await;
    let room = house.room().await;
    let path = format!("rooms/{}/send/m.room.message/1?device_id=HANDOVER", crate::house::percent(&room));
    let content = json!({ "msgtype": "m.text", "body": "hi" });
    assert_eq!(house.put(&path, content.clone()).await.refusal(), (400, "M_UNKNOWN_DEVICE"));
    assert_eq!(house.put("devices/HANDOVER", json!({})).await.status, 201);
    assert_eq!(house.put("devices/HANDOVER", json!({})).await.status, 200, "there already");
    assert_eq!(house.put("devices/HANDOVER", json!({ "name": "x" })).await.refusal(), (400, "M_BAD_JSON"));
    assert_eq!(house.put(&path, content).await.status, 200);
}

#[tokio::test]
async fn who_is_rate_limited_is_told_when_to_come_again() {
    let house = House::with(Config { requests_per_minute: Some(2), ..Config::default() }).await;
    for _ in 0..2 {
        assert_eq!(house.get("directory/room/%23x%3Amatrix.example").await.status, 403);
    }
    let third = house.get("directory/room/%23x%3Amatrix.example").await;
    assert_eq!(third.refusal(), (429, "M_LIMIT_EXCEEDED"));
    let after = third.body["retry_after_ms"].as_u64().unwrap();
    assert!((1..=60_000).contains(&after), "{after}");
    let seconds: u64 = third.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert_eq!(seconds, after.div_ceil(1_000));
}

#[tokio::test]
async fn what_is_not_served_is_not_recognized() {
    let house = House::open().await;
    for path in ["client/v3/sync", "client/r0/createRoom", "media/v3/download/matrix.example/x"] {
        let request = house.request(Method::GET, path);
        assert_eq!(read(request).await.refusal(), (404, "M_UNRECOGNIZED"), "{path}");
    }
    let request = house.request(Method::GET, "client/v3/createRoom");
    assert_eq!(read(request).await.refusal(), (405, "M_UNRECOGNIZED"));
    let versions = read(house.request(Method::GET, "client/versions")).await;
    assert_ne!(versions.body["versions"], Value::Null);
}

#[tokio::test]
async fn a_fault_speaks_as_a_homeserver_does() {
    let house = House::open().await;
    house.register("_handover_jane").await;
    for (status, code) in
        [(401, "M_UNKNOWN_TOKEN"), (403, "M_FORBIDDEN"), (404, "M_NOT_FOUND"), (500, "M_UNKNOWN")]
    {
        let fault = agent_desk::Fault::status("start.room", status).times(1);
        house.running.desk().set_faults([fault]).unwrap();
        assert_eq!(house.post("createRoom", json!({})).await.refusal(), (status, code));
    }
    house.running.desk().set_faults([agent_desk::Fault::status("start.room", 429).times(1)]).unwrap();
    let limited = house.post("createRoom", json!({})).await;
    assert_eq!((limited.status, &limited.body["retry_after_ms"]), (429, &json!(1_000)));
}
