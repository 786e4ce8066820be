//! Forged and altered tokens, each refused for its own reason.

use handover_identity::{Algorithm, Refusal};
use ring::hmac;
use serde_json::json;

use crate::tokens::{encode, keys};
use crate::world::{NOW, V2, World, v2, with};

#[tokio::test]
async fn a_token_is_three_parts_of_base64url_json() {
    let world = World::start().await;
    let token = keys()[0].token(&v2());
    let parts: Vec<&str> = token.split('.').collect();
    let [header, claims, signature] = parts[..] else { panic!("three parts") };
    let cases = [
        (format!("{header}.{claims}"), "token-parts"),
        (format!("{header}.{claims}."), "token-parts"),
        (format!(".{claims}.{signature}"), "token-parts"),
        (format!("{token}.{claims}.{signature}"), "token-parts"),
        (format!("{header}=.{claims}.{signature}"), "token-encoding"),
        (format!("{header}.{claims}.{signature}=="), "token-encoding"),
        (format!("{header}.{claims}.{}", "+/".repeat(128)), "token-encoding"),
        (format!("{header}.{claims}!.{signature}"), "token-encoding"),
        (format!("{}.{claims}.{signature}", encode("no JSON")), "token-json"),
        (format!("{}.{claims}.{signature}", encode("[]")), "token-json"),
        (format!("{header}.{}.{signature}", encode("\"text\"")), "token-json"),
        (format!("{header}.{}.{signature}", encode(b"{\"iss\":\"\xff\"}")), "token-json"),
        // The same bits, spelled with another last letter.
        (format!("{header}.{claims}.{}", other_last_letter(signature)), "token-encoding"),
    ];
    for (token, rule) in cases {
        assert_eq!(world.refusal_of_token(&token).await.rule(), rule, "{token}");
    }
    assert_eq!(world.authority.hits(), (0, 0));
}

/// 256 bytes leave four bits of the last letter unused; they must be zero.
fn other_last_letter(signature: &str) -> String {
    let last = match signature.chars().last() {
        Some('A') => 'B',
        Some('Q') => 'R',
        Some('g') => 'h',
        Some('w') => 'x',
        other => panic!("the last letter is {other:?}"),
    };
    format!("{}{last}", &signature[..signature.len() - 1])
}

#[tokio::test]
async fn a_member_that_stands_twice_is_refused() {
    let world = World::start().await;
    let header = r#"{"alg":"RS256","kid":"one"}"#;
    let claims = v2().to_string();
    let twice = format!("{},\"aud\":\"x\"}}", &claims[..claims.len() - 1]);
    let token = keys()[0].compact(header, &twice);
    assert_eq!(world.refusal_of_token(&token).await, Refusal::MemberRepeated { part: "claims" });
    let token = keys()[0].compact(r#"{"alg":"RS256","kid":"one","alg":"RS256"}"#, &claims);
    assert_eq!(world.refusal_of_token(&token).await, Refusal::MemberRepeated { part: "header" });
}

#[tokio::test]
async fn only_public_key_algorithms_are_read() {
    let world = World::start().await;
    for algorithm in ["none", "None", "NONE", "HS256", "HS512", "rs256", "PS256", "ES256", "EdDSA", ""] {
        let token = keys()[0].token_with(&json!({"alg": algorithm, "kid": "one"}), &v2());
        assert_eq!(
            world.refusal_of_token(&token).await,
            Refusal::AlgorithmRefused { found: algorithm.to_owned() }
        );
    }
    let token = keys()[0].token_with(&json!({"kid": "one"}), &v2());
    assert_eq!(world.refusal_of_token(&token).await.rule(), "algorithm-refused");
    let token = keys()[0].token_with(&json!({"alg": ["RS256"], "kid": "one"}), &v2());
    assert_eq!(world.refusal_of_token(&token).await.rule(), "algorithm-refused");
}

#[tokio::test]
async fn the_public_key_is_no_secret_to_sign_with() {
    let world = World::start().await;
    let header = json!({"alg": "HS256", "kid": "one"});
    let message = format!("{}.{}", encode(header.to_string()), encode(v2().to_string()));
    for secret in [keys()[0].modulus(), keys()[0].jwk().to_string().into_bytes()] {
        let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), message.as_bytes());
        let token = format!("{message}.{}", encode(mac));
        assert_eq!(
            world.refusal_of_token(&token).await,
            Refusal::AlgorithmRefused { found: "HS256".to_owned() }
        );
        // Nor where the header lies about it.
        let header = json!({"alg": "RS256", "kid": "one"});
        let message = format!("{}.{}", encode(header.to_string()), encode(v2().to_string()));
        let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), message.as_bytes());
        let token = format!("{message}.{}", encode(mac));
        assert_eq!(world.refusal_of_token(&token).await, Refusal::SignatureWrong);
    }
}

#[tokio::test]
async fn the_headers_algorithm_is_the_signatures() {
    let world = World::start().await;
    let header = json!({"alg": "RS512", "kid": "one"}).to_string();
    let message = format!("{}.{}", encode(header), encode(v2().to_string()));
    let signature = keys()[0].sign("RS256", message.as_bytes());
    let token = format!("{message}.{}", encode(signature));
    assert_eq!(world.refusal_of_token(&token).await, Refusal::SignatureWrong);
}

