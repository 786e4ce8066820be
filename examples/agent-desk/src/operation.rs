//! The vendor's operations: each request of the gateway's is logged, and meets the fault that is set for it.

use std::time::Duration;

use axum::{
    Json,
    body::{Body, Bytes, HttpBody, to_bytes},
    extract::{ConnectInfo, Request},
    http::{HeaderValue, StatusCode, header, request::Parts},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::MethodRouter,
};

use crate::{
    connection::Hangup,
    desk::Desk,
    faults::{Fault, Kind},
    wire::Way,
};

/// Largest body that is taken.
const MOST_BODY: usize = 64 * 1024 * 1024;
/// Largest answer that the wire log looks at.
const MOST_ANSWER: u64 = 256 * 1024;
/// Longest that anything is held or late.
const LONGEST: Duration = Duration::from_secs(600);

impl Desk {
    /// Makes a route an operation of this name: one or a few words for what the gateway wants, such as
    /// `start.create-user`, `send`, `end`. All its methods are the same operation.
    pub fn operation<S>(&self, name: &'static str, route: MethodRouter<S>) -> MethodRouter<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        self.operation_by(move |_, _| name, route)
    }

    /// The same where only the request tells which operation it is: one path for everything.
    pub fn operation_by<S, N>(&self, name: N, route: MethodRouter<S>) -> MethodRouter<S>
    where
        S: Clone + Send + Sync + 'static,
        N: Fn(&Parts, &[u8]) -> &'static str + Clone + Send + Sync + 'static,
    {
        let desk = self.clone();
        route.layer(middleware::from_fn(move |request: Request, next: Next| {
            let (desk, name) = (desk.clone(), name.clone());
            async move { desk.serve_one(name, request, next).await }
        }))
    }

    async fn serve_one(
        &self,
        name: impl Fn(&Parts, &[u8]) -> &'static str,
        request: Request,
        next: Next,
    ) -> Response {
        let (parts, body) = request.into_parts();
        let Ok(body) = to_bytes(body, MOST_BODY).await else {
            return StatusCode::PAYLOAD_TOO_LARGE.into_response();
        };
        let operation = name(&parts, &body);
        let call = (parts.method.as_str(), &parts.uri);
        let number = self.wire().note(Way::FromGateway, operation, call, &parts.headers, &body);
        let fault = self.faults().meet(operation);
        if let Some(fault) = &fault {
            self.push_state();
            self.wire().met(number, word(fault));
        }
        let hangup = parts.extensions.get::<ConnectInfo<Hangup>>().map(|ConnectInfo(hangup)| hangup.clone());
        let go_on = next.run(Request::from_parts(parts, Body::from(body)));
        let response = match &fault {
            None => go_on.await,
            Some(fault) if fault.fault == Kind::Slow => {
                let late = Duration::from_millis(fault.ms.unwrap_or_default());
                if fault.after {
                    let response = tokio::spawn(go_on).await;
                    self.pause(late).await;
                    response.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
                } else {
                    self.pause(late).await;
                    go_on.await
                }
            }
            Some(fault) => {
                if fault.after {
                    // It must have its effect even where the caller gives up meanwhile.
                    let effect = tokio::spawn(go_on);
                    let _ = effect.await;
                }
                match self.disturb(fault, hangup).await {
                    Some(response) => response,
                    // The connection goes without an answer; what is returned is never sent.
                    None => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
                }
            }
        };
        self.note_answer(number, response).await
    }

    /// The answer instead of the vendor's; none where there is to be none.
    async fn disturb(&self, fault: &Fault, hangup: Option<Hangup>) -> Option<Response> {
        if fault.fault == Kind::Status {
            let status = fault.status.unwrap_or(500);
            let body = fault.body.clone().unwrap_or_else(|| (self.inner.error_body)(status));
            let code = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let mut response = (code, Json(body)).into_response();
            if let Some(seconds) = fault.retry_after {
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            }
            return Some(response);
        }
        if fault.fault == Kind::Hold {
            self.pause(LONGEST).await;
        }
        if let Some(hangup) = hangup {
            hangup.hang_up();
        }
        None
    }

    /// A server that stops does not wait either.
    async fn pause(&self, how_long: Duration) {
        let _ = tokio::time::timeout(how_long.min(LONGEST), self.inner.stop.cancelled()).await;
    }

    /// An answer without a known end, such as a stream of events, is left alone.
    async fn note_answer(&self, number: u64, response: Response) -> Response {
        let (parts, body) = response.into_parts();
        let status = parts.status.as_u16();
        if body.size_hint().exact().is_none_or(|size| size > MOST_ANSWER) {
            self.wire().answered(number, status, &parts.headers, &[]);
            return Response::from_parts(parts, body);
        }
        let bytes = to_bytes(body, usize::MAX).await.unwrap_or_else(|_| Bytes::new());
        self.wire().answered(number, status, &parts.headers, &bytes);
        Response::from_parts(parts, Body::from(bytes))
    }
}

/// The fault in the wire log.
fn word(fault: &Fault) -> &'static str {
    match (fault.fault, fault.after) {
        (Kind::Status, false) => "status",
        (Kind::Status, true) => "status after",
        (Kind::Hold, false) => "hold",
        (Kind::Hold, true) => "hold after",
        (Kind::Reset, false) => "reset",
        (Kind::Reset, true) => "reset after",
        (_, false) => "slow",
        (_, true) => "slow after",
    }
}
