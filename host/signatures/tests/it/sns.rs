//! Amazon SNS: messages of our topics only, with every signed field as it was signed.

use handover_signatures::{Refusal, Scheme};
use serde_json::Value;

use crate::case::{Case, all, case, key};

fn messages() -> impl Iterator<Item = Case> {
    all().into_iter().filter(|case| matches!(case.scheme, Scheme::AwsSns(_)))
}

/// Changes the message as JSON.
fn edit(case: &mut Case, change: impl FnOnce(&mut Value)) {
    let mut message = serde_json::from_slice(&case.body).unwrap();
    change(&mut message);
    case.body = serde_json::to_vec(&message).unwrap();
}

fn refused(case: &Case, change: impl FnOnce(&mut Value)) -> Refusal {
    case.refused(|case| edit(case, change))
}

#[test]
fn a_change_of_any_signed_field_is_refused() {
    for case in messages() {
        for field in ["Message", "MessageId", "Subject", "SubscribeURL", "Token"] {
            let has: Value = serde_json::from_slice(&case.body).unwrap();
            if let Some(text) = has[field].as_str() {
                let refusal = refused(&case, |message| message[field] = format!("{text}x").into());
                assert_eq!(refusal, Refusal::Mismatch, "{} {field}", case.name);
            }
        }
        let refusal = refused(&case, |message| message["Timestamp"] = "2026-11-23T04:29:58.251Z".into());
        assert_eq!(refusal, Refusal::Mismatch);
    }
    let note = case("sns-notification-2");
    assert_eq!(refused(&note, |message| message["Subject"] = "added".into()), Refusal::Mismatch);
    let with = case("sns-notification-with-subject");
    assert_eq!(refused(&with, |message| message["Subject"] = Value::Null), Refusal::Mismatch);
    note.accepted(|case| edit(case, |message| message["Subject"] = Value::Null));
}

#[test]
fn one_type_is_not_taken_for_another() {
    let case = case("sns-SubscriptionConfirmation");
    for kind in ["UnsubscribeConfirmation", "Notification"] {
        assert_eq!(refused(&case, |message| message["Type"] = kind.into()), Refusal::Mismatch);
    }
    assert_eq!(refused(&case, |message| message["Type"] = "Other".into()), Refusal::UnknownType);
}

#[test]
fn a_message_of_anothers_topic_is_refused() {
    for case in messages() {
        let refusal = case.refused(|case| {
            if let Scheme::AwsSns(sns) = &mut case.scheme {
                sns.topics = vec!["arn:aws:sns:eu-central-1:999999999999:made-up".into()];
            }
        });
        assert_eq!(refusal, Refusal::OtherTopic);
        let refusal = case.refused(|case| {
            if let Scheme::AwsSns(sns) = &mut case.scheme {
                sns.topics.clear();
            }
        });
        assert_eq!(refusal, Refusal::OtherTopic);
    }
}

#[test]
fn an_old_message_is_refused() {
    let case = case("sns-notification");
    case.accepted(|case| case.now_ms += 3_598_250);
    let refusal = case.refused(|case| case.now_ms += 3_598_251);
    assert_eq!(refusal, Refusal::TooOld { age_s: 3601, tolerance_s: 3600 });
    assert_eq!(case.refused(|case| case.now_ms -= 4_000_000).label(), "in-the-future");
    let refusal = refused(&case, |message| message["Timestamp"] = "yesterday".into());
    assert_eq!(refusal, Refusal::TimestampMalformed { place: "Timestamp".into() });
}

#[test]
fn the_signature_is_judged_by_its_version_and_shape() {
    let case = case("sns-notification-2");
    let place = || "Signature".to_owned();
    assert_eq!(refused(&case, |message| message["SignatureVersion"] = "1".into()), Refusal::Mismatch);
    assert_eq!(refused(&case, |message| message["SignatureVersion"] = "3".into()), Refusal::UnknownVersion);
    let refusal = refused(&case, |message| message["Signature"] = "".into());
    assert_eq!(refusal, Refusal::WrongLength { place: place(), wanted: 256, found: 0 });
    let refusal = refused(&case, |message| message["Signature"] = "not~base64".into());
    assert_eq!(refusal, Refusal::MalformedEncoding { place: place() });
    let refusal = refused(&case, |message| message["Signature"] = "A".repeat(5000).into());
    assert_eq!(refusal, Refusal::MalformedEncoding { place: place() });
    assert_eq!(case.refused(|case| case.keys = vec![key("other")]), Refusal::Mismatch);
    assert_eq!(case.refused(|case| case.keys = vec![key("expired")]).label(), "unusable-key");
}

#[test]
fn a_body_that_is_no_message_is_refused() {
    let case = case("sns-notification-2");
    for body in ["", "null", "[]", "{}", "\"Notification\"", "{\"Type\":\"Notification\"}"] {
        assert_eq!(case.refused(|case| case.body = body.into()), Refusal::MalformedMessage, "{body}");
    }
    let deep = "[".repeat(100_000);
    assert_eq!(case.refused(|case| case.body = deep.into()), Refusal::MalformedMessage);
    let confirmation = crate::case::case("sns-SubscriptionConfirmation");
    assert_eq!(refused(&confirmation, |message| message["Token"] = Value::Null), Refusal::MalformedMessage);
    assert_eq!(
        refused(&confirmation, |message| message["SubscribeURL"] = Value::Null),
        Refusal::MalformedMessage
    );
}

#[test]
fn a_field_that_stands_there_twice_is_refused() {
    let case = case("sns-notification-2");
    let refusal = case.refused(|case| {
        case.body.pop();
        case.body.extend(br#","Message":"another"}"#);
    });
    assert_eq!(refusal, Refusal::MalformedMessage);
}
