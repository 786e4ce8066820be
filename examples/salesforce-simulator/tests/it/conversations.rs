//! What a visitor does in a conversation.

use agent_desk::{Status, Words};
use serde_json::{Value, json};

use crate::house::{House, opened, sent, uuid, with};

#[tokio::test]
async fn the_same_id_again_is_the_same_conversation() {
    let house = House::open().await;
    let (token, id) = house.begin().await;
    let before = house.entries(&token, &id).await.len();
    assert_eq!(house.post(&token, "/conversation", &opened(&id)).await.status, 201);
    assert_eq!(house.entries(&token, &id).await.len(), before);
    assert_eq!(house.running.desk().summaries().len(), 1);
    let name = house.running.desk().look(&id, |chat| chat.opening.customer.name.clone()).unwrap();
    assert_eq!(name.as_deref(), Some("Jane Doe"));
}

#[tokio::test]
async fn an_opening_that_is_not_as_documented_is_refused() {
    let house = House::open().await;
    let token = house.guest().await;
    let id = uuid();
    for (pointer, value) in [
        ("/conversationId", Value::Null),
        ("/conversationId", json!(id.to_uppercase())),
        ("/conversationId", json!(id.replace('-', ""))),
        ("/conversationId", json!("00000000-0000-4000-0000-000000000000")),
        ("/esDeveloperName", Value::Null),
        ("/esDeveloperName", json!("Another")),
        ("/routingAttributes", json!({ "order": 5 })),
        ("/language", json!(7)),
        ("/sessionId", json!("x")),
    ] {
        let answer = house.post(&token, "/conversation", &with(opened(&id), pointer, value)).await;
        assert_eq!((answer.status, &answer.body["errorCode"]), (400, &json!("BAD_REQUEST")), "{pointer}");
    }
    let answer = house.post(&token, "/conversation", &opened(&id.to_uppercase())).await;
    let expected = "Specify the conversationId in UUID format. The UUID must be in lowercase.";
    assert_eq!(answer.body["message"], expected);
    assert!(house.running.desk().summaries().is_empty());
}

#[tokio::test]
async fn another_visitor_may_not_touch_a_conversation() {
    let house = House::open().await;
    let (_, id) = house.begin().await;
    let other = house.guest().await;
    let message = sent(&uuid(), "hi");
    let typing = json!({ "entryType": "TypingStartedIndicator", "id": uuid() });
    let acks = json!({ "acks": [{ "id": uuid(), "entryType": "Read", "conversationEntryId": uuid() }] });
    for answer in [
        house.post(&other, "/conversation", &opened(&id)).await,
        house.post(&other, &format!("/conversation/{id}/message"), &message).await,
        house.post(&other, &format!("/conversation/{id}/entry"), &typing).await,
        house.post(&other, &format!("/conversation/{id}/acknowledge-entries"), &acks).await,
        house.get(&other, &format!("/iamessage/api/v2/conversation/{id}/entries")).await,
        house.delete(&other, &format!("/conversation/{id}?esDeveloperName=Custom_Client")).await,
    ] {
        assert_eq!((answer.status, &answer.body["errorCode"]), (403, &json!("FORBIDDEN")), "{answer:?}");
    }
}

#[tokio::test]
async fn a_message_arrives_once_however_often_it_is_sent() {
    let house = House::open().await;
    let (token, id) = house.begin().await;
    let message = uuid();
    let path = format!("/conversation/{id}/message");
    for _ in 0..2 {
        let answer = house.post(&token, &path, &sent(&message, "Hëllo 💥")).await;
        assert_eq!(answer.status, 202);
        assert_eq!(answer.body["conversationEntries"][0]["id"], json!(message));
    }
    let texts = |chat: &agent_desk::Conversation| -> Vec<String> {
        chat.messages.iter().map(|message| message.text.clone()).collect()
    };
    assert_eq!(house.running.desk().look(&id, texts).unwrap(), ["Hëllo 💥"]);
    let echoes = house.entries(&token, &id).await;
    let echoes: Vec<&Value> = echoes.iter().filter(|entry| entry["entryType"] == "Message").collect();
    assert_eq!(echoes.len(), 1);
    assert_eq!(
        (&echoes[0]["identifier"], &echoes[0]["sender"]["role"]),
        (&json!(message), &json!("EndUser"))
    );
}

#[tokio::test]
async fn a_message_that_is_not_as_documented_is_refused() {
    let house = House::open().await;
    let (token, id) = house.begin().await;
    let path = format!("/conversation/{id}/message");
    for (pointer, value) in [
        ("/message", Value::Null),
        ("/message/id", Value::Null),
        ("/message/id", json!(uuid().to_uppercase())),
        ("/message/messageType", json!("TextMessage")),
        ("/message/messageType", Value::Null),
        ("/message/staticContent/formatType", json!("PlainText")),
        ("/message/staticContent/text", json!(" ")),
        ("/message/staticContent/text", json!("a\0b")),
        ("/message/staticContent/text", Value::Null),
        ("/message/text", json!("hi")),
        ("/text", json!("hi")),
        ("/esDeveloperName", Value::Null),
        ("/esDeveloperName", json!("Another")),
        ("/isNewMessagingSession", json!("no")),
        ("/isNewMessagingSession", json!(true)),
    ] {
        let answer = house.post(&token, &path, &with(sent(&uuid(), "hi"), pointer, value)).await;
        assert_eq!(answer.status, 400, "{pointer}: {answer:?}");
    }
    let unknown =
        house.post(&token, &format!("/conversation/{}/message", uuid()), &sent(&uuid(), "hi")).await;
    assert_eq!(unknown.status, 404);
    assert!(house.running.desk().look(&id, |chat| chat.messages.is_empty()).unwrap());
}

