//! Secrets that the vendor shows as they are: in a header, as HTTP Basic, or as a certificate's fingerprint.

use crate::Verified;
use crate::encoding::{base64, same, same_secret};
use crate::keys::{KeyFault, Keys};
use crate::refusal::Refusal;
use crate::request::Request;

/// Fingerprints in bytes: SHA-1, SHA-256, SHA-512.
const FINGERPRINTS: [usize; 3] = [20, 32, 64];

/// A header's value is the prefix and the secret, byte for byte.
pub(crate) fn secret(
    header: &str,
    prefix: &str,
    keys: &Keys<'_>,
    request: &Request<'_>,
) -> Result<Verified, Refusal> {
    let shown = request
        .header(header)?
        .strip_prefix(prefix.as_bytes())
        .ok_or_else(|| Refusal::MissingPrefix { header: header.to_owned() })?;
    let key = keys.first_that(|key| Ok(same_secret(shown, key)))?;
    Ok(Verified { key: Some(key), replay: None })
}

/// `Authorization: Basic …` (RFC 7617); the key is `user:password`.
pub(crate) fn basic(keys: &Keys<'_>, request: &Request<'_>) -> Result<Verified, Refusal> {
    const HEADER: &str = "authorization";
    let value = request.ascii_header(HEADER)?;
    let credentials = match value.split_once(' ') {
        Some((scheme, credentials)) if scheme.eq_ignore_ascii_case("basic") => credentials,
        _ => return Err(Refusal::MissingPrefix { header: HEADER.to_owned() }),
    };
    let shown = base64(credentials.trim_start_matches(' ').as_bytes())
        .ok_or_else(|| Refusal::MalformedEncoding { place: HEADER.to_owned() })?;
    let key = keys.first_that(|key| Ok(same_secret(&shown, key)))?;
    Ok(Verified { key: Some(key), replay: None })
}

/// The fingerprint that a TLS proxy writes: hex in either case, with colons between the bytes or without.
pub(crate) fn fingerprint(header: &str, keys: &Keys<'_>, request: &Request<'_>) -> Result<Verified, Refusal> {
    let shown = bytes_of(request.ascii_header(header)?)
        .ok_or_else(|| Refusal::MalformedEncoding { place: header.to_owned() })?;
    let found = shown.len();
    if !FINGERPRINTS.contains(&found) {
        return Err(Refusal::WrongLength { place: header.to_owned(), wanted: 32, found });
    }
    let key = keys.first_that(|key| {
        let expected = str::from_utf8(key).ok().and_then(bytes_of);
        let expected = expected.filter(|bytes| FINGERPRINTS.contains(&bytes.len()));
        Ok(same(&shown, &expected.ok_or(KeyFault::NotFingerprint)?))
    })?;
    Ok(Verified { key: Some(key), replay: None })
}

fn bytes_of(fingerprint: &str) -> Option<Vec<u8>> {
    hex::decode(fingerprint.replace(':', "")).ok()
}
