//! What agents do at the desk, as the application service is told of it.

use agent_desk::{Format, Recipient, Words};
use serde_json::{Value, json};

use crate::house::{AMBER, BEN, House};

const NAME: Option<&str> = Some("Amber Okafor");

/// Who is told to have come and gone.
fn moves(house: &House, room: &str) -> Vec<(String, String)> {
    let told = house.told("events");
    let of_agents = told.iter().filter(|event| {
        let sender = event["sender"].as_str().unwrap();
        event["type"] == "m.room.member" && event["room_id"] == room && !sender.starts_with("@_handover_")
    });
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    of_agents.map(|event| (text(&event["state_key"]), text(&event["content"]["membership"]))).collect()
}

fn pair(user: &str, membership: &str) -> (String, String) {
    (user.to_owned(), membership.to_owned())
}

#[tokio::test]
async fn who_accepts_joins_with_a_name() {
    let house = House::open().await;
    let room = house.chat().await;
    house.running.desk().accept(&room, NAME).unwrap();
    let event = house.hears("events", |event| event["sender"] == AMBER).await;
    assert_eq!(event["content"], json!({ "membership": "join", "displayname": "Amber Okafor" }));
    assert_eq!(event["unsigned"]["prev_content"]["membership"], "invite");
}

#[tokio::test]
async fn who_leaves_may_come_again_and_a_colleague_comes_before_one_goes() {
    let house = House::open().await;
    let room = house.chat().await;
    let desk = house.running.desk();
    desk.accept(&room, NAME).unwrap();
    desk.leave(&room).unwrap();
    desk.accept(&room, NAME).unwrap();
    desk.transfer(&room, NAME, Recipient::Agent("Ben Idris".to_owned())).unwrap();
    let gone = |event: &Value| event["sender"] == AMBER && event["content"]["membership"] == "leave";
    crate::house::wait(|| house.told("events").iter().filter(|event| gone(event)).count() == 2).await;
    let (join, leave) = (pair(AMBER, "join"), pair(AMBER, "leave"));
    assert_eq!(moves(&house, &room), [join.clone(), leave.clone(), join, pair(BEN, "join"), leave]);
}

#[tokio::test]
async fn who_ends_says_so_and_leaves() {
    let house = House::open().await;
    let room = house.chat().await;
    let desk = house.running.desk();
    let html = Words { format: Format::Html, ..Words::plain("<b>Bye</b>") };
    desk.say(&room, NAME, html).unwrap();
    desk.close(&room, NAME).unwrap();
    house.hears("events", |event| event["content"]["membership"] == "leave").await;
    let told = house.told("events");
    let said: Vec<&Value> = told.iter().filter(|event| event["type"] == "m.room.message").collect();
    assert_eq!(said[0]["content"]["formatted_body"], "<b>Bye</b>");
    assert_eq!(said[1]["content"], json!({ "msgtype": "m.text", "body": "!end" }));
    assert_eq!(moves(&house, &room).last(), Some(&pair(AMBER, "leave")));
}

#[tokio::test]
async fn who_reads_is_told_of_with_the_event() {
    let house = House::open().await;
    let room = house.chat().await;
    house.running.desk().accept(&room, NAME).unwrap();
    let said = house.say(&room, "1", json!({ "msgtype": "m.text", "body": "hi" })).await;
    house.running.desk().read(&room, NAME).unwrap();
    let event = house.hears("ephemeral", |event| event["type"] == "m.receipt").await;
    let id = said.body["event_id"].as_str().unwrap();
    assert!(event["content"][id]["m.read"][AMBER]["ts"].is_u64(), "{event}");
}

#[tokio::test]
async fn there_are_no_places_in_queues_and_no_files_from_elsewhere() {
    let house = House::open().await;
    let room = house.chat().await;
    let desk = house.running.desk();
    assert!(desk.queue(&room, 3).is_err());
    let file = agent_desk::Attachment {
        name: "x".to_owned(),
        content_type: "text/plain".to_owned(),
        url: "https://elsewhere.example/x".to_owned(),
    };
    let words = Words { attachments: vec![file], ..Words::default() };
    assert!(desk.say(&room, NAME, words).unwrap().1.await.unwrap().is_err());
}
