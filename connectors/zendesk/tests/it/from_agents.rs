//! Webhooks: what agents and others write.

use handover_connector::{
    AgentMessage, Attachment, CallbackRequest, Connector, DeliveryStatus, EndReason, Ended, Event, Mapped,
    Participant, Refusal, TextFormat, testing,
};
use serde_json::{Value, json};
use zendesk::Zendesk;

use crate::exchange::{MESSAGE, SESSION, settings};

pub fn map(body: &[u8]) -> Result<Mapped, Refusal> {
    let request = CallbackRequest {
        method: "POST".to_owned(),
        url: "https://handover.example/api/callbacks/zendesk".to_owned(),
        path: String::new(),
        headers: Vec::new(),
        body: body.to_vec(),
        received: 1_763_846_645_120,
    };
    Zendesk::map(testing::context_of::<Zendesk>(&settings()), request)
}

pub fn envelope(events: &[Value]) -> Vec<u8> {
    json!({
        "app": { "id": "5ebee0975ac5304b664a12fa" },
        "webhook": { "id": "5f4eaef81e3dcc117c7ba48a", "version": "v2" },
        "events": events,
    })
    .to_string()
    .into_bytes()
}

pub fn happened(kind: &str, payload: Value) -> Value {
    json!({ "id": "e-1", "createdAt": "2025-11-22T21:24:05.120Z", "type": kind, "payload": payload })
}

/// The events of one happening in conversation `c-1`.
pub fn events(kind: &str, mut payload: Value) -> Vec<Event> {
    payload["conversation"]["id"] = json!("c-1");
    let mapped = map(&envelope(&[happened(kind, payload)])).unwrap();
    assert!(mapped.events.iter().all(|event| event.lookup_key == "c-1"));
    mapped.events.into_iter().map(|event| event.event).collect()
}

fn said(message: Value) -> Vec<Event> {
    events("conversation:message", json!({ "message": message }))
}

fn by_ann(content: &Value) -> Value {
    json!({
        "id": "a-1",
        "received": "2025-11-22T21:24:05.120Z",
        "author": { "type": "business", "displayName": "Ann", "avatarUrl": "https://acme.example/ann.png" },
        "content": content,
        "source": { "type": "zd:agentWorkspace" },
        "metadata": { "__zendesk_msg.agent.id": "360001" },
    })
}

fn ann() -> Participant {
    Participant {
        id: Some("360001".to_owned()),
        name: Some("Ann".to_owned()),
        role: Some("agent".to_owned()),
        avatar_url: Some("https://acme.example/ann.png".to_owned()),
    }
}

