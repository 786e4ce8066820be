//! Callbacks as the vendor signs them, by the scheme that the component declares, and the host's own verification.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use handover_sandbox::description::{self, CallbackRoute, HmacSignature, SignedContent, Verification};
use handover_signatures::{
    Content, DEFAULT_TOLERANCE_S, Digest, Encoding, Hmac, Keys, Request, Rsa, Scheme, StampFormat, Stamped,
    verify,
};
use ring::hmac;

use crate::bench::Bench;
use crate::keys::Key;

/// A way to verify that the kit can play: with the key that the scenario tells.
pub(crate) struct Way<'a> {
    pub(crate) verification: &'a Verification,
    key: Vec<u8>,
}

/// What is signed, or verified.
#[derive(Debug, Clone)]
pub(crate) struct Signed {
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// The route that takes such a request.
pub(crate) fn route<'a>(routes: &'a [CallbackRoute], path: &str, method: &str) -> Option<&'a CallbackRoute> {
    routes
        .iter()
        .filter(|route| route.takes(path))
        .find(|route| route.methods.iter().any(|one| one == method))
}

/// The first of a route's ways for which the scenario has a key, as the gateway chooses.
pub(crate) fn way<'a>(bench: &Bench, route: &'a CallbackRoute) -> Option<Way<'a>> {
    way_with(&bench.keys, route)
}

/// The same, with these keys.
pub(crate) fn way_with<'a>(keys: &BTreeMap<String, Key>, route: &'a CallbackRoute) -> Option<Way<'a>> {
    route.verification.iter().find_map(|verification| {
        let key = keys.get(credential(verification)?)?;
        Some(Way { verification, key: material(verification, key)? })
    })
}

/// The credential that a way needs.
pub(crate) fn credential(way: &Verification) -> Option<&str> {
    match way {
        Verification::Hmac(hmac) => Some(&hmac.credential),
        Verification::SharedSecret { credential, .. }
        | Verification::Basic { credential }
        | Verification::BearerJwt { credential }
        | Verification::Rsa { credential, .. }
        | Verification::StandardWebhooks { credential }
        | Verification::ClientCertificate { credential } => Some(credential),
        Verification::AwsSns | Verification::None => None,
    }
}

fn material(way: &Verification, key: &Key) -> Option<Vec<u8>> {
    let value = match way {
        Verification::Basic { .. } => format!("{}:{}", key.field("user")?, key.field("password")?),
        // Its keys have to be fetched from an issuer, its certificates from Amazon; a proxy writes the third.
        Verification::BearerJwt { .. } | Verification::AwsSns | Verification::ClientCertificate { .. } => {
            return None;
        }
        _ => ["value", "token", "secret"].into_iter().find_map(|field| key.field(field))?.to_owned(),
    };
    Some(value.into_bytes())
}

