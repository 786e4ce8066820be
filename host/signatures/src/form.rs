//! What Twilio signs besides the address: the fields of the form, or a hash of the body.
//!
//! Source: Twilio, "Security", Validating Requests. The rule is ambiguous by its nature: names and values are joined
//! with nothing between, and a field that is repeated with the same value counts once.

use percent_encoding::percent_decode;

use crate::refusal::Refusal;

/// The hash that the address tells of the body (`bodySHA256` in its query), which Twilio adds for other bodies than
/// forms. It counts whatever the content type says, since no signature covers the content type.
pub(crate) fn body_hash(url: &str) -> Result<Option<[u8; 32]>, Refusal> {
    let url = url.split('#').next().unwrap_or_default();
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let mut hashes = query.split('&').filter_map(|pair| match pair.split_once('=') {
        Some(("bodySHA256", hash)) => Some(hash),
        None if pair == "bodySHA256" => Some(""),
        _ => None,
    });
    let Some(hash) = hashes.next() else { return Ok(None) };
    let mut bytes = [0; 32];
    if hashes.next().is_some() || hex::decode_to_slice(hash, &mut bytes).is_err() {
        return Err(Refusal::MalformedBodyHash);
    }
    Ok(Some(bytes))
}

/// More fields than any form of a vendor has; sorting them must not be what an unsigned callback costs.
const MOST_FIELDS: usize = 1024;

/// The form's fields, decoded, in the order of their names and then values, with nothing between.
pub(crate) fn fields(body: &[u8]) -> Result<Vec<u8>, Refusal> {
    if body.iter().filter(|byte| **byte == b'&').count() >= MOST_FIELDS {
        return Err(Refusal::TooManyFields { most: MOST_FIELDS });
    }
    let mut fields: Vec<(Vec<u8>, Vec<u8>)> = body
        .split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let equals = pair.iter().position(|byte| *byte == b'=');
            let (name, value) = equals.map_or((pair, &[][..]), |at| (&pair[..at], &pair[at + 1..]));
            (decode(name), decode(value))
        })
        .collect();
    fields.sort_unstable();
    fields.dedup();
    Ok(fields.into_iter().flat_map(|(name, value)| name.into_iter().chain(value)).collect())
}

/// `application/x-www-form-urlencoded`, as bytes: what is not UTF-8 stays what it is.
fn decode(text: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_decode(&spaced).collect()
}
