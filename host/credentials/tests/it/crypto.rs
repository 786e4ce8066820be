//! A connector signs and verifies with keys that it never sees.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use handover_credentials::credential::{CryptoError, Hash, SignatureAlgorithm};
use handover_credentials::jose;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Value, json};

use crate::stand_in::{Secrets, key_file};

const EVENT: &[u8] = b"an event of the vendor";
/// By openssl, with `keys/app.key.pem`.
const SHA256: &str = "DmpEgB9OLAKZOZdSZ/sxgkm++w+U+GMTbUHr+LpqPV1ZP5Cxz6XetKqiCeEHG2r6mwXDeNyv47u7gl5arK6K4DB0aNB36nw7MXrvp6pF3Pqb7DJLxzgcwRrXRau5g86FAN3Ff0Mot3ejPU0RCd5G0yGWCO6HQMP8XQeAK7PKWnGQc2mAR8gqQ6wWsy4do/NvTJbJr4oEsvMVwtXNjels+2eGmKW2Je2izJlBUYxvBKXXDFPpayo+fTf6SHhI1+RuUMqtjyQPQ2ZGMSY+SXeLvD1wCJaT1lsaTPHaJWW/W2LY9LCZEKh0qGSUIpNDzWSbhLcL2/cYYXkzePCqXxXIew==";
const SHA1: &str = "G/b8UdwKVczNa0Y5QGrZAtOgQDXvwZ/hsFgxuLAkOJnfJGeUj2pv3kDmG+emgy6dKJfklaXoJ1b/YiQUovI5852qvvb82ibiLjg7lv6HqhlrgWO8/hU54ymZO7gVj24O5Fsn7CtCAGYzmqPbKtjoixJpCFKyjoG3T08ujxU+b7L0VVYOmcwhBKjYwc2deROLURpK4BEo4mpV6pNI0VN7ju0ChpcrxhkjymoFPXTXpJNeqXVjGTWAUVkI/bwKIHK4XG2R6LbRoZaMmQ4j6/8DrhRKfjxIU20XgbfK2eIppPSIuJCddGP1oYDxh6zpV5JpABXuG7UHrTrDo658UWckeA==";

fn read(name: &str) -> Vec<u8> {
    std::fs::read(key_file(name)).unwrap()
}

