//! Requests signed by the vendors' rules as their documents tell them, whole or with one bit turned.

use arbitrary::Arbitrary;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use handover_signatures::{
    Content, Digest, Encoding, Hmac, Keys, Request, Scheme, StampFormat, Stamped, verify,
};
use ring::hmac;

use super::turn;

const STAMP_S: u64 = 1_700_000_000;

#[derive(Debug, Arbitrary)]
pub struct Made<'a> {
    rule: Rule,
    digest: u8,
    hex: bool,
    key: &'a [u8],
    second: bool,
    body: &'a [u8],
    fields: Vec<(&'a str, &'a str)>,
    /// Seconds between the vendor's clock and ours.
    off: i16,
    spoilt: Option<(Spoilt, u16, u8)>,
}

#[derive(Debug, Arbitrary)]
enum Rule {
    Body,
    Stamped,
    Form,
    Address,
    Standard,
    Secret,
    Basic,
}

#[derive(Debug, Arbitrary)]
enum Spoilt {
    Body,
    Proof,
    Key,
    Stamp,
}

impl Made<'_> {
    pub fn judge(self) {
        if self.key.is_empty() {
            return;
        }
        let mut key = self.key.to_vec();
        let (digest, algorithm) = match self.digest % 3 {
            0 => (Digest::Sha1, hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY),
            1 => (Digest::Sha256, hmac::HMAC_SHA256),
            _ => (Digest::Sha512, hmac::HMAC_SHA512),
        };
        let (mut body, mut stamp) = (self.body.to_vec(), STAMP_S.to_string());
        let mut url = "https://handover.example/callbacks/contoso?x=1".to_owned();
        let sign = |algorithm, message: &[u8]| {
            hmac::sign(&hmac::Key::new(algorithm, self.key), message).as_ref().to_vec()
        };
        // The proof's bytes, and whether body and stamp are part of what is signed.
        let (content, mut proof, binds_body, binds_stamp) = match self.rule {
            Rule::Body => (Content::Body, sign(algorithm, &body), true, false),
            Rule::Stamped => {
                let stamped = Stamped {
                    header: "x-stamp".to_owned(),
                    format: StampFormat::Seconds,
                    opening: "v0:".to_owned(),
                    separator: ":".to_owned(),
                    tolerance_s: 300,
                };
                let message = [b"v0:", stamp.as_bytes(), b":", &body].concat();
                (Content::TimestampAndBody(stamped), sign(algorithm, &message), true, true)
            }
            Rule::Form => {
                if self.fields.len() > 1000 {
                    return;
                }
                let mut form = url::form_urlencoded::Serializer::new(String::new());
                form.extend_pairs(&self.fields);
                body = form.finish().into_bytes();
                let mut fields = self.fields.clone();
                fields.sort();
                fields.dedup();
                let message: String =
                    fields.into_iter().fold(url.clone(), |text, (name, value)| text + name + value);
                (Content::UrlAndForm, sign(algorithm, message.as_bytes()), false, false)
            }
            Rule::Address => {
                let hash = ring::digest::digest(&ring::digest::SHA256, &body);
                url = format!("{url}&bodySHA256={}", hex::encode(hash));
                (Content::UrlAndForm, sign(algorithm, url.as_bytes()), true, false)
            }
            Rule::Standard => {
                let message = [b"msg_1.", stamp.as_bytes(), b".", &body].concat();
                (Content::Body, sign(hmac::HMAC_SHA256, &message), true, true)
            }
            Rule::Secret | Rule::Basic => (Content::Body, self.key.to_vec(), false, false),
        };

        // A form that was changed may still mean the same.
        if matches!((&self.rule, &self.spoilt), (Rule::Form, Some((Spoilt::Body, ..)))) {
            return;
        }
        let mut same = true;
        if let Some((spoilt, at, bit)) = &self.spoilt {
            let (part, binds) = match spoilt {
                Spoilt::Body => (&mut body, binds_body),
                Spoilt::Proof => (&mut proof, true),
                Spoilt::Key => (&mut key, true),
                Spoilt::Stamp => {
                    // A digit remains a digit.
                    let at = usize::from(*at) % stamp.len();
                    let digit = if &stamp[at..=at] == "7" { "8" } else { "7" };
                    stamp.replace_range(at..=at, digit);
                    (&mut Vec::new(), binds_stamp)
                }
            };
            same = !binds || (part.is_empty() && !matches!(spoilt, Spoilt::Stamp));
            turn(part, *at, *bit);
        }

        let now_ms = (STAMP_S * 1000).saturating_add_signed(i64::from(self.off) * 1000);
        let late = binds_stamp && self.off.unsigned_abs() > 300;
        let written = if self.hex { hex::encode(&proof) } else { STANDARD.encode(&proof) };
        let (scheme, header, written) = match self.rule {
            Rule::Standard => {
                key = [b"whsec_", STANDARD.encode(&key).as_bytes()].concat();
                let written = format!("v1a,x v1,{}", URL_SAFE_NO_PAD.encode(&proof));
                (Scheme::StandardWebhooks { tolerance_s: 300 }, "webhook-signature", written.into_bytes())
            }
            Rule::Secret => (
                Scheme::SharedSecret { header: "x-secret".to_owned(), prefix: String::new() },
                "x-secret",
                proof,
            ),
            Rule::Basic => {
                let written = format!("basic {}", STANDARD.encode(&proof)).into_bytes();
                (Scheme::Basic, "authorization", written)
            }
            _ => {
                let encoding = if self.hex { Encoding::Hex } else { Encoding::Base64 };
                let (header, prefix) = ("x-signature".to_owned(), "v0=".to_owned());
                let scheme = Scheme::Hmac(Hmac { digest, encoding, header, prefix, content });
                (scheme, "x-signature", format!("v0={written}").into_bytes())
            }
        };
        let long = written.len() > handover_signatures::LONGEST_HEADER;
        let upper = header.to_ascii_uppercase();
        let headers: [(&str, &[u8]); 4] = [
            ("webhook-id", b"msg_1"),
            ("Webhook-Timestamp", stamp.as_bytes()),
            ("X-Stamp", stamp.as_bytes()),
            (&upper, &written),
        ];
        let keys = if self.second {
            Keys::two(b"c29tZXRoaW5nIGVsc2UgdGhhdCBuZXZlciBzaWduZWQ", &key)
        } else {
            Keys::one(&key)
        };
        let verdict = verify(&scheme, &keys, &Request { url: &url, headers: &headers, body: &body }, now_ms);
        match verdict {
            Ok(verified) => {
                assert!(same && !late && !long, "spoilt or late, and passed");
                assert_eq!(verified.key, Some(usize::from(self.second)));
                assert_eq!(verified.replay.is_some(), binds_stamp);
            }
            Err(refusal) => assert!(!same || late || long, "right, and refused: {refusal}"),
        }
    }
}
