//! What the application service is told, and how.

use agent_desk::{Fault, Kind, Words};
use serde_json::json;

use crate::house::{AMBER, House, wait};

#[tokio::test]
async fn a_transaction_bears_the_token_and_is_sent_until_it_is_taken() {
    let house = House::open().await;
    *house.gateway.statuses.lock().unwrap() = vec![500, 404, 401];
    let room = house.room().await;
    wait(|| house.gateway.taken.lock().unwrap().len() > 3).await;
    house.say(&room, "1", json!({ "msgtype": "m.text", "body": "hi" })).await;
    house.hears("events", |event| event["content"]["body"] == "hi").await;
    let taken = house.gateway.taken.lock().unwrap().clone();
    assert!(taken[..4].iter().all(|one| one.id == taken[0].id && one.body == taken[0].body), "{taken:?}");
    assert_ne!(taken[4].id, taken[0].id, "the next one comes after it");
    assert_eq!(taken[0].headers["authorization"], "Bearer simulated-hs-token");
    assert_eq!(taken[0].headers["content-type"], "application/json");
    assert_eq!(taken[0].body["events"][0]["type"], "m.room.create");
}

#[tokio::test]
async fn events_come_in_order_own_echoes_too() {
    let house = House::open().await;
    let room = house.chat().await;
    house.say(&room, "1", json!({ "msgtype": "m.text", "body": "mine" })).await;
    for nth in 1..=5 {
        house.running.desk().say(&room, Some("Amber Okafor"), Words::plain(format!("answer {nth}"))).unwrap();
    }
    house.hears("events", |event| event["content"]["body"] == "answer 5").await;
    let told = house.told("events");
    let history = house.history(&room).await;
    assert_eq!(told, history, "all of the room, once and in order");
    assert!(told.iter().any(|event| event["content"]["body"] == "mine"));
    assert!(told.iter().any(|event| event["sender"] == AMBER && event["content"]["membership"] == "join"));
}

#[tokio::test]
async fn one_whose_answer_gets_lost_comes_again_under_its_id() {
    let house = House::open().await;
    let room = house.chat().await;
    let desk = house.running.desk();
    desk.set_faults([Fault::new("webhook.message", Kind::DropAnswer).times(1)]).unwrap();
    desk.say(&room, Some("Amber Okafor"), Words::plain("Hello")).unwrap().1.await.unwrap().unwrap();
    let taken = house.gateway.taken.lock().unwrap().clone();
    let hello: Vec<_> = taken.iter().filter(|one| one.body.to_string().contains("Hello")).collect();
    assert_eq!(hello.len(), 2);
    assert_eq!((&hello[0].id, &hello[0].body), (&hello[1].id, &hello[1].body));
}

#[tokio::test]
async fn one_that_is_forgotten_is_in_the_history_alone() {
    let house = House::open().await;
    let room = house.chat().await;
    house.running.desk().accept(&room, Some("Amber Okafor")).unwrap();
    house.hears("events", |event| event["sender"] == AMBER).await;
    house.running.forget_next_transaction();
    for text in ["lost", "told"] {
        house
            .running
            .desk()
            .say(&room, Some("Amber Okafor"), Words::plain(text))
            .unwrap()
            .1
            .await
            .unwrap()
            .unwrap();
    }
    house.hears("events", |event| event["content"]["body"] == "told").await;
    assert!(!house.told("events").iter().any(|event| event["content"]["body"] == "lost"));
    assert!(house.history(&room).await.iter().any(|event| event["content"]["body"] == "lost"));
}

#[tokio::test]
async fn what_passes_comes_under_both_names() {
    let house = House::open().await;
    let room = house.chat().await;
    house.running.desk().accept(&room, Some("Amber Okafor")).unwrap();
    house.running.desk().agent_types(&room, Some("Amber Okafor"), true).unwrap();
    house.hears("ephemeral", |event| event["content"]["user_ids"] == json!([AMBER])).await;
    assert_eq!(house.told("ephemeral"), house.told("de.sorunome.msc2409.ephemeral"));
}
