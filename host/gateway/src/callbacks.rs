//! The callback edge: `/api/callbacks/{connector}[/…]`, and the sample's two aliases for `contoso`.
//!
//! A 2xx means durably accepted. The connector reads the request under a short deadline; the domain decides on each
//! event; the answer is what the vendor wants to hear.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use handover_handoff::Timestamp;
use handover_handoff::event::Told;
use handover_relay::{Happened, Heard};
use handover_sandbox::description::{CallbackRoute, Description};
use handover_sandbox::{Answer, CallError, CallbackRequest, Generation, Happening, MapError, MappedEvent};
use handover_store::{StoreError, Subject};
use serde_json::json;
use url::Url;

use crate::config::with_slash;
use crate::gateway::Gateway;
use crate::verification::{Came, NotTaken};
use crate::{clock, kept, typing};

/// What says where a message ends is the host's to say.
const FRAMING: [HeaderName; 4] =
    [header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::CONNECTION, header::UPGRADE];

/// How long a callback waits for what was kept before it to be read.
const CATCH_UP: Duration = Duration::from_secs(2);

/// `/api/livechat/messages` and `/api/messages/proactive`, as the sample's live chat calls them.
pub(crate) async fn contoso(
    State(gateway): State<Arc<Gateway>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    receive(&gateway, "contoso", "", method, &uri, &headers, body).await
}

/// `/api/callbacks/{connector}`
pub(crate) async fn mount(
    State(gateway): State<Arc<Gateway>>,
    Path(connector): Path<String>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    receive(&gateway, &connector, "", method, &uri, &headers, body).await
}

/// `/api/callbacks/{connector}/{path}`
pub(crate) async fn below(
    State(gateway): State<Arc<Gateway>>,
    Path((connector, path)): Path<(String, String)>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    receive(&gateway, &connector, &path, method, &uri, &headers, body).await
}

async fn receive(
    gateway: &Arc<Gateway>,
    name: &str,
    path: &str,
    method: Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: Bytes,
) -> Response {
    let Some(connector) = gateway.sandbox.connector(name) else {
        return refuse(StatusCode::NOT_FOUND, "no such connector");
    };
    let route = match route(connector.description(), path, &method) {
        Ok(route) => route,
        Err((status, why)) => return refuse(status, why),
    };
    let (url, received) = (public(&gateway.public_url, uri), clock::now());
    let came = Came { url: &url, headers, body: &body, now: received.0 };
    if let Err(not_taken) = gateway.callbacks.verify(name, route, &came).await {
        gateway.refusals.count(name, not_taken.rule(), &not_taken, received.0);
        return match not_taken {
            // Ours to mend: the vendor keeps the event and comes again.
            NotTaken::Certificate(_) => later("the signature could not be checked"),
            _ => refuse(StatusCode::UNAUTHORIZED, "the request is not verified"),
        };
    }
    // After whatever proves that it is the vendor who calls.
    if let Some(later) = gateway.overload.connector(name) {
        return later;
    }
    let request = told(&method, url, path, headers, body, received);
    // What was kept before comes first.
    match gateway.relay.caught_up(name, connector.digest(), CATCH_UP).await {
        Ok(true) => {}
        Ok(false) => return later("what came before is still being read"),
        Err(error) => {
            tracing::error!(connector = name, reason = %error, "a callback could not be kept");
            return later("it could not be kept");
        }
    }
    let mapped = match connector.map(request.clone()).await {
        Ok(mapped) => mapped,
        Err(MapError::Malformed(why)) => return refuse(StatusCode::BAD_REQUEST, &why),
        Err(MapError::Call(CallError::Busy(_))) => return later("too much at once"),
        Err(error) => return keep(gateway, name, &connector, &request, &error).await,
    };
    let mut verdicts = Vec::with_capacity(mapped.events.len());
    for happened in mapped.events {
        match settle(gateway, name, happened, received).await {
            Ok(verdict) => verdicts.push(verdict),
            Err(error) => {
                tracing::error!(connector = name, reason = %error, "a callback could not be kept");
                return later("it could not be kept");
            }
        }
    }
    if verdicts.contains(&Heard::Early) {
        // Those that were taken in are not taken in again when it comes again.
        return later("the conversation is just beginning");
    }
    if verdicts.is_empty() || verdicts.contains(&Heard::Accepted) {
        return match mapped.answer {
            Some(answer) => exactly(answer),
            None => accepted(),
        };
    }
    match mapped.answer_when_closed {
        Some(answer) => exactly(answer),
        None if verdicts.contains(&Heard::Closed) => refuse(StatusCode::GONE, "the conversation has ended"),
        None => refuse(StatusCode::NOT_FOUND, "no such conversation"),
    }
}

