//! Standard Webhooks 1.0.0: `webhook-id`, `webhook-timestamp` and one or more signatures over both and the body.
//!
//! Source: the specification's "Signature scheme". Of its two kinds the symmetric one (`v1`) is known; signatures of
//! other versions are passed over, as the specification asks.

use ring::hmac::HMAC_SHA256;

use crate::encoding::{base64, same};
use crate::keys::{KeyFault, Keys};
use crate::mac::sign;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::scheme::StampFormat;
use crate::{ReplayKey, Verified, stamp};

const ID: &str = "webhook-id";
const STAMP: &str = "webhook-timestamp";
const SIGNATURE: &str = "webhook-signature";
const VERSION: &str = "v1,";
const SECRET: &[u8] = b"whsec_";
const LENGTH: usize = 32;

pub(crate) fn verify(
    tolerance_s: u32,
    keys: &Keys<'_>,
    request: &Request<'_>,
    now_ms: u64,
) -> Result<Verified, Refusal> {
    let signatures = signatures(request.ascii_header(SIGNATURE)?)?;
    let id = request.ascii_header(ID)?;
    let written = request.ascii_header(STAMP).map_err(|refusal| match refusal {
        Refusal::MissingHeader { header } => Refusal::TimestampMissing { header },
        other => other,
    })?;
    let until_ms = stamp::check(stamp::read(StampFormat::Seconds, written, STAMP)?, tolerance_s, now_ms)?;
    let parts = [id.as_bytes(), b".", written.as_bytes(), b".", request.body];
    let mut made = None;
    let key = keys.first_that(|key| {
        let secret = base64(key.strip_prefix(SECRET).unwrap_or(key)).ok_or(KeyFault::NotBase64)?;
        if secret.is_empty() {
            return Err(KeyFault::Empty);
        }
        // Made once, however many are shown.
        let tag = sign(HMAC_SHA256, &secret, &parts);
        let fits = signatures.iter().any(|signature| same(tag.as_ref(), signature));
        made = fits.then_some(tag);
        Ok(fits)
    })?;
    Ok(Verified { key: Some(key), replay: made.map(|tag| ReplayKey::new(tag.as_ref(), until_ms)) })
}

/// Those of version 1 that have the right shape; without any, what is wrong with the last.
fn signatures(header: &str) -> Result<Vec<Vec<u8>>, Refusal> {
    let mut refusal = Refusal::MissingPrefix { header: SIGNATURE.to_owned() };
    let mut well_shaped = Vec::new();
    for text in header.split(' ').filter_map(|text| text.strip_prefix(VERSION)) {
        match base64(text.as_bytes()) {
            Some(bytes) if bytes.len() == LENGTH => well_shaped.push(bytes),
            Some(bytes) => {
                let found = bytes.len();
                refusal = Refusal::WrongLength { place: SIGNATURE.to_owned(), wanted: LENGTH, found };
            }
            None => refusal = Refusal::MalformedEncoding { place: SIGNATURE.to_owned() },
        }
    }
    if well_shaped.is_empty() { Err(refusal) } else { Ok(well_shaped) }
}
