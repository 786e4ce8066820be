//! Whether a callback is the vendor's: asked on the raw bytes, before any of the connector's code runs.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::http::HeaderMap;
use handover_credentials::Secret;
use handover_sandbox::description::{self, CallbackRoute, HmacSignature, SignedContent, Verification};
use handover_signatures::{
    AwsSns, Content, DEFAULT_TOLERANCE_S, Digest, Encoding, Hmac, Keys, Refusal, Request, Rsa, Scheme,
    StampFormat, Stamped, verify,
};

use crate::config::{Config, Way};
use crate::sns::Certificates;
use crate::trust::CallbackKey;

/// How old a message of SNS may be, in seconds: it repeats one with its first time for about so long.
const SNS_TOLERANCE_S: u32 = 3600;

/// How the callbacks of each connector are verified.
pub(crate) struct Callbacks {
    keys: BTreeMap<String, BTreeMap<String, CallbackKey>>,
    ways: BTreeMap<String, BTreeMap<String, Way>>,
    topics: BTreeMap<String, Vec<String>>,
    certificates: Certificates,
    /// Nobody elsewhere can call, and nobody is asked who they are.
    local: bool,
}

/// Why a callback is not taken. The text is for the log.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotTaken {
    /// The operator has not opened the route.
    #[error("the route is closed: {0}")]
    Closed(String),
    /// The signature.
    #[error(transparent)]
    Signature(#[from] Refusal),
    /// The token.
    #[error(transparent)]
    Token(#[from] handover_identity::Refusal),
    /// The certificate that has signed cannot be had for now.
    #[error("the signer's certificate cannot be had: {0}")]
    Certificate(String),
}

impl NotTaken {
    /// The rule that was broken, for counting.
    pub(crate) fn rule(&self) -> &'static str {
        match self {
            NotTaken::Closed(_) => "closed",
            NotTaken::Signature(refusal) => refusal.label(),
            NotTaken::Token(refusal) => refusal.rule(),
            NotTaken::Certificate(_) => "certificate",
        }
    }
}

/// A callback as it came.
pub(crate) struct Came<'a> {
    /// The public address as the vendor used it.
    pub(crate) url: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
    /// Milliseconds since 1970.
    pub(crate) now: u64,
}

impl Callbacks {
    pub(crate) fn new(config: &Config, keys: BTreeMap<String, BTreeMap<String, CallbackKey>>) -> Self {
        let connectors = || config.connectors.iter();
        Self {
            keys,
            ways: connectors().map(|(name, section)| (name.clone(), section.callbacks.clone())).collect(),
            topics: connectors().map(|(name, section)| (name.clone(), section.sns_topics.clone())).collect(),
            certificates: Certificates::default(),
            local: config.bot.local,
        }
    }

    /// Judges a callback on this route of this connector.
    ///
    /// # Errors
    /// Why it is not the vendor's, as far as anybody can tell.
    pub(crate) async fn verify(
        &self,
        connector: &str,
        route: &CallbackRoute,
        came: &Came<'_>,
    ) -> Result<(), NotTaken> {
        let way = self.way(connector, route)?;
        if let Verification::BearerJwt { credential } = way {
            let Some(CallbackKey::Issuer(keeper)) = self.key(connector, credential) else {
                return Err(missing(connector, credential, "issuers"));
            };
            keeper.admit(came.headers, came.now).await?;
            return Ok(());
        }
        let headers: Vec<(&str, &[u8])> =
            came.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        let request = Request { url: came.url, headers: &headers, body: came.body };
        let (scheme, secrets) = self.scheme(connector, way, came).await?;
        let keys = match &secrets[..] {
            [] => Keys::none(),
            [one] => Keys::one(one.expose()),
            [one, two, ..] => Keys::two(one.expose(), two.expose()),
        };
        let verified = verify(&scheme, &keys, &request, came.now)?;
        if verified.key == Some(1) {
            tracing::debug!(connector, "a callback was signed with the key before the current one");
        }
        Ok(())
    }

