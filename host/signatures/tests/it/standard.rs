//! Standard Webhooks: the id is signed too, and several signatures may stand in one header.

use handover_signatures::Refusal;

use crate::case::case;

#[test]
fn another_id_is_refused() {
    let case = case("standard-webhooks");
    assert_eq!(case.refused(|case| case.value("webhook-id").push(b'x')), Refusal::Mismatch);
    let missing = case.refused(|case| case.remove("webhook-id"));
    assert_eq!(missing, Refusal::MissingHeader { header: "webhook-id".into() });
}

#[test]
fn one_signature_that_fits_is_enough() {
    let case = case("standard-webhooks");
    let with = |before: &str| {
        let mut proof = before.as_bytes().to_vec();
        proof.extend(case.clone().proof().as_slice());
        proof
    };
    for before in [
        "v2,anything ",
        "v1,AAAA ",
        "v1,not~base64 ",
        "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= ",
        "  ",
    ] {
        case.accepted(|case| *case.proof() = with(before));
    }
}

#[test]
fn without_any_that_fits_the_refusal_says_what_is_wrong() {
    let case = case("standard-webhooks");
    for (proof, label) in [
        ("v2,anything", "missing-prefix"),
        ("v1a,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "missing-prefix"),
        ("V1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "missing-prefix"),
        ("v1,AAAA", "wrong-length"),
        ("v1,", "wrong-length"),
        ("v1,not~base64", "malformed-encoding"),
        ("v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "mismatch"),
    ] {
        assert_eq!(case.refused(|case| *case.proof() = proof.into()).label(), label, "{proof}");
    }
}
