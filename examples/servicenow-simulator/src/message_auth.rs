//! Whether a message proves itself: the static token, or the hash over its body.

use agent_desk::Secret;
use axum::http::HeaderMap;
use ring::hmac;
use serde_json::Value;

use crate::config::MessageAuth;

/// Why a message is discarded: `token` or `signature`.
pub fn check(
    wanted: Option<&MessageAuth>,
    headers: &HeaderMap,
    body: &[u8],
    json: &Value,
) -> Result<(), &'static str> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match wanted {
        None => Ok(()),
        // "If the token is specified in both places, the one in the header is accepted."
        Some(MessageAuth::Static(token)) => match header("token").or(json["token"].as_str()) {
            Some(given) if token.is(given.as_bytes()) => Ok(()),
            _ => Err("token"),
        },
        Some(MessageAuth::Hash(secret)) => {
            match header("x-b2b-signature").and_then(|given| hex::decode(given).ok()) {
                Some(given) if is_signed(secret, body, &given) => Ok(()),
                _ => Err("signature"),
            }
        }
    }
}

/// `CryptoJS.HmacSHA1(JSON.stringify(JSON.parse(request.data)), token)` in hexadecimal.
fn is_signed(secret: &Secret, body: &[u8], given: &[u8]) -> bool {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.bytes());
    hmac::verify(&key, &stringified(body), given).is_ok()
}

/// The body without blanks between its signs, as `JSON.stringify` writes it.
fn stringified(body: &[u8]) -> Vec<u8> {
    let (mut within, mut escaped) = (false, false);
    let kept = body.iter().filter(|byte| {
        let is_blank = !within && byte.is_ascii_whitespace();
        match **byte {
            b'"' if !escaped => within = !within,
            _ => {}
        }
        escaped = within && **byte == b'\\' && !escaped;
        !is_blank
    });
    kept.copied().collect()
}
