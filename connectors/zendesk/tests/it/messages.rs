//! Messages of the customer.

use handover_connector::http::Error;
use handover_connector::{
    Connector, Failure, FailureReason, Message, Reconcile, RetryAdvice, Sent, Update, Verdict, media, testing,
};
use serde_json::{Value, json};
use zendesk::Zendesk;

use crate::exchange::{context, file, message, refusal, replay, session, with_answer};

fn send(message: Message) -> Result<Sent, Failure> {
    Zendesk::send(context(), session(), message)
}

fn sent(id: &str) -> Result<Sent, Failure> {
    Ok(Sent { vendor_message_id: Some(id.to_owned()), update: Update { state: None, tokens: None } })
}

fn with_files<T>(call: impl FnOnce() -> T) -> T {
    let read = |url: &str| {
        let (content_type, body) =
            if url.contains("log") { ("text/plain", "LOG") } else { ("image/png", "PNG") };
        Ok(media::File { content_type: content_type.to_owned(), body: body.as_bytes().to_vec() })
    };
    testing::with_files(read, call)
}

fn attached() -> Message {
    let attachments = vec![file("scr\"een.png", "image/png"), file("log.txt", "text/plain")];
    Message { attachments, ..message("See") }
}

#[test]
fn a_message_is_the_users_and_marked_with_our_id() {
    assert_eq!(replay("send", || send(message("Still 💥 שלום e\u{301}\0"))), sent("m-9"));
}

#[test]
fn files_are_uploaded_before_anything_is_said() {
    assert_eq!(with_files(|| replay("send-with-attachments", || send(attached()))), sent("m-9"));
}

#[test]
fn a_second_attempt_posts_only_what_is_missing() {
    let message = Message { attempt: 2, attachments: vec![file("log.txt", "text/plain")], ..message("See") };
    assert_eq!(with_files(|| replay("send-again", || send(message))), sent("m-9"));
}

#[test]
fn a_file_that_cannot_be_read_stops_the_message_before_a_part_is_shown() {
    let read = |_: &str| Err(media::Error::Gone("the channel forgot it".to_owned()));
    let (failure, asked) = testing::with_files(read, || {
        with_answer(|_| refusal(500, "x", None), || send(attached()).unwrap_err())
    });
    assert_eq!((failure.reason, failure.retry), (FailureReason::Rejected, RetryAdvice::Never));
    assert!(asked.is_empty());
}

#[test]
fn a_file_that_zendesk_refuses_stops_it_too() {
    for (status, reason) in [(400, FailureReason::Rejected), (413, FailureReason::TooLarge)] {
        let (failure, asked) = with_files(|| {
            with_answer(move |_| refusal(status, "bad_request", None), || send(attached()).unwrap_err())
        });
        assert_eq!((failure.reason, failure.retry), (reason, RetryAdvice::Never));
        assert!(asked.iter().all(|request| request.path.contains("/attachments")));
    }
}

#[test]
fn a_text_that_the_host_did_not_split_is_split_and_no_character_broken() {
    let text = "e\u{301}👍🏽".repeat(4_000);
    let posted = |_: &_| testing::json(201, &json!({ "messages": [{ "id": "m-1" }] }));
    let (outcome, asked) = with_answer(posted, || send(message(&text)));
    assert_eq!(outcome, sent("m-1"));
    let bodies: Vec<Value> =
        asked.iter().map(|request| serde_json::from_slice(&request.body).unwrap()).collect();
    let parts: Vec<&str> = bodies.iter().map(|body| body["content"]["text"].as_str().unwrap()).collect();
    assert_eq!(parts.concat(), text);
    assert!(parts.iter().all(|part| part.starts_with(['e', '👍']) && part.encode_utf16().count() <= 4096));
    for (number, body) in bodies.iter().enumerate() {
        assert_eq!(body["metadata"]["handover_part"], json!(number));
    }
}

#[test]
fn nothing_is_posted_where_there_is_nothing_to_read_or_too_much() {
    for (text, reason) in
        [(" \n".to_owned(), FailureReason::Unsupported), ("x".repeat(60_000), FailureReason::TooLarge)]
    {
        let (failure, asked) = with_answer(|_| refusal(500, "x", None), || send(message(&text)).unwrap_err());
        assert_eq!((failure.reason, failure.retry), (reason, RetryAdvice::Never));
        assert!(asked.is_empty());
    }
}

#[test]
fn after_a_merge_the_newest_user_and_conversation_count() {
    let mut merged = session();
    merged.lookup_keys.extend(["user:u-2".to_owned(), "c-2".to_owned()]);
    let posted = |_: &_| testing::json(201, &json!({ "messages": [{ "id": "m-1" }] }));
    let (_, asked) = with_answer(posted, || Zendesk::send(context(), merged, message("Hi")).unwrap());
    assert!(asked[0].path.ends_with("/conversations/c-2/messages"), "{}", asked[0].path);
    let body: Value = serde_json::from_slice(&asked[0].body).unwrap();
    assert_eq!(body["author"]["userId"], "u-2");
}

#[test]
fn a_message_whose_outcome_is_unknown_is_looked_for_by_our_id() {
    let find = |message| Zendesk::find(context(), session(), message);
    let whole = replay("reconcile", || find(message("See")));
    assert_eq!(whole, Ok(Verdict::Taken(Some("m-9".to_owned()))));
    assert_eq!(replay("reconcile", || find(attached())), Ok(Verdict::NotTaken), "half of it is there");
    let other = Message { id: "another".to_owned(), ..message("See") };
    assert_eq!(replay("reconcile", || find(other)), Ok(Verdict::NotTaken));
}

#[test]
fn where_it_cannot_be_looked_for_it_may_be_asked_again() {
    let timed_out = |_: &_| Err(Error::TimedOut("no answer".to_owned()));
    let (failure, _) =
        with_answer(timed_out, || Zendesk::find(context(), session(), message("See")).unwrap_err());
    assert_eq!(failure.reason, FailureReason::Unavailable);
}
