//! Whether a callback comes from the vendor: judged on the raw bytes, before any code of a connector runs.
//!
//! Everything is a value: the request as it came, the keys, the time. Nothing here waits, reads a clock or fetches.
//! A connector declares its [`Scheme`] (`descriptor.verification` in `wit/connector.wit`), the operator binds the
//! keys, and [`verify`] says which key fits or, with a [`Refusal`], why none does. Bearer tokens are judged elsewhere:
//! their keys have to be fetched.
//!
//! ## What a callback costs
//!
//! A callback without a signature costs one walk over its headers. One whose signature has the wrong shape (prefix,
//! alphabet, length) or whose timestamp is out of the window costs a few short copies more, whatever its body. Only a
//! well-shaped one costs a hash over the body, once per key: some microseconds, and one or two more per KiB; some tens
//! of microseconds more for RSA, whose key is read each time. Twilio's rule hashes address and form up to twice per
//! key and sorts the fields, which are therefore limited. An Amazon SNS message is parsed as JSON first, since the
//! signature stands inside. No header that counts may be longer than [`LONGEST_HEADER`]; the length of the
//! body is the caller's to limit.
//!
//! ## Replays
//!
//! There is no window of seen signatures in memory here, on purpose. A vendor repeats the very same request when it
//! did not hear our answer, and what was seen is not what was stored: a window that remembers at the check would
//! swallow the repetition of a callback that was then lost. It would also forget at a restart and know nothing of
//! other nodes. So [`Verified::replay`] hands out a name for the signed request and the time until which the check
//! alone would still let it in; whoever stores callbacks commits the name with them.

mod authority;
mod encoding;
mod form;
mod keys;
mod mac;
mod refusal;
mod request;
mod rsa;
mod scheme;
mod shared;
mod sns;
mod stamp;
mod standard;

pub use keys::{KeyFault, Keys};
pub use refusal::Refusal;
pub use request::{LONGEST_HEADER, Request};
pub use scheme::{
    AwsSns, Content, DEFAULT_TOLERANCE_S, Digest, Encoding, Hmac, Rsa, Scheme, StampFormat, Stamped,
};
pub use sns::sns_certificate_url;

/// What a request that comes from the vendor proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Which key fits: 0 is the first, 1 the second. None where the scheme asks for none ([`Scheme::Nothing`]).
    pub key: Option<usize>,
    /// Present where a signed timestamp makes two equal requests one and the same.
    pub replay: Option<ReplayKey>,
}

/// Names a signed request, so that whoever stores callbacks can tell a repetition.
///
/// It is made from the signature. Where the timestamp counts in seconds, two equal events within one second have the
/// same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ReplayKey {
    /// SHA-256 of the signature's bytes; not a secret.
    pub digest: [u8; 32],
    /// In ms since 1970: later than this the request is refused as too old, so the name can be forgotten.
    pub until_ms: u64,
}

impl ReplayKey {
    fn new(signature: &[u8], until_ms: u64) -> Self {
        Self { digest: encoding::sha256(signature), until_ms }
    }
}

/// Judges whether `request` comes from the one who has one of `keys`; `now_ms` is in ms since 1970.
///
/// The keys, by scheme: an HMAC's secret, a header's secret as it stands in the header, `user:password` for Basic,
/// an RSA public key or certificate (PEM, DER, or the bare base64 of either), the `whsec_…` secret of Standard
/// Webhooks, the certificate from [`sns_certificate_url`] for Amazon SNS, the fingerprint in hex of a client
/// certificate.
///
/// # Errors
///
/// [`Refusal`] says which check failed; its [`Refusal::label`] is stable.
pub fn verify(
    scheme: &Scheme,
    keys: &Keys<'_>,
    request: &Request<'_>,
    now_ms: u64,
) -> Result<Verified, Refusal> {
    match scheme {
        Scheme::Hmac(hmac) => mac::verify(hmac, keys, request, now_ms),
        Scheme::SharedSecret { header, prefix } => shared::secret(header, prefix, keys, request),
        Scheme::Basic => shared::basic(keys, request),
        Scheme::Rsa(scheme) => rsa::verify(scheme, keys, request, now_ms),
        Scheme::StandardWebhooks { tolerance_s } => standard::verify(*tolerance_s, keys, request, now_ms),
        Scheme::AwsSns(scheme) => sns::verify(scheme, keys, request, now_ms),
        Scheme::ClientCertificate { header } => shared::fingerprint(header, keys, request),
        Scheme::Nothing => Ok(Verified { key: None, replay: None }),
    }
}
