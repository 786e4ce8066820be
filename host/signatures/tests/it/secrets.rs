//! Secrets that are shown as they are: in a header, or as HTTP Basic.

use handover_signatures::Refusal;

use crate::case::case;

#[test]
fn a_secret_that_differs_anywhere_is_refused() {
    let case = case("shared-secret");
    assert_eq!(case.refused(|case| case.proof().push(b' ')), Refusal::Mismatch);
    assert_eq!(case.refused(|case| case.proof().insert(0, b' ')), Refusal::Mismatch);
    assert_eq!(case.refused(|case| case.proof().truncate(28)), Refusal::Mismatch);
    assert_eq!(case.refused(|case| case.proof().make_ascii_uppercase()), Refusal::Mismatch);
}

#[test]
fn a_secret_of_any_bytes_is_taken() {
    case("shared-secret").accepted(|case| {
        case.keys = vec!["schlüssel".into()];
        *case.proof() = "schlüssel".into();
    });
}

#[test]
fn basic_is_taken_as_rfc_7617_lets_it_be_written() {
    for value in ["basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "BASIC   QWxhZGRpbjpvcGVuIHNlc2FtZQ"] {
        case("basic").accepted(|case| *case.proof() = value.into());
    }
    for (value, label) in [
        ("Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "missing-prefix"),
        ("Basic", "missing-prefix"),
        ("BasicQWxhZGRpbjpvcGVuIHNlc2FtZQ==", "missing-prefix"),
        ("Basic Aladdin:open", "malformed-encoding"),
        ("Basic ", "mismatch"),
        // Aladdin:open sesame, with a line end
        ("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQo=", "mismatch"),
        // aladdin:open sesame
        ("Basic YWxhZGRpbjpvcGVuIHNlc2FtZQ==", "mismatch"),
    ] {
        assert_eq!(case("basic").refused(|case| *case.proof() = value.into()).label(), label, "{value}");
    }
}

#[test]
fn the_fingerprint_of_another_certificate_is_refused() {
    let case = case("client-certificate");
    assert_eq!(case.refused(|case| *case.proof() = b"00".repeat(32)), Refusal::Mismatch);
    // Of the same certificate, by another hash function: nothing to compare.
    assert_eq!(case.refused(|case| *case.proof() = b"00".repeat(20)), Refusal::Mismatch);
    case.accepted(|case| {
        let plain = case.proof().iter().copied().filter(|byte| *byte != b':').collect();
        *case.proof() = plain;
        case.proof().make_ascii_lowercase();
    });
}
