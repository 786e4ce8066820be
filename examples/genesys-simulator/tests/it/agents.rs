//! What agents do, and where it shows.

use agent_desk::{Fault, Recipient};
use serde_json::json;

use crate::house::{House, said};

/// Waits until the participants are these.
async fn settles(house: &House, id: &str, people: &[&str]) {
    for _ in 0..500 {
        if house.people(id).await == people {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(house.people(id).await, people);
}

const BEGUN: [&str; 2] = ["customer connected -", "workflow disconnected transfer"];

#[tokio::test]
async fn who_comes_and_goes_shows_in_the_conversation_and_nowhere_else() {
    let house = House::with(genesys_simulator::Config {
        receipts: false,
        requests_per_minute: 100_000,
        ..genesys_simulator::Config::default()
    })
    .await;
    let id = house.begin().await;
    let desk = house.running.desk();
    let mut people = [BEGUN.as_slice(), &["acd connected -"]].concat();
    settles(&house, &id, &people).await;
    desk.accept(&id, Some("Ann")).unwrap();
    people.splice(2.., ["acd disconnected transfer", "agent connected -"]);
    settles(&house, &id, &people).await;
    desk.transfer(&id, Some("Ann"), Recipient::Agent("Ben".to_owned())).unwrap();
    people.splice(3.., ["agent disconnected transfer", "agent connected -"]);
    settles(&house, &id, &people).await;
    desk.transfer(&id, Some("Ben"), Recipient::Queue("Second level".to_owned())).unwrap();
    people.splice(4.., ["agent disconnected transfer", "acd connected -"]);
    settles(&house, &id, &people).await;
    desk.accept(&id, Some("Eve")).unwrap();
    people.splice(5.., ["acd disconnected transfer", "agent connected -"]);
    settles(&house, &id, &people).await;
    desk.leave(&id).unwrap();
    people.splice(6.., ["agent disconnected transfer", "acd connected -"]);
    settles(&house, &id, &people).await;
    desk.close(&id, Some("Ann")).unwrap();
    people.splice(7.., ["acd disconnected client"]);
    people[0] = "customer disconnected peer";
    settles(&house, &id, &people).await;
    let conversation = house.conversation(&id).await;
    assert_eq!(conversation["participants"][3]["name"], "Ann");
    assert_eq!(conversation["participants"][5]["queue"]["name"], "Second level");
    assert_eq!(house.gateway.taken.lock().unwrap().len(), 0, "the webhook knows nothing of it");
}

#[tokio::test]
async fn at_a_closed_desk_the_flow_disconnects() {
    let house = House::open().await;
    house.running.desk().set_open(false);
    let id = house.begin().await;
    assert_eq!(house.people(&id).await, ["customer disconnected peer", "workflow disconnected client"]);
}

#[tokio::test]
async fn faults_come_in_the_platforms_words_and_may_come_after_the_effect() {
    let house = House::open().await;
    let desk = house.running.desk();
    desk.set_faults([Fault::status("message", 503).times(1), Fault::status("message", 500).times(1).after()])
        .unwrap();
    let before = house.message(&said("m-1", "Hello")).await;
    assert_eq!((before.status, &before.body["code"]), (503, &json!("service.unavailable")));
    assert!(desk.summaries().is_empty());
    assert_eq!(house.message(&said("m-1", "Hello")).await.status, 500);
    assert_eq!(desk.summaries().len(), 1);
    let again = house.message(&said("m-1", "Hello")).await;
    let id = again.body["conversationId"].as_str().unwrap();
    assert_eq!(desk.look(id, |known| known.messages.len()), Some(1), "shown once");
}
