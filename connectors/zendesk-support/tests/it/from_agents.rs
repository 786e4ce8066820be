//! Ticket events.

use handover_connector::{
    CallbackRequest, Connector, EndReason, Ended, Event, Mapped, Participant, Refusal, testing,
};
use serde_json::{Value, json};
use zendesk_support::ZendeskSupport;

fn map(body: &[u8]) -> Result<Mapped, Refusal> {
    let request = CallbackRequest {
        method: "POST".to_owned(),
        url: "https://handover.example/api/callbacks/zendesk-support".to_owned(),
        path: String::new(),
        headers: Vec::new(),
        body: body.to_vec(),
        received: 1_763_846_645_120,
    };
    ZendeskSupport::map(testing::context_of::<ZendeskSupport>(&json!({})), request)
}

fn mapped(kind: &str, event: &Value) -> Mapped {
    let body = json!({
        "account_id": 1, "id": "e-1", "subject": "zen:ticket:123", "time": "2025-11-22T21:24:05.120Z",
        "type": format!("zen:event-type:ticket.{kind}"), "zendesk_event_version": "2022-11-06",
        "detail": { "id": "123", "status": "OPEN" }, "event": event,
    });
    map(body.to_string().as_bytes()).unwrap()
}

fn events(kind: &str, event: &Value) -> Vec<Event> {
    mapped(kind, event).events.into_iter().map(|event| event.event).collect()
}

fn comment(public: bool, staff: bool) -> Value {
    let author = json!({ "id": "900", "is_staff": staff, "name": "Ann" });
    json!({ "comment": { "id": "77", "is_public": public, "body": "Hello 👋", "author": author } })
}

#[test]
fn a_public_comment_of_staff_is_an_agents_message() {
    let mapped = mapped("comment_added", &comment(true, true));
    let [joined, said] = mapped.events.as_slice() else { panic!("{:?}", mapped.events) };
    assert_eq!((joined.lookup_key.as_str(), said.lookup_key.as_str()), ("123", "123"));
    assert_ne!(joined.dedupe_id, said.dedupe_id);
    assert_eq!(said.time, Some(1_763_846_645_120));
    let ann = Participant {
        id: Some("900".to_owned()),
        name: Some("Ann".to_owned()),
        role: Some("agent".to_owned()),
        avatar_url: None,
    };
    assert_eq!(joined.event, Event::Joined(ann));
    let Event::Message(message) = &said.event else { panic!("{:?}", said.event) };
    assert_eq!((message.id.as_deref(), message.text.as_str()), (Some("77"), "Hello 👋"));
}

#[test]
fn private_notes_and_our_own_comments_stay_where_they_are() {
    for comment in
        [comment(false, true), comment(true, false), json!({ "comment": { "body": "?" } }), json!({})]
    {
        let events = events("comment_added", &comment);
        assert!(matches!(events.as_slice(), [Event::Ignored(_)]), "{events:?}");
    }
}

#[test]
fn a_ticket_that_is_through_ends_the_session() {
    let by = |event: &Value, kind: &str| match events(kind, event).as_slice() {
        [Event::Ended(Ended { by, .. })] => Some(*by),
        _ => None,
    };
    let changed = |status: &str| by(&json!({ "current": status, "previous": "OPEN" }), "status_changed");
    assert_eq!(changed("SOLVED"), Some(EndReason::LiveAgent));
    assert_eq!(changed("CLOSED"), Some(EndReason::LiveAgent));
    assert_eq!(changed("DELETED"), Some(EndReason::VendorFailure));
    assert_eq!(changed("PENDING"), None);
    assert_eq!(by(&json!({}), "merged"), Some(EndReason::LiveAgent));
    assert_eq!(by(&json!({}), "soft_deleted"), Some(EndReason::VendorFailure));
}

#[test]
fn other_events_are_counted_and_nonsense_refused() {
    assert_eq!(events("tags_changed", &json!({})), [Event::Ignored("ticket.tags_changed".to_owned())]);
    assert!(matches!(map(b"<html>"), Err(Refusal::Malformed(_))));
    assert!(matches!(map(b"{}"), Err(Refusal::Unmapped(_))));
    let nobody = map(br#"{"type":"zen:event-type:user.created","detail":{}}"#).unwrap();
    assert!(nobody.events.is_empty() && nobody.answer_when_closed.unwrap().status == 200);
}
