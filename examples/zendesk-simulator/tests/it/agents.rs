//! What agents do, as the webhook tells it.

use agent_desk::{Attachment, Recipient, Words};
use serde_json::json;

use crate::world::{World, code, says};

#[tokio::test]
async fn an_agents_words_and_files_are_messages_of_the_workspace() {
    let world = World::new().await;
    let (_, id) = world.handed_over().await;
    let url = world.simulator.add_media("bill.pdf", "application/pdf", "PDF");
    let file = Attachment {
        name: "bill.pdf".to_owned(),
        content_type: "application/pdf".to_owned(),
        url: url.clone(),
    };
    let words = Words { attachments: vec![file], ..Words::plain("Your bill") };
    let (message, report) = world.simulator.desk().say(&id, Some("Ann"), words).unwrap();
    report.await.unwrap().unwrap();
    let told = world.told("conversation:message", 3).await;
    let (text, file) = (&told[1]["message"], &told[2]["message"]);
    assert_eq!(text["id"], json!(message.id));
    assert_eq!(text["author"]["type"], "business");
    assert_eq!(text["author"]["displayName"], "Ann");
    assert_eq!(text["source"]["type"], "zd:agentWorkspace");
    assert!(text["metadata"]["__zendesk_msg.agent.id"].is_string());
    assert_eq!(file["content"]["mediaUrl"], json!(url));
    assert_eq!(file["content"]["mediaSize"], json!(3));
    let (_, last) = world.brought().pop().unwrap();
    assert_eq!(last["events"].as_array().unwrap().len(), 2, "several events in one request");
}

#[tokio::test]
async fn typing_and_reading_are_told_and_joining_is_not() {
    let world = World::new().await;
    let (user, id) = world.handed_over().await;
    let desk = world.simulator.desk();
    world.make(&format!("/conversations/{id}/messages"), &says(&user, "Hi")).await;
    desk.read(&id, Some("Ann")).unwrap();
    desk.accept(&id, Some("Ann")).unwrap();
    desk.agent_types(&id, Some("Ann"), true).unwrap();
    let typing = world.told("conversation:typing", 1).await;
    assert_eq!(typing[0]["activity"]["type"], "typing:start");
    world.told("conversation:read", 1).await;
    let other = |event: &serde_json::Value| {
        let kind = event["type"].as_str().unwrap();
        !(kind.starts_with("conversation:") || kind.starts_with("switchboard:"))
    };
    assert!(!world.events().iter().any(other));
}

#[tokio::test]
async fn a_closed_ticket_is_an_activity_and_released_control_in_one_request() {
    let world = World::new().await;
    let (_, id) = world.handed_over().await;
    world.simulator.desk().close(&id, Some("Ann")).unwrap();
    let released = world.told("switchboard:releaseControl", 1).await;
    assert_eq!(released[0]["reason"], "ticketClosed");
    let (_, last) = world.brought().pop().unwrap();
    assert_eq!(last["events"][0]["payload"]["message"]["activity"]["type"], "ticket:closed");
    assert_eq!(last["events"][1]["type"], "switchboard:releaseControl");
}

#[tokio::test]
async fn a_ticket_goes_to_email_or_back_to_the_bot() {
    let world = World::new().await;
    let (_, id) = world.handed_over().await;
    let desk = world.simulator.desk();
    desk.accept(&id, Some("Ann")).unwrap();
    desk.transfer(&id, Some("Ann"), Recipient::Queue("email".to_owned())).unwrap();
    assert_eq!(world.told("switchboard:releaseControl", 1).await[0]["reason"], "transferToEmail");
    let world = World::new().await;
    let (_, id) = world.handed_over().await;
    let desk = world.simulator.desk();
    desk.accept(&id, Some("Ann")).unwrap();
    desk.transfer(&id, Some("Ann"), Recipient::Queue("bot".to_owned())).unwrap();
    let passed = world.told("switchboard:passControl", 3).await;
    assert_eq!(passed[2]["conversation"]["activeSwitchboardIntegration"]["name"], "handover");
    assert!(passed[2]["reason"].is_null());
}

#[tokio::test]
async fn an_integration_on_standby_is_told_nothing() {
    let world = World::new().await;
    let (_, id) = world.conversation().await;
    let agents = json!({ "switchboardIntegration": "zd:agentWorkspace" });
    world.make(&format!("/conversations/{id}/passControl"), &agents).await;
    let (_, report) = world.simulator.desk().say(&id, Some("Ann"), Words::plain("Hello?")).unwrap();
    let failure = report.await.unwrap().unwrap_err();
    assert!(failure.to_string().contains("standby"), "{failure}");
    assert!(world.events().is_empty());
}

#[tokio::test]
async fn merged_users_deleted_conversations_and_lost_messages_are_told() {
    let world = World::new().await;
    let (user, id) = world.handed_over().await;
    let new = world.simulator.merge_user(&id).unwrap();
    let merged = world.told("user:merge", 1).await;
    assert_eq!(merged[0]["mergedUsers"]["discarded"]["id"], json!(user));
    assert_eq!(merged[0]["mergedUsers"]["surviving"]["id"], json!(new));
    let path = format!("/conversations/{id}/messages");
    assert_eq!(code(&world.post(&path, &says(&user, "Hi")).await), (404, "user_not_found"));
    world.make(&path, &says(&new, "Hi")).await;
    world.simulator.fail_delivery(&id, "m-1", "unauthorized").unwrap();
    let failed = world.told("conversation:message:delivery:failure", 1).await;
    assert_eq!(failed[0]["error"]["code"], "unauthorized");
    world.simulator.delete_conversation(&id).unwrap();
    world.told("conversation:remove", 1).await;
    assert_eq!(code(&world.get(&path).await), (404, "conversation_not_found"));
}
