//! RSA signatures (PKCS #1 v1.5, RFC 8017 section 8.2): Freshchat's over the body, and how public keys are read.

use ring::signature::{
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA512,
    UnparsedPublicKey,
};
use x509_cert::Certificate;
use x509_cert::der::asn1::UintRef;
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::der::{Decode, Reader, SliceReader};
use x509_cert::spki::SubjectPublicKeyInfoRef;

use crate::Verified;
use crate::encoding::{base64, decode};
use crate::keys::{KeyFault, Keys};
use crate::refusal::Refusal;
use crate::request::Request;
use crate::scheme::{Digest, Rsa};

/// `rsaEncryption` (RFC 8017, appendix A.1).
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// What `ring` verifies with, in bytes.
const SIZES: std::ops::RangeInclusive<usize> = 256..=1024;

pub(crate) fn verify(
    scheme: &Rsa,
    keys: &Keys<'_>,
    request: &Request<'_>,
    now_ms: u64,
) -> Result<Verified, Refusal> {
    let signature = decode(scheme.encoding, request.ascii_header(&scheme.header)?, &scheme.header)?;
    let key = fits(keys, scheme.digest, request.body, &signature, &scheme.header, now_ms)?;
    Ok(Verified { key: Some(key), replay: None })
}

/// The number of the key whose signature over `message` this is; `place` names where the signature stands.
pub(crate) fn fits(
    keys: &Keys<'_>,
    digest: Digest,
    message: &[u8],
    signature: &[u8],
    place: &str,
    now_ms: u64,
) -> Result<usize, Refusal> {
    let mut other_length = None;
    let outcome = keys.first_that(|key| {
        let key = PublicKey::read(key, now_ms)?;
        if signature.len() != key.size {
            other_length.get_or_insert(key.size);
            return Ok(false);
        }
        Ok(key.verifies(digest, message, signature))
    });
    match (outcome, other_length) {
        (Err(Refusal::Mismatch), Some(wanted)) => {
            Err(Refusal::WrongLength { place: place.to_owned(), wanted, found: signature.len() })
        }
        (outcome, _) => outcome,
    }
}

struct PublicKey {
    /// `RSAPublicKey` (RFC 8017, appendix A.1.1).
    der: Vec<u8>,
    /// The modulus' and so the signature's length in bytes.
    size: usize,
}

impl PublicKey {
    /// Reads PEM, DER or bare base64 of a `SubjectPublicKeyInfo`, an `RSAPublicKey` or a certificate. What it is shows
    /// in the bytes and not in PEM's label, which vendors are known to get wrong.
    fn read(bytes: &[u8], now_ms: u64) -> Result<Self, KeyFault> {
        let armoured;
        let der = match str::from_utf8(bytes) {
            Ok(text) => {
                armoured = unarmour(text).ok_or(KeyFault::NotBase64)?;
                armoured.as_slice()
            }
            Err(_) => bytes,
        };
        let key = match Certificate::from_der(der) {
            Ok(certificate) => {
                let of = |time: x509_cert::time::Time| u64::try_from(time.to_unix_duration().as_millis());
                let validity = certificate.tbs_certificate.validity;
                let (from, until) = (of(validity.not_before), of(validity.not_after));
                if from.map_or(true, |from| now_ms < from) || until.is_ok_and(|until| now_ms > until) {
                    return Err(KeyFault::NotValidNow);
                }
                let info = certificate.tbs_certificate.subject_public_key_info;
                let rsa = info.algorithm.oid == RSA_ENCRYPTION;
                rsa.then(|| info.subject_public_key.raw_bytes().to_vec())
            }
            Err(_) => match SubjectPublicKeyInfoRef::from_der(der) {
                Ok(info) => {
                    let rsa = info.algorithm.oid == RSA_ENCRYPTION;
                    rsa.then(|| info.subject_public_key.raw_bytes().to_vec())
                }
                Err(_) => Some(der.to_vec()),
            },
        };
        let der = key.ok_or(KeyFault::NotRsa)?;
        let size = modulus_length(&der).ok_or(KeyFault::NotRsa)?;
        if !SIZES.contains(&size) {
            return Err(KeyFault::RsaSize { bits: size * 8 });
        }
        Ok(Self { der, size })
    }

    fn verifies(&self, digest: Digest, message: &[u8], signature: &[u8]) -> bool {
        let algorithm = match digest {
            Digest::Sha1 => &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
            Digest::Sha256 => &RSA_PKCS1_2048_8192_SHA256,
            Digest::Sha512 => &RSA_PKCS1_2048_8192_SHA512,
        };
        UnparsedPublicKey::new(algorithm, &self.der).verify(message, signature).is_ok()
    }
}

/// The bytes of the first block in PEM, or of base64 without its frame: keys are pasted into consoles and environment
/// variables, which eat line ends or turn them into `\n`.
fn unarmour(text: &str) -> Option<Vec<u8>> {
    let text = text.replace("\\n", "\n");
    let inner = match text.split_once("-----BEGIN ") {
        Some((_, block)) => block.split_once("-----")?.1.split_once("-----END ")?.0,
        None => &text,
    };
    base64(inner.split_whitespace().collect::<String>().as_bytes())
}

/// The length of the modulus in bytes, if this is an `RSAPublicKey` and nothing else.
fn modulus_length(der: &[u8]) -> Option<usize> {
    let mut reader = SliceReader::new(der).ok()?;
    let length = reader
        .sequence(|key| {
            let modulus = UintRef::decode(key)?.as_bytes().len();
            UintRef::decode(key)?;
            Ok(modulus)
        })
        .ok()?;
    reader.is_finished().then_some(length)
}
