//! Start, send, end, typing and receipts.

use handover_connector::{
    Attribute, AuthorKind, Connector, Context, Customer, EndReason, FailureReason, Message, NewSession,
    Receipt, ReceiptOutcome, Sent, Session, Signals, StartOutcome, Started, Turn, Update, crypto, testing,
};
use serde_json::{Value, json};
use servicenow::ServiceNow;

use crate::exchange::{SESSION, message, replay, session, success, with_answer};

const UNCHANGED: Update = Update { state: None, tokens: None };

fn context() -> Context {
    testing::context_of::<ServiceNow>(&json!({}))
}

fn attribute(name: &str, value: &str) -> Attribute {
    Attribute { name: name.to_owned(), value: value.to_owned() }
}

fn turn(author: AuthorKind, name: Option<&str>, text: &str, time: Option<u64>) -> Turn {
    Turn { author, name: name.map(str::to_owned), text: text.to_owned(), time }
}

fn accepted(user: &str, problem_told: bool) -> StartOutcome {
    StartOutcome::Accepted(Started {
        lookup_keys: vec![SESSION.to_owned()],
        state: json!({ "user": user }).to_string(),
        tokens: None,
        events: Vec::new(),
        problem_told,
    })
}

fn report(outcome: ReceiptOutcome) -> Result<(), handover_connector::Failure> {
    ServiceNow::report(context(), session(), Receipt { message_id: "a-1".to_owned(), outcome })
}

#[test]
fn a_start_is_accepted_and_proves_nothing() {
    let start = || ServiceNow::start(context(), testing::new_session());
    assert_eq!(replay("start", start), Ok(accepted(SESSION, true)));
}

#[test]
fn everything_that_is_known_goes_along() {
    let known = NewSession {
        customer: Customer {
            email: Some("jane@example.com".to_owned()),
            locale: Some("de-CH".to_owned()),
            attributes: vec![attribute("timezone", "Europe/Zurich")],
            ..testing::new_session().customer
        },
        channel: "directline".to_owned(),
        problem: Some(" ".to_owned()),
        transcript: vec![
            turn(AuthorKind::Customer, None, "My läptop is 💥", Some(1_763_846_645_120)),
            turn(AuthorKind::Bot, None, "I get you a person", None),
            turn(AuthorKind::System, None, " ", None),
            turn(AuthorKind::LiveAgent, Some("Ann"), "Hello", Some(7)),
        ],
        attributes: vec![attribute("order", "5"), attribute("LiveAgent_mandatory_skills", "any")],
        routing: vec![attribute("LiveAgent_mandatory_skills", "vip")],
        ..testing::new_session()
    };
    let settings =
        json!({ "user_id": "customer", "context_variables": { "live_agent_only": "true", "order": "1" } });
    let start = || ServiceNow::start(testing::context_of::<ServiceNow>(&settings), known);
    assert_eq!(replay("start-with-everything", start), Ok(accepted("29:jane", false)));
}

#[test]
fn a_message_arrives_with_its_id() {
    let sent = Sent { vendor_message_id: None, update: UNCHANGED };
    let send = || ServiceNow::send(context(), session(), message("Does it help to turn it off?"));
    assert_eq!(replay("send", send), Ok(sent));
}

#[test]
fn in_a_group_others_are_named_and_the_customer_is_not() {
    let by = |author: &str| {
        ServiceNow::send(context(), session(), Message { author: Some(author.to_owned()), ..message("hi") })
    };
    assert!(replay("send-of-another", || by("John")).is_ok());
    let (_, asked) = with_answer(success, || by("Jane Doe"));
    let body: Value = serde_json::from_slice(&asked[0].body).unwrap();
    assert_eq!(body["message"]["text"], "hi");
}

