//! A stream of server-sent events that the host opens for a connector and keeps: by the same way out as its requests,
//! with the same credentials, and with bounds of its own.

mod events;

use std::sync::Arc;
use std::time::Duration;

use handover_credentials::Credential;
use handover_handoff::Timestamp;
use handover_handoff::delivery::{Failure, FailureReason, RetryAdvice};
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use reqwest::{Response, StatusCode};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use crate::bindings::exports::handover::connector::feed::Subscription;
use crate::call::Caller;
use crate::config::GrantedCredential;
use crate::error::CallError;
use crate::imports::http as sending;
pub(crate) use events::Events;

pub use events::Frame;

/// How long until the vendor has answered.
const OPENING: Duration = Duration::from_secs(20);

/// A stream on which nothing at all comes for so long, not even a comment, is taken for broken.
const SILENCE: Duration = Duration::from_secs(90);

/// What a stream is told by.
const EVENT_STREAM: &str = "text/event-stream";

/// An open stream. Dropped, its connection is closed and its place free.
pub struct Frames {
    response: Response,
    events: Events,
    /// When it is taken for broken.
    silent: Instant,
    _place: OwnedSemaphorePermit,
}

impl Frames {
    /// The next frame. Whoever stops waiting loses nothing.
    ///
    /// # Errors
    /// Why there is none any more.
    pub async fn next(&mut self) -> Result<Frame, CallError> {
        loop {
            if let Some(frame) = self.events.next().map_err(CallError::OverLimit)? {
                return Ok(frame);
            }
            match tokio::time::timeout_at(self.silent, self.response.chunk()).await {
                Ok(Ok(Some(chunk))) => {
                    self.silent = Instant::now() + SILENCE;
                    self.events.add(&chunk);
                }
                Ok(Ok(None)) => return Err(unavailable("the vendor ended the stream".to_owned())),
                Ok(Err(error)) => return Err(unavailable(sending::words(error))),
                Err(_) => {
                    return Err(unavailable(format!("nothing came for {} s", SILENCE.as_secs())));
                }
            }
        }
    }
}

impl std::fmt::Debug for Frames {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Frames").finish_non_exhaustive()
    }
}

impl Caller {
    /// Opens what a connector subscribes to.
    pub(crate) async fn subscribe(
        &self,
        subscription: Subscription,
        now: Timestamp,
    ) -> Result<Frames, CallError> {
        // A connection is kept for each: where there is no place for one more, the session is polled.
        let place = Arc::clone(&self.gate.streams).try_acquire_owned();
        let place = place.map_err(|_| CallError::Busy(crate::call::STREAMS))?;
        let opening = self.open(subscription, now);
        let response = tokio::time::timeout(OPENING, opening).await;
        let response =
            response.map_err(|_| unavailable(format!("no answer within {} s", OPENING.as_secs())))??;
        let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
        if response.status() != StatusCode::OK || !kind.starts_with(EVENT_STREAM) {
            return Err(no_stream(response.status(), kind));
        }
        let events = Events::new(self.limits.result);
        Ok(Frames { response, events, silent: Instant::now() + SILENCE, _place: place })
    }

    async fn open(&self, subscription: Subscription, now: Timestamp) -> Result<Response, CallError> {
        let upstream = &subscription.upstream;
        let wanted = subscription.request;
        let plain = sending::plain(&self.egress, &self.credentials, &self.limits, upstream, wanted);
        let sending::Plain { client, mut request, credential } = plain.map_err(denied)?;
        request.headers_mut().entry(ACCEPT).or_insert(HeaderValue::from_static(EVENT_STREAM));
        let Some(GrantedCredential { kind, credential }) = credential else {
            return client.execute(request).await.map_err(|e| unavailable(sending::words(e)));
        };
        let again = request.try_clone();
        let response = signed(&client, request, &credential, now).await?;
        match again {
            // A token that was good may be so no more.
            Some(again) if response.status() == StatusCode::UNAUTHORIZED && kind.is_renewable() => {
                credential.refused().await;
                drop(response);
                signed(&client, again, &credential, now).await
            }
            _ => Ok(response),
        }
    }
}

async fn signed(
    client: &reqwest::Client,
    mut request: reqwest::Request,
    credential: &Credential,
    now: Timestamp,
) -> Result<Response, CallError> {
    let applied = credential.apply(&mut request, now.0).await;
    applied.map_err(|e| unavailable(format!("no credential: {e}")))?;
    client.execute(request).await.map_err(|e| unavailable(sending::words(e)))
}

fn unavailable(detail: String) -> CallError {
    failed(FailureReason::Unavailable, detail)
}

fn denied(error: crate::bindings::handover::connector::http::Error) -> CallError {
    use crate::bindings::handover::connector::http::Error;
    match error {
        Error::Unreachable(why) | Error::TimedOut(why) | Error::Broken(why) => unavailable(why),
        Error::Denied(why) => failed(FailureReason::Denied, why),
        Error::TooLarge(why) => failed(FailureReason::TooLarge, why),
    }
}

fn no_stream(status: StatusCode, kind: &str) -> CallError {
    let kind = crate::convert::short(kind);
    failed(
        FailureReason::Rejected,
        format!("the vendor answered {} {kind}, which is no stream", status.as_u16()),
    )
}

fn failed(reason: FailureReason, detail: String) -> CallError {
    CallError::Failed(Failure { reason, retry: RetryAdvice::Safe(None), detail })
}
