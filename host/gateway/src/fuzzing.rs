//! The callback edge from a connection's bytes to what a connector would read, and back, with neither store nor
//! connector behind it. For fuzz targets, and for nobody else.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::Response;
use axum::routing::any;
use axum::{Extension, Router};
use handover_credentials::Held;
use handover_sandbox::description::Description;
use handover_sandbox::{Answer, CallbackRequest};
use tokio::io::{AsyncRead, AsyncWrite};
use url::Url;

use crate::callbacks::{exactly, public, refuse, route, told};
use crate::clock;
use crate::config::Config;
use crate::front::{Caller, Front, Kind};
use crate::trust::CallbackKey;
use crate::verification::{Callbacks, Came};

/// Reads a callback in the place of a connector; also who has called.
pub type Connector = Box<dyn Fn(IpAddr, CallbackRequest) -> Answer + Send + Sync>;

/// The listener of vendors, without the listener.
pub struct Edge(Arc<Front>);

struct Behind {
    name: String,
    description: Description,
    callbacks: Callbacks,
    public_url: Url,
    connector: Connector,
}

impl Edge {
    /// One connector, which says this of itself and has these keys.
    pub fn new(
        config: &Config,
        description: Description,
        keys: BTreeMap<String, Held>,
        connector: Connector,
    ) -> Self {
        let keys = keys.into_iter().map(|(name, key)| (name, CallbackKey::Key(key, None))).collect();
        let name = description.name.clone();
        let callbacks = Callbacks::new(config, [(name.clone(), keys)].into());
        let public_url = config.public_url(config.gateway.listen);
        let behind = Arc::new(Behind { name, description, callbacks, public_url, connector });
        let routes = Router::new()
            .route("/api/callbacks/{connector}", any(mount))
            .route("/api/callbacks/{connector}/{*path}", any(below))
            .layer(DefaultBodyLimit::disable())
            .with_state(behind);
        Self(Front::new(Kind::Edges, routes, &config.limits))
    }

    /// Answers what comes on one connection until that ends.
    pub async fn converse(&self, stream: impl AsyncRead + AsyncWrite + Unpin, peer: SocketAddr) {
        self.0.converse(stream, peer).await;
    }
}

async fn mount(
    State(behind): State<Arc<Behind>>,
    Path(connector): Path<String>,
    Extension(caller): Extension<Caller>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    behind.take(caller, &connector, "", method, &uri, &headers, body).await
}

async fn below(
    State(behind): State<Arc<Behind>>,
    Path((connector, path)): Path<(String, String)>,
    Extension(caller): Extension<Caller>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    behind.take(caller, &connector, &path, method, &uri, &headers, body).await
}

impl Behind {
    #[allow(clippy::too_many_arguments, reason = "a request's parts, as the edge itself takes them")]
    async fn take(
        &self,
        caller: Caller,
        name: &str,
        path: &str,
        method: Method,
        uri: &Uri,
        headers: &HeaderMap,
        body: Bytes,
    ) -> Response {
        if name != self.name {
            return refuse(StatusCode::NOT_FOUND, "no such connector");
        }
        let route = match route(&self.description, path, &method) {
            Ok(route) => route,
            Err((status, why)) => return refuse(status, why),
        };
        let (url, received) = (public(&self.public_url, uri), clock::now());
        let came = Came { url: &url, headers, body: &body, now: received.0 };
        if self.callbacks.verify(name, route, &came).await.is_err() {
            return refuse(StatusCode::UNAUTHORIZED, "the request is not verified");
        }
        exactly((self.connector)(caller.0, told(&method, url, path, headers, body, received)))
    }
}
