//! Whatever is changed, be it a single bit, is refused; whatever comes, the check gives an answer.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use handover_signatures::{Content, Hmac, Keys, Request, Scheme, sns_certificate_url, verify};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::Value;

use crate::case::{Case, all};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Part {
    Body,
    Proof,
    Stamp,
    Key,
}

fn stamp_header(case: &Case) -> Option<String> {
    match &case.scheme {
        Scheme::Hmac(Hmac { content: Content::TimestampAndBody(stamped), .. }) => {
            Some(stamped.header.clone())
        }
        Scheme::StandardWebhooks { .. } => Some("webhook-timestamp".into()),
        _ => None,
    }
}

/// The bytes of the part, where the scheme binds it.
fn part(case: &mut Case, part: Part) -> Option<&mut Vec<u8>> {
    match part {
        Part::Body => match case.scheme {
            Scheme::SharedSecret { .. }
            | Scheme::Basic
            | Scheme::ClientCertificate { .. }
            | Scheme::Nothing => None,
            _ => Some(&mut case.body),
        },
        Part::Proof => {
            let header = case.header()?.to_owned();
            Some(case.value(&header))
        }
        Part::Stamp => {
            let header = stamp_header(case)?;
            Some(case.value(&header))
        }
        // A key's frame (PEM, a certificate's names) is not the key; see the test of RSA keys below.
        Part::Key => match case.scheme {
            Scheme::Rsa(_) | Scheme::AwsSns(_) | Scheme::Nothing => None,
            _ => case.key.map(|key| &mut case.keys[key]),
        },
    }
}

/// What of the case means the same however it is written: hex in either case, a form's escapes, JSON's layout.
fn meaning(case: &Case) -> (Vec<u8>, Vec<u8>, Vec<Vec<u8>>) {
    let body = match &case.scheme {
        Scheme::Hmac(Hmac { content: Content::UrlAndForm, .. }) if !case.url.contains("bodySHA256") => {
            let mut fields: Vec<(Vec<u8>, Vec<u8>)> = url::form_urlencoded::parse(&case.body)
                .map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec()))
                .collect();
            fields.sort();
            fields.dedup();
            fields.into_iter().flat_map(|(name, value)| [name, value].concat()).collect()
        }
        Scheme::AwsSns(_) => {
            let message: Value = serde_json::from_slice(&case.body).unwrap_or_default();
            let signed =
                ["Type", "Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Token", "SubscribeURL"];
            signed.map(|field| message[field].to_string()).join("\n").into_bytes()
        }
        _ => case.body.clone(),
    };
    let hex = match &case.scheme {
        Scheme::ClientCertificate { .. } => true,
        Scheme::Hmac(Hmac { encoding, .. }) => *encoding == handover_signatures::Encoding::Hex,
        Scheme::Rsa(rsa) => rsa.encoding == handover_signatures::Encoding::Hex,
        _ => false,
    };
    let mut case = case.clone();
    let mut proof = if case.header().is_some() { case.proof().clone() } else { Vec::new() };
    if hex {
        proof.make_ascii_lowercase();
    }
    match &case.scheme {
        Scheme::Basic => proof[..5].make_ascii_lowercase(),
        Scheme::ClientCertificate { .. } => case.keys.iter_mut().for_each(|key| key.make_ascii_lowercase()),
        _ => {}
    }
    (body, proof, case.keys)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_flipped_bit_is_refused(
        case in select(all()),
        which in select(vec![Part::Body, Part::Proof, Part::Stamp, Part::Key]),
        at in any::<Index>(),
        bit in 0..8u8,
    ) {
        // Of several signatures one is enough, so one may be spoilt.
        prop_assume!(!case.name.starts_with("standard-webhooks-two") && !case.name.ends_with("version-too"));
        let mut flipped = case.clone();
        let Some(bytes) = part(&mut flipped, which).filter(|bytes| !bytes.is_empty()) else { return Ok(()) };
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let stamps = |case: &mut Case| stamp_header(case).map(|header| case.value(&header).clone());
        let same = meaning(&case) == meaning(&flipped) && stamps(&mut case.clone()) == stamps(&mut flipped);
        // SNS' signature stands in the body; where it was hit, the message means the same and is refused all the same.
        let verdict = flipped.judge();
        prop_assert!(verdict.is_err() || same, "{} {which:?} {at} {bit}", case.name);
    }

    #[test]
    fn any_flipped_bit_of_an_rsa_key_is_refused(at in any::<Index>(), bit in 0..8u8) {
        let case = crate::case::case("rsa-pkcs1-key");
        let pem = String::from_utf8(case.keys[0].clone()).unwrap();
        let inner: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
        let mut der = STANDARD.decode(inner).unwrap();
        let at = at.index(der.len());
        der[at] ^= 1 << bit;
        let mut flipped = case;
        flipped.keys = vec![der];
        prop_assert!(flipped.judge().is_err());
    }

    #[test]
    fn whatever_comes_is_refused_without_a_panic(
        case in select(all()),
        url in ".{0,40}",
        proof in prop_oneof![proptest::collection::vec(any::<u8>(), 0..90), "(v1,|sha256=|Basic )?[0-9a-fA-F+/=: ]{0,90}".prop_map(String::into_bytes)],
        stamp in prop_oneof![".{0,24}", "[0-9]{1,22}", Just("2026-11-23T04:30:00Z".to_owned())],
        body in prop_oneof![proptest::collection::vec(any::<u8>(), 0..90), "[a-c=&%+0-9{}\"]{0,60}".prop_map(String::into_bytes)],
        key in proptest::collection::vec(any::<u8>(), 0..40),
        now_ms in any::<u64>(),
    ) {
        prop_assume!(case.scheme != Scheme::Nothing);
        let mut headers = vec![("webhook-id", &b"x"[..])];
        headers.extend(case.header().map(|header| (header, proof.as_slice())));
        let stamps = stamp_header(&case);
        headers.extend(stamps.as_deref().map(|header| (header, stamp.as_bytes())));
        let request = Request { url: &url, headers: &headers, body: &body };
        prop_assert!(verify(&case.scheme, &Keys::two(&key, &case.keys[0]), &request, now_ms).is_err());
        if let Scheme::AwsSns(sns) = &case.scheme {
            prop_assert!(sns_certificate_url(sns, &body, now_ms).is_err());
        }
    }
}
