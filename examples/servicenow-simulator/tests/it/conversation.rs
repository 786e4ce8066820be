//! From the request for a live agent to the end.

use std::time::Duration;

use serde_json::{Value, json};

use crate::instance::{Instance, said};

#[tokio::test]
async fn a_request_for_a_live_agent_opens_a_conversation_with_all_that_was_told() {
    let instance = Instance::open().await;
    let id = instance.start().await;
    let conversation = instance.conversation(&id);
    assert_eq!(conversation["status"], "waiting");
    assert_eq!(conversation["sessionId"], "s-1");
    let customer = json!({ "id": "jane", "name": "Jane Doe", "email": "jane@example.com", "locale": "en" });
    assert_eq!(conversation["customer"], customer);
    assert_eq!(conversation["problem"], "My laptop does not start");
    assert_eq!(conversation["transcript"][1]["role"], "customer");
    assert_eq!(instance.last().operation, "start");
    let callback = instance.gateway.nth(1).await;
    assert_eq!(callback["body"][0]["actionType"], "CreateConversation");
    assert_eq!(callback["body"][2]["waitTime"], "8 Seconds");
    assert_eq!(callback["agentChat"], true);
    assert_eq!(callback["completed"], Value::Null);
}

#[tokio::test]
async fn callbacks_repeat_what_the_last_request_said() {
    let instance = Instance::open().await;
    instance.start().await;
    let callback = instance.gateway.nth(1).await;
    for (name, value) in [
        ("requestId", json!("r-1")),
        ("clientSessionId", json!("s-1")),
        ("userId", json!("jane")),
        ("clientVariables", json!({ "mine": "x" })),
        ("message", json!({ "text": "My laptop does not start", "typed": true, "clientMessageId": "m-1" })),
    ] {
        assert_eq!(callback[name], value, "{name}");
    }
}

#[tokio::test]
async fn a_closed_desk_has_nobody() {
    let instance = Instance::open().await;
    instance.running.desk().set_open(false);
    instance.tell(crate::instance::agent_request()).await;
    let callback = instance.gateway.nth(1).await;
    let words = callback["body"][0]["value"].as_str().unwrap();
    assert!(words.starts_with("No agents are available"), "{words}");
    assert_eq!(callback["completed"], true);
    assert!(instance.conversations().is_empty());
}

#[tokio::test]
async fn messages_files_and_typing_reach_the_agent() {
    let instance = Instance::open().await;
    let id = instance.start().await;
    instance.tell(said(json!({ "action": "TYPING" }))).await;
    assert_eq!(instance.conversation(&id)["customerTyping"], true);
    instance.tell(said(json!({ "action": "VIEWING" }))).await;
    assert_eq!(instance.conversation(&id)["customerTyping"], false);
    let file = json!({ "contentType": "IMAGE/png", "fileName": "a.png", "url": "https://files.example/a" });
    instance
        .tell(said(json!({ "message": { "text": "Look \u{0} 💥", "typed": true, "attachment": file } })))
        .await;
    instance.tell(said(json!({ "message": { "attachment": [file, file] } }))).await;
    let messages = instance.conversation(&id)["messages"].clone();
    assert_eq!(messages[0]["message"], "Look \u{0} 💥");
    assert_eq!(messages[0]["attachments"][0]["url"], "https://files.example/a");
    assert_eq!(messages[1]["attachments"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn no_id_of_the_clients_makes_a_message_the_same_message() {
    let instance = Instance::open().await;
    let id = instance.start().await;
    let hello = said(json!({ "message": { "text": "hi", "typed": true, "clientMessageId": "m-2" } }));
    instance.tell(hello.clone()).await;
    instance.tell(hello).await;
    assert_eq!(instance.conversation(&id)["messages"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_conversation_is_the_users_and_not_the_sessions() {
    let instance = Instance::open().await;
    let id = instance.start().await;
    let mut again = crate::instance::agent_request();
    again["clientSessionId"] = json!("s-2");
    instance.tell(again).await;
    assert_eq!(instance.conversations().len(), 1);
    assert_eq!(instance.conversation(&id)["messages"][0]["message"], "My laptop does not start");
    let mut other = crate::instance::agent_request();
    (other["userId"], other["clientSessionId"]) = (json!("john"), json!("s-3"));
    instance.tell(other).await;
    assert_eq!(instance.conversations().len(), 2);
}

#[tokio::test]
async fn the_customer_ends_and_a_fault_hands_back() {
    let instance = Instance::open().await;
    let id = instance.start().await;
    let end = said(json!({ "action": "END_CONVERSATION", "message": { "text": "", "typed": true } }));
    instance.tell(end.clone()).await;
    assert_eq!(instance.conversation(&id)["endedBy"], "customer");
    assert_eq!(instance.gateway.nth(2).await["completed"], true);
    instance.tell(end).await;
    assert_eq!(instance.running.syslog().pop().unwrap().why, "this user has no conversation");
    // The client's id of the session names nothing here: the same one again begins anew.
    instance.tell(crate::instance::agent_request()).await;
    assert_eq!(instance.conversations().len(), 2);
    instance.tell(said(json!({ "action": "FAULT_CONVERSATION", "cause": "EXTERNAL_FAILURE" }))).await;
    let callback = instance.gateway.nth(4).await;
    assert_eq!((&callback["takeControl"], &callback["body"]), (&json!(true), &json!([])));
}

#[tokio::test]
async fn who_has_no_live_agent_is_answered_by_virtual_agent() {
    let instance = Instance::open().await;
    instance.tell(said(json!({ "message": { "text": "hi", "typed": true } }))).await;
    assert_eq!(instance.gateway.nth(1).await["body"][1]["uiType"], "TopicPickerControl");
}

#[tokio::test]
async fn idle_conversations_are_closed_without_a_word() {
    let instance = Instance::open().await;
    let id = instance.start().await;
    assert_eq!(instance.running.close_idle(Duration::from_secs(3_600)), 0);
    assert_eq!(instance.running.close_idle(Duration::ZERO), 1);
    assert_eq!(instance.conversation(&id)["endedBy"], "vendor");
    // Had a callback gone out, it would come before this one.
    instance.tell(said(json!({ "message": { "text": "hi", "typed": true } }))).await;
    assert_eq!(instance.gateway.nth(2).await["body"][1]["uiType"], "TopicPickerControl");
}
