//! What reps do, on the stream.

use agent_desk::{Attachment, Recipient, Words};
use serde_json::json;

use crate::house::House;

#[tokio::test]
async fn all_that_a_rep_does_is_told_in_its_order() {
    let house = House::open().await;
    let (token, id) = house.begin().await;
    let mut stream = house.stream(&token, Some("0")).await;
    let desk = house.running.desk();
    let routed = stream.until("CONVERSATION_ROUTING_RESULT").await.payload();
    assert_eq!((&routed["routingType"], &routed["failureType"]), (&json!("Initial"), &json!("None")));
    desk.queue(&id, 3).unwrap();
    assert_eq!(stream.until("CONVERSATION_QUEUE_POSITION").await.payload()["position"], 3);
    desk.accept(&id, Some("Ann")).unwrap();
    let joined = stream.until("CONVERSATION_PARTICIPANT_CHANGED").await.payload();
    assert_eq!(joined["entries"][0]["operation"], "add");
    assert_eq!(joined["entries"][0]["displayName"], "Ann");
    assert_eq!(joined["entries"][0]["participant"]["role"], "Agent");
    let active = stream.until("CONVERSATION_SESSION_STATUS_CHANGED").await.payload();
    assert_eq!(
        (&active["sessionStatusPrev"], &active["sessionStatus"]),
        (&json!("Waiting"), &json!("Active"))
    );

    desk.agent_types(&id, Some("Ann"), true).unwrap();
    let typing = stream.until("CONVERSATION_TYPING_STARTED_INDICATOR").await;
    assert_eq!(typing.data["conversationEntry"]["senderDisplayName"], "Ann");
    let url = "https://files.example/1".to_owned();
    let file = Attachment { name: "a.png".to_owned(), content_type: "image/png".to_owned(), url };
    let words = Words { text: "Look".to_owned(), attachments: vec![file], ..Words::default() };
    let (said, reported) = desk.say(&id, Some("Ann"), words).unwrap();
    reported.await.unwrap().unwrap();
    let message = stream.until("CONVERSATION_MESSAGE").await;
    assert_eq!(message.entry(), said.sent_as);
    let content = &message.payload()["abstractMessage"]["staticContent"];
    assert_eq!((&content["formatType"], &content["text"]), (&json!("Attachments"), &json!("Look")));
    assert_eq!(content["attachments"][0]["url"], "https://files.example/1");

    let own = house.say(&token, &id, "thanks").await;
    assert_eq!(stream.until("CONVERSATION_MESSAGE").await.entry(), own, "it comes back");
    let delivered = stream.until("CONVERSATION_DELIVERY_ACKNOWLEDGEMENT").await.payload();
    assert_eq!(delivered["acknowledgedConversationEntryIdentifier"], json!(own));
    desk.read(&id, Some("Ann")).unwrap();
    let read = stream.until("CONVERSATION_READ_ACKNOWLEDGEMENT").await.payload();
    assert_eq!(read["acknowledgedConversationEntryIdentifier"], json!(own));

    desk.transfer(&id, Some("Ann"), Recipient::Agent("Ben".to_owned())).unwrap();
    assert_eq!(stream.until("CONVERSATION_ROUTING_RESULT").await.payload()["routingType"], "Transfer");
    let changed = stream.until("CONVERSATION_PARTICIPANT_CHANGED").await.payload();
    let names: Vec<_> =
        changed["entries"].as_array().unwrap().iter().map(|entry| entry["displayName"].clone()).collect();
    assert_eq!(names, [json!("Ann"), json!("Ben")]);
    desk.leave(&id).unwrap();
    assert_eq!(
        stream.until("CONVERSATION_SESSION_STATUS_CHANGED").await.payload()["sessionStatus"],
        "Waiting"
    );
    desk.close(&id, Some("Ben")).unwrap();
    let ended = stream.until("CONVERSATION_SESSION_STATUS_CHANGED").await.payload();
    assert_eq!((&ended["sessionStatus"], &ended["sessionEndedByRole"]), (&json!("Ended"), &json!("Agent")));
}

#[tokio::test]
async fn in_an_ended_session_nothing_more_is_taken() {
    let house = House::open().await;
    let (token, id) = house.begin().await;
    let mut stream = house.stream(&token, Some("0")).await;
    house.running.desk().close(&id, Some("Ann")).unwrap();
    while stream.until("CONVERSATION_SESSION_STATUS_CHANGED").await.payload()["sessionStatus"] != "Ended" {}
    let path = format!("/conversation/{id}/message");
    let late = crate::house::sent(&crate::house::uuid(), "late");
    assert_eq!(house.post(&token, &path, &late).await.status, 400);
}
