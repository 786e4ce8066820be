//! Requests to the vendor: an upstream by its name, a path, JSON in and out.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::bindings::connector::handover::connector::http as host;
use crate::failure;
use crate::{Attribute, Failure, FailureReason, RetryAdvice};

pub use host::{Error, Method, Request, Response};

/// A request that is being put together.
#[must_use = "a request is made by `send`"]
#[derive(Debug, Clone)]
pub struct Outgoing<'a> {
    upstream: &'a str,
    request: Request,
}

/// A request to `path` of the upstream that the descriptor calls `upstream`.
pub fn request(method: Method, upstream: &str, path: impl Into<String>) -> Outgoing<'_> {
    let request = Request {
        method,
        path: path.into(),
        host: None,
        headers: Vec::new(),
        body: Vec::new(),
        timeout: None,
    };
    Outgoing { upstream, request }
}

/// `POST path`.
pub fn post(upstream: &str, path: impl Into<String>) -> Outgoing<'_> {
    request(Method::Post, upstream, path)
}

/// `GET path`.
pub fn get(upstream: &str, path: impl Into<String>) -> Outgoing<'_> {
    request(Method::Get, upstream, path)
}

impl Outgoing<'_> {
    /// Adds a header.
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.request.headers.push(Attribute { name: name.to_owned(), value: value.into() });
        self
    }

    /// Sends this value as JSON.
    pub fn json(mut self, body: &impl Serialize) -> Self {
        // Values that a connector builds itself always serialize; a map with keys that are no strings does not, and
        // then the vendor's own complaint about an empty body is as good as any.
        self.request.body = serde_json::to_vec(body).unwrap_or_default();
        self.header("content-type", "application/json")
    }

    /// Makes the request.
    ///
    /// # Errors
    /// Where there is no response; what may be tried again says so. Any status is a response.
    pub fn send(self) -> Result<Response, Failure> {
        exchange(self.upstream, &self.request).map_err(failure::of_http)
    }
}

impl Response {
    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A header's value; names without regard to case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name))
            .map(|header| header.value.as_str())
    }

    /// Reads the body as JSON.
    ///
    /// # Errors
    /// Where it is not what was expected: the vendor took the request, so it is not made again.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_slice(&self.body).map_err(|e| Failure {
            reason: FailureReason::Rejected,
            retry: RetryAdvice::Never,
            // serde's message may quote the value; its kind and place do not.
            detail: format!(
                "status {} with an unexpected body (line {}, column {})",
                self.status,
                e.line(),
                e.column()
            ),
        })
    }
}

#[cfg(target_arch = "wasm32")]
fn exchange(upstream: &str, request: &Request) -> Result<Response, Error> {
    host::send(upstream, request)
}

#[cfg(not(target_arch = "wasm32"))]
fn exchange(upstream: &str, request: &Request) -> Result<Response, Error> {
    crate::testing::answer(upstream, request)
}