#[tokio::test]
async fn typing_is_shown_and_anything_else_is_refused() {
    let house = House::open().await;
    let (token, id) = house.begin().await;
    let path = format!("/conversation/{id}/entry");
    let typing = |kind: &str, id: &str| json!({ "entryType": kind, "id": id });
    for (kind, on) in [("TypingStartedIndicator", true), ("TypingStoppedIndicator", false)] {
        assert_eq!(house.post(&token, &path, &typing(kind, &uuid())).await.status, 202);
        assert_eq!(house.running.desk().look(&id, |chat| chat.customer_typing), Some(on));
    }
    for body in [
        typing("Message", &uuid()),
        typing("TypingStartedIndicator", "1"),
        json!({ "typing": true }),
        json!({ "entryType": "TypingStartedIndicator" }),
    ] {
        assert_eq!(house.post(&token, &path, &body).await.status, 400, "{body}");
    }
}

#[tokio::test]
async fn acknowledgements_reach_the_rep_and_must_be_of_a_reps_message() {
    let house = House::open().await;
    let (token, id) = house.begin().await;
    let (message, reported) = house.running.desk().say(&id, Some("Ann"), Words::plain("hi")).unwrap();
    reported.await.unwrap().unwrap();
    let path = format!("/conversation/{id}/acknowledge-entries");
    let ack = |kind: &str, of: &str| json!({ "acks": [{ "id": uuid(), "entryType": kind, "conversationEntryId": of }] });
    for (kind, delivery) in
        [("Delivery", agent_desk::Delivery::Delivered), ("Read", agent_desk::Delivery::Read)]
    {
        assert_eq!(house.post(&token, &path, &ack(kind, &message.sent_as)).await.status, 200);
        let found = house.running.desk().look(&id, |chat| chat.messages[0].delivery.clone()).unwrap();
        assert_eq!(found, Some(delivery));
    }
    let own = house.say(&token, &id, "mine").await;
    for body in [
        ack("Read", &uuid()),
        ack("Read", &own),
        ack("Seen", &message.sent_as),
        json!({ "acks": [] }),
        json!({ "acknowledgments": [] }),
        json!({ "acks": [{ "entryType": "Read", "conversationEntryId": message.sent_as }] }),
    ] {
        assert_eq!(house.post(&token, &path, &body).await.status, 400, "{body}");
    }
}

#[tokio::test]
async fn a_session_ends_and_then_a_conversation_each_once() {
    let house = House::open().await;
    let (token, id) = house.begin().await;
    let session = format!("/conversation/{id}/session?esDeveloperName=Custom_Client");
    let conversation = format!("/conversation/{id}?esDeveloperName=Custom_Client");
    for path in [&session, &conversation] {
        for bad in [path.split('?').next().unwrap().to_owned(), path.replace("Custom", "Other")] {
            assert_eq!(house.delete(&token, &bad).await.status, 400, "{bad}");
        }
        assert_eq!(house.delete(&token, path).await.status, 204, "{path}");
        assert_eq!(house.delete(&token, path).await.status, 404, "{path}");
    }
    assert_eq!(house.running.desk().look(&id, |chat| chat.status), Some(Status::Ended));
    let late = house.post(&token, &format!("/conversation/{id}/message"), &sent(&uuid(), "late")).await;
    assert_eq!(late.status, 404);
}

#[tokio::test]
async fn closing_the_conversation_ends_the_session_too() {
    let house = House::open().await;
    let (token, id) = house.begin().await;
    let path = format!("/conversation/{id}?esDeveloperName=Custom_Client");
    assert_eq!(house.delete(&token, &path).await.status, 204);
    let entries = house.entries(&token, &id).await;
    let ended = &entries.last().unwrap()["entryPayload"];
    assert_eq!((&ended["sessionStatus"], &ended["sessionEndedByRole"]), (&json!("Ended"), &json!("EndUser")));
}

#[tokio::test]
async fn without_reps_the_routing_fails_and_the_session_ends() {
    let house = House::open().await;
    house.running.desk().set_open(false);
    let (token, id) = house.begin().await;
    let entries = house.entries(&token, &id).await;
    let kinds: Vec<&str> = entries.iter().map(|entry| entry["entryType"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["SessionStatusChanged", "RoutingResult", "SessionStatusChanged"]);
    assert_eq!(entries[1]["entryPayload"]["failureType"], "RoutingError");
    assert_eq!(entries[2]["entryPayload"]["sessionEndedByRole"], "System");
}
