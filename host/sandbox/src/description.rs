//! What a connector says of itself, in the host's words.

use handover_credentials::CredentialConfig;
use serde::Serialize;

/// Which optional interfaces a component exports.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Capabilities {
    /// Typing, receipts.
    pub signals: bool,
    /// Open hours, agents online.
    pub availability: bool,
    /// Polling and streams.
    pub feed: bool,
    /// Whether a message was taken.
    pub reconcile: bool,
    /// State of older versions.
    pub migration: bool,
    /// Whether all is set up; since 1.1 of the contract.
    pub trial: bool,
}

/// What a connector is and asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Description {
    /// Its own name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The vendor, as people know it.
    pub vendor: String,
    /// The upstreams it names.
    pub upstreams: Vec<String>,
    /// The credentials it names.
    pub credentials: Vec<String>,
    /// Its callback routes.
    pub callbacks: Vec<CallbackRoute>,
    /// The longest text of one message and its unit.
    pub text_limit: Option<(u32, TextUnit)>,
    /// What the vendor's desktop shows, the best first; empty means plain.
    pub text_formats: Vec<TextFormat>,
    /// What becomes of the customer's files.
    pub attachments: Attachments,
    /// Grows when old state can no longer be read.
    pub state_schema: u32,
    /// The optional interfaces.
    pub capabilities: Capabilities,
    /// What it imports, and so all that it can reach: interfaces of the contract by their names, others with their
    /// package, e.g. `wasi:http/outgoing-handler`.
    pub imports: Vec<String>,
}

/// How long a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TextUnit {
    /// UTF-8 bytes.
    Bytes,
    /// UTF-16 code units.
    Utf16Units,
    /// Unicode scalar values.
    Characters,
}

/// How a text is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TextFormat {
    /// As it is.
    Plain,
    /// CommonMark.
    Markdown,
    /// HTML.
    Html,
}

/// What becomes of the customer's files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attachments {
    /// How they reach the vendor.
    pub mode: AttachmentMode,
    /// The largest that it takes, in bytes.
    pub size: Option<u64>,
    /// Media types that it takes, e.g. `image/*`; empty means any.
    pub types: Vec<String>,
}

/// How the customer's files reach the vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AttachmentMode {
    /// Not at all.
    None,
    /// The vendor fetches them from an address.
    ByUrl,
    /// The connector uploads them.
    Upload,
}

/// One route below the connector's callback mount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CallbackRoute {
    /// Below the mount; a final `*` takes everything below.
    pub path: String,
    /// Upper case.
    pub methods: Vec<String>,
    /// What would prove a request to be the vendor's; any one of these.
    pub verification: Vec<Verification>,
}

/// How a credential is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CredentialKind {
    /// A bearer token.
    Bearer,
    /// HTTP Basic.
    Basic,
    /// A header of the vendor's own.
    Header,
    /// OAuth 2 client credentials.
    Oauth2ClientCredentials,
    /// A signed assertion that is exchanged for a token.
    JwtBearer,
    /// A shared or public key.
    Key,
    /// AWS' Signature Version 4.
    AwsSigv4,
}

impl CredentialKind {
    /// The kind's name in the contract and in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bearer => "bearer",
            Self::Basic => "basic",
            Self::Header => "header",
            Self::Oauth2ClientCredentials => "oauth2-client-credentials",
            Self::JwtBearer => "jwt-bearer",
            Self::Key => "key",
            Self::AwsSigv4 => "aws-sigv4",
        }
    }

    /// The contract's kind of what the operator wrote. A key that signs bodies is a shared key too.
    pub fn of(config: &CredentialConfig) -> Self {
        match config {
            CredentialConfig::Beside { credential, .. } => Self::of(credential),
            CredentialConfig::Bearer { .. } => Self::Bearer,
            CredentialConfig::Basic { .. } => Self::Basic,
            CredentialConfig::Header { .. } => Self::Header,
            CredentialConfig::ClientCredentials { .. } => Self::Oauth2ClientCredentials,
            CredentialConfig::JwtBearer { .. } => Self::JwtBearer,
            CredentialConfig::BodyHmac { .. } | CredentialConfig::Key { .. } => Self::Key,
            CredentialConfig::SigV4 { .. } => Self::AwsSigv4,
        }
    }

    /// Whether it lives on tokens that are fetched, so that a refused one can be replaced.
    pub(crate) fn is_renewable(self) -> bool {
        matches!(self, Self::Oauth2ClientCredentials | Self::JwtBearer)
    }
}

