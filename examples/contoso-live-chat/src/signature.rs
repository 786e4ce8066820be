//! The signature of a request to the webhook: a keyed hash of the time it is made and its body.

use axum::http::HeaderName;
use ring::hmac;

use agent_desk::Secret;

/// Carries the seconds since 1970 at which the request was made.
pub(crate) const TIMESTAMP_HEADER: HeaderName = HeaderName::from_static("x-contoso-timestamp");
/// Carries the signature.
pub(crate) const SIGNATURE_HEADER: HeaderName = HeaderName::from_static("x-contoso-signature");

/// `sha256=` and, in hex, the HMAC-SHA256 (RFC 2104) of timestamp, dot and body.
pub(crate) fn sign(secret: &Secret, timestamp: &str, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.bytes());
    let mut content = hmac::Context::with_key(&key);
    for part in [timestamp.as_bytes(), b".", body] {
        content.update(part);
    }
    format!("sha256={}", hex::encode(content.sign()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `printf '1700000000.{"Id":"1"}' | openssl dgst -sha256 -hmac 'contoso key'` computes it.
    #[test]
    fn it_is_what_other_software_computes() {
        let signature = sign(&Secret::new("contoso key"), "1700000000", br#"{"Id":"1"}"#);
        assert_eq!(signature, "sha256=1349cef748436aaf6d98a7d71ba79c2eb614857460450594947a6c199c10e36e");
    }
}
