//! Start, send, end, typing and receipts.

use contoso::Contoso;
use handover_connector::http::Error;
use handover_connector::{
    Attachment, Attribute, AuthorKind, Connector, EndReason, Event, Failure, FailureReason, Message,
    NewSession, QueueStatus, Receipt, ReceiptOutcome, RetryAdvice, Sent, Session, Signals, StartOutcome,
    Started, TextFormat, Turn, Update, testing,
};
use serde_json::json;

use crate::exchange::{replay, status, with_answer};

fn start(session: NewSession) -> Result<StartOutcome, Failure> {
    Contoso::start(testing::context_of::<Contoso>(&json!({})), session)
}

fn send(message: Message) -> Result<Sent, Failure> {
    Contoso::send(testing::context_of::<Contoso>(&json!({})), session(), message)
}

fn end() -> Result<Update, Failure> {
    Contoso::end(testing::context_of::<Contoso>(&json!({})), session(), EndReason::Customer)
}

fn report(outcome: ReceiptOutcome) -> Result<(), Failure> {
    let receipt = Receipt { message_id: "a-1".to_owned(), outcome };
    Contoso::report(testing::context_of::<Contoso>(&json!({})), session(), receipt)
}

fn typing() -> Result<(), Failure> {
    Contoso::typing(testing::context_of::<Contoso>(&json!({})), session(), true)
}

fn session() -> Session {
    testing::session("c-1", "")
}

fn message(text: &str) -> Message {
    Message {
        id: "0193a5c8-0000-7000-8000-00000000000a".to_owned(),
        attempt: 1,
        author: None,
        text: text.to_owned(),
        format: TextFormat::Plain,
        attachments: Vec::new(),
        reply_to: None,
        time: 1_763_846_645_120,
    }
}

fn file(name: &str, url: &str) -> Attachment {
    Attachment {
        name: name.to_owned(),
        content_type: "text/plain".to_owned(),
        url: url.to_owned(),
        size: None,
    }
}

fn turn(author: AuthorKind, name: Option<&str>, text: &str, time: Option<u64>) -> Turn {
    Turn { author, name: name.map(str::to_owned), text: text.to_owned(), time }
}

fn attribute(name: &str, value: &str) -> Attribute {
    Attribute { name: name.to_owned(), value: value.to_owned() }
}

fn started(events: Vec<Event>, problem_told: bool) -> StartOutcome {
    StartOutcome::Started(Started {
        lookup_keys: vec!["c-1".to_owned()],
        state: String::new(),
        tokens: None,
        events,
        problem_told,
    })
}

#[test]
fn a_start_brings_the_conversations_id() {
    let waiting = Event::Queued(QueueStatus { position: None, wait_seconds: None, text: None });
    assert_eq!(replay("start", || start(testing::new_session())), Ok(started(vec![waiting], true)));
    assert_eq!(
        replay("start-of-the-sample", || start(testing::new_session())),
        Ok(started(Vec::new(), false))
    );
}

#[test]
fn what_was_said_before_goes_along() {
    let session = NewSession {
        transcript: vec![
            turn(AuthorKind::Customer, Some("Jane Doe"), "My läptop is 💥", Some(1_763_846_645_120)),
            turn(AuthorKind::Bot, None, "I get you a person", None),
            turn(AuthorKind::LiveAgent, Some("Ann"), "Hello", None),
            turn(AuthorKind::System, None, "Ann left", None),
        ],
        attributes: vec![attribute("order", "5")],
        routing: vec![attribute("queue", "vip")],
        ..testing::new_session()
    };
    assert_eq!(replay("start-with-transcript", || start(session)), Ok(started(Vec::new(), false)));
}

#[test]
fn a_start_that_fails_says_why() {
    for (name, reason, detail) in [
        ("start-without-agents", FailureReason::NoAgents, "the live chat is closed"),
        (
            "start-at-the-wrong-address",
            FailureReason::Misconfigured("upstreams.api.base_url".to_owned()),
            "the vendor answered 404",
        ),
        (
            "start-answered-with-nonsense",
            FailureReason::Rejected,
            "status 200 with an unexpected body (line 1, column 8)",
        ),
    ] {
        let failure = replay(name, || start(testing::new_session())).unwrap_err();
        let expected = Failure { reason, retry: RetryAdvice::Never, detail: detail.to_owned() };
        assert_eq!(failure, expected, "{name}");
    }
}

#[test]
fn a_message_arrives_with_its_id() {
    let unchanged = Update { state: None, tokens: None };
    let text = "Does it help to turn it off?";
    let sent = replay("send", || send(message(text))).unwrap();
    assert_eq!(sent, Sent { vendor_message_id: Some("m-1".to_owned()), update: unchanged });
    // It was taken, whatever the answer looks like.
    assert_eq!(replay("send-of-the-sample", || send(message(text))).unwrap().vendor_message_id, None);
}

#[test]
fn attachments_follow_as_links() {
    let files = [file("scréen.png", "https://files.example/1"), file("log", "https://files.example/2")];
    let both = Message { attachments: files.to_vec(), author: Some("John".to_owned()), ..message("Look") };
    assert!(replay("send-with-attachments", || send(both)).is_ok());
    let alone = Message { attachments: files[1..].to_vec(), ..message("") };
    assert!(replay("send-only-attachments", || send(alone)).is_ok());
}