/// How a request proves to be the vendor's; see `descriptor.verification` in `wit/connector.wit`. Credentials are named
/// as the descriptor names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "scheme", rename_all = "kebab-case")]
pub enum Verification {
    /// A keyed hash in a header.
    Hmac(HmacSignature),
    /// The credential's value stands in a header.
    SharedSecret {
        /// Which credential.
        credential: String,
        /// Which header.
        header: String,
        /// What precedes it there; mostly empty.
        prefix: String,
    },
    /// HTTP Basic.
    Basic {
        /// Which credential.
        credential: String,
    },
    /// A bearer token signed by an issuer.
    BearerJwt {
        /// The credential that describes the issuer.
        credential: String,
    },
    /// A signature by the vendor's key, RSA with PKCS #1 v1.5 padding.
    Rsa {
        /// The credential with the public key.
        credential: String,
        /// The hash that was signed.
        digest: Digest,
        /// Which header.
        header: String,
    },
    /// <https://www.standardwebhooks.com>
    StandardWebhooks {
        /// Which credential.
        credential: String,
    },
    /// Amazon SNS' signed messages.
    AwsSns,
    /// The fingerprint that a TLS proxy in front writes into a header.
    ClientCertificate {
        /// As the contract gives it.
        credential: String,
    },
    /// Nothing.
    None,
}

impl Verification {
    /// The scheme's name in the contract.
    pub fn scheme(&self) -> &'static str {
        match self {
            Self::Hmac(_) => "hmac",
            Self::SharedSecret { .. } => "shared-secret",
            Self::Basic { .. } => "basic",
            Self::BearerJwt { .. } => "bearer-jwt",
            Self::Rsa { .. } => "rsa",
            Self::StandardWebhooks { .. } => "standard-webhooks",
            Self::AwsSns => "aws-sns",
            Self::ClientCertificate { .. } => "client-certificate",
            Self::None => "none",
        }
    }
}

/// A keyed hash in a header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HmacSignature {
    /// The credential with the key.
    pub credential: String,
    /// Which hash.
    pub digest: Digest,
    /// How it is written.
    pub encoding: Encoding,
    /// The header that carries it.
    pub header: String,
    /// What precedes it in the header; empty for nothing.
    pub prefix: String,
    /// What it is made over.
    pub content: SignedContent,
    /// The header with the time of signing.
    pub timestamp_header: Option<String>,
    /// What precedes the timestamp in what is signed; mostly empty.
    pub opening: String,
    /// Between timestamp and body.
    pub separator: String,
    /// How old a timestamp may be, in seconds.
    pub tolerance: u32,
}

/// A hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Digest {
    /// SHA-1
    Sha1,
    /// SHA-256
    Sha256,
    /// SHA-512
    Sha512,
}

/// How bytes are written in a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// Two digits a byte.
    Hex,
    /// RFC 4648, section 4.
    Base64,
}

/// What a signature is made over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignedContent {
    /// The raw body.
    Body,
    /// Timestamp, separator, body.
    TimestampAndBody,
    /// The public address and the form's fields in the order of their names.
    UrlAndForm,
}

impl CallbackRoute {
    /// Whether a request's path below the mount belongs to this route.
    pub fn takes(&self, path: &str) -> bool {
        match self.path.strip_suffix('*') {
            Some(prefix) => path.starts_with(prefix),
            None => path == self.path,
        }
    }
}
