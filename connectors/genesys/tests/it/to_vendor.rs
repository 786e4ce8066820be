//! Start, send, end, typing, receipts, and whether a message is there.

use genesys::Genesys;
use handover_connector::{
    Attachment, Attribute, AuthorKind, Connector, EndReason, Event, Failure, FailureReason, Message,
    NewSession, QueueStatus, Receipt, ReceiptOutcome, Reconcile, RetryAdvice, Signals, StartOutcome, Started,
    Turn, Update, Verdict, testing,
};
use serde_json::{Value, json};

use crate::exchange::{
    CONVERSATION, MESSAGE, SESSION, context, message, replay, send, session, with_answers,
};

const UNCHANGED: Update = Update { state: None, tokens: None };

/// As the host does it: until it is done, with what the step before returned.
fn start_with(settings: Value, mut session: NewSession) -> Result<StartOutcome, Failure> {
    let mut now = 1_763_846_645_120;
    loop {
        let at = handover_connector::Context { now, ..context(settings.clone()) };
        match Genesys::start(at, session.clone())? {
            StartOutcome::Continue(progress) => session.progress = Some(progress.state),
            done => return Ok(done),
        }
        // Each step comes later than the one before; what was put down stays.
        now += 60_000;
    }
}

fn start(session: NewSession) -> Result<StartOutcome, Failure> {
    start_with(json!({}), session)
}

fn started(keys: &[&str], state: Value) -> StartOutcome {
    StartOutcome::Started(Started {
        lookup_keys: keys.iter().map(|key| (*key).to_owned()).collect(),
        state: state.to_string(),
        tokens: None,
        events: vec![Event::Queued(QueueStatus { position: None, wait_seconds: None, text: None })],
        problem_told: true,
    })
}

fn turn(author: AuthorKind, name: Option<&str>, text: &str) -> Turn {
    Turn { author, name: name.map(str::to_owned), text: text.to_owned(), time: None }
}

fn attribute(name: &str, value: &str) -> Attribute {
    Attribute { name: name.to_owned(), value: value.to_owned() }
}

fn file(name: &str, content_type: &str, url: &str) -> Attachment {
    Attachment {
        name: name.to_owned(),
        content_type: content_type.to_owned(),
        url: url.to_owned(),
        size: None,
    }
}

#[test]
fn a_start_puts_its_time_down_before_anything_is_posted() {
    let (first, asked) = with_answers(
        || panic!("nothing is asked"),
        || Genesys::start(context(json!({})), testing::new_session()),
    );
    assert!(matches!(first, Ok(StartOutcome::Continue(_))), "{first:?}");
    assert_eq!(asked.len(), 0);
}

#[test]
fn a_start_brings_the_conversations_id_and_our_own() {
    let begun = started(&[CONVERSATION, SESSION], json!({ "conversation": CONVERSATION }));
    assert_eq!(replay("start", || start(testing::new_session())), Ok(begun));
    for name in ["start-without-a-conversation", "start-answered-with-nonsense"] {
        let unnamed = started(&[SESSION], json!({ "conversation": null }));
        assert_eq!(replay(name, || start(testing::new_session())), Ok(unnamed), "{name}");
    }
}

#[test]
fn what_was_said_before_goes_along() {
    let mut session = NewSession {
        transcript: vec![
            turn(AuthorKind::Customer, Some("Jane Doe"), "My läptop is 💥"),
            turn(AuthorKind::Bot, None, "I get you a person"),
            turn(AuthorKind::Bot, None, " \0"),
            turn(AuthorKind::LiveAgent, Some("Ann"), "Hello"),
            turn(AuthorKind::System, None, "Ann left"),
        ],
        attributes: vec![attribute("order", "5"), attribute("queue", "any")],
        routing: vec![attribute("queue", "vip")],
        ..testing::new_session()
    };
    session.customer.email = Some("jane@example.com".to_owned());
    let begun = started(&[CONVERSATION, SESSION], json!({ "conversation": CONVERSATION }));
    assert_eq!(replay("start-with-transcript", || start(session)), Ok(begun));
}