fn text_of(content: &Value) -> (String, TextFormat) {
    match said(by_ann(content)).pop() {
        Some(Event::Message(message)) => (message.text, message.format),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_agent_who_writes_is_there_and_says_something() {
    let message = Event::Message(AgentMessage {
        id: Some("a-1".to_owned()),
        author: ann(),
        text: "Hello 👋".to_owned(),
        format: TextFormat::Plain,
        attachments: Vec::new(),
        reply_to: None,
    });
    assert_eq!(said(by_ann(&json!({ "type": "text", "text": "Hello 👋" }))), [Event::Joined(ann()), message]);
}

#[test]
fn one_request_brings_many_events_for_many_conversations_each_with_its_name_and_time() {
    let message = by_ann(&json!({ "type": "text", "text": "Hi" }));
    let event = |id: &str, conversation: &str| {
        let payload = json!({ "conversation": { "id": conversation }, "message": message });
        json!({ "id": id, "createdAt": "2025-11-22T21:24:05.120Z", "type": "conversation:message", "payload": payload })
    };
    let mapped = map(&envelope(&[
        event("e-1", "c-1"),
        event("e-2", "c-2"),
        json!({ "id": "e-3", "type": "user:update" }),
    ]))
    .unwrap();
    let seen: Vec<_> =
        mapped.events.iter().map(|e| (e.lookup_key.as_str(), e.dedupe_id.as_deref().unwrap())).collect();
    assert_eq!(seen, [("c-1", "e-1/1"), ("c-1", "e-1"), ("c-2", "e-2/1"), ("c-2", "e-2")]);
    assert!(mapped.events.iter().all(|event| event.time == Some(1_763_846_645_120)));
    assert_eq!(mapped.answer, None);
    assert_eq!(mapped.answer_when_closed.unwrap().status, 200, "Zendesk need not tell it again");
}

#[test]
fn our_own_messages_and_those_of_the_customer_are_counted_and_dropped() {
    let mut ours = by_ann(&json!({ "type": "text", "text": "Hi" }));
    for mark in
        [json!({ "handover_message": MESSAGE }), json!({ "handover_session": SESSION, "handover_part": 0 })]
    {
        ours["metadata"] = mark;
        assert_eq!(said(ours.clone()), [Event::Ignored("echo of our own message".to_owned())]);
    }
    let customer = json!({ "id": "m-1", "author": { "type": "user", "userId": "u-1" },
        "content": { "type": "text", "text": "Hi" }, "source": { "type": "web" } });
    assert_eq!(said(customer), [Event::Ignored("the customer wrote by another channel".to_owned())]);
}

#[test]
fn who_is_no_agent_is_not_taken_for_one() {
    let mut bot = by_ann(&json!({ "type": "text", "text": "An agent will be with you shortly" }));
    bot["metadata"] = Value::Null;
    for (source, subtypes, role) in [
        ("zd:answerBot", json!(["bot"]), "bot"),
        ("api:conversations", json!(["AI"]), "bot"),
        ("api:conversations", Value::Null, "system"),
        ("zd:agentWorkspace", json!(["activity"]), "system"),
        ("zd:agentWorkspace", Value::Null, "agent"),
    ] {
        bot["source"]["type"] = json!(source);
        bot["author"]["subtypes"] = subtypes;
        let events = said(bot.clone());
        let Some(Event::Message(message)) = events.last() else { panic!("{events:?}") };
        assert_eq!(message.author.role.as_deref(), Some(role), "{source}");
        assert_eq!(events.len(), if role == "agent" { 2 } else { 1 });
    }
}

#[test]
fn html_is_html_and_choices_are_lines() {
    let html = json!({ "type": "text", "text": "*Hi*", "htmlText": "<b>Hi</b>" });
    assert_eq!(text_of(&html), ("<b>Hi</b>".to_owned(), TextFormat::Html));
    let choices = json!({ "type": "text", "text": "Which?", "htmlText": "<p>Which?</p>", "actions": [
        { "type": "reply", "text": "Red", "payload": "r" },
        { "type": "link", "text": "More", "uri": "https://acme.example/" },
    ]});
    let expected = "Which?\n- Red\n- More https://acme.example/";
    assert_eq!(text_of(&choices), (expected.to_owned(), TextFormat::Plain));
}

#[test]
fn what_is_more_than_text_stays_readable() {
    let carousel = json!({ "type": "carousel", "items": [
        { "title": "Ship", "description": "Fast", "actions": [{ "type": "link", "text": "Buy", "uri": "https://x.example/" }] },
        { "title": "Boat", "actions": [] },
    ]});
    assert_eq!(text_of(&carousel).0, "Ship\nFast\n- Buy https://x.example/\nBoat");
    let form = json!({ "type": "form", "fields": [
        { "type": "text", "name": "n", "label": "Your name?" },
        { "type": "select", "name": "c", "label": "Colour?", "options": [{ "name": "r", "label": "Red" }] },
    ]});
    assert_eq!(text_of(&form).0, "Your name?\nColour?\n- Red");
    let place = json!({ "type": "location", "coordinates": { "lat": 47.5, "long": 7.25 }, "location": { "name": "Shop" } });
    assert_eq!(text_of(&place).0, "Shop\n47.5, 7.25");
}

#[test]
fn files_come_with_their_names_and_private_ones_through_the_gateway() {
    let attachment = |content: Value| match said(by_ann(&content)).pop() {
        Some(Event::Message(mut message)) => message.attachments.remove(0),
        other => panic!("{other:?}"),
    };
    let public = json!({ "type": "image", "mediaUrl": "https://media.smooch.io/x/cat.png?sig=1",
        "mediaType": "image/png", "mediaSize": 600 });
    let expected = Attachment {
        name: "cat.png".to_owned(),
        content_type: "image/png".to_owned(),
        url: "https://media.smooch.io/x/cat.png?sig=1".to_owned(),
        size: Some(600),
    };
    assert_eq!(attachment(public), expected);
    let private = json!({ "type": "file", "altText": "Bill",
        "mediaUrl": "https://acme.zendesk.com/sc/attachments/v2/01J8/bill.pdf" });
    let private = attachment(private);
    assert_eq!(private.url, "upstream:api/attachments/v2/01J8/bill.pdf");
    assert_eq!((private.name.as_str(), private.content_type.as_str()), ("Bill", "application/octet-stream"));
    let elsewhere = json!({ "type": "file", "mediaUrl": "https://acme.zendesk.com/scam/bill.pdf" });
    assert_eq!(attachment(elsewhere).url, "https://acme.zendesk.com/scam/bill.pdf");
}

#[test]
fn a_message_without_anything_to_show_is_none() {
    let expected = [Event::Ignored("a message without anything to show".to_owned())];
    assert_eq!(said(by_ann(&json!({ "type": "text", "text": " " }))), expected);
    let mut deleted = by_ann(&json!({ "type": "text", "text": "" }));
    deleted["deleted"] = json!(true);
    assert_eq!(said(deleted), [Event::MessageDeleted("a-1".to_owned())]);
}

#[test]
fn activities_of_the_system_end_the_session() {
    for (activity, by) in [
        ("ticket:closed", EndReason::LiveAgent),
        ("ticket:transfer:email", EndReason::LiveAgent),
        ("conversation:endedByUser", EndReason::Customer),
    ] {
        let mut message = by_ann(&json!({ "type": "text", "text": "Closed" }));
        message["activity"] = json!({ "type": activity });
        let ended = Ended { by, detail: Some(activity.to_owned()) };
        assert_eq!(said(message), [Event::Ended(ended)]);
    }
}

#[test]
fn a_failure_names_the_message_and_zendesks_code() {
    let payload = json!({ "message": { "id": "m-9" }, "destination": { "type": "api" },
        "error": { "code": "unauthorized", "message": "Could not send: my secret text" } });
    let events = events("conversation:message:delivery:failure", payload);
    let [Event::Delivery(delivery)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(delivery.message_id, "m-9");
    assert_eq!(delivery.status, DeliveryStatus::Failed("unauthorized (api)".to_owned()));
}

#[test]
fn nonsense_is_refused_and_what_is_not_known_yet_is_kept() {
    assert!(matches!(map(b"<html>"), Err(Refusal::Malformed(_))));
    assert!(matches!(map(br#"{"trigger":"message:appUser"}"#), Err(Refusal::Unmapped(_))), "version v1");
    assert_eq!(map(&envelope(&[])).unwrap().events, []);
    assert_eq!(
        events("conversation:something:new", json!({})),
        [Event::Ignored("conversation:something:new".to_owned())]
    );
}