#[test]
fn strange_texts_go_as_they_are_and_empty_ones_do_not_go() {
    let send = |text: &str| ServiceNow::send(context(), session(), message(text));
    let long = "👩‍👩‍👧 שלום e\u{301} \u{0} ".repeat(2_000);
    let (sent, asked) = with_answer(success, || send(&long));
    assert!(sent.is_ok());
    let body: Value = serde_json::from_slice(&asked[0].body).unwrap();
    assert_eq!(body["message"]["text"], json!(long));
    let (sent, asked) = with_answer(success, || send(" \n"));
    assert_eq!((sent.unwrap_err().reason, asked.len()), (FailureReason::Unsupported, 0));
}

#[test]
fn an_end_is_an_end() {
    let end = || ServiceNow::end(context(), session(), EndReason::Customer);
    assert_eq!(replay("end", end), Ok(UNCHANGED));
}

#[test]
fn the_user_is_who_it_was_at_the_start_whatever_the_settings_say_now() {
    let asked = |session: Session| {
        let end = || {
            ServiceNow::end(
                testing::context_of::<ServiceNow>(&json!({ "user_id": "customer" })),
                session,
                EndReason::Bot,
            )
        };
        let (_, asked) = with_answer(success, end);
        serde_json::from_slice::<Value>(&asked[0].body).unwrap()["userId"].clone()
    };
    assert_eq!(asked(testing::session(SESSION, r#"{"user":"u-7"}"#)), "u-7");
    assert_eq!(asked(testing::session(SESSION, "")), SESSION);
}

#[test]
fn typing_and_receipts_are_told_as_far_as_there_are_words_for_them() {
    assert_eq!(replay("typing", || ServiceNow::typing(context(), session(), true)), Ok(()));
    assert_eq!(replay("viewing", || ServiceNow::typing(context(), session(), false)), Ok(()));
    assert_eq!(replay("receipt-delivered", || report(ReceiptOutcome::Delivered)), Ok(()));
    let why = ReceiptOutcome::NotDelivered("The customer has left".to_owned());
    assert_eq!(replay("receipt-not-delivered", || report(why)), Ok(()));
    let (told, asked) = with_answer(success, || report(ReceiptOutcome::Read));
    assert_eq!((told, asked.len()), (Ok(()), 0));
}

#[test]
fn bodies_are_signed_as_they_are_sent_where_that_is_wanted() {
    let settings = json!({ "sign_messages": true });
    let start = || ServiceNow::start(testing::context_of::<ServiceNow>(&settings), testing::new_session());
    let signed = || {
        testing::with_crypto(
            |asked| match asked {
                testing::Asked::Hmac { credential: "signature", hash: crypto::Hash::Sha1, data } => {
                    assert!(serde_json::from_slice::<Value>(data).is_ok() && !data.contains(&b'\n'));
                    Ok(testing::Made::Bytes(vec![0x00, 0xff, 0x10]))
                }
                other => panic!("{other:?}"),
            },
            start,
        )
    };
    assert!(replay("start-signed", signed).is_ok());
    let (unsigned, asked) = with_answer(success, start);
    let reason = FailureReason::Misconfigured("credentials.signature".to_owned());
    assert_eq!((unsigned.unwrap_err().reason, asked.len()), (reason, 0));
}

#[test]
fn what_is_signed_is_what_is_sent() {
    let seen = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
    let kept = std::rc::Rc::clone(&seen);
    let send = || {
        let context = testing::context_of::<ServiceNow>(&json!({ "sign_messages": true }));
        ServiceNow::send(context, session(), message("ü \u{2028} \"\\/ 💥"))
    };
    let signed = || {
        testing::with_crypto(
            move |asked| {
                let testing::Asked::Hmac { data, .. } = asked else { panic!("{asked:?}") };
                *kept.borrow_mut() = data.to_vec();
                Ok(testing::Made::Bytes(vec![1]))
            },
            send,
        )
    };
    let (_, asked) = with_answer(success, signed);
    assert_eq!(*seen.borrow(), asked[0].body);
}
