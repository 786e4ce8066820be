//! Cryptography with secrets that stay in the host: a connector names a credential of its descriptor.

use serde::Serialize;

use crate::bindings::connector::handover::connector::crypto as host;
use crate::{Attribute, Failure, FailureReason, RetryAdvice};

pub use host::{Error, Hash, Signature as Algorithm};

/// The keyed hash of `data`.
///
/// # Errors
/// Where the operator configured no such credential, or one of another kind.
pub fn hmac(credential: &str, hash: Hash, data: &[u8]) -> Result<Vec<u8>, Failure> {
    made(credential, by_host::hmac(credential, hash, data))
}

/// Whether `signature` is the vendor's over `data`; RSA with PKCS #1 v1.5 padding.
///
/// # Errors
/// Where the operator configured no such credential, or one that is no public key.
pub fn rsa_verify(credential: &str, hash: Hash, data: &[u8], signature: &[u8]) -> Result<bool, Failure> {
    made(credential, by_host::rsa_verify(credential, hash, data, signature))
}

/// A signed JSON Web Token with these claims, a JSON object, and extra header fields.
///
/// # Errors
/// Where the operator configured no such credential, or one that does not sign so.
pub fn jwt_sign(
    credential: &str,
    algorithm: Algorithm,
    headers: &[(&str, &str)],
    claims: &impl Serialize,
) -> Result<String, Failure> {
    let field = |(name, value): &(&str, &str)| Attribute { name: (*name).into(), value: (*value).into() };
    let headers: Vec<Attribute> = headers.iter().map(field).collect();
    // What does not serialize is no JSON object either: the host says so.
    let claims = serde_json::to_string(claims).unwrap_or_default();
    made(credential, by_host::jwt_sign(credential, algorithm, &headers, &claims))
}

/// It will not work until the operator has mended the configuration.
fn made<T>(credential: &str, result: Result<T, Error>) -> Result<T, Failure> {
    result.map_err(|error| {
        let (Error::UnknownCredential(detail) | Error::Unsuitable(detail)) = error;
        Failure {
            reason: FailureReason::Misconfigured(format!("credentials.{credential}")),
            retry: RetryAdvice::Never,
            detail,
        }
    })
}

#[cfg(target_arch = "wasm32")]
use host as by_host;

/// On the machine that tests run on there are no secrets: [`testing::with_crypto`](crate::testing::with_crypto) says
/// what comes back.
#[cfg(not(target_arch = "wasm32"))]
mod by_host {
    use super::{Algorithm, Error, Hash};
    use crate::Attribute;
    use crate::testing::{Asked, Made, make};

    pub(super) fn hmac(credential: &str, hash: Hash, data: &[u8]) -> Result<Vec<u8>, Error> {
        match make(&Asked::Hmac { credential, hash, data })? {
            Made::Bytes(bytes) => Ok(bytes),
            other => panic!("an hmac is bytes, not {other:?}"),
        }
    }

    pub(super) fn rsa_verify(
        credential: &str,
        hash: Hash,
        data: &[u8],
        signature: &[u8],
    ) -> Result<bool, Error> {
        match make(&Asked::RsaVerify { credential, hash, data, signature })? {
            Made::Verdict(good) => Ok(good),
            other => panic!("a signature is good or not, not {other:?}"),
        }
    }

    pub(super) fn jwt_sign(
        credential: &str,
        algorithm: Algorithm,
        headers: &[Attribute],
        claims: &str,
    ) -> Result<String, Error> {
        match make(&Asked::JwtSign { credential, algorithm, headers, claims })? {
            Made::Token(token) => Ok(token),
            other => panic!("a token is text, not {other:?}"),
        }
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use crate::testing::{Asked, Made, with_crypto};

    #[test]
    fn what_a_test_says_comes_back_and_a_missing_credential_names_its_key() {
        let made = with_crypto(
            |asked| match asked {
                Asked::Hmac { credential: "key", hash: Hash::Sha256, data: b"abc" } => {
                    Ok(Made::Bytes(vec![7]))
                }
                Asked::JwtSign { claims: r#"{"sub":"x"}"#, .. } => Ok(Made::Token("a.b.c".to_owned())),
                Asked::RsaVerify { .. } => Ok(Made::Verdict(true)),
                _ => Err(Error::UnknownCredential("none".to_owned())),
            },
            || {
                let token =
                    jwt_sign("key", Algorithm::Rs256, &[("kid", "1")], &serde_json::json!({"sub": "x"}));
                (
                    hmac("key", Hash::Sha256, b"abc"),
                    hmac("other", Hash::Sha1, b""),
                    rsa_verify("key", Hash::Sha1, b"", b""),
                    token,
                )
            },
        );
        assert_eq!(made.0, Ok(vec![7]));
        let missing = made.1.expect_err("there is no such credential");
        assert_eq!(missing.reason, FailureReason::Misconfigured("credentials.other".to_owned()));
        assert_eq!((made.2, made.3), (Ok(true), Ok("a.b.c".to_owned())));
    }
}
