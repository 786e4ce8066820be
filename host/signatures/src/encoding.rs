//! How signatures are written, and how two of them are compared.

use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use ring::digest;
use subtle::ConstantTimeEq;

use crate::refusal::Refusal;
use crate::scheme::Encoding;

/// Padding may be there or not; bits that carry nothing must be zero, so that a signature is written in one way.
const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// Either alphabet, not both in one text.
pub(crate) fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let url_safe = text.iter().any(|byte| matches!(byte, b'-' | b'_'));
    if url_safe { URL_SAFE.decode(text) } else { STANDARD.decode(text) }.ok()
}

/// A signature's bytes; `place` names the header or field for the refusal.
pub(crate) fn decode(encoding: Encoding, text: &str, place: &str) -> Result<Vec<u8>, Refusal> {
    let bytes = match encoding {
        Encoding::Hex => hex::decode(text).ok(),
        Encoding::Base64 => base64(text.as_bytes()),
    };
    bytes.ok_or_else(|| Refusal::MalformedEncoding { place: place.to_owned() })
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    out
}

/// Compares in constant time; only a difference in length shows.
pub(crate) fn same(one: &[u8], other: &[u8]) -> bool {
    one.ct_eq(other).into()
}

/// Compares secrets of any length: by their hashes, so that not even the length shows.
pub(crate) fn same_secret(one: &[u8], other: &[u8]) -> bool {
    same(&sha256(one), &sha256(other))
}
