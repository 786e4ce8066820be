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
    repeatable: bool,
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
    Outgoing { upstream, request, repeatable: method == Method::Get }
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

    /// Sends these bytes.
    pub fn body(mut self, content_type: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.request.body = bytes.into();
        self.header("content-type", content_type)
    }

    /// Sends a form with files (RFC 7578).
    pub fn multipart(self, parts: &[Part<'_>]) -> Self {
        let mut boundary = "handover".to_owned();
        while parts.iter().any(|part| part.body.windows(boundary.len()).any(|w| w == boundary.as_bytes())) {
            boundary.push('-');
        }
        let mut body = Vec::new();
        for part in parts {
            body.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
            body.extend_from_slice(part.head().as_bytes());
            body.extend_from_slice(part.body);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        self.body(&format!("multipart/form-data; boundary={boundary}"), body)
    }

    /// Names a host that the vendor handed out at run time, inside what the operator granted to the upstream.
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.request.host = Some(host.into());
        self
    }

    /// May be made twice without harm: what is not known to have happened is simply asked again. `GET` always may.
    pub fn repeatable(mut self) -> Self {
        self.repeatable = true;
        self
    }

    /// The request as it stands, e.g. for a stream that the host opens.
    pub fn into_request(self) -> Request {
        self.request
    }

    /// Makes the request.
    ///
    /// # Errors
    /// Where there is no response; what may be tried again says so. Any status is a response.
    pub fn send(self) -> Result<Response, Failure> {
        let failed = |error| {
            let failure = failure::of_http(error);
            if self.repeatable { failure.repeatable() } else { failure }
        };
        exchange(self.upstream, &self.request).map_err(failed)
    }
}

/// One part of a form.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    /// The field's name.
    pub name: &'a str,
    /// The file's name, where it is a file.
    pub file_name: Option<&'a str>,
    /// Its media type; none is text.
    pub content_type: Option<&'a str>,
    /// Its bytes.
    pub body: &'a [u8],
}

impl Part<'_> {
    fn head(&self) -> String {
        let mut head = format!("content-disposition: form-data; name=\"{}\"", quoted(self.name));
        if let Some(name) = self.file_name {
            head.push_str(&format!("; filename=\"{}\"", quoted(name)));
        }
        head.push_str("\r\n");
        if let Some(content_type) = self.content_type {
            let content_type: String = content_type.chars().filter(|c| !c.is_control()).collect();
            head.push_str(&format!("content-type: {content_type}\r\n"));
        }
        head.push_str("\r\n");
        head
    }
}

/// As browsers write names (WHATWG HTML, "multipart/form-data encoding algorithm").
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

impl Response {
    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body as JSON; null where it is none.
    pub fn value(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
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