#[test]
fn a_customer_who_has_said_nothing_asks_for_a_live_agent() {
    let mut session = NewSession { problem: None, ..testing::new_session() };
    session.customer.name = None;
    let settings = json!({ "attributes": "metadata" });
    let begun = replay("start-of-a-silent-customer", || start_with(settings, session));
    let Ok(StartOutcome::Started(begun)) = begun else { panic!("{begun:?}") };
    assert!(!begun.problem_told, "there is none");
}

#[test]
fn a_long_problem_goes_in_messages_that_fit_and_follow_each_other() {
    let problem = "👍🏽 مرحبا e\u{301}\0 ".repeat(3_000);
    let session = NewSession {
        problem: Some(problem.clone()),
        transcript: (0..900).map(|n| turn(AuthorKind::Bot, None, &format!("line {n}"))).collect(),
        ..testing::new_session()
    };
    let (begun, asked) = with_answers(
        || testing::json(200, &json!({ "conversationId": CONVERSATION })),
        || start_with(json!({ "attributes": "none" }), session),
    );
    assert_eq!(begun, Ok(started(&[CONVERSATION, SESSION], json!({ "conversation": CONVERSATION }))));
    let bodies: Vec<Value> =
        asked.iter().map(|request| serde_json::from_slice(&request.body).unwrap()).collect();
    let texts: Vec<&str> = bodies.iter().map(|body| body["text"].as_str().unwrap()).collect();
    assert!(texts.iter().all(|text| text.encode_utf16().count() <= 4_000 && !text.trim().is_empty()));
    assert!(texts[0].starts_with("[…]\nBot: line ") && texts[0].contains("line 899"), "the latest are kept");
    assert_eq!(texts.concat().matches('👍').count(), 3_000);
    assert!(!texts.concat().contains('\0'));
    assert_eq!(bodies[0]["channel"]["messageId"], SESSION);
    assert_eq!(bodies[1]["channel"]["messageId"], format!("{SESSION}-2"));
    assert_eq!(bodies[1]["channel"]["time"], "2025-11-22T21:24:05.121Z");
    assert!(
        bodies.iter().all(|body| body["channel"].get("metadata").is_none() && body.get("metadata").is_none())
    );
}

#[test]
fn a_start_that_fails_names_the_key_at_fault() {
    for (name, key, detail) in [
        ("start-with-the-wrong-integration", "settings.integration_id", "404 not.found"),
        ("start-without-permission", "credentials.api", "403 missing.any.permissions"),
    ] {
        let failure = replay(name, || start(testing::new_session())).unwrap_err();
        let id = "(contextId be93021b-8cac-41ef-88ee-428b47bad0db)";
        let expected = Failure {
            reason: FailureReason::Misconfigured(key.to_owned()),
            retry: RetryAdvice::Never,
            detail: format!("Genesys answered {detail} {id}"),
        };
        assert_eq!(failure, expected, "{name}");
    }
}

#[test]
fn a_message_arrives_with_its_id_and_its_time() {
    let sent = replay("send", || send(message("Does it help to turn it off?"))).unwrap();
    assert_eq!((sent.vendor_message_id.as_deref(), sent.update), (Some("g-2"), UNCHANGED));
    let again = replay("send-again", || send(message("Does it help to turn it off?"))).unwrap();
    assert_eq!((again.vendor_message_id, again.update), (None, UNCHANGED));
}

#[test]
fn another_conversation_is_remembered() {
    let sent = replay("send-into-another-conversation", || send(message("One more thing"))).unwrap();
    let state = json!({ "conversation": "c0ffee00-0000-4000-8000-000000000002" });
    assert_eq!(sent.update.state, Some(state.to_string()));
}

#[test]
fn each_file_goes_in_a_message_of_its_own() {
    let attachments = vec![
        file("scréen.png", "image/png", "https://files.example/1"),
        file("log", "text/plain", "https://files.example/2"),
    ];
    let sent = replay("send-with-attachments", || send(Message { attachments, ..message("Look") })).unwrap();
    assert_eq!(sent.vendor_message_id.as_deref(), Some("g-2"));
}

