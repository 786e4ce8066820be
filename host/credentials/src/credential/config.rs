//! A credential as the operator writes it: references in place of secrets.

use std::collections::BTreeMap;

use reqwest::header::{AUTHORIZATION, HeaderName};
use serde::{Deserialize, Deserializer};
use url::Url;

use super::body_hmac::{BodyHmac, Encoding};
use super::client_credentials::ClientCredentials;
use super::jwt_bearer::JwtBearer;
use super::sigv4::SigV4;
use super::{Credential, CredentialError, Hash, Kind, SignatureAlgorithm, basic, header, key};
use crate::endpoint::{Endpoint, Reach, host, permitted};
use crate::keyring::{Held, Keyring, SecretError};
use crate::reference::Reference;
use crate::token::TokenCache;

/// One credential of an upstream; `kind` tells which. Further headers, e.g. a static token beside Basic, go along with
/// one of any kind: `headers = { x-token = "env:TOKEN" }`.
#[derive(Debug, Clone, Deserialize)]
#[serde(remote = "Self", tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum CredentialConfig {
    /// `Authorization: Bearer` with a token that does not change by itself.
    Bearer {
        /// The token.
        token: Reference,
    },
    /// `Authorization: Basic`.
    Basic {
        /// The user, or the id of a key.
        user: String,
        /// The password, or the key's secret.
        password: Reference,
    },
    /// A header of the vendor's own.
    Header {
        /// Its name, such as `x-api-key`.
        name: String,
        /// Before the secret; empty by default.
        #[serde(default)]
        prefix: String,
        /// The secret in it.
        value: Reference,
    },
    /// OAuth 2 client credentials.
    #[serde(rename = "oauth2-client-credentials")]
    ClientCredentials {
        /// Where tokens are handed out; https, but for this machine.
        token_url: Url,
        /// The client's id.
        client_id: String,
        /// The client's secret.
        client_secret: Reference,
        /// What the token is to allow.
        scope: Option<String>,
        /// Further fields of the form, such as `audience`. Not secret.
        #[serde(default)]
        fields: BTreeMap<String, String>,
        /// Whether id and secret go into an `Authorization: Basic` header instead of the form (RFC 6749 §2.3.1).
        #[serde(default)]
        basic: bool,
    },
    /// A signed assertion exchanged for a token (RFC 7523).
    JwtBearer {
        /// Where tokens are handed out; https, but for this machine.
        token_url: Url,
        /// `iss`: in Salesforce the consumer key of the connected app.
        issuer: String,
        /// `sub`: in Salesforce the user.
        subject: String,
        /// `aud`, where it is not `token_url`: in Salesforce `https://login.salesforce.com`.
        audience: Option<String>,
        /// `scope`, for those who want it among the claims.
        scope: Option<String>,
        /// `kid` of the token's header.
        key_id: Option<String>,
        /// RS256 by default.
        #[serde(default)]
        algorithm: SignatureAlgorithm,
        /// The private key in PEM, or the shared secret with HS256.
        key: Reference,
    },
    /// A header with an HMAC over the body.
    BodyHmac {
        /// The shared secret.
        secret: Reference,
        /// The hash.
        hash: Hash,
        /// Hexadecimal by default.
        #[serde(default)]
        encoding: Encoding,
        /// The header's name.
        header: String,
        /// Before the signature, such as `sha256=`; empty by default.
        #[serde(default)]
        prefix: String,
    },
    /// AWS Signature Version 4.
    #[serde(rename = "aws-sigv4")]
    SigV4 {
        /// The service's name for signing, such as `connect`.
        service: String,
        /// The region, such as `eu-central-1`.
        region: String,
        /// The access key's id.
        access_key: Reference,
        /// The secret access key.
        secret_key: Reference,
        /// With temporary credentials.
        session_token: Option<Reference>,
    },
    /// A key for a connector's `crypto` calls; adds nothing to requests.
    Key {
        /// A shared secret, a private key in PEM to sign with, or a public one to verify with.
        value: Reference,
        /// The one before it, while keys are exchanged: verifies, but signs no more.
        previous: Option<Reference>,
    },
    /// One of these with further headers.
    #[serde(skip)]
    Beside {
        /// The credential.
        credential: Box<CredentialConfig>,
        /// The secrets in the headers that go along, by the headers' names.
        headers: BTreeMap<String, Reference>,
    },
}

impl<'de> Deserialize<'de> for CredentialConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Written {
            #[serde(default)]
            headers: BTreeMap<String, Reference>,
            // What is left is one kind's, and it denies what it does not know.
            #[serde(flatten, deserialize_with = "CredentialConfig::deserialize")]
            credential: CredentialConfig,
        }
        let Written { headers, credential } = Deserialize::deserialize(deserializer)?;
        Ok(match headers.is_empty() {
            true => credential,
            false => Self::Beside { credential: Box::new(credential), headers },
        })
    }
}