#[tokio::test]
async fn an_altered_token_is_not_the_one_that_was_signed() {
    let world = World::start().await;
    let token = keys()[0].token(&v2());
    let parts: Vec<&str> = token.split('.').collect();
    let [header, claims, signature] = parts[..] else { panic!("three parts") };
    let longer = encode(with(v2(), json!({"exp": NOW + 7200})).to_string());
    let renamed = encode(json!({"alg": "RS256", "kid": "one"}).to_string());
    let zeros = encode([0; 256]);
    for altered in [
        format!("{header}.{longer}.{signature}"),
        format!("{renamed}.{claims}.{signature}"),
        format!("{header}.{claims}.{}", &signature[..signature.len() - 6]),
        format!("{header}.{claims}.{}", &signature[..4]),
        format!("{header}.{claims}.{zeros}"),
    ] {
        assert_eq!(world.refusal_of_token(&altered).await, Refusal::SignatureWrong, "{altered}");
    }
}

#[tokio::test]
async fn another_key_under_the_same_id_signs_nothing() {
    let world = World::start().await;
    let token = keys()[1].token_with(&json!({"alg": "RS256", "kid": "one"}), &v2());
    assert_eq!(world.refusal_of_token(&token).await, Refusal::SignatureWrong);
}

#[tokio::test]
async fn a_key_that_a_token_brings_along_is_not_looked_at() {
    let world = World::start().await;
    let header = json!({
        "alg": "RS256", "kid": "two", "jwk": keys()[1].jwk(), "jku": world.authority.url("/elsewhere")
    });
    let token = keys()[1].token_with(&header, &v2());
    assert_eq!(world.refusal_of_token(&token).await.rule(), "key-unknown");
    assert_eq!(world.authority.hits(), (1, 1));
}

#[tokio::test]
async fn the_header_names_a_key_and_demands_nothing() {
    let world = World::start().await;
    for header in
        [json!({"alg": "RS256"}), json!({"alg": "RS256", "kid": ""}), json!({"alg": "RS256", "kid": 1})]
    {
        assert_eq!(
            world.refusal_of_token(&keys()[0].token_with(&header, &v2())).await,
            Refusal::KeyIdMissing
        );
    }
    let header = json!({"alg": "RS256", "kid": "one", "crit": ["b64"], "b64": false});
    let token = keys()[0].token_with(&header, &v2());
    assert_eq!(world.refusal_of_token(&token).await, Refusal::ExtensionDemanded);
}

#[tokio::test]
async fn keys_that_are_unfit_verify_nothing() {
    let world = World::start().await;
    let jwk = || keys()[0].jwk();
    // 2047 bits: the first byte's highest bit is gone.
    let mut short = keys()[0].modulus();
    short[0] = 0x7f;
    let cases = [
        (with(jwk(), json!({"n": encode(short)})), "key-too-short"),
        (with(jwk(), json!({"n": encode([0xff; 1025])})), "key-too-long"),
        (with(jwk(), json!({"use": "enc"})), "key-not-for-signatures"),
        (with(jwk(), json!({"key_ops": ["encrypt"]})), "key-not-for-signatures"),
        (json!({"kty": "oct", "kid": "one", "k": "c2VjcmV0"}), "key-of-other-type"),
        (with(jwk(), json!({"n": "!"})), "key-malformed"),
        (with(jwk(), json!({"e": null})), "key-malformed"),
        (with(jwk(), json!({"n": 5})), "key-malformed"),
        (with(jwk(), json!({"alg": "RS512"})), "key-algorithm-other"),
        (with(jwk(), json!({"alg": "RSA-OAEP"})), "key-algorithm-other"),
        (
            json!({"kty": "EC", "crv": "P-256", "kid": "one", "x": encode([1; 32]), "y": encode([2; 32])}),
            "key-algorithm-other",
        ),
    ];
    for (index, (jwk, rule)) in cases.into_iter().enumerate() {
        // A usable key beside it, so that the set as a whole is taken.
        world.authority.publish(&[jwk.clone(), keys()[1].jwk()]);
        let later = NOW * 1000 + index as u64 * 86_400_000;
        let times = json!({"nbf": NOW, "exp": NOW + 864_000_000});
        let token = keys()[0].token(&with(v2(), times));
        let refusal = world.admit_at(&token, later).await.expect_err("a refusal");
        assert_eq!(refusal.rule(), rule, "{jwk}");
        assert_eq!(refusal.status(), 401);
    }
}

#[tokio::test]
async fn an_algorithm_that_the_issuer_does_not_list_is_refused() {
    let world = World::start().await;
    world.authority.describe(json!({
        "jwks_uri": world.authority.url("/keys"), "id_token_signing_alg_values_supported": ["RS256"]
    }));
    world.admitted(&v2()).await;
    let token = keys()[0].token_with(&json!({"alg": "RS384", "kid": "one"}), &v2());
    let listed = vec!["RS256".to_owned()];
    assert_eq!(
        world.refusal_of_token(&token).await,
        Refusal::AlgorithmNotListed { found: Algorithm::Rs384, listed }
    );
}

#[tokio::test]
async fn a_key_of_another_tenant_does_not_sign_for_this_one() {
    let world = World::start().await;
    let foreign = "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0";
    world.authority.publish(&[with(keys()[0].jwk(), json!({"issuer": foreign}))]);
    assert_eq!(
        world.refusal(&v2()).await,
        Refusal::KeyOfOtherIssuer { kid: "one".to_owned(), found: foreign.to_owned(), wanted: V2.to_owned() }
    );
}
