//! Hot reload with a chat open: good files take over, bad ones are turned away, and nobody in the chat notices.

use std::fs;

use serde_json::{Value, json};

use crate::component::{contoso, guest, marked};
use crate::customer::Customer;
use crate::house::House;
use crate::patience::eventually;

/// The line of the admin API that this holds of, once there is one.
async fn line(house: &House, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
    eventually(what, || async {
        let lines = house.gateway.connectors(&house.http).await;
        let found = lines.iter().find(|line| holds(line)).cloned();
        found.ok_or_else(|| json!(lines).to_string())
    })
    .await
}

async fn serving(house: &House) -> String {
    let active = |line: &Value| line["name"] == "contoso" && line["state"] == "active";
    let line = line(house, "the one that serves", active).await;
    line["digest"].as_str().expect("a digest").to_owned()
}

async fn turned_away(house: &House, why: &str) {
    let rejected = |line: &Value| {
        let reason = line["reason"].as_str().unwrap_or_default().to_lowercase();
        line["name"] == "contoso" && line["state"] == "rejected" && reason.contains(why)
    };
    line(house, &format!("a rejection because of {why:?}"), rejected).await;
}

/// Both ways, through the connector that serves.
async fn both_talk(house: &House, jane: &Customer, live: &str, nth: &str) {
    jane.says(&format!("customer, {nth}")).await;
    house.desk.hears(live, &format!("customer, {nth}")).await;
    house.desk.says(live, &format!("agent, {nth}")).await;
    house.bot.shows(&jane.conversation, &format!("**Contoso Support**: agent, {nth}")).await;
}

#[tokio::test]
async fn a_changed_component_serves_the_next_message_of_the_same_session() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let live = house.escalates(&jane).await;
    let beside = house.folder.path().join("beside.wasm");
    let target = house.connector("contoso.wasm");
    for how in ["copied over", "renamed over", "linked over"] {
        let before = serving(&house).await;
        let component = marked(&contoso(), how);
        match how {
            "copied over" => house.install("contoso.wasm", &component),
            "renamed over" => {
                fs::write(&beside, component).expect("a copy");
                fs::rename(&beside, &target).expect("a rename");
            }
            _ => {
                let link = house.folder.path().join("link");
                fs::write(&beside, component).expect("a copy");
                std::os::unix::fs::symlink(&beside, &link).expect("a link");
                fs::rename(&link, &target).expect("a rename");
            }
        }
        let other = |line: &Value| line["state"] == "active" && line["digest"] != before.as_str();
        line(&house, "another digest", other).await;
        both_talk(&house, &jane, &live, how).await;
    }
    assert_eq!(house.desk.conversations().await.len(), 1, "the session is the same");
    assert!(house.bot.ends_of("a:1jane", "sendMessage").is_empty());
}

#[tokio::test]
async fn broken_files_are_turned_away_with_a_reason_while_the_chat_goes_on() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let live = house.escalates(&jane).await;
    let good = serving(&house).await;
    let half = contoso()[..contoso().len() / 2].to_vec();
    let core = vec![0, b'a', b's', b'm', 1, 0, 0, 0];
    for (what, bytes, why) in [
        ("truncated", half, "component"),
        ("text", b"this is no connector\n".to_vec(), "no webassembly"),
        ("empty", Vec::new(), "no webassembly"),
        ("a core module", core, "core module"),
        ("another world", guest("other-world"), "world"),
        ("traps in describe", guest("traps-in-describe"), "describe"),
        ("wants more than is granted", guest("asks-for-ungranted-upstream"), "billing"),
    ] {
        house.install("contoso.wasm", &bytes);
        turned_away(&house, why).await;
        assert_eq!(serving(&house).await, good, "{what}");
        both_talk(&house, &jane, &live, what).await;
    }
    assert_eq!(house.get("/readyz").await.0, 200);
    // Whoever is new meets the good one as well.
    let joe = house.customer("joe");
    house.escalates(&joe).await;

    // And the file mended, all is as before.
    house.install("contoso.wasm", &contoso());
    eventually("no rejection", || async {
        let lines = house.gateway.connectors(&house.http).await;
        let clean = lines.iter().all(|line| line["state"] == "active");
        if clean { Ok(()) } else { Err(json!(lines).to_string()) }
    })
    .await;
    both_talk(&house, &jane, &live, "mended").await;
}

#[tokio::test]
async fn a_file_that_is_taken_away_ends_no_chat_and_begins_none() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let live = house.escalates(&jane).await;
    fs::remove_file(house.connector("contoso.wasm")).expect("it is removed");
    line(&house, "the withdrawal", |line| line["state"] == "withdrawn").await;
    both_talk(&house, &jane, &live, "withdrawn").await;
    assert_eq!(house.get("/readyz").await.0, 503);

    let joe = house.customer("joe");
    joe.starts().await;
    let end = house.bot.ends("a:1joe", "startConversation").await;
    assert_eq!(end.body["value"]["Status"], "failed");

    house.install("contoso.wasm", &contoso());
    line(&house, "its return", |line| line["state"] == "active").await;
    let again = joe.event("startConversation", json!({}));
    joe.sends(&again).await;
    let end = house.bot.gets("a:1joe", "a new start", |post| post.body["replyToId"] == again["id"]).await;
    assert_eq!(end.body["value"]["Status"], "queued");
    both_talk(&house, &jane, &live, "returned").await;
}

#[tokio::test]
async fn after_a_restart_with_a_broken_file_or_none_the_last_good_build_serves() {
    let mut house = House::open().await;
    let jane = house.customer("jane");
    let live = house.escalates(&jane).await;
    let good = serving(&house).await;

    house.install("contoso.wasm", b"broken");
    turned_away(&house, "no webassembly").await;
    house.gateway.kill();
    house.gateway.start().await;
    assert_eq!(serving(&house).await, good);
    turned_away(&house, "no webassembly").await;
    both_talk(&house, &jane, &live, "broken").await;
    let joe = house.customer("joe");
    house.escalates(&joe).await;

    fs::remove_file(house.connector("contoso.wasm")).expect("it is removed");
    house.gateway.kill();
    house.gateway.start().await;
    both_talk(&house, &jane, &live, "gone").await;
}