#[test]
fn an_end_is_an_end_however_often() {
    for name in ["end", "end-of-what-is-gone"] {
        assert_eq!(replay(name, end), Ok(Update { state: None, tokens: None }), "{name}");
    }
    assert_eq!(with_answer(|| status(410, None), end).0, Ok(Update { state: None, tokens: None }));
}

#[test]
fn every_reason_to_end_has_its_word() {
    for (reason, word) in [
        (EndReason::Customer, "customer"),
        (EndReason::LiveAgent, "agent"),
        (EndReason::CustomerInactivity, "customer-inactivity"),
        (EndReason::AgentInactivity, "agent-inactivity"),
        (EndReason::QueueTimeout, "queue-timeout"),
        (EndReason::VendorFailure, "failure"),
        (EndReason::Operator, "operator"),
        (EndReason::Bot, "bot"),
    ] {
        let end = || Contoso::end(testing::context_of::<Contoso>(&json!({})), session(), reason);
        let (_, asked) = with_answer(|| status(200, None), end);
        let body: serde_json::Value = serde_json::from_slice(&asked[0].body).unwrap();
        assert_eq!(body, json!({ "conversationId": "c-1", "reason": word }));
    }
}

#[test]
fn typing_and_receipts_are_told() {
    assert_eq!(replay("typing", typing), Ok(()));
    assert_eq!(replay("receipt-delivered", || report(ReceiptOutcome::Delivered)), Ok(()));
    assert_eq!(replay("receipt-read", || report(ReceiptOutcome::Read)), Ok(()));
    let why = ReceiptOutcome::NotDelivered("The customer has left".to_owned());
    assert_eq!(replay("receipt-not-delivered", || report(why)), Ok(()));
}

#[test]
fn a_live_chat_that_cannot_show_signals_is_no_fault() {
    for code in [404, 405, 410] {
        assert_eq!(with_answer(move || status(code, None), typing).0, Ok(()));
        assert_eq!(with_answer(move || status(code, None), || report(ReceiptOutcome::Read)).0, Ok(()));
    }
}

#[test]
fn a_status_says_whether_a_message_may_be_sent_again() {
    let credential = || FailureReason::Misconfigured("credential".to_owned());
    for (code, after, reason, retry) in [
        (400, None, FailureReason::Rejected, RetryAdvice::Never),
        (401, None, credential(), RetryAdvice::Never),
        (403, None, credential(), RetryAdvice::Never),
        (404, None, FailureReason::ConversationGone, RetryAdvice::Never),
        (410, None, FailureReason::ConversationGone, RetryAdvice::Never),
        (413, None, FailureReason::TooLarge, RetryAdvice::Never),
        (429, Some("3"), FailureReason::RateLimited, RetryAdvice::Safe(Some(3_000))),
        (429, Some("soon"), FailureReason::RateLimited, RetryAdvice::Safe(None)),
        (429, None, FailureReason::RateLimited, RetryAdvice::Safe(None)),
        (503, Some("2"), FailureReason::Unavailable, RetryAdvice::Safe(Some(2_000))),
        (500, None, FailureReason::Unavailable, RetryAdvice::UnknownOutcome),
        (502, None, FailureReason::Unavailable, RetryAdvice::UnknownOutcome),
        (503, None, FailureReason::Unavailable, RetryAdvice::UnknownOutcome),
        // Not followed by the host, so not what was wanted.
        (302, None, FailureReason::Rejected, RetryAdvice::Never),
    ] {
        let answer = move || status(code, after.map(|after| ("Retry-After", after)));
        let expected = Failure { reason, retry, detail: format!("the vendor answered {code}") };
        let (sent, _) = with_answer(answer, || send(message("hi")));
        assert_eq!(sent, Err(expected), "{code} {after:?}");
    }
}

#[test]
fn no_answer_says_whether_a_message_may_be_sent_again() {
    let misconfigured = FailureReason::Misconfigured("upstreams".to_owned());
    let why = || "why".to_owned();
    type Case = (fn(String) -> Error, FailureReason, RetryAdvice);
    let cases: [Case; 5] = [
        (Error::Unreachable, FailureReason::Unavailable, RetryAdvice::Safe(None)),
        (Error::TimedOut, FailureReason::Unavailable, RetryAdvice::UnknownOutcome),
        (Error::Broken, FailureReason::Unavailable, RetryAdvice::UnknownOutcome),
        (Error::TooLarge, FailureReason::TooLarge, RetryAdvice::Never),
        (Error::Denied, misconfigured, RetryAdvice::Never),
    ];
    for (error, reason, retry) in cases {
        let (sent, _) = with_answer(move || Err(error(why())), || send(message("hi")));
        assert_eq!(sent, Err(Failure { reason: reason.clone(), retry, detail: why() }));
        let (begun, _) = with_answer(move || Err(error(why())), || start(testing::new_session()));
        assert_eq!(begun, Err(Failure { reason, retry, detail: why() }));
    }
}