/// The request as the connector reads it.
pub(crate) fn told(
    method: &Method,
    url: String,
    path: &str,
    headers: &HeaderMap,
    body: Bytes,
    received: Timestamp,
) -> CallbackRequest {
    CallbackRequest {
        method: method.as_str().to_owned(),
        url,
        path: path.to_owned(),
        headers: headers
            .iter()
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
            .collect(),
        body: body.into(),
        received,
    }
}

pub(crate) fn route<'a>(
    connector: &'a Description,
    path: &str,
    method: &Method,
) -> Result<&'a CallbackRoute, (StatusCode, &'static str)> {
    let mut routes = connector.callbacks.iter().filter(|route| route.takes(path)).peekable();
    if routes.peek().is_none() {
        return Err((StatusCode::NOT_FOUND, "the connector has no such callback"));
    }
    routes
        .find(|route| route.methods.iter().any(|allowed| allowed == method.as_str()))
        .ok_or((StatusCode::METHOD_NOT_ALLOWED, "the callback takes another method"))
}

/// Takes one event in; what it was taken for before counts as accepted.
async fn settle(
    gateway: &Arc<Gateway>,
    name: &str,
    happened: MappedEvent,
    received: Timestamp,
) -> Result<Heard, StoreError> {
    match happened.happening {
        Happening::Event(event) => {
            let happened = Happened { key: happened.lookup_key, name: happened.dedupe_id, event: *event };
            gateway.relay.event(name, happened, Told { at: received, acknowledged: false }).await
        }
        Happening::Typing(on) => {
            let subject = Subject::LookupKey { connector: name.to_owned(), key: happened.lookup_key };
            typing::of_agent(gateway, subject, on).await
        }
    }
}

/// A broken connector loses nothing: what it cannot read is kept, acknowledged, and read again by its next version.
async fn keep(
    gateway: &Arc<Gateway>,
    name: &str,
    connector: &Generation,
    request: &CallbackRequest,
    error: &MapError,
) -> Response {
    let version = &connector.description().version;
    match kept::keep(&**gateway.relay.store(), name, connector.digest(), request, error).await {
        Ok(true) => {
            tracing::warn!(connector = name, version, reason = %error,
                "a callback could not be read; it is kept for the next version");
            accepted()
        }
        Ok(false) => {
            tracing::error!(
                connector = name,
                version,
                "too many callbacks are kept; install a version that reads them"
            );
            later("too much of this could not be read")
        }
        Err(error) => {
            tracing::error!(connector = name, reason = %error, "a callback could not be kept");
            later("it could not be kept")
        }
    }
}

fn accepted() -> Response {
    (StatusCode::OK, axum::Json(json!({ "status": "accepted" }))).into_response()
}

/// The address as the vendor used it.
pub(crate) fn public(base: &Url, uri: &Uri) -> String {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    format!("{}{}", with_slash(base), path.trim_start_matches('/'))
}

pub(crate) fn exactly(answer: Answer) -> Response {
    // Anything else is no answer to a request that was taken.
    let final_status = Some(answer.status).filter(|status| (200..600).contains(status));
    let status = final_status.and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or(StatusCode::OK);
    let mut response = (status, answer.body).into_response();
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_TYPE);
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value))
            && !FRAMING.contains(&name)
        {
            headers.append(name, value);
        }
    }
    response
}

pub(crate) fn refuse(status: StatusCode, why: &str) -> Response {
    (status, axum::Json(json!({ "error": why }))).into_response()
}

/// Our own trouble: the vendor keeps the event and comes again.
fn later(why: &str) -> Response {
    let mut response = refuse(StatusCode::SERVICE_UNAVAILABLE, why);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    response
}
