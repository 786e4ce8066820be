//! Why a caller is not admitted: one variant for each rule, with what was found and what was wanted.

use std::sync::Arc;

use crate::algorithm::Algorithm;
use crate::fetch::FetchFailure;

/// Longest text of a token that a log line repeats, in characters.
const SHOWN: usize = 120;

/// A caller that is not admitted.
///
/// `Display` is for the log: it names what was found and wanted, and never holds a token. The caller is told no more
/// than [`Refusal::told`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the fields are what the messages say")]
pub enum Refusal {
    // The header.
    /// No `Authorization`.
    #[error("the request has no `Authorization` header")]
    HeaderMissing,
    /// An anonymous client of the Agents SDK sends it empty.
    #[error("the `Authorization` header is empty")]
    HeaderEmpty,
    /// More than one.
    #[error("the request has {count} `Authorization` headers; send one")]
    HeaderRepeated { count: usize },
    /// Bytes beyond ASCII.
    #[error("the `Authorization` header is not visible ASCII")]
    HeaderUnreadable,
    /// Another scheme.
    #[error("the `Authorization` header is of another scheme than `Bearer`")]
    SchemeOther,
    /// Not two parts.
    #[error("the `Authorization` header is not of the two parts `Bearer` and token")]
    HeaderParts,

