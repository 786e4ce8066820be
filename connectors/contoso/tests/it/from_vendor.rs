//! Callbacks.

use contoso::Contoso;
use handover_connector::{
    AgentMessage, CallbackRequest, Connector, EndReason, Ended, Event, Mapped, Participant, Refusal,
    TextFormat, Typing, testing,
};
use serde_json::{Value, json};

use crate::exchange::{bytes, fixture};

fn map_bytes(body: &[u8], settings: &Value) -> Result<Mapped, Refusal> {
    let request = CallbackRequest {
        method: "POST".to_owned(),
        url: "https://handover.example/api/callbacks/contoso".to_owned(),
        path: String::new(),
        headers: Vec::new(),
        body: body.to_vec(),
        received: 1_763_846_645_120,
    };
    Contoso::map(testing::context_of::<Contoso>(settings), request)
}

fn map(body: &Value) -> Result<Mapped, Refusal> {
    map_bytes(body.to_string().as_bytes(), &json!({}))
}

/// The one event of a callback.
fn event(body: &Value) -> Event {
    let mut mapped = map(body).unwrap();
    assert_eq!(mapped.events.len(), 1);
    assert_eq!(mapped.events[0].lookup_key, "c-1");
    mapped.events.remove(0).event
}

fn agent(name: &str) -> Participant {
    Participant { id: None, name: Some(name.to_owned()), role: Some("agent".to_owned()), avatar_url: None }
}

fn said(id: Option<&str>) -> Event {
    Event::Message(AgentMessage {
        id: id.map(str::to_owned),
        author: agent("Ann"),
        text: "Have you tried *turning it off*?".to_owned(),
        format: TextFormat::Markdown,
        attachments: Vec::new(),
        reply_to: None,
    })
}

#[test]
fn both_spellings_of_a_message_are_read() {
    assert_eq!(event(&fixture("callback-of-the-sample")), said(Some("a-1")));
    assert_eq!(event(&fixture("callback-of-the-readme")), said(None));
    let loud = json!({ "CONVERSATIONID": "c-1", "ID": "a-1", "TYPE": "Message",
        "MESSAGE": "Have you tried *turning it off*?", "SENDER": "Ann" });
    assert_eq!(event(&loud), said(Some("a-1")));
}

#[test]
fn every_type_of_event_is_read() {
    assert_eq!(event(&fixture("callback-joined")), Event::Joined(agent("Ann")));
    assert_eq!(event(&fixture("callback-left")), Event::Left(agent("Ann")));
    let stopped = Event::Typing(Typing { author: Some(agent("Ann")), on: false });
    assert_eq!(event(&fixture("callback-typing")), stopped);
    let ended = Event::Ended(Ended { by: EndReason::LiveAgent, detail: Some("solved".to_owned()) });
    assert_eq!(event(&fixture("callback-ended")), ended);
    // What only adds to the type may be missing.
    let bare = |kind: &str| event(&json!({ "conversationId": "c-1", "type": kind }));
    let support = || Some(agent("Contoso Support"));
    assert_eq!(bare("typing"), Event::Typing(Typing { author: support(), on: true }));
    assert_eq!(bare("ENDED"), Event::Ended(Ended { by: EndReason::LiveAgent, detail: None }));
}

#[test]
fn who_sends_no_name_gets_the_operators() {
    for body in [
        json!({ "conversationId": "c-1", "message": "hi" }),
        json!({ "conversationId": "c-1", "message": "hi", "sender": "" }),
        json!({ "conversationId": "c-1", "message": "hi", "sender": null }),
    ] {
        let name = |settings: &Value| {
            let mapped = map_bytes(body.to_string().as_bytes(), settings).unwrap();
            let Event::Message(message) = &mapped.events[0].event else { panic!("{mapped:?}") };
            message.author.name.clone().unwrap()
        };
        assert_eq!(name(&json!({})), "Contoso Support");
        assert_eq!(name(&json!({ "agent_name": "Help Desk" })), "Help Desk");
    }
}

