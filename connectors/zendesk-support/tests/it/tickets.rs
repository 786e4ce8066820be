//! Tickets and comments.

use std::collections::VecDeque;
use std::path::Path;

use handover_connector::http::{Error, Method, Request, Response};
use handover_connector::{
    Attachment, Attribute, AuthorKind, Connector, Context, CredentialKind, EndReason, Event, FailureReason,
    Message, NewSession, QueueStatus, Reconcile, RetryAdvice, Session, SignedContent, StartOutcome, Started,
    TextFormat, Turn, Verdict, Verification, media, testing,
};
use serde_json::{Value, json};
use zendesk_support::ZendeskSupport;

/// Makes a call while Zendesk answers as recorded, and holds what was asked against the record.
fn replay<T>(name: &str, call: impl FnOnce() -> T) -> T {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/{name}.json"));
    let record: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let exchanges = record["exchanges"].as_array().unwrap().clone();
    let mut answers: VecDeque<Value> = exchanges.iter().map(|one| one["answer"].clone()).collect();
    let answer = move |_: &str, _: &Request| match answers.pop_front() {
        Some(answer) => {
            testing::json(answer["status"].as_u64().unwrap().try_into().unwrap(), &answer["body"])
        }
        None => Err(Error::Unreachable("no more is recorded".to_owned())),
    };
    let (outcome, asked) = testing::with_vendor(answer, call);
    let asked: Vec<Value> = asked.iter().map(seen).collect();
    let expected: Vec<Value> = exchanges.iter().map(|one| one["request"].clone()).collect();
    assert_eq!(asked, expected, "{name}");
    outcome
}

fn seen(request: &Request) -> Value {
    let method = match request.method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Put => "PUT",
        other => panic!("{other:?}"),
    };
    let mut seen = json!({ "method": method, "path": request.path });
    for header in request.headers.iter().filter(|header| header.name != "content-type") {
        seen["headers"][&header.name] = json!(header.value);
    }
    match serde_json::from_slice::<Value>(&request.body) {
        Ok(body) => seen["body"] = body,
        Err(_) if request.body.is_empty() => {}
        Err(_) => seen["bytes"] = json!(String::from_utf8_lossy(&request.body)),
    }
    seen
}

fn context() -> Context {
    testing::context_of::<ZendeskSupport>(
        &json!({ "fields": { "order": "360012345", "urgency": "priority" } }),
    )
}

fn session() -> Session {
    testing::session("123", "900")
}

fn message(text: &str) -> Message {
    Message {
        id: "m-1".to_owned(),
        attempt: 1,
        author: None,
        text: text.to_owned(),
        format: TextFormat::Plain,
        attachments: Vec::new(),
        reply_to: None,
        time: 1_763_846_645_120,
    }
}

fn failing(answer: fn() -> Result<Response, Error>) -> (FailureReason, RetryAdvice) {
    let send = || ZendeskSupport::send(context(), session(), message("Hi")).unwrap_err();
    let (failure, _) = testing::with_vendor(move |_, _| answer(), send);
    (failure.reason, failure.retry)
}

#[test]
fn a_handover_is_a_ticket_of_the_customers() {
    let attribute = |name: &str, value: &str| Attribute { name: name.to_owned(), value: value.to_owned() };
    let turn =
        Turn { author: AuthorKind::Bot, name: None, text: "I get you a person".to_owned(), time: None };
    let new = NewSession {
        transcript: vec![turn],
        attributes: vec![attribute("order", "5")],
        routing: vec![attribute("urgency", "high"), attribute("group_id", "77"), attribute("other", "x")],
        ..testing::new_session()
    };
    let queued = Event::Queued(QueueStatus { position: None, wait_seconds: None, text: None });
    let expected = Started {
        lookup_keys: vec!["123".to_owned()],
        state: "900".to_owned(),
        tokens: None,
        events: vec![queued],
        problem_told: true,
    };
    let outcome = replay("start", || ZendeskSupport::start(context(), new));
    assert_eq!(outcome, Ok(StartOutcome::Started(expected)));
}

#[test]
fn messages_are_public_comments_of_the_requester_with_our_id() {
    replay("send", || ZendeskSupport::send(context(), session(), message("Still 💥\0"))).unwrap();
    let file = Attachment {
        name: "a b.png".to_owned(),
        content_type: "image/png".to_owned(),
        url: "u".to_owned(),
        size: None,
    };
    let message = Message { attachments: vec![file], ..message("") };
    let read = |_: &str| Ok(media::File { content_type: "image/png".to_owned(), body: b"PNG".to_vec() });
    testing::with_files(read, || {
        replay("send-with-attachment", || ZendeskSupport::send(context(), session(), message)).unwrap();
    });
}

