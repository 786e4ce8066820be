//! The connector on this machine, against a live chat of a few lines.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use contoso_connector::Contoso;
use handover_connector::{
    CallbackRequest, Connector, EndReason, Event, FailureReason, RetryAdvice, StartOutcome, testing,
};
use serde_json::json;

#[test]
fn a_conversation_begins_under_the_vendors_id() {
    let answer = json!({ "conversationId": "c-1", "status": "waiting", "problemShown": true });
    let (started, asked) = testing::with_vendor(
        move |_, _| testing::json(200, &answer),
        || Contoso::start(testing::context(&json!({})), testing::new_session()),
    );
    let StartOutcome::Started(started) = started.unwrap() else { panic!("it is there at once") };
    assert_eq!(started.lookup_keys, ["c-1"]);
    assert!(matches!(started.events[..], [Event::Queued(_)]));
    assert!(started.problem_told);
    assert_eq!(asked[0].path, "/api/chat/start");
}

#[test]
fn what_is_gone_has_ended_and_what_is_busy_is_asked_again() {
    let end = |status| {
        let call =
            || Contoso::end(testing::context(&json!({})), testing::session("c-1", ""), EndReason::Customer);
        testing::with_vendor(move |_, _| testing::json(status, &json!({})), call).0
    };
    assert!(end(404).is_ok());
    assert!(end(410).is_ok());
    let busy = end(429).unwrap_err();
    assert_eq!((busy.reason, busy.retry), (FailureReason::RateLimited, RetryAdvice::Safe(None)));
    assert_eq!(end(500).unwrap_err().retry, RetryAdvice::UnknownOutcome);
}

#[test]
fn a_message_of_the_agent_keeps_its_id() {
    let body = json!({ "ConversationId": "c-1", "Id": "a-1", "Message": "Hello", "Sender": "Ann" });
    let request = CallbackRequest {
        method: "POST".to_owned(),
        url: "https://handover.example/api/callbacks/contoso".to_owned(),
        path: String::new(),
        headers: Vec::new(),
        body: body.to_string().into_bytes(),
        received: 0,
    };
    let mapped = Contoso::map(testing::context(&json!({})), request).unwrap();
    assert_eq!(mapped.events[0].lookup_key, "c-1");
    assert_eq!(mapped.events[0].dedupe_id.as_deref(), Some("a-1"));
    let Event::Message(message) = &mapped.events[0].event else { panic!("a message") };
    assert_eq!((message.text.as_str(), message.author.name.as_deref()), ("Hello", Some("Ann")));
}
