//! One bounded request for a document that an issuer publishes.

use std::time::Duration;

use reqwest::redirect::Policy;
use url::{Host, Url};

/// Longest document, in bytes.
pub(crate) const DOCUMENT_LIMIT: usize = 256 * 1024;
/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(3);
/// Longest wait for a whole document.
const WHOLE: Duration = Duration::from_secs(5);

/// Why an issuer's keys could not be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the fields are what the messages say")]
pub enum FetchFailure {
    /// No connection, no name, no trust in its certificate, or no answer in time.
    #[error("{url} cannot be reached: {why}; check the address, the proxy and the firewall")]
    Unreachable { url: String, why: String },
    /// Any answer but 200. Redirects are not followed.
    #[error("{url} answered {status}; give the address that answers 200 itself")]
    Status { url: String, status: u16 },
    /// Beyond all bounds.
    #[error("what is at {url} is longer than 256 KiB; it is no metadata and no set of keys")]
    TooLong { url: String },
    /// Not what was looked for.
    #[error("what is at {url} is not {wanted}")]
    NotADocument { url: String, wanted: &'static str },
    /// Metadata of another issuer (OpenID Connect Discovery §4.3).
    #[error("the metadata at {url} is of the issuer {found:?}, not of {wanted:?}")]
    OtherIssuer { url: String, found: String, wanted: String },
    /// Keys in the clear.
    #[error("the metadata at {url} names keys at {keys}, which is not https")]
    KeysPlain { url: String, keys: String },
    /// Keys at a host that nobody named.
    #[error(
        "the metadata at {url} names keys at {host}; add that host to the issuer's key hosts if it is right"
    )]
    KeysElsewhere { url: String, host: String },
    /// More than any issuer has.
    #[error("there are {found} keys at {url}, more than 100")]
    TooManyKeys { url: String, found: usize },
    /// None that verifies.
    #[error("of the {found} keys at {url} none can be used")]
    NoUsableKey { url: String, found: usize },
}

/// The client that fetches.
#[derive(Debug, Clone)]
pub(crate) struct Fetcher {
    http: reqwest::Client,
    /// Plain http to this machine is allowed.
    local: bool,
}

impl Fetcher {
    /// A client that follows no redirect. In local mode no proxy stands between.
    pub(crate) fn new(local: bool) -> Result<Self, String> {
        let mut builder = reqwest::Client::builder()
            .redirect(Policy::none())
            .connect_timeout(CONNECT)
            .timeout(WHOLE)
            .user_agent(concat!("handover/", env!("CARGO_PKG_VERSION")));
        if local {
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(|error| words(&error))?;
        Ok(Self { http, local })
    }

    /// Whether documents may come from there.
    pub(crate) fn may_ask(&self, url: &Url) -> bool {
        is_protected(url, self.local)
    }

    /// The document at this address.
    pub(crate) async fn get(&self, url: &Url) -> Result<Vec<u8>, FetchFailure> {
        let unreachable =
            |error: reqwest::Error| FetchFailure::Unreachable { url: url.to_string(), why: words(&error) };
        let mut response = self.http.get(url.clone()).send().await.map_err(unreachable)?;
        if response.status() != reqwest::StatusCode::OK {
            return Err(FetchFailure::Status { url: url.to_string(), status: response.status().as_u16() });
        }
        let mut document = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
            if document.len() + chunk.len() > DOCUMENT_LIMIT {
                return Err(FetchFailure::TooLong { url: url.to_string() });
            }
            document.extend_from_slice(&chunk);
        }
        Ok(document)
    }
}

/// Whether nobody on the way can change what comes from there: https, or this machine where that is allowed.
pub(crate) fn is_protected(url: &Url, local: bool) -> bool {
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && local && loopback)
}

/// An error with its causes: the outermost alone says only that a request was made.
fn words(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
