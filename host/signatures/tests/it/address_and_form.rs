//! Twilio's rule: the address as the vendor spelled it, and the form's fields.

use handover_signatures::Refusal;

use crate::case::{Case, case};

fn url(case: &mut Case, from: &str, to: &str) {
    assert!(case.url.contains(from));
    case.url = case.url.replacen(from, to, 1);
}

#[test]
fn another_address_is_refused() {
    for (from, to) in [
        ("https", "http"),
        ("example.com", "example.org"),
        ("myapp", "Myapp"),
        ("foo=1&bar=2", "bar=2&foo=1"),
        ("?foo=1&bar=2", ""),
        ("bar=2", "bar=2&"),
    ] {
        assert_eq!(case("twilio").refused(|case| url(case, from, to)), Refusal::Mismatch, "{from} {to}");
    }
}

#[test]
fn the_port_may_be_spelled_or_not() {
    case("twilio").accepted(|case| url(case, "example.com", "example.com:443"));
    case("twilio").accepted(|case| url(case, "example.com", "example.com:8443"));
    case("twilio-signs-with-port").accepted(|case| url(case, ".example", ".example:443"));
    let refusal = case("twilio-signs-with-port").refused(|case| url(case, ".example", ".example:8443"));
    assert_eq!(refusal, Refusal::Mismatch);
}

#[test]
fn the_fields_count_in_any_order_and_escaping_but_with_each_letter() {
    let case = case("twilio");
    let with = |body: &'static str| move |case: &mut Case| case.body = body.into();
    let fields =
        "To=%2B18005551212&From=%2b14158675310&Digits=%31234&CallSid=CA1234567890ABCDE&Caller=%2B14158675310";
    case.accepted(with(fields));
    for other in [
        "",
        "To=+18005551212&From=%2b14158675310&Digits=1234&CallSid=CA1234567890ABCDE&Caller=%2B14158675310",
        "To=%2B18005551212&From=%2b14158675310&Digits=1235&CallSid=CA1234567890ABCDE&Caller=%2B14158675310",
        "To=%2B18005551212&From=%2b14158675310&Digits=1234&CallSid=CA1234567890ABCDE",
        "To=%2B18005551212&From=%2b14158675310&Digits=1234&CallSid=CA1234567890ABCDE&Caller=%2B14158675310&X=",
        r#"{"Digits":"1234"}"#,
    ] {
        assert_eq!(case.refused(with(other)), Refusal::Mismatch, "{other}");
    }
}

#[test]
fn a_form_of_endless_fields_is_refused_before_it_is_sorted() {
    let refusal = case("twilio").refused(|case| case.body = b"a=1&".repeat(1024));
    assert_eq!(refusal, Refusal::TooManyFields { most: 1024 });
    assert_eq!(case("twilio").refused(|case| case.body = b"a=1&".repeat(1023)), Refusal::Mismatch);
}

#[test]
fn a_body_hash_in_the_address_must_be_the_bodys() {
    let case = case("twilio-json");
    assert_eq!(case.refused(|case| case.body.clear()), Refusal::BodyMismatch);
    assert_eq!(case.refused(|case| case.body[0] ^= 1), Refusal::BodyMismatch);
    // Neither can a form be smuggled in under it, nor the hash be left out.
    assert_eq!(case.refused(|case| case.body = b"a=b".to_vec()), Refusal::BodyMismatch);
    assert_eq!(case.refused(|case| url(case, "bodySHA256", "bodySHA255")), Refusal::Mismatch);
}

#[test]
fn a_body_hash_that_is_none_is_refused() {
    let case = case("twilio-json");
    for (from, to) in [
        ("bodySHA256=", "bodySHA256=x"),
        ("bodySHA256=", "bodySHA256&y="),
        ("bodySHA256=", "bodySHA256=&y="),
        ("x=1", "bodySHA256=00"),
    ] {
        assert_eq!(case.refused(|case| url(case, from, to)), Refusal::MalformedBodyHash, "{from} {to}");
    }
}