impl Way<'_> {
    /// Whether the kit can sign so: it has no vendor's private key.
    pub(crate) fn can_sign(&self) -> bool {
        !matches!(self.verification, Verification::Rsa { .. })
    }

    /// Whether what is signed holds a time.
    pub(crate) fn is_stamped(&self) -> bool {
        match self.verification {
            Verification::Hmac(hmac) => hmac.content == SignedContent::TimestampAndBody,
            Verification::StandardWebhooks { .. } => true,
            _ => false,
        }
    }

    /// Whether the content is signed, or only the sender named.
    pub(crate) fn covers_content(&self) -> bool {
        matches!(self.verification, Verification::Hmac(_) | Verification::StandardWebhooks { .. })
    }

    /// Signs at this moment, in milliseconds since 1970, with this key instead of the vendor's where one is told.
    pub(crate) fn sign(&self, signed: &mut Signed, at: u64, other: Option<&[u8]>) {
        let key = other.unwrap_or(&self.key);
        match self.verification {
            Verification::Hmac(told) => {
                let stamp = (at / 1000).to_string();
                let parts = match told.content {
                    SignedContent::Body => signed.body.clone(),
                    SignedContent::TimestampAndBody => {
                        let header = told.timestamp_header.clone().unwrap_or_default();
                        signed.headers.push((header, stamp.clone()));
                        let start = format!("{}{stamp}{}", told.opening, told.separator);
                        [start.as_bytes(), &signed.body].concat()
                    }
                    SignedContent::UrlAndForm => {
                        let mut fields: Vec<(String, String)> =
                            url::form_urlencoded::parse(&signed.body).into_owned().collect();
                        fields.sort();
                        let fields: String = fields.into_iter().map(|(name, value)| name + &value).collect();
                        format!("{}{fields}", signed.url).into_bytes()
                    }
                };
                let made = mac(told.digest, key, &parts);
                let coded = match told.encoding {
                    description::Encoding::Hex => hex::encode(made),
                    description::Encoding::Base64 => STANDARD.encode(made),
                };
                signed.headers.push((told.header.clone(), format!("{}{coded}", told.prefix)));
            }
            Verification::SharedSecret { header, prefix, .. } => {
                let value = String::from_utf8_lossy(key);
                signed.headers.push((header.clone(), format!("{prefix}{value}")));
            }
            Verification::Basic { .. } => {
                signed.headers.push(("authorization".to_owned(), format!("Basic {}", STANDARD.encode(key))));
            }
            Verification::StandardWebhooks { .. } => {
                let text = String::from_utf8_lossy(key);
                let secret =
                    STANDARD.decode(text.trim_start_matches("whsec_")).unwrap_or_else(|_| key.to_vec());
                let (id, stamp) = ("msg_kit", (at / 1000).to_string());
                let content = [format!("{id}.{stamp}.").as_bytes(), &signed.body].concat();
                let made = STANDARD.encode(mac(description::Digest::Sha256, &secret, &content));
                signed.headers.push(("webhook-id".to_owned(), id.to_owned()));
                signed.headers.push(("webhook-timestamp".to_owned(), stamp));
                signed.headers.push(("webhook-signature".to_owned(), format!("v1,{made}")));
            }
            _ => {}
        }
    }

    /// Whether the host takes it; why not, where it does not.
    pub(crate) fn verify(&self, signed: &Signed, now: u64) -> Result<(), String> {
        let headers: Vec<(&str, &[u8])> =
            signed.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        let request = Request { url: &signed.url, headers: &headers, body: &signed.body };
        let scheme = scheme(self.verification);
        verify(&scheme, &Keys::one(&self.key), &request, now).map(drop).map_err(|e| e.to_string())
    }
}

fn mac(digest: description::Digest, key: &[u8], content: &[u8]) -> Vec<u8> {
    let algorithm = match digest {
        description::Digest::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        description::Digest::Sha256 => hmac::HMAC_SHA256,
        description::Digest::Sha512 => hmac::HMAC_SHA512,
    };
    hmac::sign(&hmac::Key::new(algorithm, key), content).as_ref().to_vec()
}

/// The declared way in the verifier's words; what the kit cannot play asks for nothing.
fn scheme(way: &Verification) -> Scheme {
    match way {
        Verification::Hmac(hmac) => Scheme::Hmac(keyed_hash(hmac)),
        Verification::SharedSecret { header, prefix, .. } => {
            Scheme::SharedSecret { header: header.clone(), prefix: prefix.clone() }
        }
        Verification::Basic { .. } => Scheme::Basic,
        Verification::Rsa { digest: hash, header, .. } => {
            Scheme::Rsa(Rsa { digest: digest(*hash), encoding: Encoding::Base64, header: header.clone() })
        }
        Verification::StandardWebhooks { .. } => {
            Scheme::StandardWebhooks { tolerance_s: DEFAULT_TOLERANCE_S }
        }
        Verification::BearerJwt { .. }
        | Verification::AwsSns
        | Verification::ClientCertificate { .. }
        | Verification::None => Scheme::Nothing,
    }
}

fn keyed_hash(hmac: &HmacSignature) -> Hmac {
    let stamped = || Stamped {
        header: hmac.timestamp_header.clone().unwrap_or_default(),
        format: StampFormat::Any,
        opening: hmac.opening.clone(),
        separator: hmac.separator.clone(),
        tolerance_s: if hmac.tolerance == 0 { DEFAULT_TOLERANCE_S } else { hmac.tolerance },
    };
    Hmac {
        digest: digest(hmac.digest),
        encoding: match hmac.encoding {
            description::Encoding::Hex => Encoding::Hex,
            description::Encoding::Base64 => Encoding::Base64,
        },
        header: hmac.header.clone(),
        prefix: hmac.prefix.clone(),
        content: match hmac.content {
            SignedContent::TimestampAndBody => Content::TimestampAndBody(stamped()),
            SignedContent::UrlAndForm => Content::UrlAndForm,
            SignedContent::Body => Content::Body,
        },
    }
}

fn digest(digest: description::Digest) -> Digest {
    match digest {
        description::Digest::Sha1 => Digest::Sha1,
        description::Digest::Sha256 => Digest::Sha256,
        description::Digest::Sha512 => Digest::Sha512,
    }
}
