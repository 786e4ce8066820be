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
use handover_handoff::event::{self, Verdict};
use handover_handoff::policy::Env;
use handover_handoff::vendor::Event;
use handover_sandbox::{Answer, CallbackRequest, Generation, Happening, MapError, MappedEvent};
use handover_store::{Once, StoreError, Subject, decide};
use serde_json::json;

use crate::config::with_slash;
use crate::gateway::Gateway;
use crate::{clock, typing};

/// How long an event may wait for a start that is under way: it may be about the very conversation that the vendor
/// is just telling us of.
const START_RACE: Duration = Duration::from_secs(2);

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
    if let Err((status, why)) = route(&connector, path, &method) {
        return refuse(status, why);
    }
    let request = CallbackRequest {
        method: method.as_str().to_owned(),
        url: public(gateway, uri),
        path: path.to_owned(),
        headers: headers
            .iter()
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
            .collect(),
        body: body.into(),
        received: clock::now(),
    };
    let mapped = match connector.map(request).await {
        Ok(mapped) => mapped,
        Err(MapError::Malformed(why)) => return refuse(StatusCode::BAD_REQUEST, &why),
        Err(error @ (MapError::Unmapped(_) | MapError::Call(_))) => {
            tracing::warn!(connector = name, version = connector.description().version, reason = %error,
                "a callback was not read");
            return later("the connector cannot read this now");
        }
    };
    let mut verdicts = Vec::with_capacity(mapped.events.len());
    for happened in mapped.events {
        match settle(gateway, name, happened).await {
            Ok(verdict) => verdicts.push(verdict),
            Err(error) => {
                tracing::error!(connector = name, reason = %error, "a callback could not be kept");
                return later("it could not be kept");
            }
        }
    }
    if verdicts.is_empty() || verdicts.contains(&Verdict::Accepted) {
        return match mapped.answer {
            Some(answer) => exactly(answer),
            None => (StatusCode::OK, axum::Json(json!({ "status": "accepted" }))).into_response(),
        };
    }
    match mapped.answer_when_closed {
        Some(answer) => exactly(answer),
        None if verdicts.contains(&Verdict::Closed) => refuse(StatusCode::GONE, "the conversation has ended"),
        None => refuse(StatusCode::NOT_FOUND, "no such conversation"),
    }
}

fn route(connector: &Generation, path: &str, method: &Method) -> Result<(), (StatusCode, &'static str)> {
    let mut routes = connector.description().callbacks.iter().filter(|route| route.takes(path)).peekable();
    if routes.peek().is_none() {
        return Err((StatusCode::NOT_FOUND, "the connector has no such callback"));
    }
    if routes.any(|route| route.methods.iter().any(|allowed| allowed == method.as_str())) {
        return Ok(());
    }
    Err((StatusCode::METHOD_NOT_ALLOWED, "the callback takes another method"))
}

/// Commits one event; what it was taken for before is a duplicate and counts as accepted.
async fn settle(gateway: &Arc<Gateway>, name: &str, happened: MappedEvent) -> Result<Verdict, StoreError> {
    let subject = Subject::LookupKey { connector: name.to_owned(), key: happened.lookup_key.clone() };
    let event = match happened.happening {
        Happening::Event(event) => *event,
        Happening::Typing(on) => return typing::of_agent(gateway, subject, on).await,
    };
    let once = happened
        .dedupe_id
        .map(|id| Once { scope: format!("vendor/{name}/{}", happened.lookup_key), key: id });
    let verdict = commit(gateway, subject.clone(), once.clone(), event.clone()).await?;
    if verdict == Verdict::Unknown && gateway.starts.next(START_RACE).await {
        return commit(gateway, subject, once, event).await;
    }
    Ok(verdict)
}

async fn commit(
    gateway: &Arc<Gateway>,
    subject: Subject,
    once: Option<Once>,
    event: Event,
) -> Result<Verdict, StoreError> {
    let now = clock::now();
    let policy = gateway.policy.clone();
    let decided = decide(&*gateway.store, subject, once, now, move |session| {
        event::decide(session, &event, Env { now, policy: &policy })
    });
    Ok(decided.await?.map_or(Verdict::Accepted, |(verdict, _)| verdict))
}

/// The address as the vendor used it.
fn public(gateway: &Gateway, uri: &Uri) -> String {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    format!("{}{}", with_slash(&gateway.public_url), path.trim_start_matches('/'))
}

fn exactly(answer: Answer) -> Response {
    // Anything else is no answer to a request that was taken.
    let final_status = Some(answer.status).filter(|status| (200..600).contains(status));
    let status = final_status.and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or(StatusCode::OK);
    let mut response = (status, answer.body).into_response();
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_TYPE);
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.append(name, value);
        }
    }
    response
}

fn refuse(status: StatusCode, why: &str) -> Response {
    (status, axum::Json(json!({ "error": why }))).into_response()
}

/// Our own trouble: the vendor keeps the event and comes again.
fn later(why: &str) -> Response {
    let mut response = refuse(StatusCode::SERVICE_UNAVAILABLE, why);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    response
}
