//! A door that hands everything on as it is, and remembers what went through.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use handover_kit::record::{Called, Heard};
use tokio::net::TcpListener;
use url::Url;

use super::super::page;
use super::Tape;
use crate::config::with_slash;

/// The largest body that goes through.
const LARGEST: usize = 64 << 20;

/// What belongs to one connection only.
const HOP: [HeaderName; 5] =
    [header::CONNECTION, header::TRANSFER_ENCODING, header::CONTENT_LENGTH, header::HOST, header::UPGRADE];

#[derive(Clone)]
struct Upstreams {
    lead_to: Arc<BTreeMap<String, Url>>,
    tape: Tape,
    http: reqwest::Client,
}

/// Stands before all upstreams, each below its name; where.
///
/// # Errors
/// Nothing can listen on loopback.
pub(super) async fn before_upstreams(
    lead_to: BTreeMap<String, Url>,
    tape: Tape,
) -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let addr = listener.local_addr()?;
    let shared = Upstreams { lead_to: Arc::new(lead_to), tape, http: client()? };
    page::serve(listener, Router::new().fallback(to_upstream).with_state(shared));
    Ok(addr)
}

async fn to_upstream(State(shared): State<Upstreams>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let whole = head.uri.path_and_query().map_or("/", |path| path.as_str()).trim_start_matches('/');
    let (name, path) = whole.split_once('/').unwrap_or((whole, ""));
    let Some(base) = shared.lead_to.get(name) else { return StatusCode::NOT_FOUND.into_response() };
    let Ok(body) = to_bytes(body, LARGEST).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let url = format!("{}{path}", with_slash(base));
    let asked = shared.http.request(head.method.clone(), url).headers(through(&head.headers));
    let (status, headers, answer) = match handed(asked.body(body.clone())).await {
        Handed::Whole(status, headers, answer) => (status, headers, answer),
        // It goes on for as long as it lasts: nothing that an exchange could tell.
        Handed::Flowing(response) => return response,
        Handed::Broken => return StatusCode::BAD_GATEWAY.into_response(),
    };
    shared.tape.add(|tape| {
        tape.exchanges.push(Heard {
            upstream: name.to_owned(),
            method: head.method.to_string(),
            path: format!("/{path}"),
            body: body.to_vec(),
            status: status.as_u16(),
            answer_headers: told(&headers),
            answer: answer.to_vec(),
        });
    });
    (status, headers, answer).into_response()
}

/// The door before the gateway. It is there before the gateway is.
pub(super) struct Door {
    addr: SocketAddr,
    listener: Mutex<Option<TcpListener>>,
}

#[derive(Clone)]
struct Gateway {
    base: String,
    /// What callbacks' paths begin with.
    mounts: Arc<Vec<String>>,
    tape: Tape,
    http: reqwest::Client,
}

impl Door {
    pub(super) async fn open(addr: SocketAddr) -> anyhow::Result<Self> {
        let listener = page::bind(addr).await?;
        Ok(Self { addr: listener.local_addr()?, listener: Mutex::new(Some(listener)) })
    }

    pub(super) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Lets callers through to the gateway from now on.
    pub(super) fn lead_to(&self, gateway: SocketAddr, connector: &str, tape: Tape) {
        let listener = self.listener.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (Some(listener), Ok(http)) = (listener, client()) else { return };
        let mut mounts = vec![format!("/api/callbacks/{connector}")];
        if connector == "contoso" {
            // As the sample's live chat calls it.
            mounts.extend(["/api/livechat/messages", "/api/messages/proactive"].map(str::to_owned));
        }
        let shared = Gateway { base: format!("http://{gateway}"), mounts: Arc::new(mounts), tape, http };
        // Anybody may call here who may call the gateway.
        let routes = Router::new().fallback(to_gateway).with_state(shared);
        tokio::spawn(async move { axum::serve(listener, routes).await });
    }
}

async fn to_gateway(State(shared): State<Gateway>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let whole = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let Ok(body) = to_bytes(body, LARGEST).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let url = format!("{}{whole}", shared.base);
    let asked = shared.http.request(head.method.clone(), url).headers(through(&head.headers));
    let (status, headers, answer) = match handed(asked.body(body.clone())).await {
        Handed::Whole(status, headers, answer) => (status, headers, answer),
        Handed::Flowing(response) => return response,
        Handed::Broken => return StatusCode::BAD_GATEWAY.into_response(),
    };
    let (path, query) = whole.split_once('?').unwrap_or((whole, ""));
    let below = shared.mounts.iter().find_map(|mount| path.strip_prefix(mount.as_str()));
    let below = below.filter(|below| below.is_empty() || below.starts_with('/'));
    // What the gateway did not take for the vendor's is none of its words.
    if let Some(below) = below.filter(|_| status.is_success()) {
        shared.tape.add(|tape| {
            tape.callbacks.push(Called {
                method: head.method.to_string(),
                path: below.trim_start_matches('/').to_owned(),
                query: query.to_owned(),
                headers: told(&head.headers),
                body: body.to_vec(),
            });
        });
    }
    (status, headers, answer).into_response()
}

/// What became of a request.
enum Handed {
    Whole(StatusCode, HeaderMap, Bytes),
    /// A stream of events.
    Flowing(Response),
    Broken,
}

async fn handed(asked: reqwest::RequestBuilder) -> Handed {
    let Ok(answer) = asked.send().await else { return Handed::Broken };
    let (status, headers) = (answer.status(), through(answer.headers()));
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.starts_with("text/event-stream") {
        return Handed::Flowing((status, headers, Body::from_stream(answer.bytes_stream())).into_response());
    }
    match answer.bytes().await {
        Ok(bytes) => Handed::Whole(status, headers, bytes),
        Err(_) => Handed::Broken,
    }
}

fn client() -> anyhow::Result<reqwest::Client> {
    Ok(reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?)
}

fn through(headers: &HeaderMap) -> HeaderMap {
    let mut through = headers.clone();
    HOP.iter().for_each(|name| drop(through.remove(name)));
    through
}

fn told(headers: &HeaderMap) -> Vec<(String, String)> {
    let told =
        headers.iter().filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())));
    told.collect()
}
