//! Amazon SNS: messages that carry their signature inside, and where its certificate may come from.
//!
//! Source: Amazon SNS Developer Guide, "Verifying the signatures of Amazon SNS messages". Only the fields named in
//! [`Message::signed`] are signed: nothing else in the body proves anything (`UnsubscribeURL`, in a notification, is
//! not signed).

use std::borrow::Cow;

use serde::Deserialize;
use url::{Host, Url};

use crate::encoding::decode;
use crate::keys::Keys;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::scheme::{AwsSns, Digest, Encoding, StampFormat};
use crate::{ReplayKey, Verified, rsa, stamp};

const SIGNATURE: &str = "Signature";
/// The longest signature in base64: 8192 bits.
const LONGEST_SIGNATURE: usize = 1368;

pub(crate) fn verify(
    scheme: &AwsSns,
    keys: &Keys<'_>,
    request: &Request<'_>,
    now_ms: u64,
) -> Result<Verified, Refusal> {
    let checked = Checked::new(scheme, request.body, now_ms)?;
    let signed = checked.message.signed()?;
    let key = rsa::fits(keys, checked.digest, signed.as_bytes(), &checked.signature, SIGNATURE, now_ms)?;
    Ok(Verified { key: Some(key), replay: Some(ReplayKey::new(&checked.signature, checked.until_ms)) })
}

/// Where the certificate of the message's signature is to be fetched from, once all else about the message is in
/// order: a message that would be refused anyway makes nobody fetch anything.
///
/// Whoever fetches follows no redirects, limits the answer's size, and remembers both what was found and what was
/// not: the address is strict (`https://sns.<region>.amazonaws.com[.cn]/SimpleNotificationService-<id>.pem`), but
/// its last part is still the sender's choice.
///
/// # Errors
///
/// As [`crate::verify`], but for the signature itself; [`Refusal::CertificateAddress`] for any other address.
pub fn sns_certificate_url(scheme: &AwsSns, body: &[u8], now_ms: u64) -> Result<Url, Refusal> {
    let checked = Checked::new(scheme, body, now_ms)?;
    certificate_url(&checked.message.signing_cert_url).ok_or(Refusal::CertificateAddress)
}

fn certificate_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let Some(Host::Domain(host)) = url.host() else { return None };
    let region = host.strip_prefix("sns.")?;
    let region =
        region.strip_suffix(".amazonaws.com").or_else(|| region.strip_suffix(".amazonaws.com.cn"))?;
    let file = url.path().strip_prefix("/SimpleNotificationService-")?.strip_suffix(".pem")?;
    let plain = |text: &str, more: fn(char) -> bool| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || more(c))
    };
    let strict = url.scheme() == "https"
        && url.port().is_none()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none()
        && plain(region, |c| c == '-')
        && plain(file, |_| false)
        // What had to be put right on parsing was not written by SNS.
        && url.as_str() == text;
    strict.then_some(url)
}

/// A message of which all but the signature is in order.
struct Checked<'a> {
    message: Message<'a>,
    digest: Digest,
    signature: Vec<u8>,
    until_ms: u64,
}

impl<'a> Checked<'a> {
    fn new(scheme: &AwsSns, body: &'a [u8], now_ms: u64) -> Result<Self, Refusal> {
        // All of it has to be text: bytes in a field that is not signed would be skipped unread.
        let text = str::from_utf8(body).map_err(|_| Refusal::MalformedMessage)?;
        let message: Message<'a> = serde_json::from_str(text).map_err(|_| Refusal::MalformedMessage)?;
        if !scheme.topics.iter().any(|topic| *topic == message.topic_arn) {
            return Err(Refusal::OtherTopic);
        }
        let digest = match message.signature_version.as_ref() {
            "1" => Digest::Sha1,
            "2" => Digest::Sha256,
            _ => return Err(Refusal::UnknownVersion),
        };
        if message.signature.len() > LONGEST_SIGNATURE {
            return Err(Refusal::MalformedEncoding { place: SIGNATURE.to_owned() });
        }
        let signature = decode(Encoding::Base64, &message.signature, SIGNATURE)?;
        let stamp_ms = stamp::read(StampFormat::Rfc3339, &message.timestamp, "Timestamp")?;
        let until_ms = stamp::check(stamp_ms, scheme.tolerance_s, now_ms)?;
        Ok(Self { message, digest, signature, until_ms })
    }
}

/// The envelope. A field that stands there twice is an error, so that no later reader takes the other one.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Message<'a> {
    #[serde(borrow)]
    r#type: Cow<'a, str>,
    #[serde(borrow)]
    message: Cow<'a, str>,
    #[serde(borrow)]
    message_id: Cow<'a, str>,
    #[serde(borrow)]
    timestamp: Cow<'a, str>,
    #[serde(borrow)]
    topic_arn: Cow<'a, str>,
    #[serde(borrow)]
    signature: Cow<'a, str>,
    #[serde(borrow)]
    signature_version: Cow<'a, str>,
    #[serde(borrow, rename = "SigningCertURL")]
    signing_cert_url: Cow<'a, str>,
    #[serde(borrow)]
    subject: Option<Cow<'a, str>>,
    #[serde(borrow)]
    token: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "SubscribeURL")]
    subscribe_url: Option<Cow<'a, str>>,
}

impl Message<'_> {
    /// What is signed: the type's fields in the order of their names, each as name, line end, value, line end.
    fn signed(&self) -> Result<String, Refusal> {
        let first = [("Message", &self.message), ("MessageId", &self.message_id)];
        let last = [("TopicArn", &self.topic_arn), ("Type", &self.r#type)];
        let stamp = ("Timestamp", &self.timestamp);
        let mut fields = first.to_vec();
        match self.r#type.as_ref() {
            "Notification" => {
                fields.extend(self.subject.as_ref().map(|subject| ("Subject", subject)));
                fields.push(stamp);
            }
            "SubscriptionConfirmation" | "UnsubscribeConfirmation" => {
                let url = self.subscribe_url.as_ref().ok_or(Refusal::MalformedMessage)?;
                let token = self.token.as_ref().ok_or(Refusal::MalformedMessage)?;
                fields.extend([("SubscribeURL", url), stamp, ("Token", token)]);
            }
            _ => return Err(Refusal::UnknownType),
        }
        fields.extend(last);
        Ok(fields.into_iter().flat_map(|(name, value)| [name, "\n", value.as_ref(), "\n"]).collect())
    }
}