#[test]
fn who_else_writes_in_a_group_is_named() {
    let other = Message { author: Some("John".to_owned()), ..message("Me too") };
    assert!(replay("send-in-a-group", || send(other)).is_ok());
    let same = Message { author: Some("Jane Doe".to_owned()), ..message("Does it help to turn it off?") };
    assert!(replay("send", || send(same)).is_ok());
}

#[test]
fn a_message_with_nothing_to_show_is_not_sent() {
    for text in ["", " \n", "\0\u{7}"] {
        let (sent, asked) = with_answers(|| panic!("nothing is asked"), || send(message(text)));
        assert_eq!(sent.unwrap_err().reason, FailureReason::Unsupported, "{text:?}");
        assert_eq!(asked.len(), 0);
    }
}

#[test]
fn an_end_disconnects_the_customer_however_often() {
    for name in ["end", "end-of-what-is-gone", "end-of-what-has-ended", "end-at-the-same-time"] {
        let ended = replay(name, || Genesys::end(context(json!({})), session(), EndReason::Customer));
        assert_eq!(ended, Ok(UNCHANGED), "{name}");
    }
}

#[test]
fn an_end_finds_the_conversation_by_the_lookup_key_where_the_state_is_of_no_use() {
    let mut found = session();
    found.state = String::new();
    assert_eq!(replay("end", || Genesys::end(context(json!({})), found, EndReason::Bot)), Ok(UNCHANGED));
    let mut unnamed = session();
    unnamed.state = json!({ "conversation": null }).to_string();
    unnamed.lookup_keys = vec![SESSION.to_owned()];
    let (ended, asked) = with_answers(
        || panic!("nothing is asked"),
        || Genesys::end(context(json!({})), unnamed, EndReason::Bot),
    );
    assert_eq!((ended.unwrap_err().retry, asked.len()), (RetryAdvice::Never, 0));
}

#[test]
fn typing_and_receipts_are_told_where_there_is_a_word_for_them() {
    let typing = |on| Genesys::typing(context(json!({})), session(), on);
    assert_eq!(replay("typing", || typing(true)), Ok(()));
    let report = |outcome| {
        let receipt = Receipt { message_id: "a-1".to_owned(), outcome };
        Genesys::report(context(json!({})), session(), receipt)
    };
    assert_eq!(replay("receipt-delivered", || report(ReceiptOutcome::Delivered)), Ok(()));
    let why = ReceiptOutcome::NotDelivered("The customer has left".to_owned());
    assert_eq!(replay("receipt-not-delivered", || report(why)), Ok(()));
    let silent =
        with_answers(|| panic!("nothing is asked"), || (typing(false), report(ReceiptOutcome::Read)));
    assert_eq!(silent.0, (Ok(()), Ok(())));
}

#[test]
fn a_message_of_unknown_fate_is_looked_for_by_our_id() {
    let find = |message| Genesys::find(context(json!({})), session(), message);
    let taken = Verdict::Taken(Some("g-2".to_owned()));
    assert_eq!(replay("find-taken", || find(message("hi"))), Ok(taken));
    assert_eq!(replay("find-missing", || find(message("hi"))), Ok(Verdict::NotTaken));
    // One of two files is there: what is not there can be sent again without harm to what is.
    let attachments = vec![file("1", "image/png", "https://f/1"), file("2", "image/png", "https://f/2")];
    let both = Message { attachments, ..message("hi") };
    assert_eq!(replay("find-taken", || find(both)), Ok(Verdict::NotTaken));
    assert_eq!(replay("end-of-what-is-gone", || find(message("hi"))), Ok(Verdict::Unknown));
    assert_eq!(replay("end-of-what-has-ended", || find(message("hi"))), Ok(Verdict::NotTaken));
    assert_eq!(MESSAGE, message("hi").id);
}
