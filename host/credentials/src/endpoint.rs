//! The HTTP client for endpoints that hand out secrets and tokens: small, suspicious, and silent about what it sends.

use std::net::IpAddr;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Method, Request};
use serde::de::DeserializeOwned;
use url::{Host, Url, form_urlencoded};

use crate::secret::Secret;

/// The longest answer that is read, in bytes. Tokens and keys are far smaller.
pub const LONGEST_ANSWER: usize = 64 * 1024;

/// Talks to token endpoints, the platform's identity service and key vaults. Cheap to clone; one per process is
/// enough. Redirects are not followed, an answer may take 10 s and be 64 KiB long.
#[derive(Clone, Debug)]
pub struct Endpoint {
    outward: reqwest::Client,
    /// The platform's own identity service answers this machine only: never through a proxy.
    platform: reqwest::Client,
}

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// A server out there: `https`, or `http` to this machine.
    Outward,
    /// The identity service of the platform: also `http` to a link-local address (IMDS).
    Platform,
}

/// Why an endpoint gave no answer. Names the host that was asked, never what was sent or received.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// The address is not one that a secret may be sent to.
    #[error("{at} is not asked: secrets travel over https only, or to this machine")]
    Insecure {
        /// The host.
        at: String,
    },
    /// No connection, or it broke.
    #[error("{at} cannot be reached: {why}")]
    Unreachable {
        /// The host.
        at: String,
        /// What went wrong on the wire.
        why: String,
    },
    /// The answer is longer than any that is expected.
    #[error("the answer of {at} is longer than {LONGEST_ANSWER} bytes")]
    TooLarge {
        /// The host.
        at: String,
    },
    /// The answer is not what the protocol says.
    #[error("the answer of {at} (status {status}) is not understood; is the address right?")]
    Unreadable {
        /// The host.
        at: String,
        /// The HTTP status.
        status: u16,
    },
    /// What was configured cannot be sent.
    #[error("a request to {at} cannot be made: a value does not fit into an HTTP header")]
    Unsendable {
        /// The host.
        at: String,
    },
}

/// What came back. The body may hold a secret: no `Debug`.
pub(crate) struct Answer {
    pub at: String,
    pub status: u16,
    body: Secret,
}

impl Answer {
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, EndpointError> {
        // serde's error repeats what it met, so it goes no further.
        serde_json::from_slice(self.body.expose())
            .map_err(|_| EndpointError::Unreadable { at: self.at.clone(), status: self.status })
    }

    pub fn succeeded(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl Endpoint {
    /// # Errors
    /// When the TLS side cannot be set up, for want of the system's certificates for example.
    pub fn new() -> Result<Self, reqwest::Error> {
        // Whoever comes first installs it; all of this house install the same.
        drop(rustls::crypto::ring::default_provider().install_default());
        let builder = || {
            reqwest::Client::builder()
                .redirect(Policy::none())
                .connect_timeout(Duration::from_secs(3))
                .timeout(Duration::from_secs(10))
                .pool_idle_timeout(Duration::from_secs(30))
                .user_agent(concat!("handover/", env!("CARGO_PKG_VERSION")))
        };
        Ok(Self { outward: builder().build()?, platform: builder().no_proxy().build()? })
    }

    /// Posts a form (RFC 6749 §4.4.2).
    pub(crate) async fn post(
        &self,
        url: &Url,
        form: &[(&str, &str)],
        authorization: Option<HeaderValue>,
    ) -> Result<Answer, EndpointError> {
        let mut request = Request::new(Method::POST, url.clone());
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        *request.body_mut() = Some(body.into());
        let headers = request.headers_mut();
        headers.insert(
            reqwest::header::CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded"),
        );
        if let Some(value) = authorization {
            headers.insert(reqwest::header::AUTHORIZATION, value);
        }
        self.send(request, Reach::Outward).await
    }

    pub(crate) async fn get(
        &self,
        url: &Url,
        reach: Reach,
        header: Option<(HeaderName, &Secret, &str)>,
    ) -> Result<Answer, EndpointError> {
        let mut request = Request::new(Method::GET, url.clone());
        if let Some((name, value, prefix)) = header {
            let value = sensitive(prefix, value).ok_or(EndpointError::Unsendable { at: host(url) })?;
            request.headers_mut().insert(name, value);
        }
        self.send(request, reach).await
    }

    async fn send(&self, mut request: Request, reach: Reach) -> Result<Answer, EndpointError> {
        let at = host(request.url());
        if !permitted(request.url(), reach) {
            return Err(EndpointError::Insecure { at });
        }
        accept_json(request.headers_mut());
        let client = if reach == Reach::Platform { &self.platform } else { &self.outward };
        // The URL may carry what is nobody's business; the host is named apart.
        let broken = |why: reqwest::Error| EndpointError::Unreachable { at: at.clone(), why: cause(why) };
        let mut response = client.execute(request).await.map_err(broken)?;
        let status = response.status().as_u16();
        let mut body = zeroize::Zeroizing::new(Vec::with_capacity(4096));
        while let Some(chunk) = response.chunk().await.map_err(broken)? {
            if body.len() + chunk.len() > LONGEST_ANSWER {
                return Err(EndpointError::TooLarge { at });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { at, status, body: Secret::new(std::mem::take(&mut *body)) })
    }
}

fn accept_json(headers: &mut HeaderMap) {
    headers.insert(reqwest::header::ACCEPT, HeaderValue::from_static("application/json"));
}

/// Prefix and secret as the value of a header that `Debug` does not show; none when it cannot stand in a header.
pub(crate) fn sensitive(prefix: &str, secret: &Secret) -> Option<HeaderValue> {
    let mut text = zeroize::Zeroizing::new(prefix.as_bytes().to_vec());
    text.extend_from_slice(secret.expose());
    let mut value = HeaderValue::from_bytes(&text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Whether a secret may travel to this address.
pub(crate) fn permitted(url: &Url, reach: Reach) -> bool {
    let near = |address: IpAddr| {
        address.is_loopback()
            || (reach == Reach::Platform && matches!(address, IpAddr::V4(v4) if v4.is_link_local()))
    };
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => true,
        ("http", Some(Host::Ipv4(v4))) => near(v4.into()),
        ("http", Some(Host::Ipv6(v6))) => near(v6.into()),
        ("http", Some(Host::Domain(name))) => name == "localhost",
        _ => false,
    }
}

/// Host and port of an address, for errors.
pub(crate) fn host(url: &Url) -> String {
    match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => "an address without a host".to_owned(),
    }
}

/// The innermost cause is the one that says something: "connection refused", "certificate has expired".
fn cause(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut deepest: &dyn std::error::Error = &error;
    while let Some(next) = deepest.source() {
        deepest = next;
    }
    if error.is_timeout() { "no answer in time".to_owned() } else { deepest.to_string() }
}
