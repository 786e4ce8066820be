//! RSA signatures, and public keys in every form in which they are pasted.

use handover_signatures::{Digest, KeyFault, Refusal, Scheme};

use crate::case::{case, key};

#[test]
fn keys_that_are_no_rsa_keys_of_a_fair_size_are_told() {
    for (name, fault) in [
        ("small", KeyFault::RsaSize { bits: 1024 }),
        ("elliptic", KeyFault::NotRsa),
        ("expired", KeyFault::NotValidNow),
    ] {
        let refusal = case("rsa").refused(|case| case.keys = vec![key(name)]);
        assert_eq!(refusal, Refusal::UnusableKey { key: 0, fault });
    }
}

#[test]
fn a_certificate_counts_between_its_days() {
    const END_2015: u64 = 1_451_606_399_999;
    const IN_2020: u64 = 1_600_000_000_000;
    const IN_2040: u64 = 2_210_000_000_000;
    let case = case("rsa-certificate");
    let fault = Refusal::UnusableKey { key: 0, fault: KeyFault::NotValidNow };
    assert_eq!(case.refused(|case| case.now_ms = IN_2020), fault);
    assert_eq!(case.refused(|case| case.now_ms = IN_2040), fault);
    // The one that has run out was good in its time, for the same key.
    case.accepted(|case| {
        case.keys = vec![key("expired")];
        case.now_ms = IN_2020;
    });
    let refusal = case.refused(|case| {
        case.keys = vec![key("expired")];
        case.now_ms = END_2015;
    });
    assert_eq!(refusal, fault);
}

#[test]
fn another_hash_function_is_refused() {
    for digest in [Digest::Sha1, Digest::Sha512] {
        let refusal = case("rsa").refused(|case| {
            if let Scheme::Rsa(rsa) = &mut case.scheme {
                rsa.digest = digest;
            }
        });
        assert_eq!(refusal, Refusal::Mismatch);
    }
}

#[test]
fn a_key_in_der_is_taken_too() {
    use base64::Engine;
    let der = base64::engine::general_purpose::STANDARD.decode(&case("rsa-bare-key").keys[0]).unwrap();
    case("rsa").accepted(|case| case.keys = vec![der.clone()]);
    let refusal = case("rsa").refused(|case| case.keys = vec![der[..der.len() - 1].to_vec()]);
    assert_eq!(refusal, Refusal::UnusableKey { key: 0, fault: KeyFault::NotRsa });
    // What `openssl rsa -RSAPublicKey_out` writes, and the same with something behind it.
    let mut der = der[24..].to_vec();
    case("rsa").accepted(|case| case.keys = vec![der.clone()]);
    der.push(0);
    let refusal = case("rsa").refused(|case| case.keys = vec![der]);
    assert_eq!(refusal, Refusal::UnusableKey { key: 0, fault: KeyFault::NotRsa });
}
