//! Contoso Live Chat: a small live-chat system to hand conversations over to, with its REST API and its agents' console.
//!
//! It keeps the wire contract of Microsoft's sample application and adds what a live-chat system needs: a list of
//! conversations, agents who accept and end them, receipts, and switches for the faults a real vendor has.
//! Desk, console, faults and the agents' common API are those of all vendor simulators, see [`agent_desk`]; here is what
//! is Contoso's own: its routes, its webhook, and its signatures. Everything lives in memory.

mod agent_api;
mod authorization;
mod body;
mod customer_api;
mod overview;
mod refusal;
mod signature;
mod switches;
mod telling;
mod webhook;

use std::{future::Future, net::SocketAddr, sync::Arc};

use agent_desk::{Desk, Settings};
use axum::{Router, response::IntoResponse, routing::any};

use refusal::Refusal;
use switches::Switches;
use telling::Couriers;
use webhook::Webhook;

pub use agent_desk::Secret;

/// Where to listen, whom to tell what agents say, and what proves who is who.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Address to listen on; port 0 takes any free one.
    pub addr: SocketAddr,
    /// Whether the address may be another than loopback. Nobody logs in here: whoever reaches the console is an agent.
    pub beyond_loopback: bool,
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
            beyond_loopback: false,
            webhook_url: "http://127.0.0.1:5001/api/livechat/messages".to_owned(),
            webhook_secret: None,
            api_key: None,
        }
    }
}

/// What every handler shares.
pub(crate) struct App {
    desk: Desk,
    webhook: Arc<Webhook>,
    couriers: Couriers,
    switches: Switches,
    api_key: Option<Secret>,
}

/// A server that listens. It runs until the `shutdown` given to [`serve`] resolves, also when this value is dropped.
pub struct Running {
    house: agent_desk::Running,
    webhook: Arc<Webhook>,
}

impl Running {
    /// The address that was bound.
    pub fn addr(&self) -> SocketAddr {
        self.house.addr()
    }

    /// Its desk: conversations, faults, wire log.
    pub fn desk(&self) -> &Desk {
        self.house.desk()
    }

    /// Posts to another webhook from now on, for callers that learn the gateway's address only after this server's.
    ///
    /// # Errors
    /// It is no URL of HTTP.
    pub fn set_webhook_url(&self, url: &str) -> anyhow::Result<()> {
        self.webhook.point_at(url)
    }

    /// Signs with another secret from now on, repeats of earlier posts included; with none, no longer.
    pub fn set_webhook_secret(&self, secret: Option<Secret>) {
        self.webhook.sign_with(secret);
    }

    /// Waits until the server has stopped.
    ///
    /// # Errors
    /// It broke off.
    pub async fn join(self) -> anyhow::Result<()> {
        self.house.join().await
    }
}

/// Binds the address, then serves in the background until `shutdown` resolves.
///
/// # Errors
/// The address is in use or not loopback, or the webhook's URL is none.
pub async fn serve(
    config: Config,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<Running> {
    let webhook = Arc::new(Webhook::new(&config.webhook_url, config.webhook_secret)?);
    let bound = agent_desk::bind(config.addr, config.beyond_loopback).await?;
    let desk = Desk::new(Settings { nobody: "Contoso Support".to_owned(), ..Settings::default() });
    let app = Arc::new(App {
        couriers: Couriers::new(&desk),
        desk: desk.clone(),
        webhook: Arc::clone(&webhook),
        switches: Switches::default(),
        api_key: config.api_key,
    });
    let routes = router(Arc::clone(&app));
    Ok(Running { house: bound.serve(desk, app, routes, shutdown), webhook })
}

fn router(app: Arc<App>) -> Router {
    Router::new()
        .merge(customer_api::routes(&app))
        .merge(agent_api::routes())
        .merge(overview::routes())
        .merge(switches::routes())
        .route("/api/{*rest}", any(|| async { Refusal::not_found("No such route").into_response() }))
        .with_state(app)
}