impl CredentialConfig {
    /// The credential without its further headers.
    pub fn itself(&self) -> &Self {
        match self {
            Self::Beside { credential, .. } => credential.itself(),
            other => other,
        }
    }

    /// Resolves the references. Fetches no token yet.
    ///
    /// # Errors
    /// When a reference cannot be resolved, or a value cannot be used.
    pub async fn open(&self, keyring: &Keyring, endpoint: &Endpoint) -> Result<Credential, CredentialError> {
        let kind = self.itself().kind(keyring, endpoint).await?;
        let mut credential = Credential { kind, beside: Vec::new() };
        if let Self::Beside { headers, .. } = self {
            for (name, value) in headers {
                let name = header_name("headers", name)?;
                if credential.owns().contains(&name) {
                    let wanted = "each header must be named once, and be another than the credential's own";
                    return Err(CredentialError::Misconfigured { field: "headers", wanted });
                }
                credential.beside.push(header::Header::new(name, "", keyring.hold(value).await?));
            }
        }
        Ok(credential)
    }

    async fn kind(&self, keyring: &Keyring, endpoint: &Endpoint) -> Result<Kind, CredentialError> {
        Ok(match self {
            Self::Bearer { token } => {
                Kind::Header(header::Header::new(AUTHORIZATION, "Bearer ", keyring.hold(token).await?))
            }
            Self::Basic { user, password } => {
                Kind::Basic(basic::Basic::new(user.clone(), keyring.hold(password).await?)?)
            }
            Self::Header { name, prefix, value } => Kind::Header(header::Header::new(
                header_name("name", name)?,
                prefix,
                keyring.hold(value).await?,
            )),
            Self::ClientCredentials { token_url, client_id, client_secret, scope, fields, basic } => {
                Kind::ClientCredentials(ClientCredentials {
                    token_url: secure(token_url)?,
                    client_id: client_id.clone(),
                    client_secret: keyring.hold(client_secret).await?,
                    scope: scope.clone(),
                    fields: fields.clone(),
                    basic: *basic,
                    endpoint: endpoint.clone(),
                    tokens: TokenCache::default(),
                })
            }
            Self::JwtBearer { token_url, issuer, subject, audience, scope, key_id, algorithm, key } => {
                Kind::JwtBearer(JwtBearer {
                    token_url: secure(token_url)?,
                    issuer: issuer.clone(),
                    subject: subject.clone(),
                    audience: audience.clone().unwrap_or_else(|| token_url.to_string()),
                    scope: scope.clone(),
                    key_id: key_id.clone(),
                    algorithm: *algorithm,
                    key: keyring.hold(key).await?,
                    endpoint: endpoint.clone(),
                    tokens: TokenCache::default(),
                })
            }
            Self::BodyHmac { secret, hash, encoding, header, prefix } => Kind::BodyHmac(BodyHmac {
                secret: keyring.hold(secret).await?,
                hash: *hash,
                encoding: *encoding,
                header: header_name("header", header)?,
                prefix: prefix.clone(),
            }),
            Self::SigV4 { service, region, access_key, secret_key, session_token } => Kind::SigV4(SigV4 {
                service: service.clone(),
                region: region.clone(),
                access_key: keyring.hold(access_key).await?,
                secret_key: keyring.hold(secret_key).await?,
                session_token: hold(keyring, session_token.as_ref()).await?,
            }),
            Self::Key { value, previous } => Kind::Key(key::Key {
                current: keyring.hold(value).await?,
                previous: hold(keyring, previous.as_ref()).await?,
            }),
            // Not written so: what stands beside is flat.
            Self::Beside { .. } => {
                let wanted = "they stand beside one credential";
                return Err(CredentialError::Misconfigured { field: "headers", wanted });
            }
        })
    }
}

async fn hold(keyring: &Keyring, reference: Option<&Reference>) -> Result<Option<Held>, SecretError> {
    match reference {
        Some(reference) => keyring.hold(reference).await.map(Some),
        None => Ok(None),
    }
}

fn secure(url: &Url) -> Result<Url, SecretError> {
    if permitted(url, Reach::Outward) {
        Ok(url.clone())
    } else {
        Err(SecretError::Insecure { at: host(url) })
    }
}

/// A header that a secret may go into: not one that frames the message.
fn header_name(field: &'static str, text: &str) -> Result<HeaderName, CredentialError> {
    let name: HeaderName = text
        .parse()
        .map_err(|_| CredentialError::Misconfigured { field, wanted: "it must be the name of a header" })?;
    if ["host", "content-length", "transfer-encoding", "connection", "content-type"].contains(&name.as_str())
    {
        let wanted = "this header frames the request and carries no credential";
        return Err(CredentialError::Misconfigured { field, wanted });
    }
    Ok(name)
}
