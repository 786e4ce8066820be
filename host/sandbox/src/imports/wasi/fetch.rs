//! `wasi:http/outgoing-handler`: JavaScript's `fetch` and its like, on the very way that `http.send` goes.
//!
//! A guest names an upstream where others name a host, e.g. `http://api/v2/chats`, or spells an address at or below
//! an upstream's base address, where its library makes addresses of its own. Everything else is denied. Bodies are
//! held whole, within the bounds of `http.send`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use tokio::sync::Semaphore;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

use super::super::wit::http::{Error as Refused, Method, Request, Response};
use super::super::wit::log::Level;
use super::super::wit::types::Attribute;
use super::super::{Outgoing, SharedJournal, journal};
use crate::egress::Place;

/// Exchanges of one instance that are under way at the same time; further ones wait.
const AT_ONCE: usize = 4;

/// What a guest may write to a request's body at once, in bytes.
const CHUNK: usize = 64 << 10;

/// One instance's requests.
pub(super) struct Fetch {
    journal: SharedJournal,
    out: Arc<Outgoing>,
    /// Requests that this call has begun, denied ones included.
    begun: u32,
    held: Arc<Held>,
}

/// What the host holds for them.
struct Held {
    bytes: AtomicUsize,
    under_way: AtomicU32,
    places: Semaphore,
}

impl Fetch {
    pub(super) fn new(journal: SharedJournal, out: Arc<Outgoing>) -> Self {
        let held = Held {
            bytes: AtomicUsize::new(0),
            under_way: AtomicU32::new(0),
            places: Semaphore::new(AT_ONCE),
        };
        Self { journal, out, begun: 0, held: Arc::new(held) }
    }

    pub(super) fn turn_over(&mut self, out: Arc<Outgoing>) {
        self.out = out;
        self.begun = 0;
    }

    pub(super) fn is_quiet(&self) -> bool {
        self.held.under_way.load(Ordering::Acquire) == 0 && self.held.bytes.load(Ordering::Acquire) == 0
    }
}

/// A request that is under way, until it is dropped.
struct UnderWay(Arc<Held>);

impl UnderWay {
    fn new(held: &Arc<Held>) -> Self {
        held.under_way.fetch_add(1, Ordering::AcqRel);
        Self(Arc::clone(held))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::AcqRel);
    }
}

/// A body in the host's memory, counted until it is dropped.
struct Kept {
    body: Vec<u8>,
    counted: usize,
    held: Arc<Held>,
}

impl Kept {
    fn new(held: &Arc<Held>) -> Self {
        Self { body: Vec::new(), counted: 0, held: Arc::clone(held) }
    }

    /// Counts so many bytes more; not, where the instance's bodies would exceed `bound` together.
    fn count(&mut self, bytes: usize, bound: usize) -> bool {
        let counted = self.held.bytes.fetch_update(Ordering::AcqRel, Ordering::Acquire, |now| {
            now.checked_add(bytes).filter(|sum| *sum <= bound)
        });
        self.counted += counted.map_or(0, |_| bytes);
        counted.is_ok()
    }
}

impl AsRef<[u8]> for Kept {
    fn as_ref(&self) -> &[u8] {
        &self.body
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.held.bytes.fetch_sub(self.counted, Ordering::AcqRel);
    }
}

type Sending = Box<dyn Future<Output = Result<(http::Response<WasiBody>, Tail), Error>> + Send>;
type Tail = Box<dyn Future<Output = Result<(), Error>> + Send>;

