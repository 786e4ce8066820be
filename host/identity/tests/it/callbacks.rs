//! Tokens of a vendor's callbacks.

use std::collections::BTreeMap;

use handover_identity::{
    Algorithm, Bearer, BearerRules, CallbackKeeper, FetchFailure, KeysAt, Mistake, Refusal,
};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};

use crate::authority::Authority;
use crate::tokens::{encode, keys};
use crate::world::{NOW, NOW_MS, headers, install, with};

const ISSUER: &str = "https://vendor.example/";

fn rules(authority: &Authority) -> BearerRules {
    BearerRules {
        issuer: ISSUER.to_owned(),
        keys: KeysAt::Jwks(authority.url("/keys")),
        key_hosts: Vec::new(),
        audiences: vec!["https://gateway.example/callbacks/vendor".to_owned()],
        subject: Some("webhooks".to_owned()),
        claims: BTreeMap::from([("org".to_owned(), "contoso".to_owned())]),
        algorithms: vec![Algorithm::Rs256, Algorithm::Es256],
        local: true,
    }
}

fn keeper(rules: BearerRules) -> CallbackKeeper {
    install();
    CallbackKeeper::new(rules).expect("rules")
}

fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": "https://gateway.example/callbacks/vendor", "sub": "webhooks", "org": "contoso",
        "exp": NOW + 60
    })
}

#[tokio::test]
async fn a_vendors_token_is_admitted_whole_and_refused_by_each_rule() {
    let authority = Authority::start().await;
    let keeper = keeper(rules(&authority));
    let refused = [
        (json!({"iss": "https://vendor.example"}), "issuer-unknown"),
        (json!({"aud": "https://gateway.example/callbacks/other"}), "audience-other"),
        (json!({"aud": null}), "audience-missing"),
        (json!({"exp": null}), "expiry-missing"),
        (json!({"exp": NOW - 300}), "expired"),
        (json!({"nbf": NOW + 301}), "not-yet-valid"),
        (json!({"sub": "somebody"}), "subject-other"),
        (json!({"sub": null}), "subject-other"),
        (json!({"sub": 5}), "claim-malformed"),
        (json!({"org": "fabrikam"}), "claim-other"),
        (json!({"org": null}), "claim-other"),
        (json!({"org": ["contoso"]}), "claim-other"),
    ];
    for (change, rule) in refused {
        let token = keys()[0].token(&with(claims(), change.clone()));
        let refusal = keeper.admit(&headers(&token), NOW_MS).await.expect_err("a refusal");
        assert_eq!(refusal.rule(), rule, "{change}");
    }
    assert_eq!(authority.hits(), (0, 0));

    let token = keys()[0].token(&claims());
    let subject = Some("webhooks".to_owned());
    assert_eq!(keeper.admit(&headers(&token), NOW_MS).await, Ok(Bearer { subject: subject.clone() }));
    assert_eq!(keeper.admit_token(&token, NOW_MS).await, Ok(Bearer { subject }));
    assert_eq!(authority.hits(), (0, 1));

    let forged = keys()[1].token_with(&json!({"alg": "RS256", "kid": "one"}), &claims());
    assert_eq!(keeper.admit_token(&forged, NOW_MS).await, Err(Refusal::SignatureWrong));
    let longest = "a".repeat(16 * 1024 + 1);
    assert_eq!(keeper.admit_token(&longest, NOW_MS).await, Err(Refusal::TokenTooLong { bytes: 16385 }));
}

#[tokio::test]
async fn only_the_configured_algorithms_are_read() {
    let authority = Authority::start().await;
    let keeper = keeper(rules(&authority));
    for algorithm in ["RS384", "ES384", "HS256", "none"] {
        let token = keys()[0].token_with(&json!({"alg": algorithm, "kid": "one"}), &claims());
        let found = algorithm.to_owned();
        assert_eq!(keeper.admit_token(&token, NOW_MS).await, Err(Refusal::AlgorithmRefused { found }));
    }
}