    /// The way that the operator has chosen; else the first that there is a key for. `none` has to be chosen, but for
    /// a gateway that nobody elsewhere reaches.
    pub(crate) fn way<'a>(
        &self,
        connector: &str,
        route: &'a CallbackRoute,
    ) -> Result<&'a Verification, NotTaken> {
        let ways = self.ways.get(connector);
        if let Some(chosen) = ways.and_then(|ways| ways.get(&route.path).or_else(|| ways.get(""))) {
            let declared = route.verification.iter().find(|way| way.scheme() == chosen.as_str());
            return declared.ok_or_else(|| {
                let known: Vec<&str> = route.verification.iter().map(Verification::scheme).collect();
                NotTaken::Closed(format!(
                    "[connectors.{connector}.callbacks] says `{}`; the connector knows {}",
                    chosen.as_str(),
                    known.join(", ")
                ))
            });
        }
        let usable = |way: &&Verification| match named(way) {
            Some(credential) => self.key(connector, credential).is_some(),
            None => matches!(way, Verification::AwsSns) || self.local,
        };
        route.verification.iter().find(usable).ok_or_else(|| {
            let wanted = route.verification.iter().filter_map(named).next();
            NotTaken::Closed(match wanted {
                Some(credential) => format!(
                    "set [connectors.{connector}.credentials.{credential}], or ask for no verification in so many \
                     words: [connectors.{connector}.callbacks] \"{}\" = \"none\"",
                    route.path
                ),
                None => format!(
                    "the connector knows no way to verify it; [connectors.{connector}.callbacks] \"{}\" = \"none\" \
                     lets anybody in who knows the address",
                    route.path
                ),
            })
        })
    }

    /// The same, where there is also what it verifies with.
    pub(crate) fn settled<'a>(
        &self,
        connector: &str,
        route: &'a CallbackRoute,
    ) -> Result<&'a Verification, NotTaken> {
        let way = self.way(connector, route)?;
        match named(way) {
            Some(credential) if self.key(connector, credential).is_none() => {
                let is_token = matches!(way, Verification::BearerJwt { .. });
                Err(missing(connector, credential, if is_token { "issuers" } else { "credentials" }))
            }
            _ => Ok(way),
        }
    }

    fn key(&self, connector: &str, credential: &str) -> Option<&CallbackKey> {
        self.keys.get(connector)?.get(credential)
    }

    async fn scheme(
        &self,
        connector: &str,
        way: &Verification,
        came: &Came<'_>,
    ) -> Result<(Scheme, Vec<Arc<Secret>>), NotTaken> {
        let scheme = match way {
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
            Verification::AwsSns => {
                let topics = self.topics.get(connector).cloned().unwrap_or_default();
                let scheme = AwsSns { topics, tolerance_s: SNS_TOLERANCE_S };
                let certificate = self.certificates.of(&scheme, came.body, came.now).await?;
                return Ok((Scheme::AwsSns(scheme), vec![certificate]));
            }
            Verification::ClientCertificate { credential } => match self.key(connector, credential) {
                Some(CallbackKey::Header(header, fingerprint)) => {
                    let scheme = Scheme::ClientCertificate { header: header.clone() };
                    return Ok((scheme, vec![fingerprint.current()]));
                }
                _ => return Err(missing(connector, credential, "credentials")),
            },
            Verification::None | Verification::BearerJwt { .. } => return Ok((Scheme::Nothing, Vec::new())),
        };
        let credential = named(way).unwrap_or_default();
        let secrets = match self.key(connector, credential) {
            Some(CallbackKey::Key(current, previous)) => {
                [Some(current), previous.as_ref()].into_iter().flatten().map(|held| held.current()).collect()
            }
            Some(CallbackKey::Header(_, value)) => vec![value.current()],
            Some(CallbackKey::Basic(user, password)) => {
                let mut pair = format!("{user}:").into_bytes();
                pair.extend_from_slice(password.current().expose());
                vec![Arc::new(Secret::new(pair))]
            }
            Some(CallbackKey::Issuer(_)) | None => return Err(missing(connector, credential, "credentials")),
        };
        Ok((scheme, secrets))
    }
}

/// The credential that a way needs.
pub(crate) fn named(way: &Verification) -> Option<&str> {
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

fn missing(connector: &str, credential: &str, table: &str) -> NotTaken {
    NotTaken::Closed(format!("set [connectors.{connector}.{table}.{credential}] to what can verify it"))
}

fn keyed_hash(hmac: &HmacSignature) -> Hmac {
    let stamp = |header: &String| Stamped {
        header: header.clone(),
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
        content: match (hmac.content, &hmac.timestamp_header) {
            (SignedContent::TimestampAndBody, header) => {
                Content::TimestampAndBody(stamp(header.as_ref().unwrap_or(&String::new())))
            }
            (SignedContent::UrlAndForm, _) => Content::UrlAndForm,
            (SignedContent::Body, _) => Content::Body,
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
