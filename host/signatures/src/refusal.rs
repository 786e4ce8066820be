//! Why a callback was refused. No variant carries a secret, a signature or anything of a body.

use thiserror::Error;

use crate::keys::KeyFault;

/// Why a callback was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The header is not there.
    #[error(
        "the callback has no header `{header}`; is the vendor told to sign, and does every proxy pass it on?"
    )]
    MissingHeader {
        /// Its name.
        header: String,
    },
    /// The header is there more than once, so that two readers could take different ones.
    #[error("the callback has the header `{header}` more than once")]
    DuplicateHeader {
        /// Its name.
        header: String,
    },
    /// The header is there, with nothing in it.
    #[error("the callback's header `{header}` is empty")]
    EmptyHeader {
        /// Its name.
        header: String,
    },
    /// The header is longer than [`crate::LONGEST_HEADER`].
    #[error("the callback's header `{header}` is longer than any signature")]
    LongHeader {
        /// Its name.
        header: String,
    },
    /// The header has other characters than ASCII.
    #[error("the callback's header `{header}` is not plain ASCII")]
    NotAscii {
        /// Its name.
        header: String,
    },
    /// What must precede the signature does not.
    #[error(
        "the callback's header `{header}` does not begin as this scheme's does; does the vendor sign in another way?"
    )]
    MissingPrefix {
        /// The header's name.
        header: String,
    },
    /// The signature (or credential) is not hex or base64.
    #[error("the callback's `{place}` is not written in the scheme's encoding")]
    MalformedEncoding {
        /// The header or, inside a message, the field.
        place: String,
    },
    /// The signature has another length than the scheme's digest or the key.
    #[error("the signature in the callback's `{place}` has {found} bytes instead of {wanted}")]
    WrongLength {
        /// The header or field.
        place: String,
        /// How many it ought to have.
        wanted: usize,
        /// How many it has.
        found: usize,
    },
    /// No key makes this signature for this request.
    #[error(
        "no key fits: the callback is not from the vendor, was changed on its way, or was signed with another key"
    )]
    Mismatch,
    /// The address is signed, but the body does not have the hash that the address tells.
    #[error("the callback's body does not have the hash that its address tells")]
    BodyMismatch,
    /// The address has no single, well-written `bodySHA256`.
    #[error("the callback's address has a `bodySHA256` that is not one SHA-256 in hex")]
    MalformedBodyHash,
    /// The form has more fields than any vendor sends.
    #[error("the callback's form has more than {most} fields")]
    TooManyFields {
        /// How many it may have.
        most: usize,
    },
    /// The timestamp's header is not there.
    #[error("the callback has no timestamp in the header `{header}`")]
    TimestampMissing {
        /// Its name.
        header: String,
    },
    /// The timestamp is not written as it ought to be.
    #[error("the callback's timestamp in `{place}` cannot be read")]
    TimestampMalformed {
        /// The header or field.
        place: String,
    },
    /// The timestamp is longer ago than the tolerance.
    #[error(
        "the callback was signed {age_s} s ago, {tolerance_s} s are allowed; is it a replay, or is a clock wrong?"
    )]
    TooOld {
        /// How long ago, in seconds.
        age_s: u64,
        /// How long it may be, in seconds.
        tolerance_s: u32,
    },
    /// The timestamp is farther ahead than the tolerance.
    #[error("the callback's timestamp is {ahead_s} s ahead, {tolerance_s} s are allowed; is a clock wrong?")]
    InTheFuture {
        /// How far ahead, in seconds.
        ahead_s: u64,
        /// How far it may be, in seconds.
        tolerance_s: u32,
    },
    /// No key is bound.
    #[error("no key is bound to check this callback with; bind the credential in the configuration")]
    NoKey,
    /// A key cannot be used, and no other fits.
    #[error("key {key} cannot be used: {fault}; mend the credential in the configuration")]
    UnusableKey {
        /// 0 is the first, 1 the second.
        key: usize,
        /// What is wrong with it.
        fault: KeyFault,
    },
    /// The body is not the JSON message that the scheme asks for.
    #[error("the callback's body is not a signed message of Amazon SNS")]
    MalformedMessage,
    /// The message's type is none that is signed.
    #[error("the message of Amazon SNS is of an unknown type")]
    UnknownType,
    /// The message's signature version is none that is known.
    #[error("the message of Amazon SNS is signed in an unknown version; 1 and 2 are known")]
    UnknownVersion,
    /// The message is of a topic that is not ours.
    #[error("the message of Amazon SNS is of a topic that is not configured")]
    OtherTopic,
    /// The certificate's address is not one of Amazon SNS.
    #[error("the signing certificate's address is not one of Amazon SNS")]
    CertificateAddress,
}

impl Refusal {
    /// A stable name for metrics and logs.
    pub fn label(&self) -> &'static str {
        match self {
            Self::MissingHeader { .. } => "missing-header",
            Self::DuplicateHeader { .. } => "duplicate-header",
            Self::EmptyHeader { .. } => "empty-header",
            Self::LongHeader { .. } => "long-header",
            Self::NotAscii { .. } => "not-ascii",
            Self::MissingPrefix { .. } => "missing-prefix",
            Self::MalformedEncoding { .. } => "malformed-encoding",
            Self::WrongLength { .. } => "wrong-length",
            Self::Mismatch => "mismatch",
            Self::BodyMismatch => "body-mismatch",
            Self::MalformedBodyHash => "malformed-body-hash",
            Self::TooManyFields { .. } => "too-many-fields",
            Self::TimestampMissing { .. } => "timestamp-missing",
            Self::TimestampMalformed { .. } => "timestamp-malformed",
            Self::TooOld { .. } => "too-old",
            Self::InTheFuture { .. } => "in-the-future",
            Self::NoKey => "no-key",
            Self::UnusableKey { .. } => "unusable-key",
            Self::MalformedMessage => "malformed-message",
            Self::UnknownType => "unknown-type",
            Self::UnknownVersion => "unknown-version",
            Self::OtherTopic => "other-topic",
            Self::CertificateAddress => "certificate-address",
        }
    }
}
