//! Contoso Live Chat: a small live-chat system to hand conversations over to, with its REST API and its agents' console.
//!
//! It keeps the wire contract of Microsoft's sample application and adds what a live-chat system needs: a list of
//! conversations, agents who accept and end them, receipts, and switches for the faults a real vendor has.
//! Everything lives in memory; nothing survives a restart.

mod agent_api;
mod authorization;
mod body;
mod connection;
mod console;
mod conversation;
mod courier;
mod customer_api;
mod desk;
mod feed;
mod message;
mod overview;
mod refusal;
mod secret;
mod signature;
mod switches;
mod views;
mod webhook;

use std::{future::Future, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use axum::{Router, middleware, response::IntoResponse, routing::any};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use connection::{Door, Hangup};
use desk::Desk;
use refusal::Refusal;
use switches::Switches;
use webhook::Webhook;

pub use secret::Secret;

/// How long requests in flight may take to finish once the server was told to stop.
const GRACE: Duration = Duration::from_secs(2);

/// Where to listen, whom to tell what agents say, and what proves who is who.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Address to listen on; port 0 takes any free one.
    pub addr: SocketAddr,
    /// Where agents' messages and events are posted; empty means nowhere, and every send then fails.
    pub webhook_url: String,
    /// Signs each request to the webhook: `X-Contoso-Timestamp` has the seconds since 1970, `X-Contoso-Signature` is
    /// `sha256=` and the hex HMAC-SHA256 of timestamp, `.` and body. None signs nothing, as in the sample.
    pub webhook_secret: Option<Secret>,
    /// What the gateway has to send as `Authorization: Bearer …` with all that it calls for the customer. None asks for
    /// nothing, as in the sample. The agents' console needs no key.
    pub api_key: Option<Secret>,
}

impl Default for Config {
    /// The addresses of the sample: this server on 5000, the gateway on 5001, both on loopback.
    fn default() -> Self {
        Self {
            addr: SocketAddr::from(([127, 0, 0, 1], 5000)),
            webhook_url: "http://127.0.0.1:5001/api/livechat/messages".to_owned(),
            webhook_secret: None,
            api_key: None,
        }
    }
}

/// What every handler shares.
pub(crate) struct App {
    desk: Desk,
    webhook: Webhook,
    switches: Switches,
    api_key: Option<Secret>,
    /// Ends background work: deliveries, retries and slow answers.
    stop: CancellationToken,
}

/// A server that listens. It runs until the `shutdown` given to [`serve`] resolves, also when this value is dropped.
pub struct Running {
    addr: SocketAddr,
    app: Arc<App>,
    task: JoinHandle<anyhow::Result<()>>,
}

impl Running {
    /// The address that was bound.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Posts to another webhook from now on, for callers that learn the gateway's address only after this server's.
    pub fn set_webhook_url(&self, url: &str) -> anyhow::Result<()> {
        self.app.webhook.point_at(url)
    }

    /// Signs with another secret from now on, repeats of earlier posts included; with none, no longer.
    pub fn set_webhook_secret(&self, secret: Option<Secret>) {
        self.app.webhook.sign_with(secret);
    }

    /// Waits until the server has stopped.
    pub async fn join(self) -> anyhow::Result<()> {
        self.task.await.context("the live chat server broke off")?
    }
}

/// Binds the address, then serves in the background until `shutdown` resolves.
pub async fn serve(
    config: Config,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<Running> {
    let webhook = Webhook::new(&config.webhook_url, config.webhook_secret)?;
    let listener =
        TcpListener::bind(config.addr).await.with_context(|| format!("cannot listen on {}", config.addr))?;
    let addr = listener.local_addr().context("cannot read the bound address")?;
    let app = Arc::new(App {
        desk: Desk::default(),
        webhook,
        switches: Switches::default(),
        api_key: config.api_key,
        stop: CancellationToken::new(),
    });
    let task = tokio::spawn(run(listener, Arc::clone(&app), shutdown));
    Ok(Running { addr, app, task })
}

async fn run(
    listener: TcpListener,
    app: Arc<App>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    let stop = app.stop.clone();
    let closing = {
        let app = Arc::clone(&app);
        async move {
            shutdown.await;
            app.stop.cancel();
            // Event streams never end by themselves and would hold the shutdown up.
            app.desk.feed().close();
        }
    };
    let service = router(app).into_make_service_with_connect_info::<Hangup>();
    let server = axum::serve(Door(listener), service).with_graceful_shutdown(closing);
    let overdue = async {
        stop.cancelled().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        result = async { server.await } => result.context("the live chat server failed"),
        () = overdue => Ok(()),
    }
}

fn router(app: Arc<App>) -> Router {
    Router::new()
        .merge(customer_api::routes(&app))
        .merge(agent_api::routes())
        .merge(overview::routes())
        .merge(switches::routes())
        .route("/api/{*rest}", any(|| async { Refusal::not_found("No such route").into_response() }))
        .merge(console::routes())
        .layer(middleware::from_fn(console::refuse_other_sites))
        .layer(middleware::map_response(console::security_headers))
        .with_state(app)
}
