//! Keyed hashes in a header: GitHub's and Genesys' over the body, Zendesk's with a timestamp, Twilio's over the address.

use ring::hmac::{self, Algorithm, Context, Key};

use crate::encoding::{decode, same, sha256};
use crate::keys::Keys;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::scheme::{Content, Digest, Hmac};
use crate::{ReplayKey, Verified, authority, form, stamp};

pub(crate) fn verify(
    scheme: &Hmac,
    keys: &Keys<'_>,
    request: &Request<'_>,
    now_ms: u64,
) -> Result<Verified, Refusal> {
    let header = scheme.header.as_str();
    let signature = request
        .ascii_header(header)?
        .strip_prefix(&scheme.prefix)
        .ok_or_else(|| Refusal::MissingPrefix { header: header.to_owned() })?;
    let signature = decode(scheme.encoding, signature, header)?;
    let (wanted, found) = (scheme.digest.len(), signature.len());
    if found != wanted {
        return Err(Refusal::WrongLength { place: header.to_owned(), wanted, found });
    }
    let algorithm = algorithm(scheme.digest);
    let made_with = |key: &[u8], parts: &[&[u8]]| same(sign(algorithm, key, parts).as_ref(), &signature);
    match &scheme.content {
        Content::Body => {
            let key = keys.first_that(|key| Ok(made_with(key, &[request.body])))?;
            Ok(Verified { key: Some(key), replay: None })
        }
        Content::TimestampAndBody(stamped) => {
            let written = request.ascii_header(&stamped.header).map_err(|refusal| match refusal {
                Refusal::MissingHeader { header } => Refusal::TimestampMissing { header },
                other => other,
            })?;
            let stamp_ms = stamp::read(stamped.format, written, &stamped.header)?;
            let until_ms = stamp::check(stamp_ms, stamped.tolerance_s, now_ms)?;
            let (opening, separator) = (stamped.opening.as_bytes(), stamped.separator.as_bytes());
            let parts = [opening, written.as_bytes(), separator, request.body];
            let key = keys.first_that(|key| Ok(made_with(key, &parts)))?;
            Ok(Verified { key: Some(key), replay: Some(ReplayKey::new(&signature, until_ms)) })
        }
        Content::UrlAndForm => {
            let hash = form::body_hash(request.url)?;
            // With the body's hash in it, the address alone is signed.
            let fields = if hash.is_some() { Vec::new() } else { form::fields(request.body)? };
            let addresses = authority::spellings(request.url);
            let key = keys.first_that(|key| {
                Ok(addresses.iter().any(|url| made_with(key, &[url.as_bytes(), fields.as_slice()])))
            })?;
            match hash {
                Some(hash) if !same(&hash, &sha256(request.body)) => Err(Refusal::BodyMismatch),
                _ => Ok(Verified { key: Some(key), replay: None }),
            }
        }
    }
}

/// The signature that `key` makes over the parts, one after another.
pub(crate) fn sign(algorithm: Algorithm, key: &[u8], parts: &[&[u8]]) -> hmac::Tag {
    let mut context = Context::with_key(&Key::new(algorithm, key));
    for part in parts {
        context.update(part);
    }
    context.sign()
}

fn algorithm(digest: Digest) -> Algorithm {
    match digest {
        Digest::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        Digest::Sha256 => hmac::HMAC_SHA256,
        Digest::Sha512 => hmac::HMAC_SHA512,
    }
}
