//! `http.send`: a request to an upstream, made by the host on the connector's behalf.

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::{CallState, wit};
use wit::http::{Error, Method, Request, Response};
use wit::types::Attribute;

/// Headers that belong to the connection, or to the host.
const RESERVED: [&str; 10] = [
    "host",
    "content-length",
    "connection",
    "transfer-encoding",
    "keep-alive",
    "upgrade",
    "te",
    "trailer",
    "proxy-authorization",
    "proxy-connection",
];

/// Headers of a request or response, in bytes.
const HEADERS: usize = 32 << 10;

impl wit::http::Host for CallState {
    async fn send(
        &mut self,
        upstream: String,
        request: Request,
    ) -> wasmtime::Result<Result<Response, Error>> {
        Ok(self.exchange(&upstream, request).await)
    }
}

impl CallState {
    async fn exchange(&mut self, upstream: &str, request: Request) -> Result<Response, Error> {
        let Some(egress) = &self.egress else {
            return Err(Error::Denied("this call may not reach anything".to_owned()));
        };
        let (url, client) = egress.route(upstream, &request.path).map_err(Error::Denied)?;
        if let Some(host) = &request.host {
            return Err(Error::Denied(format!(
                "no further host is granted to upstream `{upstream}`: {host:?}"
            )));
        }
        if self.requests >= self.limits.requests {
            return Err(Error::Denied(format!("a call may make {} requests", self.limits.requests)));
        }
        if request.body.len() > self.limits.request {
            return Err(Error::TooLarge(format!("a request may have {} bytes", self.limits.request)));
        }
        let headers = headers(&request.headers)?;
        self.requests += 1;
        let mut outgoing = client.request(method(request.method), url).headers(headers).body(request.body);
        if let Some(ms) = request.timeout {
            outgoing = outgoing.timeout(Duration::from_millis(ms.into()));
        }
        let response = outgoing.send().await.map_err(why)?;
        read(response, self.limits.response).await
    }
}

fn method(method: Method) -> reqwest::Method {
    match method {
        Method::Get => reqwest::Method::GET,
        Method::Head => reqwest::Method::HEAD,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Patch => reqwest::Method::PATCH,
        Method::Delete => reqwest::Method::DELETE,
    }
}

fn headers(given: &[Attribute]) -> Result<HeaderMap, Error> {
    let size: usize = given.iter().map(|header| header.name.len() + header.value.len()).sum();
    if size > HEADERS {
        return Err(Error::TooLarge(format!("headers may have {HEADERS} bytes")));
    }
    let mut headers = HeaderMap::new();
    for header in given {
        let name = HeaderName::from_bytes(header.name.as_bytes())
            .map_err(|_| Error::Denied(format!("{:?} is no header name", header.name)))?;
        if RESERVED.contains(&name.as_str()) {
            return Err(Error::Denied(format!("the header `{name}` is the host's")));
        }
        let value = HeaderValue::from_str(&header.value).map_err(|_| {
            Error::Denied(format!("the value of header `{name}` holds what a header may not"))
        })?;
        headers.append(name, value);
    }
    Ok(headers)
}

async fn read(mut response: reqwest::Response, bound: usize) -> Result<Response, Error> {
    let too_large = || Error::TooLarge(format!("a response may have {bound} bytes"));
    if response.content_length().is_some_and(|length| length > bound as u64) {
        return Err(too_large());
    }
    let status = response.status().as_u16();
    let headers: Vec<Attribute> = response
        .headers()
        .iter()
        .filter_map(|(name, value)| {
            Some(Attribute { name: name.as_str().to_owned(), value: value.to_str().ok()?.to_owned() })
        })
        .collect();
    if headers.iter().map(|header| header.name.len() + header.value.len()).sum::<usize>() > HEADERS {
        return Err(Error::TooLarge(format!("a response's headers may have {HEADERS} bytes")));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(why)? {
        if body.len() + chunk.len() > bound {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Response { status, headers, body })
}

/// Whether the vendor may have heard the request is what a retry depends on.
fn why(error: reqwest::Error) -> Error {
    let kind = if error.is_connect() {
        Error::Unreachable
    } else if error.is_timeout() {
        Error::TimedOut
    } else {
        Error::Broken
    };
    // The innermost cause says it best, and an address with its query does not belong into a log.
    let error = error.without_url();
    let mut text = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        text = cause.to_string();
        source = cause.source();
    }
    kind(text)
}
