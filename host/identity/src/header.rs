//! The `Authorization` header: exactly one, of two parts, of which the first is `Bearer`.

use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::refusal::Refusal;

/// Longest token, in bytes. Those of the directory have 1 to 4 KiB.
pub(crate) const TOKEN_LIMIT: usize = 16 * 1024;

/// The token that a request carries (Bot Framework SDK, `JwtTokenExtractor`; RFC 6750 §2.1).
pub(crate) fn bearer(headers: &HeaderMap) -> Result<&str, Refusal> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or(Refusal::HeaderMissing)?;
    let more = values.count();
    if more > 0 {
        return Err(Refusal::HeaderRepeated { count: more + 1 });
    }
    // Before it is looked at byte by byte.
    if value.len() > "Bearer ".len() + TOKEN_LIMIT {
        return Err(Refusal::TokenTooLong { bytes: value.len() });
    }
    let value = value.to_str().map_err(|_| Refusal::HeaderUnreadable)?;
    if value.trim().is_empty() {
        return Err(Refusal::HeaderEmpty);
    }
    let (scheme, token) = value.split_once(' ').ok_or(Refusal::HeaderParts)?;
    // Names of schemes are case-insensitive (RFC 9110 §11.1).
    if !scheme.eq_ignore_ascii_case("Bearer") {
        return Err(Refusal::SchemeOther);
    }
    if token.is_empty() || token.contains(|c: char| c.is_ascii_whitespace() || c == ',') {
        return Err(Refusal::HeaderParts);
    }
    Ok(token)
}
