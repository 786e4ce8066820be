//! The ways in which vendors prove that a callback is theirs, as connectors declare them.

/// How far a timestamp may be from now, in seconds, where nothing else is said.
pub const DEFAULT_TOLERANCE_S: u32 = 300;

/// How a vendor proves that a callback is its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scheme {
    /// A keyed hash in a header.
    Hmac(Hmac),
    /// The secret itself stands in a header.
    SharedSecret {
        /// The header's name.
        header: String,
        /// What precedes it in the header, e.g. `Bearer `; empty for nothing.
        prefix: String,
    },
    /// HTTP Basic (RFC 7617); the key is `user:password`.
    Basic,
    /// An RSA signature over the body, in a header.
    Rsa(Rsa),
    /// Standard Webhooks 1.0.0, symmetric signatures (`v1`).
    StandardWebhooks {
        /// How far the timestamp may be from now, in seconds.
        tolerance_s: u32,
    },
    /// Amazon SNS' signed messages.
    AwsSns(AwsSns),
    /// The fingerprint of the client's certificate, which a TLS proxy in front writes into a header. Only as good as
    /// the proxy: it must strike the header from what clients send.
    ClientCertificate {
        /// The header's name.
        header: String,
    },
    /// Nothing is asked for.
    Nothing,
}

/// A hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Digest {
    /// SHA-1: broken as a hash, still sound as an HMAC; Twilio, Intercom and old SNS topics use it.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

impl Digest {
    /// The length of an HMAC with it, in bytes.
    pub(crate) fn len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}

/// How a signature's bytes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Upper or lower case.
    Hex,
    /// The standard or the URL-safe alphabet (RFC 4648, sections 4 and 5), with padding or without.
    Base64,
}

/// A keyed hash in a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hmac {
    /// The hash function.
    pub digest: Digest,
    /// How the signature is written.
    pub encoding: Encoding,
    /// The header that carries it.
    pub header: String,
    /// What precedes it in the header, e.g. `sha256=`; empty for nothing.
    pub prefix: String,
    /// What it is made over.
    pub content: Content,
}

/// What a keyed hash is made over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// The body.
    Body,
    /// A timestamp from a header, then the body.
    TimestampAndBody(Stamped),
    /// Twilio's rule: the public address and the form's fields in the order of their names; where the address has a
    /// `bodySHA256`, the address alone, and the body must have that hash.
    UrlAndForm,
}

/// A timestamp that is signed together with the body. (One that is not signed proves nothing, so there is none.)
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamped {
    /// The header that carries it.
    pub header: String,
    /// How it is written.
    pub format: StampFormat,
    /// What precedes it in what is signed, e.g. Zoom's and Slack's `v0:`; mostly empty.
    pub opening: String,
    /// Between timestamp and body.
    pub separator: String,
    /// How far it may be from now, both ways, in seconds.
    pub tolerance_s: u32,
}

/// How a timestamp is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StampFormat {
    /// Whole seconds since 1970.
    Seconds,
    /// Milliseconds since 1970.
    Milliseconds,
    /// RFC 3339, e.g. `2026-11-23T04:30:00Z`.
    Rfc3339,
    /// Whichever of the three it looks like: digits alone are seconds up to eleven of them (the year 5138), and
    /// milliseconds from twelve on (the year 2001).
    Any,
}

/// An RSA signature (PKCS #1 v1.5) over the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rsa {
    /// The hash function.
    pub digest: Digest,
    /// How the signature is written.
    pub encoding: Encoding,
    /// The header that carries it.
    pub header: String,
}

/// Which of Amazon SNS' messages are ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsSns {
    /// The ARNs of the topics that may speak. Anyone with an AWS account can have SNS sign a message of their own
    /// topic, so without a topic here every message is refused.
    pub topics: Vec<String>,
    /// How far the message's time may be from now, in seconds. SNS repeats a message with its first time, so this is
    /// also how long an outage of ours may last; an hour fits SNS' standard retries.
    pub tolerance_s: u32,
}
