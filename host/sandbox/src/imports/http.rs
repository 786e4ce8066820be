//! `http.send`: a request to an upstream, made by the host on the connector's behalf.
//!
//! First all is held against what is granted, then the credential is added, then the request goes out. A body that
//! repeats a credential's value is handed over as it is: it may be packed or coded in any way, so to search it would
//! promise more than it keeps. A vendor is trusted with the secrets it is sent.

use std::time::Duration;

use handover_credentials::{Credential, CredentialError};
use reqwest::StatusCode;

use super::headers::{self, Applied};
use super::{CallState, now, wit};
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
        let before = self.requests;
        let Some(ms) = request.timeout else { return Ok(self.exchange(&upstream, request).await) };
        let exchange = self.exchange(&upstream, request);
        let done = tokio::time::timeout(Duration::from_millis(ms.into()), exchange).await;
        Ok(done.unwrap_or_else(|_| {
            let late = format!("not within {ms} ms");
            Err(if self.requests > before { Error::TimedOut(late) } else { Error::Unreachable(late) })
        }))
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

impl CallState {
    async fn exchange(&mut self, upstream: &str, request: Request) -> Result<Response, Error> {
        let Some(egress) = &self.egress else {
            return Err(Error::Denied("this call may not reach anything".to_owned()));
        };
        let Plain { client, request: plain, credential } =
            plain(egress, &self.credentials, &self.limits, upstream, request)?;
        let Some(GrantedCredential { kind, credential }) = credential else {
            let response = self.carry(&client, plain).await?;
            return read(response, self.limits.response, &Applied::default()).await;
        };
        // The body is bytes, so there is always a second copy to be had.
        let again = plain.try_clone();
        let (response, applied) = self.carry_with(&client, plain, &credential).await?;
        // A token that was good may be so no more, e.g. because somebody revoked it: a new one is got, once a call.
        let stale = response.status() == StatusCode::UNAUTHORIZED && kind.is_renewable();
        if let Some(again) = again.filter(|_| stale && !self.renewed && self.requests < self.limits.requests)
        {
            self.renewed = true;
            credential.refused().await;
            drop(response);
            let (response, applied) = self.carry_with(&client, again, &credential).await?;
            return read(response, self.limits.response, &applied).await;
        }
        read(response, self.limits.response, &applied).await
    }

    async fn carry_with(
        &mut self,
        client: &reqwest::Client,
        mut request: reqwest::Request,
        credential: &Credential,
    ) -> Result<(reqwest::Response, Applied), Error> {
        self.may_ask()?;
        credential.apply(&mut request, now()).await.map_err(|e| no_credential(&e))?;
        let applied = Applied::of(credential.owns(), request.headers());
        Ok((self.carry(client, request).await?, applied))
    }

    async fn carry(
        &mut self,
        client: &reqwest::Client,
        request: reqwest::Request,
    ) -> Result<reqwest::Response, Error> {
        self.may_ask()?;
        self.requests += 1;
        #[cfg(feature = "fuzzing")]
        if let Some(wire) = &mut self.wire {
            return Ok(wire(request));
        }
        client.execute(request).await.map_err(why)
    }

    fn may_ask(&self) -> Result<(), Error> {
        if self.requests >= self.limits.requests {
            return Err(Error::Denied(format!("a call may make {} requests", self.limits.requests)));
        }
        Ok(())
    }
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

async fn read(mut response: reqwest::Response, bound: usize, applied: &Applied) -> Result<Response, Error> {
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
fn no_credential(error: &CredentialError) -> Error {
    match error {
        CredentialError::Token(why) if why.is_transient() => {
            Error::Unreachable(format!("no credential: {why}"))
        }
        _ => Error::Denied(format!("no credential: {error}")),
    }
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
