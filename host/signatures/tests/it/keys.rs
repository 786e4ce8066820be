//! One key or two: which fits, and keys that cannot be used.

use handover_signatures::{KeyFault, Keys, Refusal, Scheme};

use crate::case::{all, case, key};

#[test]
fn while_a_key_is_exchanged_either_fits_and_it_shows_which() {
    for case in all().into_iter().filter(|case| case.keys.len() == 1) {
        // A key of the right kind that signed nothing.
        let other = match &case.scheme {
            Scheme::Rsa(_) | Scheme::AwsSns(_) => key("other"),
            Scheme::StandardWebhooks { .. } => b"whsec_bWFkZSB1cCBmb3IgdGVzdHM".to_vec(),
            Scheme::ClientCertificate { .. } => b"00".repeat(32),
            _ => b"another".to_vec(),
        };
        let verified = case.accepted(|case| case.keys.push(other.clone()));
        assert_eq!(verified.key, Some(0), "{}", case.name);
        let verified = case.accepted(|case| case.keys.insert(0, other.clone()));
        assert_eq!(verified.key, Some(1), "{}", case.name);
        let refusal = case.refused(|case| case.keys = vec![other.clone()]);
        assert_eq!(refusal, Refusal::Mismatch, "{}", case.name);
        let refusal = case.refused(|case| case.keys = vec![other.clone(), other]);
        assert_eq!(refusal, Refusal::Mismatch, "{}", case.name);
    }
}

#[test]
fn without_a_key_nothing_is_accepted() {
    for case in all().into_iter().filter(|case| case.scheme != Scheme::Nothing) {
        assert_eq!(case.refused(|case| case.keys.clear()), Refusal::NoKey, "{}", case.name);
    }
}

#[test]
fn an_empty_key_is_no_key() {
    for case in all().into_iter().filter(|case| case.scheme != Scheme::Nothing) {
        let refusal = case.refused(|case| case.keys = vec![Vec::new()]);
        assert_eq!(refusal, Refusal::UnusableKey { key: 0, fault: KeyFault::Empty }, "{}", case.name);
    }
    let refusal = case("standard-webhooks").refused(|case| case.keys = vec![b"whsec_".to_vec()]);
    assert_eq!(refusal, Refusal::UnusableKey { key: 0, fault: KeyFault::Empty });
}

#[test]
fn a_key_that_cannot_be_used_does_not_keep_the_other_from_fitting() {
    for case in all().into_iter().filter(|case| case.keys.len() == 1) {
        assert_eq!(case.accepted(|case| case.keys.push(Vec::new())).key, Some(0));
        assert_eq!(case.accepted(|case| case.keys.insert(0, Vec::new())).key, Some(1));
    }
    // Where neither fits, the one that the operator can mend is told.
    for at in [0, 1] {
        let refusal = case("github").refused(|case| {
            case.keys = vec![b"another".to_vec()];
            case.keys.insert(at, Vec::new());
        });
        assert_eq!(refusal, Refusal::UnusableKey { key: at, fault: KeyFault::Empty });
    }
}

#[test]
fn a_key_of_another_kind_is_told() {
    for (name, wrong, fault) in [
        ("standard-webhooks", "whsec_not base64", KeyFault::NotBase64),
        ("rsa", "not a key", KeyFault::NotBase64),
        ("rsa", "bm90IGEga2V5", KeyFault::NotRsa),
        ("rsa", "-----BEGIN PUBLIC KEY-----", KeyFault::NotBase64),
        ("client-certificate", "not a fingerprint", KeyFault::NotFingerprint),
        ("client-certificate", "00ff", KeyFault::NotFingerprint),
    ] {
        let refusal = case(name).refused(|case| case.keys = vec![wrong.into()]);
        assert_eq!(refusal, Refusal::UnusableKey { key: 0, fault }, "{wrong}");
    }
}

#[test]
fn keys_do_not_show() {
    let shown = format!("{:?}", Keys::two(b"made-up", b"secret"));
    assert_eq!(shown, "Keys(2)");
}
