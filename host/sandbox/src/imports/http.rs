//! `http.send`: a request to an upstream, made by the host on the connector's behalf.
//!
//! First all is held against what is granted, then the credential is added, then the request goes out. A body that
//! repeats a credential's value is handed over as it is: it may be packed or coded in any way, so to search it would
//! promise more than it keeps. A vendor is trusted with the secrets it is sent.

use handover_credentials::CredentialError;

use super::headers::{self, Applied};
use super::{CallState, wit};
use crate::config::{GrantedCredential, Limits, Method};
use crate::credentials::Credentials;
use crate::egress::Egress;
use crate::fuel::REQUEST;
use wit::http::{Error, Request, Response};

/// A path with its query, in bytes.
const PATH: usize = 16 << 10;

impl wit::http::Host for CallState {
    async fn send(
        &mut self,
        upstream: String,
        request: Request,
    ) -> wasmtime::Result<Result<Response, Error>> {
        self.fuel.spend(REQUEST, 0)?;
        Ok(self.out.send(&upstream, request).await)
    }
}

/// A request that may go out, but for its credential.
pub(crate) struct Plain {
    pub(crate) client: reqwest::Client,
    pub(crate) request: reqwest::Request,
    /// What goes along.
    pub(crate) credential: Option<GrantedCredential>,
}

/// Holds a request against what is granted.
pub(crate) fn plain(
    egress: &Egress,
    credentials: &Credentials,
    limits: &Limits,
    upstream: &str,
    request: Request,
) -> Result<Plain, Error> {
    if request.path.len() > PATH {
        return Err(Error::TooLarge(format!("a path may have {PATH} bytes")));
    }
    let method = method(request.method);
    let way =
        egress.route(upstream, method, request.host.as_deref(), &request.path).map_err(Error::Denied)?;
    if request.body.len() > limits.request {
        return Err(Error::TooLarge(format!("a request may have {} bytes", limits.request)));
    }
    let credential = credentials.of_upstream(upstream).filter(|_| way.credential).cloned();
    let owned = credential.as_ref().map(|held| held.credential.owns()).unwrap_or_default();
    let headers = headers::outgoing(&request.headers, &owned)?;
    let plain = way.client.request(as_client(method), way.url).headers(headers).body(request.body);
    Ok(Plain { request: plain.build().map_err(why)?, client: way.client, credential })
}

fn method(method: wit::http::Method) -> Method {
    match method {
        wit::http::Method::Get => Method::Get,
        wit::http::Method::Head => Method::Head,
        wit::http::Method::Post => Method::Post,
        wit::http::Method::Put => Method::Put,
        wit::http::Method::Patch => Method::Patch,
        wit::http::Method::Delete => Method::Delete,
    }
}

fn as_client(method: Method) -> reqwest::Method {
    match method {
        Method::Get => reqwest::Method::GET,
        Method::Head => reqwest::Method::HEAD,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Patch => reqwest::Method::PATCH,
        Method::Delete => reqwest::Method::DELETE,
    }
}

pub(super) async fn read(
    mut response: reqwest::Response,
    bound: usize,
    applied: &Applied,
) -> Result<Response, Error> {
    let too_large = || Error::TooLarge(format!("a response may have {bound} bytes"));
    if response.content_length().is_some_and(|length| length > bound as u64) {
        return Err(too_large());
    }
    let status = response.status().as_u16();
    let headers = headers::incoming(response.headers(), applied)?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(why)? {
        if body.len() + chunk.len() > bound {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Response { status, headers, body })
}

/// Nothing was sent to the vendor.
pub(super) fn no_credential(error: &CredentialError) -> Error {
    match error {
        CredentialError::Token(why) if why.is_transient() => {
            Error::Unreachable(format!("no credential: {why}"))
        }
        _ => Error::Denied(format!("no credential: {error}")),
    }
}

/// Whether the vendor may have heard the request is what a retry depends on.
pub(super) fn why(error: reqwest::Error) -> Error {
    let kind = if error.is_connect() {
        Error::Unreachable
    } else if error.is_timeout() {
        Error::TimedOut
    } else {
        Error::Broken
    };
    let text = words(error);
    // The client has no type for this one.
    if text == "message head is too large" {
        return Error::TooLarge(format!("a response may have {} headers", headers::COUNT));
    }
    kind(text)
}

/// The innermost cause says it best, and an address with its query does not belong into a log.
pub(crate) fn words(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        text = cause.to_string();
        source = cause.source();
    }
    text
}