impl WasiHttpHooks for Fetch {
    fn set_host_header(&mut self) -> bool {
        false
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        CHUNK
    }

    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Tail,
    ) -> Sending {
        self.begun = self.begun.saturating_add(1);
        let (out, log, held) = (Arc::clone(&self.out), Arc::clone(&self.journal), Arc::clone(&self.held));
        let too_many = self.begun > out.limits.requests;
        let under_way = UnderWay::new(&held);
        Box::new(async move {
            let _under_way = under_way;
            let target = target(request.uri());
            let denied = |why: &str| {
                journal(&log).write(Level::Warn, &format!("the request to {target} was denied: {why}"));
                Error::HttpRequestDenied
            };
            if too_many {
                return Err(denied(&format!("a call may make {} requests", out.limits.requests)));
            }
            let place = place(&out, request.uri()).map_err(|why| denied(&why))?;
            let (request, _kept) = ours(request, options, &place, &out, &held).await?;
            let Ok(_place) = held.places.acquire().await else { return Err(Error::HttpRequestDenied) };
            let response = out.send(&place.upstream, request).await.map_err(|refused| match refused {
                Refused::Denied(why) => denied(&why),
                other => {
                    let (error, why) = theirs(other);
                    journal(&log).write(Level::Debug, &format!("the request to {target} failed: {why}"));
                    error
                }
            })?;
            Ok((answered(response, &out, &held)?, Box::new(async { Ok(()) }) as Tail))
        })
    }
}

/// Without path and query, which may hold what belongs into no log.
fn target(uri: &http::Uri) -> String {
    let host = uri.authority().map_or("", |authority| authority.as_str());
    let host = host.rsplit('@').next().unwrap_or_default();
    format!("{}://{host}", uri.scheme_str().unwrap_or_default())
}

fn place(out: &Outgoing, uri: &http::Uri) -> Result<Place, String> {
    match &out.egress {
        Some(egress) => egress.place(uri),
        None => Err("this call may not reach anything".to_owned()),
    }
}

/// In the contract's words, and what its body is counted by.
async fn ours(
    request: http::Request<WasiBody>,
    options: Option<RequestOptions>,
    place: &Place,
    out: &Outgoing,
    held: &Arc<Held>,
) -> Result<(Request, Kept), Error> {
    let (parts, mut given) = request.into_parts();
    let method = match parts.method.as_str() {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "PATCH" => Method::Patch,
        "DELETE" => Method::Delete,
        _ => return Err(Error::HttpRequestMethodInvalid),
    };
    let limits = &out.limits;
    let mut kept = Kept::new(held);
    while let Some(frame) = given.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        if kept.body.len() + data.len() > limits.request
            || !kept.count(data.len(), limits.request.saturating_add(limits.response))
        {
            return Err(Error::HttpRequestBodySize(u64::try_from(limits.request).ok()));
        }
        kept.body.extend_from_slice(&data);
    }
    let mut headers = Vec::with_capacity(parts.headers.len());
    for (name, value) in &parts.headers {
        // The host says it itself, of the body that it has.
        if *name == http::header::CONTENT_LENGTH {
            continue;
        }
        let value = value.to_str().map_err(|_| Error::HttpRequestDenied)?;
        headers.push(Attribute { name: name.as_str().to_owned(), value: value.to_owned() });
    }
    let patience = options.and_then(|options| options.first_byte_timeout);
    let request = Request {
        method,
        path: place.path.clone(),
        host: place.host.clone(),
        headers,
        body: std::mem::take(&mut kept.body),
        timeout: patience.and_then(|patience| u32::try_from(patience.as_millis()).ok()),
    };
    Ok((request, kept))
}

fn answered(response: Response, out: &Outgoing, held: &Arc<Held>) -> Result<http::Response<WasiBody>, Error> {
    let mut kept = Kept::new(held);
    if !kept.count(response.body.len(), out.limits.request.saturating_add(out.limits.response)) {
        return Err(Error::HttpResponseBodySize(u64::try_from(response.body.len()).ok()));
    }
    kept.body = response.body;
    let body = Full::new(Bytes::from_owner(kept)).map_err(|never| match never {}).boxed_unsync();
    let mut answer = http::Response::builder().status(response.status);
    for header in &response.headers {
        answer = answer.header(&header.name, &header.value);
    }
    answer.body(body).map_err(|_| Error::HttpProtocolError)
}

fn theirs(refused: Refused) -> (Error, String) {
    match refused {
        Refused::Unreachable(why) => (Error::DestinationUnavailable, why),
        Refused::TimedOut(why) => (Error::HttpResponseTimeout, why),
        Refused::Broken(why) => (Error::ConnectionTerminated, why),
        Refused::TooLarge(why) => (Error::HttpResponseBodySize(None), why),
        Refused::Denied(why) => (Error::HttpRequestDenied, why),
    }
}
