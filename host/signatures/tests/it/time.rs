//! The window around now: both of its ends, and timestamps that are none.

use handover_signatures::{Content, Hmac, Refusal, Scheme, StampFormat};

use crate::case::{Case, case};

/// One of each: vector, header of the timestamp.
const STAMPED: [(&str, &str); 3] = [
    ("zendesk", "X-Zendesk-Webhook-Signature-Timestamp"),
    ("chatwoot", "X-Chatwoot-Timestamp"),
    ("standard-webhooks-bare-secret", "webhook-timestamp"),
];

#[test]
fn both_ends_of_the_window_are_within() {
    for (name, _) in STAMPED {
        let case = case(name);
        case.accepted(|case| case.now_ms += 300_000);
        case.accepted(|case| case.now_ms -= 300_000);
        let refusal = case.refused(|case| case.now_ms += 300_001);
        assert_eq!(refusal, Refusal::TooOld { age_s: 301, tolerance_s: 300 });
        let refusal = case.refused(|case| case.now_ms -= 300_001);
        assert_eq!(refusal, Refusal::InTheFuture { ahead_s: 301, tolerance_s: 300 });
    }
}

#[test]
fn a_clock_at_either_end_of_time_refuses() {
    for (name, _) in STAMPED {
        assert_eq!(case(name).refused(|case| case.now_ms = 0).label(), "in-the-future");
        assert_eq!(case(name).refused(|case| case.now_ms = u64::MAX).label(), "too-old");
    }
}

#[test]
fn a_missing_timestamp_is_refused() {
    for (name, header) in STAMPED {
        let refusal = case(name).refused(|case| case.remove(header));
        assert_eq!(refusal, Refusal::TimestampMissing { header: header.into() });
        let refusal = case(name).refused(|case| case.headers.push((header.into(), b"1".to_vec())));
        assert_eq!(refusal, Refusal::DuplicateHeader { header: header.into() });
    }
}

#[test]
fn a_malformed_timestamp_is_refused() {
    for (name, header) in STAMPED {
        for text in [
            "now",
            " 1795408200",
            "1795408200 ",
            "+1795408200",
            "-1",
            "1795408200.5",
            "0x6b",
            "1e9",
            "99999999999999999999999",
            "18446744073709551615000",
            "2026-11-23",
            "2026-11-23 04:30",
            "2026-13-23T04:30:00Z",
            "1926-11-23T04:30:00Z",
        ] {
            let refusal = case(name).refused(|case| *case.value(header) = text.into());
            assert_eq!(refusal, Refusal::TimestampMalformed { place: header.into() }, "{name} {text}");
        }
        let refusal = case(name).refused(|case| case.value(header).push(0xe9));
        assert_eq!(refusal, Refusal::NotAscii { header: header.into() });
        let refusal = case(name).refused(|case| case.value(header).clear());
        assert_eq!(refusal, Refusal::EmptyHeader { header: header.into() });
    }
}

#[test]
fn a_timestamp_within_the_window_that_was_not_signed_is_refused() {
    let refusal =
        case("chatwoot").refused(|case| *case.value("X-Chatwoot-Timestamp") = b"1795408201".to_vec());
    assert_eq!(refusal, Refusal::Mismatch);
}

#[test]
fn seconds_are_not_taken_for_milliseconds() {
    let swap = |case: &mut Case, to: StampFormat| {
        let Scheme::Hmac(Hmac { content: Content::TimestampAndBody(stamped), .. }) = &mut case.scheme else {
            panic!("a vector with a timestamp")
        };
        stamped.format = to;
    };
    let refusal = case("chatwoot").refused(|case| swap(case, StampFormat::Milliseconds));
    assert_eq!(refusal.label(), "too-old");
    let refusal = case("milliseconds").refused(|case| swap(case, StampFormat::Seconds));
    assert_eq!(refusal.label(), "in-the-future");
    let refusal = case("chatwoot").refused(|case| swap(case, StampFormat::Rfc3339));
    assert_eq!(refusal.label(), "timestamp-malformed");
}

#[test]
fn the_separator_is_part_of_what_is_signed() {
    let refusal = case("chatwoot").refused(|case| {
        if let Scheme::Hmac(Hmac { content: Content::TimestampAndBody(stamped), .. }) = &mut case.scheme {
            stamped.separator.clear();
        }
    });
    assert_eq!(refusal, Refusal::Mismatch);
}
