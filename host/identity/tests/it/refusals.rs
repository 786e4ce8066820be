//! What is said of a refusal: to the caller the rule's name, to the log what was found.

use std::collections::BTreeSet;
use std::sync::Arc;

use handover_identity::{Algorithm, FetchFailure, KeyFault, Refusal};
use serde_json::json;

use crate::tokens::keys;
use crate::world::{OTHER, World, v2, with};

#[test]
fn every_rule_has_a_name_of_its_own_that_does_not_change() {
    let text = String::new;
    let unfit = |fault| Refusal::KeyUnfit { kid: text(), fault };
    let why = Arc::new(FetchFailure::TooLong { url: text() });
    let all = [
        (Refusal::HeaderMissing, 401, "authorization-missing"),
        (Refusal::HeaderEmpty, 401, "authorization-empty"),
        (Refusal::HeaderRepeated { count: 2 }, 401, "authorization-repeated"),
        (Refusal::HeaderUnreadable, 401, "authorization-unreadable"),
        (Refusal::SchemeOther, 401, "scheme-other"),
        (Refusal::HeaderParts, 401, "authorization-parts"),
        (Refusal::TokenTooLong { bytes: 1 }, 401, "token-too-long"),
        (Refusal::TokenParts { parts: 1 }, 401, "token-parts"),
        (Refusal::TokenEncoding { part: "" }, 401, "token-encoding"),
        (Refusal::TokenJson { part: "" }, 401, "token-json"),
        (Refusal::MemberRepeated { part: "" }, 401, "member-repeated"),
        (Refusal::AlgorithmRefused { found: text() }, 401, "algorithm-refused"),
        (Refusal::ExtensionDemanded, 401, "extension-demanded"),
        (Refusal::KeyIdMissing, 401, "key-id-missing"),
        (Refusal::ClaimMalformed { claim: "" }, 401, "claim-malformed"),
        (Refusal::IssuerMissing, 401, "issuer-missing"),
        (Refusal::IssuerUnknown { found: text() }, 401, "issuer-unknown"),
        (Refusal::AudienceMissing, 401, "audience-missing"),
        (Refusal::AudienceOther { found: text(), wanted: text() }, 401, "audience-other"),
        (Refusal::ExpiryMissing, 401, "expiry-missing"),
        (Refusal::Expired { exp: 0, now: 0 }, 401, "expired"),
        (Refusal::NotYetValid { nbf: 0, now: 0 }, 401, "not-yet-valid"),
        (Refusal::TenantMissing { wanted: text() }, 401, "tenant-missing"),
        (Refusal::TenantOther { found: text(), wanted: text() }, 401, "tenant-other"),
        (Refusal::VersionUnknown { found: text() }, 401, "version-unknown"),
        (Refusal::CallerMissing { claim: "" }, 401, "caller-missing"),
        (Refusal::ServiceUrlClaimMissing, 401, "service-url-claim-missing"),
        (Refusal::SubjectOther { found: text(), wanted: text() }, 401, "subject-other"),
        (Refusal::ClaimOther { claim: text(), found: text(), wanted: text() }, 401, "claim-other"),
        (Refusal::KeysUnavailable { why }, 503, "keys-unavailable"),
        (Refusal::KeyUnknown { kid: text(), url: text() }, 401, "key-unknown"),
        (unfit(KeyFault::TooShort { bits: 1 }), 401, "key-too-short"),
        (unfit(KeyFault::TooLong { bits: 1 }), 401, "key-too-long"),
        (unfit(KeyFault::NotForSignatures), 401, "key-not-for-signatures"),
        (unfit(KeyFault::OtherType), 401, "key-of-other-type"),
        (unfit(KeyFault::Malformed), 401, "key-malformed"),
        (
            Refusal::KeyAlgorithmOther { kid: text(), found: Algorithm::Rs256, wanted: text() },
            401,
            "key-algorithm-other",
        ),
        (
            Refusal::AlgorithmNotListed { found: Algorithm::Rs256, listed: Vec::new() },
            401,
            "algorithm-not-listed",
        ),
        (
            Refusal::KeyOfOtherIssuer { kid: text(), found: text(), wanted: text() },
            401,
            "key-of-other-issuer",
        ),
        (Refusal::SignatureWrong, 401, "signature-wrong"),
        (Refusal::CallerIsSelf { found: text() }, 403, "caller-is-self"),
        (Refusal::CallerNotListed { found: text() }, 403, "caller-not-listed"),
        (Refusal::ServiceUrlOther { found: text(), wanted: text() }, 403, "service-url-other"),
        (Refusal::ChannelNotEndorsed { channel: text(), endorsed: Vec::new() }, 403, "channel-not-endorsed"),
    ];
    let names: BTreeSet<&str> = all.iter().map(|(refusal, _, _)| refusal.rule()).collect();
    assert_eq!(names.len(), all.len());
    for (refusal, status, name) in &all {
        assert_eq!((refusal.status(), refusal.rule()), (*status, *name));
        assert_eq!(refusal.told(), format!("not admitted: {name}"));
    }
}

#[tokio::test]
async fn the_log_says_what_was_found_and_wanted_and_the_caller_is_not_told() {
    let world = World::start().await;
    let refusal = world.refusal(&with(v2(), json!({"aud": OTHER}))).await;
    assert!(refusal.to_string().contains(OTHER), "{refusal}");
    assert!(refusal.to_string().contains("https://skill.contoso.example"), "{refusal}");
    assert_eq!(refusal.told(), "not admitted: audience-other");
    assert_eq!(refusal.challenge(), "Bearer error=\"invalid_token\"");
}

#[tokio::test]
async fn a_log_line_stays_one_short_line_whatever_a_token_claims() {
    let world = World::start().await;
    let issuer = format!("https://evil.example/\n2026-01-01 ERROR \u{7f}\u{9b}2J{}", "é".repeat(4000));
    for line in [
        world.refusal(&with(v2(), json!({"iss": issuer}))).await.to_string(),
        world.refusal(&with(v2(), json!({"aud": issuer}))).await.to_string(),
        world.refusal(&with(v2(), json!({"ver": issuer}))).await.to_string(),
        world.refusal(&with(v2(), json!({"tid": issuer}))).await.to_string(),
        world.refusal(&with(v2(), json!({"azp": issuer}))).await.to_string(),
        world
            .refusal_of_token(&keys()[0].token_with(&json!({"alg": "RS256", "kid": issuer}), &v2()))
            .await
            .to_string(),
    ] {
        assert!(!line.contains(char::is_control), "{line}");
        assert!(line.chars().count() < 500, "{line}");
    }
}

#[tokio::test]
async fn no_refusal_holds_the_token() {
    let world = World::start().await;
    let good = keys()[0].token(&v2());
    let parts: Vec<&str> = good.split('.').collect();
    let unsigned = format!("{}.{}.{}", parts[0], parts[1], &parts[2][..8]);
    for token in [good.replace('.', "!"), unsigned, keys()[1].token(&v2())] {
        let refusal = world.refusal_of_token(&token).await;
        for said in [refusal.to_string(), format!("{refusal:?}"), refusal.told()] {
            assert!(token.split(['.', '!']).all(|part| !said.contains(part)), "{said}");
        }
    }
}
