//! The list of entries, which repairs what the stream has lost.

use handover_connector::{
    Batch, EndReason, Event, Failure, FailureReason, Feed, Frame, RetryAdvice, Session, testing,
};
use salesforce::Salesforce;
use serde_json::{Value, json};

use crate::exchange::{
    CONVERSATION, ISSUED, LIFE, answered, at, context, fixture, session, status, with_answer,
};

fn poll(cursor: Option<&str>, entries: &Value) -> (Batch, String) {
    let answer = json!({ "conversationEntries": entries });
    let cursor = cursor.map(str::to_owned);
    let call = || Salesforce::poll(context(), session(), cursor);
    let (batch, asked) = with_answer(move || answered(200, &answer), call);
    assert_eq!(asked.len(), 1);
    (batch.unwrap(), asked[0].path.clone())
}

fn query(path: &str) -> &str {
    path.strip_prefix(&format!("/iamessage/api/v2/conversation/{CONVERSATION}/entries?")).unwrap()
}

fn entries() -> Vec<Value> {
    fixture("frames").as_array().unwrap().iter().map(|record| record["entry"].clone()).collect()
}

fn entry(id: &str, time: u64) -> Value {
    json!({
        "identifier": id,
        "entryType": "Message",
        "transcriptedTimestamp": time,
        "sender": { "role": "Agent", "subject": "005" },
        "entryPayload": { "entryType": "Message", "abstractMessage": { "messageType": "StaticContentMessage",
            "staticContent": { "formatType": "Text", "text": id } } },
    })
}

fn names(batch: &Batch) -> Vec<&str> {
    batch.items.iter().map(|item| item.dedupe_id.as_str()).collect()
}

fn position(batch: &Batch) -> Value {
    serde_json::from_str(&batch.cursor).unwrap()
}

#[test]
fn an_entry_is_the_same_event_from_the_list_and_from_the_stream() {
    for (record, entry) in fixture("frames").as_array().unwrap().iter().zip(entries()) {
        let mut streamed = entry.clone();
        streamed["entryPayload"] = json!(entry["entryPayload"].to_string());
        let data = json!({ "conversationId": CONVERSATION, "conversationEntry": streamed });
        let name = record["name"].as_str().map(str::to_owned);
        let frame = Frame { name, id: None, data: data.to_string().into_bytes() };
        let streamed = Salesforce::read(context(), session(), frame).unwrap();
        let (listed, _) = poll(None, &json!([entry]));
        assert_eq!(listed.items, streamed.items, "{}", record["about"]);
        assert!(!listed.items.is_empty());
    }
}

#[test]
fn the_first_poll_reads_from_the_beginning_and_later_ones_a_little_before_the_newest() {
    let (batch, path) = poll(None, &json!([entry("a", 1_763_846_700_000)]));
    assert_eq!(query(&path), "limit=50&direction=FromStart");
    assert_eq!(names(&batch), ["a"]);
    assert_eq!(batch.next_delay, None);
    assert_eq!(batch.update.state.as_deref(), Some(batch.cursor.as_str()));
    let again = json!([entry("a", 1_763_846_700_000), entry("b", 1_763_846_699_000)]);
    let (batch, path) = poll(Some(&batch.cursor), &again);
    assert_eq!(query(&path), "limit=50&startTimestamp=1763846640000&direction=FromStart");
    assert_eq!(names(&batch), ["b"], "what became visible late is not lost, what was seen not told again");
    assert_eq!(position(&batch)["since"], json!(1_763_846_700_000_u64));
    assert_eq!(position(&batch)["event"], "2147867834", "the stream goes on where it was");
}

#[test]
fn a_full_answer_is_followed_at_once_by_the_next() {
    let page: Vec<Value> = (0..50).map(|n| entry(&format!("e-{n}"), 1_000_000 + n)).collect();
    let (batch, _) = poll(None, &json!(page));
    assert_eq!((batch.items.len(), batch.next_delay), (50, Some(0)));
    let rest = json!([entry("e-49", 1_000_049), entry("e-50", 1_000_050)]);
    let (next, path) = poll(Some(&batch.cursor), &rest);
    assert_eq!(query(&path), "limit=50&startTimestamp=1000049&direction=FromStart");
    assert_eq!((names(&next), next.next_delay), (vec!["e-50"], None));
    assert_eq!(position(&next)["page"], Value::Null);
}

