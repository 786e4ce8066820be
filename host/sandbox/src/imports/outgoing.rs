//! One call's way out: what it may reach, and what it has used of it. `http` and `wasi:http` both go by it, so that
//! they are one in policy, credentials and bounds.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use handover_credentials::Credential;
use reqwest::StatusCode;

use super::headers::Applied;
use super::http::{Plain, no_credential, plain, read, why};
use super::{now, wit};
use crate::config::{GrantedCredential, Limits};
use crate::credentials::Credentials;
use crate::egress::Egress;
use wit::http::{Error, Request, Response};

/// Shared between a call and its requests that are under way.
pub(crate) struct Outgoing {
    /// Where it may send; none where it may not.
    pub(crate) egress: Option<Arc<Egress>>,
    /// The credentials that it can name, and those that go along with its requests.
    pub(crate) credentials: Arc<Credentials>,
    pub(crate) limits: Arc<Limits>,
    /// Requests that have gone out.
    requests: AtomicU32,
    /// A credential was renewed because the vendor refused it; once is all.
    renewed: AtomicBool,
    /// In the place of the network.
    #[cfg(feature = "fuzzing")]
    pub(crate) wire: std::sync::Mutex<crate::fuzzing::Wire>,
}

impl Outgoing {
    pub(crate) fn new(
        egress: Option<Arc<Egress>>,
        credentials: Arc<Credentials>,
        limits: Arc<Limits>,
    ) -> Self {
        Self {
            egress,
            credentials,
            limits,
            requests: AtomicU32::new(0),
            renewed: AtomicBool::new(false),
            #[cfg(feature = "fuzzing")]
            wire: std::sync::Mutex::default(),
        }
    }

    /// Whether anything has gone out.
    pub(crate) fn sent(&self) -> bool {
        self.requests() > 0
    }

    fn requests(&self) -> u32 {
        self.requests.load(Ordering::Relaxed)
    }

    /// One exchange, within the guest's own patience.
    pub(super) async fn send(&self, upstream: &str, request: Request) -> Result<Response, Error> {
        let before = self.requests();
        let Some(ms) = request.timeout else { return self.exchange(upstream, request).await };
        let exchange = self.exchange(upstream, request);
        let done = tokio::time::timeout(Duration::from_millis(ms.into()), exchange).await;
        done.unwrap_or_else(|_| {
            let late = format!("not within {ms} ms");
            Err(if self.requests() > before { Error::TimedOut(late) } else { Error::Unreachable(late) })
        })
    }

    async fn exchange(&self, upstream: &str, request: Request) -> Result<Response, Error> {
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
        if let Some(again) = again.filter(|_| stale && self.may_ask().is_ok())
            && !self.renewed.swap(true, Ordering::Relaxed)
        {
            credential.refused().await;
            drop(response);
            let (response, applied) = self.carry_with(&client, again, &credential).await?;
            return read(response, self.limits.response, &applied).await;
        }
        read(response, self.limits.response, &applied).await
    }

    async fn carry_with(
        &self,
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
        &self,
        client: &reqwest::Client,
        request: reqwest::Request,
    ) -> Result<reqwest::Response, Error> {
        let bound = self.limits.requests;
        let counted = self
            .requests
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |made| (made < bound).then_some(made + 1));
        counted.map_err(|_| self.too_many())?;
        #[cfg(feature = "fuzzing")]
        if let Some(wire) = &mut *self.wire.lock().unwrap_or_else(std::sync::PoisonError::into_inner) {
            return Ok(wire(request));
        }
        client.execute(request).await.map_err(why)
    }

    fn may_ask(&self) -> Result<(), Error> {
        if self.requests() >= self.limits.requests { Err(self.too_many()) } else { Ok(()) }
    }

    fn too_many(&self) -> Error {
        Error::Denied(format!("a call may make {} requests", self.limits.requests))
    }
}
