//! What vendors' own packages sign is accepted, and nothing that was changed on its way.

use handover_signatures::{Content, Hmac, Refusal, Scheme};

use crate::case::{all, case};

#[test]
fn every_vendors_request_is_accepted_with_the_key_that_signed_it() {
    for case in all() {
        let verified = case.accepted(|_| {});
        assert_eq!(verified.key, case.key, "{}", case.name);
        let signed_time = matches!(
            &case.scheme,
            Scheme::Hmac(Hmac { content: Content::TimestampAndBody(_), .. })
                | Scheme::StandardWebhooks { .. }
                | Scheme::AwsSns(_)
        );
        assert_eq!(verified.replay.is_some(), signed_time, "{}", case.name);
    }
}

#[test]
fn another_body_is_refused_wherever_the_body_is_signed() {
    for case in all() {
        let change = |case: &mut crate::case::Case| case.body.extend(b"&x=1");
        match &case.scheme {
            Scheme::Hmac(_) if case.name == "twilio-json" => {
                assert_eq!(case.refused(change), Refusal::BodyMismatch);
            }
            Scheme::Hmac(_) | Scheme::Rsa(_) | Scheme::StandardWebhooks { .. } => {
                assert_eq!(case.refused(change), Refusal::Mismatch, "{}", case.name);
            }
            Scheme::AwsSns(_) => {
                assert_eq!(case.refused(change), Refusal::MalformedMessage, "{}", case.name);
            }
            _ => assert_eq!(case.accepted(change).key, case.key),
        }
    }
}

#[test]
fn a_request_repeated_as_it_was_has_the_name_it_had() {
    let zendesk = case("zendesk");
    let first = zendesk.judge().unwrap().replay.unwrap();
    let again = zendesk.accepted(|case| case.now_ms += 60_000).replay.unwrap();
    assert_eq!(first, again);
    assert_eq!(first.until_ms, zendesk.now_ms + 300_000);
    assert_ne!(first, case("zendesk-without-body").judge().unwrap().replay.unwrap());
    assert_eq!(
        zendesk.refused(|case| case.now_ms = first.until_ms + 1),
        Refusal::TooOld { age_s: 301, tolerance_s: 300 }
    );
}

#[test]
fn where_nothing_is_asked_for_nothing_is_judged() {
    let verified = case("nothing").accepted(|case| case.keys = vec![b"unused".to_vec()]);
    assert_eq!(verified.key, None);
}
