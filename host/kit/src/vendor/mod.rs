//! The scripted vendor: a server on loopback that takes what the scenario says, in its order, and spoils what it is
//! told to spoil. Who decides on the answers may be somebody else: [`listen`].

mod script;

use std::convert::Infallible;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

pub(crate) use script::{Asked, Fault, Played, Reply, Script, clip, differences, takes, usual};

use crate::KitError;

/// The token that the vendor hands out to credentials that live on such.
pub(crate) const TOKEN: &str = "kit-minted-access-token";

/// Upstreams lie below this; the next part is the upstream's name.
const MOUNT: &str = "/upstream/";

/// Where tokens are handed out.
const TOKENS: &str = "/token";

/// The vendor.
#[derive(Clone)]
pub(crate) struct Vendor {
    base: String,
    script: Arc<Mutex<Script>>,
    other: Arc<OnceLock<Answering>>,
}

impl Vendor {
    pub(crate) async fn open() -> Result<Self, KitError> {
        let script = Arc::<Mutex<Script>>::default();
        let other = Arc::<OnceLock<Answering>>::default();
        let (played, instead) = (Arc::clone(&script), Arc::clone(&other));
        let reply = move |asked| match instead.get() {
            Some(answering) => answering(asked),
            None => played.lock().unwrap_or_else(PoisonError::into_inner).reply(asked),
        };
        Ok(Self { base: listen(Arc::new(reply)).await?, script, other })
    }

    /// Has somebody else answer from now on, whatever is played.
    pub(crate) fn answer_by(&self, answering: Answering) {
        // The first one stays.
        drop(self.other.set(answering));
    }

    /// The address of an upstream.
    pub(crate) fn upstream(&self, name: &str, base_path: &str) -> String {
        upstream(&self.base, name, base_path)
    }

    pub(crate) fn token_url(&self) -> String {
        token_url(&self.base)
    }

    /// Plays this from now on.
    pub(crate) fn play(&self, script: Script) {
        *self.script.lock().unwrap_or_else(PoisonError::into_inner) = script;
    }

    /// What has been played since.
    pub(crate) fn played(&self) -> Played {
        self.script.lock().unwrap_or_else(PoisonError::into_inner).played()
    }
}

/// Who answers a vendor's requests.
pub(crate) type Answering = Arc<dyn Fn(Asked) -> Reply + Send + Sync>;

/// Listens on loopback for as long as the process lives; the address, without a slash at its end.
pub(crate) async fn listen(answering: Answering) -> Result<String, KitError> {
    let machine = |e: std::io::Error| KitError::Machine(format!("no server on loopback: {e}"));
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(machine)?;
    let base = format!("http://{}", listener.local_addr().map_err(machine)?);
    tokio::spawn(serve(listener, answering));
    Ok(base)
}

/// The address of an upstream of the vendor that listens there.
pub(crate) fn upstream(base: &str, name: &str, base_path: &str) -> String {
    format!("{base}{MOUNT}{name}/{}", base_path.trim_matches('/'))
}

/// Where that vendor hands out tokens.
pub(crate) fn token_url(base: &str) -> String {
    format!("{base}{TOKENS}")
}

async fn serve(listener: TcpListener, answering: Answering) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let answering = Arc::clone(&answering);
        tokio::spawn(async move {
            let service = service_fn(move |request| respond(Arc::clone(&answering), request));
            // A connection that breaks is a fault that was asked for.
            drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
        });
    }
}

/// The answer; an error breaks the connection.
async fn respond(answering: Answering, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Broken> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Broken)?.to_bytes();
    if head.uri.path() == TOKENS {
        let token = format!(r#"{{"access_token":"{TOKEN}","token_type":"Bearer","expires_in":3600}}"#);
        return Ok(json(token));
    }
    let path = head.uri.path_and_query().map_or("", |path| path.as_str());
    let below = path.strip_prefix(MOUNT).unwrap_or_default();
    let (upstream, path) = below.split_once('/').unwrap_or((below, ""));
    let headers = head.headers.iter();
    let asked = Asked {
        upstream: upstream.to_owned(),
        method: head.method.to_string(),
        path: format!("/{path}"),
        headers: headers
            .map(|(name, value)| {
                (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect(),
        body: body.to_vec(),
    };
    match answering(asked) {
        Reply::Break => Err(Broken),
        Reply::Hang => std::future::pending().await,
        Reply::Answer { status, headers, body } => {
            let mut response = Response::builder().status(status);
            for (name, value) in headers {
                response = response.header(name, value);
            }
            let empty = |_| {
                let mut response = Response::new(Full::default());
                *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
                response
            };
            Ok(response.body(Full::from(body)).unwrap_or_else(empty))
        }
    }
}

fn json(body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(body));
    let json = hyper::header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(hyper::header::CONTENT_TYPE, json);
    response
}

/// The connection breaks.
#[derive(Debug, thiserror::Error)]
#[error("the connection breaks, as the kit wants it")]
struct Broken;

impl From<Infallible> for Broken {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}
