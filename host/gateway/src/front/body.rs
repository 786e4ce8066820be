//! The body of a request: whole in memory before anything looks at it, up to a length, and not at a snail's pace.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use super::refuse;
use crate::config::FrontSection;

/// How long a body may take whatever its pace is: a connection has to get going.
const GRACE: Duration = Duration::from_secs(5);

/// A whole body, and the space in memory that it takes.
pub(super) struct Body {
    pub(super) bytes: Bytes,
    pub(super) space: Option<OwnedSemaphorePermit>,
}

/// Why a body was not read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    TooLong,
    TooSlow,
    NoSpace,
    BrokenOff,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Refusal::TooLong => refuse(StatusCode::PAYLOAD_TOO_LARGE, "the body is too long", None),
            Refusal::TooSlow => refuse(StatusCode::REQUEST_TIMEOUT, "the body came too slowly", None),
            Refusal::NoSpace => refuse(StatusCode::SERVICE_UNAVAILABLE, "too much at once", Some(1)),
            Refusal::BrokenOff => refuse(StatusCode::BAD_REQUEST, "the body broke off", None),
        }
    }
}

/// Reads a body. `space` is what all bodies together may take, `by` when the whole request has to be answered.
pub(super) async fn read(
    headers: &HeaderMap,
    mut body: Incoming,
    limits: &FrontSection,
    space: &Arc<Semaphore>,
    by: Instant,
) -> Result<Body, Refusal> {
    let most = limits.body_bytes.get();
    let told = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if told.is_some_and(|told| told > most as u64) {
        return Err(Refusal::TooLong);
    }
    if body.is_end_stream() {
        return Ok(Body { bytes: Bytes::new(), space: None });
    }
    let began = Instant::now();
    let by = by.min(began + Duration::from_millis(limits.body_ms.get()));
    let (mut bytes, mut taken) = (Vec::new(), None::<OwnedSemaphorePermit>);
    loop {
        let frame = timeout_at(by.min(began + due(bytes.len(), limits)), body.frame()).await;
        let frame = match frame {
            Ok(None) => return Ok(Body { bytes: bytes.into(), space: taken }),
            Ok(Some(Ok(frame))) => frame,
            Ok(Some(Err(_))) => return Err(Refusal::BrokenOff),
            Err(_) => return Err(Refusal::TooSlow),
        };
        // Trailers say nothing that anybody here wants to know.
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len() + data.len() > most {
            return Err(Refusal::TooLong);
        }
        let length = u32::try_from(data.len()).map_err(|_| Refusal::TooLong)?;
        let further = Arc::clone(space).try_acquire_many_owned(length).map_err(|_| Refusal::NoSpace)?;
        match &mut taken {
            Some(taken) => taken.merge(further),
            None => taken = Some(further),
        }
        bytes.extend_from_slice(&data);
    }
}

/// When the next bytes have to be here, from the body's beginning, where so many have come.
fn due(come: usize, limits: &FrontSection) -> Duration {
    let pace = u64::from(limits.body_bytes_per_second.get());
    GRACE + Duration::from_millis((come as u64).saturating_mul(1000) / pace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_buys_time_at_the_pace_that_is_asked_for() {
        let limits = FrontSection::default();
        assert_eq!(due(0, &limits), GRACE);
        assert_eq!(due(10 * 1024, &limits), GRACE + Duration::from_secs(10));
    }
}
