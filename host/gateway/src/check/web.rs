//! Asking others over HTTP, and saying in plain words why they did not answer.

use std::time::{Duration, Instant};

use reqwest::redirect::Policy;
use reqwest::{Client, Method, Request};
use serde_json::Value;
use url::{Host, Url};

/// How long an answer may take. Copilot Studio waits as long for a manifest.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// Two clients: this machine is never asked through a proxy.
pub(super) struct Web {
    outward: Client,
    near: Client,
}

/// What came back.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    /// There was more of the body than was asked for.
    pub(super) longer: bool,
    pub(super) took: Duration,
}

impl Answer {
    pub(super) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

/// Nobody answered.
pub(super) struct Unanswered {
    pub(super) cause: String,
    /// What to do, where that is known.
    pub(super) fix: &'static str,
}

impl Web {
    pub(super) fn new() -> Result<Self, reqwest::Error> {
        let builder = || {
            Client::builder()
                .redirect(Policy::none())
                .timeout(PATIENCE)
                .user_agent(concat!("handover-check/", env!("CARGO_PKG_VERSION")))
        };
        Ok(Self { outward: builder().build()?, near: builder().no_proxy().build()? })
    }

    fn client(&self, url: &Url) -> &Client {
        if is_near(url) { &self.near } else { &self.outward }
    }

    /// Asks, and reads at most `most` bytes of the answer. Redirects are not followed.
    pub(super) async fn ask(
        &self,
        method: Method,
        url: &Url,
        body: Option<&Value>,
        most: usize,
    ) -> Result<Answer, Unanswered> {
        let mut request = self.client(url).request(method, url.clone());
        if let Some(body) = body {
            request = request.json(body);
        }
        self.send(request.build().map_err(|e| unanswered(url, e))?, most).await
    }

    /// Sends a request as it is, and reads at most `most` bytes of the answer.
    pub(super) async fn send(&self, request: Request, most: usize) -> Result<Answer, Unanswered> {
        let began = Instant::now();
        let url = &request.url().clone();
        let mut response = self.client(url).execute(request).await.map_err(|e| unanswered(url, e))?;
        let status = response.status().as_u16();
        let (mut body, mut longer) = (Vec::new(), false);
        while let Some(chunk) = response.chunk().await.map_err(|e| unanswered(url, e))? {
            body.extend_from_slice(&chunk);
            if body.len() > most {
                body.truncate(most);
                longer = true;
                break;
            }
        }
        Ok(Answer { status, body, longer, took: began.elapsed() })
    }
}

/// Whether an address is on this machine.
pub(super) fn is_near(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Scheme, host and port: what of an address may be shown.
pub(super) fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

fn unanswered(url: &Url, error: reqwest::Error) -> Unanswered {
    let timeout = error.is_timeout();
    let error = error.without_url();
    let mut words = error.to_string();
    let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(&error);
    while let Some(inner) = cause {
        words = format!("{words}: {inner}");
        cause = inner.source();
    }
    let at = origin(url);
    if timeout {
        let fix = "check that it runs, and that no firewall swallows the request";
        return Unanswered { cause: format!("{at} gives no answer within 10 s"), fix };
    }
    let fix = hint(&words).unwrap_or("check the address, the proxy and the firewall");
    let deepest = words.rsplit(": ").next().unwrap_or_default();
    Unanswered { cause: format!("{at} cannot be reached: {deepest}"), fix }
}

/// What to do about what the network says.
pub(super) fn hint(words: &str) -> Option<&'static str> {
    let lower = words.to_lowercase();
    let any = |signs: &[&str]| signs.iter().any(|sign| lower.contains(sign));
    if any(&["dns error", "lookup", "not known", "name resolution", "no address", "resolve"]) {
        Some("the name does not resolve; check how it is spelled, and the DNS")
    } else if any(&["certificate", "handshake", "tls", "invalidcontenttype", "corrupt message"]) {
        Some(
            "the TLS connection fails; check the certificate, its names and its chain, and that the port speaks TLS",
        )
    } else if any(&["refused"]) {
        Some("nobody listens there; check that it runs, and the port")
    } else {
        None
    }
}
