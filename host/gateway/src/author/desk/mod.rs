//! The live agent's page of `handover connector run`: what the scenario's vendor was asked, as it comes, and a button
//! for each callback that it can send.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use handover_kit::rehearsal::{NotOffered, Prepared, Rehearsal};
use handover_sandbox::Sandbox;
use serde::Deserialize;
use serde_json::{Value, json};

use super::page;

/// How long the gateway may take to answer a callback.
const PATIENCE: Duration = Duration::from_secs(30);

/// Who sends callbacks, and where to.
#[derive(Clone)]
pub(super) struct Desk {
    pub(super) vendor: Rehearsal,
    pub(super) sandbox: Arc<Sandbox>,
    /// The connector's name.
    pub(super) name: String,
    /// The connector's public address: what is signed.
    pub(super) mount: String,
    /// The same on this machine: where it goes.
    pub(super) local: String,
}

#[derive(Clone)]
struct Shared {
    desk: Desk,
    http: reqwest::Client,
}

/// What the page posts.
#[derive(Deserialize)]
struct Wish {
    callback: usize,
    conversation: Option<String>,
    text: Option<String>,
}

impl Desk {
    /// Listens; where.
    ///
    /// # Errors
    /// The address is taken.
    pub(super) async fn open(self, addr: SocketAddr) -> anyhow::Result<SocketAddr> {
        let listener = page::bind(addr).await?;
        let addr = listener.local_addr()?;
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build()?;
        let routes = Router::new()
            .route("/", get(|| async { Html(page::whole(include_str!("page.html"))) }))
            .route("/api/state", get(state))
            .route("/api/events", get(events))
            .route("/api/callbacks", post(send))
            .with_state(Shared { desk: self, http });
        page::serve(listener, routes);
        Ok(addr)
    }

    fn shown(&self) -> Value {
        json!({
            "connector": self.name,
            "conversations": self.vendor.conversations(),
            "callbacks": self.vendor.offers(),
            "passed": self.vendor.passed(),
        })
    }

    fn prepared(&self, wish: &Wish) -> Result<Prepared, (StatusCode, String)> {
        let serving = self.sandbox.connector(&self.name).ok_or_else(|| {
            (StatusCode::SERVICE_UNAVAILABLE, "no version of the connector serves yet".to_owned())
        })?;
        let (conversation, text) = (wish.conversation.as_deref(), wish.text.as_deref());
        let routes = &serving.description().callbacks;
        self.vendor.callback(wish.callback, conversation, text, routes, &self.mount).map_err(|why| {
            let status = match why {
                NotOffered::Unknown => StatusCode::NOT_FOUND,
                NotOffered::NoConversation => StatusCode::CONFLICT,
            };
            (status, why.to_string())
        })
    }
}

async fn state(State(shared): State<Shared>) -> Json<Value> {
    Json(shared.desk.shown())
}

async fn events(State(shared): State<Shared>) -> Response {
    page::events(shared.desk.vendor.changes(), move || shared.desk.shown())
}

/// Sends a callback; what the gateway answered.
async fn send(State(shared): State<Shared>, Json(wish): Json<Wish>) -> Response {
    let prepared = match shared.desk.prepared(&wish) {
        Ok(prepared) => prepared,
        Err(refused) => return refused.into_response(),
    };
    let below = match prepared.path.as_str() {
        "" => String::new(),
        query if query.starts_with('?') => query.to_owned(),
        path => format!("/{path}"),
    };
    let url = format!("{}{below}", shared.desk.local);
    let method = prepared.method.parse().unwrap_or(reqwest::Method::POST);
    let mut request = shared.http.request(method, url).body(prepared.body.clone());
    for (name, value) in &prepared.headers {
        request = request.header(name, value);
    }
    let (status, said) = match request.send().await {
        Ok(answer) => {
            let status = answer.status().as_u16();
            (Some(status), answer.text().await.unwrap_or_default())
        }
        Err(error) => (None, format!("the gateway did not answer: {}", error.without_url())),
    };
    shared.desk.vendor.sent(&prepared, status);
    Json(json!({ "status": status, "said": said })).into_response()
}