#[tokio::test]
async fn a_token_signed_on_an_elliptic_curve_is_admitted_by_its_own_kind_of_key() {
    let authority = Authority::start().await;
    let random = SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).expect("a key");
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random)
        .expect("a key");
    let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
    let jwk = json!({"kty": "EC", "crv": "P-256", "kid": "curve", "x": encode(x), "y": encode(y)});
    authority.publish(&[jwk.clone(), keys()[0].jwk()]);
    let keeper = keeper(rules(&authority));
    let sign = |kid: &str| {
        let header = json!({"alg": "ES256", "kid": kid});
        let message = format!("{}.{}", encode(header.to_string()), encode(claims().to_string()));
        let signature = pair.sign(&random, message.as_bytes()).expect("a signature");
        format!("{message}.{}", encode(signature))
    };
    assert!(keeper.admit_token(&sign("curve"), NOW_MS).await.is_ok());
    let refusal = keeper.admit_token(&sign("one"), NOW_MS).await.expect_err("a refusal");
    assert_eq!(
        refusal,
        Refusal::KeyAlgorithmOther {
            kid: "one".to_owned(),
            found: Algorithm::Es256,
            wanted: "RSA".to_owned()
        }
    );
    let altered = sign("curve").replacen("eyJ", "eyI", 1);
    assert!(keeper.admit_token(&altered, NOW_MS).await.is_err());

    // A point that is not of the curve verifies nothing.
    let off = with(jwk, json!({"y": encode([7; 32])}));
    authority.publish(&[off, keys()[0].jwk()]);
    let keeper = self::keeper(rules(&authority));
    assert!(keeper.admit_token(&sign("curve"), NOW_MS).await.is_err());
    authority.publish(&[
        json!({"kty": "EC", "crv": "P-256", "kid": "curve", "x": "AA", "y": "AA"}),
        keys()[0].jwk(),
    ]);
    let keeper = self::keeper(rules(&authority));
    let refusal = keeper.admit_token(&sign("curve"), NOW_MS).await.expect_err("a refusal");
    assert_eq!(refusal.rule(), "key-malformed");
}

#[tokio::test]
async fn metadata_must_be_the_issuers_own() {
    let authority = Authority::start().await;
    let by_metadata = BearerRules { keys: KeysAt::Metadata(authority.url("/metadata")), ..rules(&authority) };
    let keeper = keeper(by_metadata);
    let url = authority.url("/metadata").to_string();
    let other = FetchFailure::OtherIssuer { url, found: "any".to_owned(), wanted: ISSUER.to_owned() };
    assert_eq!(keeper.probe(NOW_MS).await.keys, Err(other));
    authority.describe(json!({
        "issuer": ISSUER, "jwks_uri": authority.url("/keys"),
        // Of its tokens to people; callbacks may be signed otherwise.
        "id_token_signing_alg_values_supported": ["ES256"]
    }));
    assert_eq!(keeper.probe(NOW_MS).await.keys, Ok(1));
    assert!(keeper.admit_token(&keys()[0].token(&claims()), NOW_MS).await.is_ok());
}

#[tokio::test]
async fn rules_that_cannot_be_used_are_refused_with_all_mistakes() {
    install();
    let authority = Authority::start().await;
    let bad = BearerRules {
        issuer: String::new(),
        audiences: Vec::new(),
        algorithms: Vec::new(),
        local: false,
        ..rules(&authority)
    };
    let mistakes = CallbackKeeper::new(bad).expect_err("mistakes").0;
    let url = authority.url("/keys").to_string();
    assert_eq!(
        mistakes,
        [
            Mistake::IssuerEmpty,
            Mistake::AddressPlain { issuer: String::new(), url },
            Mistake::NoAudience,
            Mistake::NoAlgorithm,
        ]
    );
}
