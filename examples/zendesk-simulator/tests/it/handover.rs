//! A handover as the agents see it.

use agent_desk::{Fault, Status};
use serde_json::json;

use crate::world::{World, business, code, says};

#[tokio::test]
async fn agents_get_a_ticket_with_fields_history_and_the_customer() {
    let world = World::new().await;
    let (_, id) = world.handed_over().await;
    let (status, opening) =
        world.simulator.desk().look(&id, |talk| (talk.status, talk.opening.clone())).unwrap();
    assert_eq!(status, Status::Waiting);
    assert_eq!(opening.attributes["dataCapture.systemField.priority"], "high");
    assert_eq!(opening.transcript[0].text, "Transcript");
    assert_eq!(
        (opening.customer.name.as_deref(), opening.customer.id.as_deref()),
        (Some("Jane Doe"), Some("jane"))
    );
}

#[tokio::test]
async fn what_the_customer_writes_reaches_the_agents_and_is_told_back_to_us() {
    let world = World::new().await;
    let (user, id) = world.handed_over().await;
    let mut message = says(&user, "Hello 💥");
    message["metadata"] = json!({ "ours": "1" });
    let made = world.make(&format!("/conversations/{id}/messages"), &message).await;
    let seen = world.simulator.desk().look(&id, |talk| talk.messages.last().unwrap().clone()).unwrap();
    assert_eq!((seen.text.as_str(), json!(seen.id)), ("Hello 💥", made["messages"][0]["id"].clone()));
    let echoes = world.told("conversation:message", 2).await;
    let echo = &echoes[1];
    assert_eq!(echo["message"]["metadata"], json!({ "ours": "1" }));
    assert_eq!(echo["message"]["author"]["userId"], json!(user));
    assert_eq!(echo["conversation"]["metadata"], json!({ "mine": 1 }));
    let (_, list) = world.get(&format!("/conversations/{id}/messages")).await;
    assert_eq!(list["messages"][1]["metadata"], json!({ "ours": "1" }));
}

#[tokio::test]
async fn released_control_ends_it_and_a_second_handover_is_a_second_ticket() {
    let world = World::new().await;
    let (user, id) = world.handed_over().await;
    let place = format!("/conversations/{id}");
    world.make(&format!("{place}/releaseControl"), &json!({ "metadata": { "a": 1 } })).await;
    let desk = world.simulator.desk();
    assert_eq!(desk.look(&id, |talk| talk.status), Some(Status::Ended));
    let told = world.told("switchboard:releaseControl", 1).await;
    assert_eq!(told[0]["metadata"], json!({ "a": 1 }));
    assert!(told[0]["conversation"]["activeSwitchboardIntegration"].is_null());
    // Nobody listens any longer.
    world.make(&format!("{place}/messages"), &says(&user, "Still there?")).await;
    let agents = json!({ "switchboardIntegration": "zd-agentWorkspace" });
    world.make(&format!("{place}/passControl"), &agents).await;
    assert_eq!(desk.look(&format!("{id}.2"), |talk| talk.status), Some(Status::Waiting));
    world.make(&format!("{place}/passControl"), &agents).await;
    assert_eq!(desk.summaries().len(), 2, "to pass it again changes nothing");
}

#[tokio::test]
async fn every_operation_has_its_name_for_faults_and_the_log() {
    let world = World::new().await;
    let (user, id) = world.handed_over().await;
    let place = format!("/conversations/{id}");
    world.make(&format!("{place}/messages"), &says(&user, "Hi")).await;
    world.make(&format!("{place}/messages"), &business("Note")).await;
    world.get(&format!("{place}/messages")).await;
    world.get("/users/jane").await;
    world.get(&format!("/conversations?filter[userId]={user}")).await;
    let read = json!({ "author": { "type": "user", "userId": user }, "type": "conversation:read" });
    world.make(&format!("{place}/activity"), &read).await;
    world.make(&format!("{place}/releaseControl"), &json!({})).await;
    let names: Vec<String> =
        world.simulator.desk().wire().requests().into_iter().map(|exchange| exchange.operation).collect();
    let expected = [
        "start.create-user",
        "start.create-conversation",
        "start.take-control",
        "start.message",
        "start.pass-control",
        "start.offer-control",
        "send",
        "notice",
        "list-messages",
        "start.get-user",
        "start.list-conversations",
        "activity",
        "end",
    ];
    assert_eq!(names, expected);
    world.simulator.desk().set_faults([Fault::status("start.create-user", 429).times(1)]).unwrap();
    let refused = world.post("/users", &json!({ "externalId": "joe" })).await;
    assert_eq!(code(&refused), (429, "too_many_requests"));
}
