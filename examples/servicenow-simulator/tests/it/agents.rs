//! What live agents do, as the gateway hears it.

use agent_desk::{Attachment, Format, Recipient, Words};
use serde_json::{Value, json};
use servicenow_simulator::Config;

use crate::instance::{Instance, said};

#[tokio::test]
async fn an_agent_comes_writes_and_ends() {
    let instance = Instance::open().await;
    let id = instance.start().await;
    let desk = instance.running.desk();
    let (message, report) = desk.say(&id, Some("Ann"), Words::plain("Hello")).unwrap();
    assert_eq!(report.await.unwrap(), Ok(()));
    assert_eq!(instance.gateway.nth(2).await["body"][0]["message"], "Ann has entered the chat");
    let callback = instance.gateway.nth(3).await;
    let element = &callback["body"][0];
    assert_eq!((&element["uiType"], &element["value"]), (&json!("OutputText"), &json!("Hello")));
    assert_eq!(element["messageId"], json!(message.sent_as));
    assert_eq!((&element["agentInfo"]["agentName"], &callback["agentChat"]), (&json!("Ann"), &json!(true)));
    assert_eq!(element["agentInfo"]["agentId"].as_str().unwrap().len(), 32);
    desk.close(&id, Some("Ann")).unwrap();
    let callback = instance.gateway.nth(4).await;
    assert_eq!((&callback["completed"], &callback["agentChat"]), (&json!(true), &Value::Null));
}

#[tokio::test]
async fn html_and_files_are_elements_of_their_own() {
    let instance = Instance::open().await;
    let id = instance.start().await;
    let file = |name: &str, kind: &str| Attachment {
        name: name.to_owned(),
        content_type: kind.to_owned(),
        url: format!("https://files.example/{name}"),
    };
    let attachments = vec![file("a.png", "image/png"), file("a.pdf", "application/pdf")];
    let words = Words { text: "<b>Look</b>".to_owned(), format: Format::Html, attachments };
    instance.running.desk().say(&id, Some("Ann"), words).unwrap();
    let body = instance.gateway.nth(3).await["body"].clone();
    let kinds: Vec<&str> =
        body.as_array().unwrap().iter().map(|one| one["uiType"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["OutputHtml", "OutputImage", "OutputText"]);
    assert_eq!(
        (&body[2]["itemType"], &body[2]["value"]),
        (&json!("File"), &json!("https://files.example/a.pdf"))
    );
}

#[tokio::test]
async fn typing_leaving_transfer_and_waiting_are_told() {
    let instance = Instance::open().await;
    let id = instance.start().await;
    let desk = instance.running.desk();
    desk.queue(&id, 3).unwrap();
    assert_eq!(instance.gateway.nth(2).await["body"][0]["waitTime"], "3 Minutes");
    desk.accept(&id, Some("Ann")).unwrap();
    instance.gateway.wait_for(3).await;
    desk.agent_types(&id, Some("Ann"), true).unwrap();
    assert_eq!(instance.gateway.nth(4).await["body"][0]["actionType"], "StartTypingIndicator");
    desk.transfer(&id, Some("Ann"), Recipient::Agent("Bob".to_owned())).unwrap();
    let body = instance.gateway.nth(5).await["body"].clone();
    assert_eq!(body[0]["message"], "Ann has left the chat");
    assert_eq!(body[1]["message"], "Bob has entered the chat");
    desk.leave(&id).unwrap();
    assert_eq!(instance.gateway.nth(6).await["body"][0]["message"], "Bob has left the chat");
    assert!(desk.agent_types(&id, None, true).is_ok());
}

#[tokio::test]
async fn receipts_show_on_the_agents_page() {
    let instance = Instance::open().await;
    let id = instance.start().await;
    let (message, report) = instance.running.desk().say(&id, Some("Ann"), Words::plain("Hello")).unwrap();
    report.await.unwrap().unwrap();
    let update = |status: &str| {
        said(json!({ "action": "UPDATE_MESSAGES", "message": [{ "id": message.sent_as, "status": status }] }))
    };
    let answer = instance.post(&update("Sent_To_User")).await;
    assert_eq!((answer.status, answer.body), (200, json!("Message Processed Successfully")));
    assert_eq!(instance.last().operation, "receipt");
    assert_eq!(instance.conversation(&id)["messages"][0]["status"], "delivered");
    let (message, report) =
        instance.running.desk().say(&id, Some("Ann"), Words::plain("Still there?")).unwrap();
    report.await.unwrap().unwrap();
    let update = said(
        json!({ "action": "UPDATE_MESSAGES", "message": [{ "id": message.sent_as, "status": "external_error" }] }),
    );
    instance.post(&update).await;
    assert_eq!(instance.conversation(&id)["messages"][1]["status"], "not-delivered");
}

#[tokio::test]
async fn without_the_property_there_are_no_ids_and_no_updates() {
    let instance = Instance::with(Config { third_party_chat: false, ..Config::default() }).await;
    let id = instance.start().await;
    let (message, report) = instance.running.desk().say(&id, Some("Ann"), Words::plain("Hello")).unwrap();
    report.await.unwrap().unwrap();
    assert_eq!(instance.gateway.nth(3).await["body"][0]["messageId"], Value::Null);
    let update = json!([{ "id": message.sent_as, "status": "sent_to_user" }]);
    instance.post(&said(json!({ "action": "UPDATE_MESSAGES", "message": update }))).await;
    assert_eq!(instance.conversation(&id)["messages"][0]["status"], "accepted");
    assert!(instance.running.syslog().pop().unwrap().why.contains("third_party_chat"));
}