#[test]
fn a_page_of_one_moment_does_not_stop_the_reading() {
    let page: Vec<Value> = (0..50).map(|n| entry(&format!("e-{n}"), 1_000_000)).collect();
    let cursor = r#"{"since":1000000,"page":1000000}"#;
    let (batch, _) = poll(Some(cursor), &json!(page));
    assert_eq!(position(&batch)["page"], json!(1_000_001));
}

#[test]
fn one_entry_that_cannot_be_read_keeps_no_other_from_being_read() {
    let odd =
        json!({ "identifier": "x", "entryPayload": "no JSON", "sender": 7, "transcriptedTimestamp": "soon" });
    let (batch, _) = poll(None, &json!([7, {}, odd, entry("a", 5)]));
    assert_eq!(names(&batch), ["x", "a"]);
    assert!(matches!(batch.items[0].event, Event::Ignored(_)), "{:?}", batch.items[0].event);
}

#[test]
fn a_visitor_whose_time_is_over_and_a_conversation_that_is_gone_end_the_session() {
    let ended = |context, cursor: Option<&str>, code| {
        let cursor = cursor.map(str::to_owned);
        let call = || Salesforce::poll(context, session(), cursor);
        let batch = with_answer(move || status(code, None), call).0.unwrap();
        let [item] = batch.items.as_slice() else { panic!("{batch:?}") };
        let Event::Ended(ended) = &item.event else { panic!("{item:?}") };
        assert_eq!(item.dedupe_id, format!("{CONVERSATION}/over"));
        assert_eq!(ended.by, EndReason::VendorFailure);
        ended.detail.clone().unwrap()
    };
    let cursor = Some(r#"{"since":5}"#);
    assert_eq!(ended(at(ISSUED + LIFE), None, 401), "the visitor's access token has expired");
    assert_eq!(ended(context(), cursor, 404), "the conversation is gone");
    assert_eq!(ended(context(), cursor, 410), "the conversation is gone");
}

#[test]
fn a_poll_that_failed_says_whether_to_come_again() {
    let refused = |code| -> Failure {
        let call = || Salesforce::poll(context(), session(), None);
        with_answer(move || status(code, None), call).0.unwrap_err()
    };
    for (code, reason, retry) in [
        // It is just being made, perhaps.
        (404, FailureReason::Unavailable, RetryAdvice::Safe(None)),
        (401, FailureReason::ConversationGone, RetryAdvice::Never),
        (429, FailureReason::RateLimited, RetryAdvice::Safe(None)),
        (500, FailureReason::Unavailable, RetryAdvice::Safe(None)),
    ] {
        let failure = refused(code);
        assert_eq!((failure.reason, failure.retry), (reason, retry), "{code}");
    }
    let call = || Salesforce::poll(context(), session(), None);
    let nonsense = || testing::json(200, &json!({ "conversationEntries": "none" }));
    assert_eq!(with_answer(nonsense, call).0.unwrap_err().reason, FailureReason::Rejected);
    let nothing = || testing::json(200, &json!([7]));
    assert!(with_answer(nothing, call).0.unwrap().items.is_empty());
}

#[test]
fn a_cursor_that_is_none_is_as_no_cursor() {
    let (batch, path) = poll(Some("from another version"), &json!([]));
    assert_eq!(query(&path), "limit=50&direction=FromStart");
    assert!(batch.items.is_empty() && batch.update.state.is_none());
    let kept = Session { state: r#"{"since":100000}"#.to_owned(), ..session() };
    let call = || Salesforce::poll(context(), kept, Some(r#"{"since":5}"#.to_owned()));
    let (_, asked) = with_answer(|| answered(200, &json!({ "conversationEntries": [] })), call);
    assert_eq!(query(&asked[0].path), "limit=50&startTimestamp=40000&direction=FromStart");
}