    // The token's shape.
    /// Beyond all bounds.
    #[error("the token has {bytes} bytes, more than 16 KiB")]
    TokenTooLong { bytes: usize },
    /// Not three parts. Five would be an encrypted token.
    #[error("the token has {parts} parts, or an empty one, where three are wanted")]
    TokenParts { parts: usize },
    /// Not base64url, or padded.
    #[error("the token's {part} is not base64url without padding")]
    TokenEncoding { part: &'static str },
    /// Not JSON, or no object.
    #[error("the token's {part} is not a JSON object")]
    TokenJson { part: &'static str },
    /// A name that stands twice.
    #[error("the token's {part} has a member twice")]
    MemberRepeated { part: &'static str },
    /// `none`, `HS256`, or one that is not allowed here.
    #[error("the token is signed with {found:?}, which is not allowed here")]
    AlgorithmRefused { found: String },
    /// `crit`: an extension that must be understood, and is not (RFC 7515 §4.1.11).
    #[error("the token's header demands extensions (`crit`); none is known here")]
    ExtensionDemanded,
    /// No `kid`.
    #[error("the token's header names no key (`kid`)")]
    KeyIdMissing,

    // Its claims.
    /// A claim of another type than it has.
    #[error("the claim `{claim}` is of the wrong type")]
    ClaimMalformed { claim: &'static str },
    /// No `iss`.
    #[error("the token names no issuer (`iss`)")]
    IssuerMissing,
    /// Somebody else's.
    #[error("the token's issuer {found:?} is not one of those that are trusted here")]
    IssuerUnknown { found: String },
    /// No `aud`.
    #[error("the token names no audience (`aud`)")]
    AudienceMissing,
    /// Made out to somebody else.
    #[error("the token is made out to {found:?}, not to one of {wanted}")]
    AudienceOther { found: String, wanted: String },
    /// No `exp`.
    #[error("the token names no end of its time (`exp`)")]
    ExpiryMissing,
    /// Too old.
    #[error("the token was valid until {exp} (seconds since 1970); it is {now}")]
    Expired { exp: i64, now: i64 },
    /// Too young.
    #[error("the token is valid from {nbf} (seconds since 1970); it is {now}")]
    NotYetValid { nbf: i64, now: i64 },
    /// A tenant's issuer, but no `tid`.
    #[error("the token names no tenant (`tid`), while its issuer is of tenant {wanted}")]
    TenantMissing { wanted: String },
    /// `tid` and `iss` are of two tenants.
    #[error("the token's tenant {found:?} is not its issuer's, {wanted}")]
    TenantOther { found: String, wanted: String },
    /// `ver` is none of absent, `1.0`, `2.0`.
    #[error("the token is of version {found}, where 1.0 and 2.0 are known")]
    VersionUnknown { found: String },
    /// Nobody's.
    #[error("the token names no calling app (`{claim}`)")]
    CallerMissing { claim: &'static str },
    /// The Bot Service's, without `serviceurl`.
    #[error("the token of the Bot Service has no claim `serviceurl`")]
    ServiceUrlClaimMissing,
    /// A callback's, of another subject.
    #[error("the token's subject is {found}, not {wanted:?}")]
    SubjectOther { found: String, wanted: String },
    /// A callback's, with another value than configured.
    #[error("the token's claim `{claim}` is {found}, not {wanted:?}")]
    ClaimOther { claim: String, found: String, wanted: String },

    // The keys.
    /// No keys were ever fetched, or too long ago.
    #[error("the issuer's keys could not be fetched: {why}")]
    KeysUnavailable { why: Arc<FetchFailure> },
    /// None of the issuer's keys.
    #[error("the token's key {kid:?} is not among those published at {url}")]
    KeyUnknown { kid: String, url: String },
    /// A key that nothing is verified with.
    #[error("the token's key {kid:?} is not used: {fault}")]
    KeyUnfit { kid: String, fault: KeyFault },
    /// A key of another algorithm.
    #[error("the token is signed with {found}, but its key {kid:?} is for {wanted}")]
    KeyAlgorithmOther { kid: String, found: Algorithm, wanted: String },
    /// Not among the issuer's `id_token_signing_alg_values_supported`.
    #[error("the token is signed with {found}; its issuer lists {listed:?}")]
    AlgorithmNotListed { found: Algorithm, listed: Vec<String> },
    /// A key that belongs to another tenant or issuer.
    #[error("the token's key {kid:?} is of the issuer {found:?}, and does not sign for {wanted:?}")]
    KeyOfOtherIssuer { kid: String, found: String, wanted: String },
    /// Forged, or altered on the way.
    #[error("the token's signature is not of its key and content")]
    SignatureWrong,

    // Who is known, but may not.
    /// Our own app: no skill calls itself.
    #[error("the calling app {found} is this skill itself")]
    CallerIsSelf { found: String },
    /// Not among those that may call.
    #[error("the calling app {found:?} is not in the list of callers; add it if it may call")]
    CallerNotListed { found: String },
    /// Another service than the token was made for.
    #[error("the activity's serviceUrl {found:?} is not the token's, {wanted:?}")]
    ServiceUrlOther { found: String, wanted: String },
    /// A key that does not vouch for the channel.
    #[error("the token's key does not endorse the channel {channel:?}, only {endorsed:?}")]
    ChannelNotEndorsed { channel: String, endorsed: Vec<String> },
}

/// Why a published key is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the fields are what the messages say")]
pub enum KeyFault {
    /// Fewer than 2048 bits.
    #[error("it has {bits} bits, fewer than 2048")]
    TooShort { bits: usize },
    /// More than any verifier takes.
    #[error("it has {bits} bits, more than 8192")]
    TooLong { bits: usize },
    /// `use` or `key_ops` say so.
    #[error("it is not published for signatures")]
    NotForSignatures,
    /// A symmetric key, another curve.
    #[error("its type is neither RSA nor EC on P-256 or P-384")]
    OtherType,
    /// A number that is none.
    #[error("its numbers cannot be read")]
    Malformed,
}

impl Refusal {
    /// The rule's name: stable, for metrics and for the caller.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::HeaderMissing => "authorization-missing",
            Self::HeaderEmpty => "authorization-empty",
            Self::HeaderRepeated { .. } => "authorization-repeated",
            Self::HeaderUnreadable => "authorization-unreadable",
            Self::SchemeOther => "scheme-other",
            Self::HeaderParts => "authorization-parts",
            Self::TokenTooLong { .. } => "token-too-long",
            Self::TokenParts { .. } => "token-parts",
            Self::TokenEncoding { .. } => "token-encoding",
            Self::TokenJson { .. } => "token-json",
            Self::MemberRepeated { .. } => "member-repeated",
            Self::AlgorithmRefused { .. } => "algorithm-refused",
            Self::ExtensionDemanded => "extension-demanded",
            Self::KeyIdMissing => "key-id-missing",
            Self::ClaimMalformed { .. } => "claim-malformed",
            Self::IssuerMissing => "issuer-missing",
            Self::IssuerUnknown { .. } => "issuer-unknown",
            Self::AudienceMissing => "audience-missing",
            Self::AudienceOther { .. } => "audience-other",
            Self::ExpiryMissing => "expiry-missing",
            Self::Expired { .. } => "expired",
            Self::NotYetValid { .. } => "not-yet-valid",
            Self::TenantMissing { .. } => "tenant-missing",
            Self::TenantOther { .. } => "tenant-other",
            Self::VersionUnknown { .. } => "version-unknown",
            Self::CallerMissing { .. } => "caller-missing",
            Self::ServiceUrlClaimMissing => "service-url-claim-missing",
            Self::SubjectOther { .. } => "subject-other",
            Self::ClaimOther { .. } => "claim-other",
            Self::KeysUnavailable { .. } => "keys-unavailable",
            Self::KeyUnknown { .. } => "key-unknown",
            Self::KeyUnfit { fault, .. } => fault.rule(),
            Self::KeyAlgorithmOther { .. } => "key-algorithm-other",
            Self::AlgorithmNotListed { .. } => "algorithm-not-listed",
            Self::KeyOfOtherIssuer { .. } => "key-of-other-issuer",
            Self::SignatureWrong => "signature-wrong",
            Self::CallerIsSelf { .. } => "caller-is-self",
            Self::CallerNotListed { .. } => "caller-not-listed",
            Self::ServiceUrlOther { .. } => "service-url-other",
            Self::ChannelNotEndorsed { .. } => "channel-not-endorsed",
        }
    }

    /// The answer's status: 401 for one who is not known, 403 for one who is and may not, and 503 while no keys are at
    /// hand, which is not the caller's fault and passes.
    pub fn status(&self) -> u16 {
        match self {
            Self::CallerIsSelf { .. }
            | Self::CallerNotListed { .. }
            | Self::ServiceUrlOther { .. }
            | Self::ChannelNotEndorsed { .. } => 403,
            Self::KeysUnavailable { .. } => 503,
            _ => 401,
        }
    }

    /// What the caller is told: the rule's name, and nothing of what was found or wanted.
    pub fn told(&self) -> String {
        format!("not admitted: {}", self.rule())
    }

    /// The `WWW-Authenticate` header of a 401 (RFC 6750 §3: no error code where no token came).
    pub fn challenge(&self) -> &'static str {
        match self {
            Self::HeaderMissing | Self::HeaderEmpty | Self::SchemeOther => "Bearer",
            _ => "Bearer error=\"invalid_token\"",
        }
    }
}

impl KeyFault {
    fn rule(self) -> &'static str {
        match self {
            Self::TooShort { .. } => "key-too-short",
            Self::TooLong { .. } => "key-too-long",
            Self::NotForSignatures => "key-not-for-signatures",
            Self::OtherType => "key-of-other-type",
            Self::Malformed => "key-malformed",
        }
    }
}

/// A text of a token, as much of it as a log line needs, and nothing that breaks or moves the line.
pub(crate) fn shown(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c });
    let mut shown: String = plain.take(SHOWN).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}