#[tokio::test]
async fn hmacs_are_those_of_the_rfcs() {
    let secrets = Secrets::new();
    secrets.write("secret", "Jefe");
    let key = secrets.credential(json!({"kind": "key", "value": "@secret"})).await;
    let hmac = |hash| hex::encode(key.hmac(hash, b"what do ya want for nothing?").unwrap());
    // RFC 2202 §3 and RFC 4231 §4.3, case 2 each.
    assert_eq!(hmac(Hash::Sha1), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    assert_eq!(hmac(Hash::Sha256), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    assert_eq!(
        hmac(Hash::Sha512),
        "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
    );
}

#[tokio::test]
async fn signatures_of_openssl_are_verified_with_a_public_key_or_a_certificate() {
    let secrets = Secrets::new();
    for name in ["app.public.pem", "app.cert.pem"] {
        secrets.write(name, read(name));
        let key = secrets.credential(json!({"kind": "key", "value": format!("@{name}")})).await;
        for (hash, signature) in [(Hash::Sha256, SHA256), (Hash::Sha1, SHA1)] {
            let signature = STANDARD.decode(signature).unwrap();
            assert_eq!(key.rsa_verify(hash, EVENT, &signature), Ok(true), "{name}");
            assert_eq!(key.rsa_verify(hash, b"another event", &signature), Ok(false));
            assert_eq!(key.rsa_verify(Hash::Sha512, EVENT, &signature), Ok(false));
        }
    }
}

#[tokio::test]
async fn while_keys_are_exchanged_the_previous_one_verifies_too() {
    let secrets = Secrets::new();
    secrets.write("old", read("app.public.pem"));
    secrets.write("new", read("other.public.pem"));
    let signature = STANDARD.decode(SHA256).unwrap();
    for (config, verified) in [
        (json!({"kind": "key", "value": "@new", "previous": "@old"}), true),
        (json!({"kind": "key", "value": "@new"}), false),
    ] {
        let key = secrets.credential(config).await;
        assert_eq!(key.rsa_verify(Hash::Sha256, EVENT, &signature), Ok(verified));
    }
}

#[tokio::test]
async fn tokens_of_a_connector_are_valid_and_name_the_algorithm_they_were_signed_with() {
    jose::install();
    let secrets = Secrets::new();
    secrets.write("rsa", read("app.key.pem"));
    secrets.write("shared", "s3cret");
    let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    secrets.write("ec", pair.serialize_pem());
    let public = DecodingKey::from_rsa_pem(&read("app.public.pem")).unwrap();
    for (file, asked, algorithm, key) in [
        ("rsa", SignatureAlgorithm::Rs256, Algorithm::RS256, public.clone()),
        ("rsa", SignatureAlgorithm::Rs384, Algorithm::RS384, public.clone()),
        ("rsa", SignatureAlgorithm::Rs512, Algorithm::RS512, public),
        ("shared", SignatureAlgorithm::Hs256, Algorithm::HS256, DecodingKey::from_secret(b"s3cret")),
        (
            "ec",
            SignatureAlgorithm::Es256,
            Algorithm::ES256,
            DecodingKey::from_ec_pem(pair.public_key_pem().as_bytes()).unwrap(),
        ),
    ] {
        let credential = secrets.credential(json!({"kind": "key", "value": format!("@{file}")})).await;
        let headers = [("kid".to_owned(), "app_1".to_owned()), ("alg".to_owned(), "none".to_owned())];
        let claims = r#"{"scope":"app","exp":4000000000}"#;
        let token = credential.jwt_sign(asked, &headers, claims).unwrap();
        assert_eq!(decode_header(&token).unwrap().kid.as_deref(), Some("app_1"));
        let read = decode::<Value>(&token, &key, &Validation::new(algorithm)).unwrap();
        assert_eq!(read.claims["scope"], "app");
    }
}

#[tokio::test]
async fn what_does_not_fit_is_unsuitable() {
    let secrets = Secrets::new();
    secrets.write("rsa", read("app.key.pem"));
    secrets.write("public", read("app.public.pem"));
    secrets.write("shared", "s3cret");
    let key =
        async |file: &str| secrets.credential(json!({"kind": "key", "value": format!("@{file}")})).await;
    let (rsa, public, shared) = (key("rsa").await, key("public").await, key("shared").await);
    let bearer = secrets.credential(json!({"kind": "bearer", "token": "@shared"})).await;
    let unsuitable = |outcome: Result<String, CryptoError>| {
        assert!(matches!(outcome, Err(CryptoError::Unsuitable(_))), "{outcome:?}");
    };
    unsuitable(shared.jwt_sign(SignatureAlgorithm::Rs256, &[], "{}"));
    unsuitable(public.jwt_sign(SignatureAlgorithm::Rs256, &[], "{}"));
    unsuitable(rsa.jwt_sign(SignatureAlgorithm::Es256, &[], "{}"));
    unsuitable(rsa.jwt_sign(SignatureAlgorithm::Hs256, &[], "{}"));
    unsuitable(bearer.jwt_sign(SignatureAlgorithm::Rs256, &[], "{}"));
    unsuitable(public.hmac(Hash::Sha256, b"x").map(hex::encode));
    unsuitable(bearer.rsa_verify(Hash::Sha256, b"x", b"y").map(|_| String::new()));
    unsuitable(shared.rsa_verify(Hash::Sha256, b"x", b"y").map(|_| String::new()));
    let claims = shared.jwt_sign(SignatureAlgorithm::Hs256, &[], "[]");
    assert!(matches!(claims, Err(CryptoError::Malformed(_))), "{claims:?}");
}