#[test]
fn a_comment_whose_outcome_is_unknown_is_looked_for_in_the_audits() {
    let find = |id: &str| {
        let message = Message { id: id.to_owned(), ..message("Hi") };
        replay("audits", || ZendeskSupport::find(context(), session(), message))
    };
    assert_eq!(find("m-1"), Ok(Verdict::Taken(Some("501".to_owned()))));
    assert_eq!(find("m-2"), Ok(Verdict::NotTaken));
}

#[test]
fn an_end_solves_the_ticket_where_it_may() {
    replay("end", || ZendeskSupport::end(context(), session(), EndReason::Customer)).unwrap();
    replay("end-of-a-closed-ticket", || ZendeskSupport::end(context(), session(), EndReason::Customer))
        .unwrap();
    let failure =
        replay("end-refused", || ZendeskSupport::end(context(), session(), EndReason::Customer)).unwrap_err();
    assert_eq!(failure.reason, FailureReason::Rejected);
    let keep = testing::context_of::<ZendeskSupport>(&json!({ "solve": false }));
    let (outcome, asked) = testing::with_vendor(
        |_, _| testing::json(500, &json!({})),
        || {
            ZendeskSupport::end(context(), session(), EndReason::LiveAgent).unwrap();
            ZendeskSupport::end(keep, session(), EndReason::Customer)
        },
    );
    assert!(outcome.is_ok() && asked.is_empty());
}

#[test]
fn failures_say_truly_what_may_be_done() {
    assert_eq!(
        failing(|| testing::json(401, &json!({}))),
        (FailureReason::Misconfigured("credentials.api".to_owned()), RetryAdvice::Never)
    );
    assert_eq!(
        failing(|| testing::json(404, &json!({}))),
        (FailureReason::ConversationGone, RetryAdvice::Never)
    );
    assert_eq!(
        failing(|| testing::json(409, &json!({}))),
        (FailureReason::Unavailable, RetryAdvice::Safe(None))
    );
    assert_eq!(failing(|| testing::json(422, &json!({}))), (FailureReason::Rejected, RetryAdvice::Never));
    assert_eq!(
        failing(|| testing::json(429, &json!({}))),
        (FailureReason::RateLimited, RetryAdvice::Safe(None))
    );
    let lost = failing(|| Err(Error::TimedOut("no answer".to_owned())));
    assert_eq!(lost, (FailureReason::Unavailable, RetryAdvice::UnknownOutcome));
    let start = || ZendeskSupport::start(context(), testing::new_session()).unwrap_err();
    let (failure, _) = testing::with_vendor(|_, _| testing::json(500, &json!({})), start);
    assert_eq!(failure.retry, RetryAdvice::Safe(None), "user and ticket can be made again");
    let (failure, _) = testing::with_vendor(|_, _| testing::json(404, &json!({})), start);
    assert_eq!(failure.reason, FailureReason::Misconfigured("upstreams.api.base_url".to_owned()));
    let blank = ZendeskSupport::send(context(), session(), message(" ")).unwrap_err();
    assert_eq!(blank.reason, FailureReason::Unsupported);
}

#[test]
fn a_transcript_that_is_too_long_is_cut_between_characters() {
    let turn = Turn { author: AuthorKind::Bot, name: None, text: "💥".repeat(30_000), time: None };
    let new = NewSession { transcript: vec![turn], ..testing::new_session() };
    let answer = |_: &str, request: &Request| {
        let ticket = request.path.ends_with("/tickets");
        testing::json(
            200,
            &if ticket { json!({ "ticket": { "id": 1 } }) } else { json!({ "user": { "id": 2 } }) },
        )
    };
    let (_, asked) = testing::with_vendor(answer, || ZendeskSupport::start(context(), new).unwrap());
    let body: Value = serde_json::from_slice(&asked[1].body).unwrap();
    let comment = body["ticket"]["comment"]["body"].as_str().unwrap();
    assert!(comment.len() <= 60_000 && comment.ends_with('💥') && comment.starts_with("My laptop"));
}

#[test]
fn callbacks_are_signed_over_timestamp_and_body() {
    let description = ZendeskSupport::describe();
    let [Verification::Hmac(signature)] = description.callbacks[0].verification.as_slice() else {
        panic!("{:?}", description.callbacks)
    };
    assert_eq!((signature.content, signature.separator.as_str()), (SignedContent::TimestampAndBody, ""));
    assert_eq!(signature.header, "x-zendesk-webhook-signature");
    let key =
        description.credentials.iter().find(|credential| credential.name == signature.credential).unwrap();
    assert_eq!(key.kinds, [CredentialKind::Key]);
}
