//! Tokens are made and checked on `ring` as the RFCs say.

use handover_credentials::jose::install;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde_json::{Value, json};

use crate::stand_in::key_file;

fn rsa() -> (EncodingKey, DecodingKey) {
    let (private, public) = (key_file("app.key.pem"), key_file("app.public.pem"));
    (
        EncodingKey::from_rsa_pem(&std::fs::read(private).unwrap()).unwrap(),
        DecodingKey::from_rsa_pem(&std::fs::read(public).unwrap()).unwrap(),
    )
}

fn ec(curve: &'static rcgen::SignatureAlgorithm) -> (EncodingKey, DecodingKey) {
    let pair = rcgen::KeyPair::generate_for(curve).unwrap();
    let private = EncodingKey::from_ec_pem(pair.serialize_pem().as_bytes()).unwrap();
    (private, DecodingKey::from_ec_pem(pair.public_key_pem().as_bytes()).unwrap())
}

fn round(algorithm: Algorithm, private: &EncodingKey, public: &DecodingKey) {
    let claims = json!({"sub": "somebody", "exp": 4_000_000_000_u64});
    let token = encode(&Header::new(algorithm), &claims, private).unwrap();
    let rules = Validation::new(algorithm);
    let read = decode::<Value>(&token, public, &rules).unwrap();
    assert_eq!(read.claims, claims, "{algorithm:?}");
    // One bit of the signature, in its first character.
    let (head, signature) = token.rsplit_once('.').unwrap();
    let first = if signature.starts_with('A') { "B" } else { "A" };
    let altered = format!("{head}.{first}{}", &signature[1..]);
    assert!(decode::<Value>(&altered, public, &rules).is_err(), "{algorithm:?}");
}

#[test]
fn every_algorithm_verifies_what_it_signed_and_nothing_else() {
    install();
    install();
    let secret = (EncodingKey::from_secret(b"shared"), DecodingKey::from_secret(b"shared"));
    for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
        round(algorithm, &secret.0, &secret.1);
    }
    let rsa = rsa();
    for algorithm in [
        Algorithm::RS256,
        Algorithm::RS384,
        Algorithm::RS512,
        Algorithm::PS256,
        Algorithm::PS384,
        Algorithm::PS512,
    ] {
        round(algorithm, &rsa.0, &rsa.1);
    }
    let (private, public) = ec(&rcgen::PKCS_ECDSA_P256_SHA256);
    round(Algorithm::ES256, &private, &public);
    let (private, public) = ec(&rcgen::PKCS_ECDSA_P384_SHA384);
    round(Algorithm::ES384, &private, &public);
}

#[test]
fn the_examples_of_rfc_7515_are_valid() {
    install();
    let body =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    // Appendix A.1
    let key = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
    let key = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, key).unwrap();
    let message = format!("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.{body}");
    let signature = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let key = DecodingKey::from_secret(&key);
    let verify = jsonwebtoken::crypto::verify;
    assert!(verify(signature, message.as_bytes(), &key, Algorithm::HS256).unwrap());
    // Appendix A.3
    let key = DecodingKey::from_ec_components(
        "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    )
    .unwrap();
    let message = format!("eyJhbGciOiJFUzI1NiJ9.{body}");
    let signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    assert!(verify(signature, message.as_bytes(), &key, Algorithm::ES256).unwrap());
}

#[test]
fn a_key_published_as_a_jwk_verifies_what_its_private_half_signed() {
    install();
    let (private, _) = rsa();
    let jwk = Jwk::from_encoding_key(&private, Algorithm::RS256).unwrap();
    round(Algorithm::RS256, &private, &DecodingKey::from_jwk(&jwk).unwrap());
    let (private, _) = ec(&rcgen::PKCS_ECDSA_P256_SHA256);
    let jwk = Jwk::from_encoding_key(&private, Algorithm::ES256).unwrap();
    round(Algorithm::ES256, &private, &DecodingKey::from_jwk(&jwk).unwrap());
}

#[test]
fn a_public_rsa_key_is_no_shared_secret() {
    install();
    // The classic confusion: the attacker signs with HS256 and the verifier's public key as the secret.
    let pem = std::fs::read(key_file("app.public.pem")).unwrap();
    let claims = json!({"sub": "attacker", "exp": 4_000_000_000_u64});
    let forged = encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(&pem)).unwrap();
    let (_, public) = rsa();
    assert!(decode::<Value>(&forged, &public, &Validation::new(Algorithm::HS256)).is_err());
    assert!(decode::<Value>(&forged, &public, &Validation::new(Algorithm::RS256)).is_err());
}