#[test]
fn events_are_told_apart_by_id_else_by_time_and_text_else_not_at_all() {
    let dedupe = |body: Value| map(&body).unwrap().events[0].dedupe_id.clone();
    assert_eq!(dedupe(fixture("callback-of-the-sample")).as_deref(), Some("a-1"));
    let by_time = dedupe(fixture("callback-of-the-readme"));
    assert!(by_time.is_some());
    assert_eq!(by_time, dedupe(fixture("callback-of-the-readme")));
    let other = |change: &str, value: &str| {
        let mut body = fixture("callback-of-the-readme");
        body[change] = json!(value);
        dedupe(body)
    };
    assert_ne!(by_time, other("message", "else"));
    assert_ne!(by_time, other("timestamp", "2025-11-22T21:24:06Z"));
    assert_ne!(by_time, other("conversationId", "c-2"));
    assert_ne!(by_time, other("type", "joined"));
    assert_eq!(by_time, other("id", ""), "an empty id names nothing");
    assert_eq!(dedupe(json!({ "conversationId": "c-1", "message": "hi" })), None);
    assert_eq!(dedupe(json!({ "conversationId": "c-1", "message": "hi", "timestamp": "" })), None);
}

#[test]
fn the_answer_is_the_samples() {
    let answer = map(&fixture("callback-of-the-sample")).unwrap().answer.unwrap();
    assert_eq!(answer.status, 200);
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    let expected = json!({
        "message": "Message received successfully",
        "timestamp": "2025-11-22T21:24:05.120Z",
        "receivedFrom": "Ann",
    });
    assert_eq!(body, expected);
}

#[test]
fn the_same_callback_gives_the_same_events() {
    for name in [
        "callback-of-the-sample",
        "callback-of-the-readme",
        "callback-joined",
        "callback-left",
        "callback-typing",
        "callback-ended",
    ] {
        let map = || map_bytes(&bytes(name), &json!({})).unwrap();
        assert_eq!(map(), map(), "{name}");
    }
}

#[test]
fn what_the_live_chat_never_sends_is_refused_without_repeating_it() {
    let malformed = |body: &[u8]| match map_bytes(body, &json!({})).unwrap_err() {
        Refusal::Malformed(why) => why,
        other => panic!("{other:?}"),
    };
    assert_eq!(malformed(b""), "no JSON (line 1, column 0)");
    assert_eq!(malformed(b"secret text"), "no JSON (line 1, column 1)");
    assert_eq!(malformed(b"{\"conversationId\": \"c-1\""), "no JSON (line 1, column 24)");
    assert_eq!(malformed(b"{\"conversationId\": \"\xff\"}"), "no JSON (line 1, column 21)");
    for body in ["[]", "\"secret\"", "7", "null"] {
        assert_eq!(malformed(body.as_bytes()), "no JSON object");
    }
    for (body, why) in [
        (json!({ "message": "hi" }), "missing field `conversationid`"),
        (json!({ "conversationId": "", "message": "hi" }), "`conversationId` is empty"),
        (json!({ "conversationId": "c-1" }), "missing field `message`"),
        (json!({ "conversationId": "c-1", "message": null }), "missing field `message`"),
        (json!({ "conversationId": "c-1", "message": " \n" }), "`message` is empty"),
        (json!({ "conversationId": 5, "message": "hi" }), "a member has the wrong type"),
        (json!({ "conversationId": null, "message": "hi" }), "a member has the wrong type"),
        (json!({ "conversationId": "c-1", "message": ["hi"] }), "a member has the wrong type"),
        (json!({ "conversationId": "c-1", "message": "hi", "id": 7 }), "a member has the wrong type"),
        (json!({ "conversationId": "c-1", "message": "hi", "timestamp": 7 }), "a member has the wrong type"),
        (
            json!({ "conversationId": "c-1", "type": "typing", "typing": "yes" }),
            "a member has the wrong type",
        ),
    ] {
        assert_eq!(malformed(body.to_string().as_bytes()), why, "{body}");
    }
    let deep = "[".repeat(100_000);
    assert!(malformed(deep.as_bytes()).starts_with("no JSON"), "deep nesting fills no stack");
}

#[test]
fn what_this_version_does_not_know_is_kept_for_the_next() {
    let refused = map(&json!({ "conversationId": "c-1", "type": "transferred" })).unwrap_err();
    assert_eq!(refused, Refusal::Unmapped("events of type \"transferred\" are not known".to_owned()));
}
