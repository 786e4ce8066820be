//! A simulated Genesys Cloud: Open Messaging as its documentation and its SDK define it, and agents' console.
//!
//! Strict where the platform is known to be, and where it is not known: what the models of the Python SDK 269.0.0 do not
//! have is refused (the platform itself ignores some of it), and so are texts beyond 4000 UTF-16 units. Desk, console,
//! faults and wire log are those of all vendor simulators, see [`agent_desk`]. Everything lives in memory.
//!
//! # Operations
//!
//! | name | request |
//! |---|---|
//! | `token` | `POST /oauth/token` (on the platform at `login.REGION`) |
//! | `message` | `POST /api/v2/conversations/messages/{integrationId}/inbound/open/message?prefetchConversationId=true` |
//! | `event`, `receipt`, `structured-response` | the same with `/event`, `/receipt`, `/structured/response` |
//! | `conversation` | `GET /api/v2/conversations/messages/{conversationId}` |
//! | `bulk` | `POST /api/v2/conversations/messages/{conversationId}/messages/bulk` |
//! | `disconnect` | `PATCH /api/v2/conversations/messages/{conversationId}/participants/{participantId}` |
//! | `webhook.message`, `webhook.typing`, `webhook.receipt` | what is posted to the gateway |
//!
//! # Of the vendor's ways
//!
//! Nothing on the webhook tells that an agent came, left or ended: only `conversation` shows it. A closed desk is a flow
//! that disconnects at once. A message after the end begins a new conversation (a threading timeline of 0). A message
//! with the id and time of an earlier one is answered like that one, and shown once.

mod access;
mod inbound;
mod notification;
mod oauth;
mod people;
mod platform;
mod refusal;
mod schema;
mod store;

use std::{future::Future, net::SocketAddr, sync::Arc, time::Duration};

use agent_desk::{Courier, Desk, Policy, Settings};
use anyhow::ensure;
use axum::{
    Router, middleware,
    routing::{MethodRouter, get, patch, post},
};

use notification::Webhook;
use refusal::Refusal;
use store::Store;

pub use agent_desk::Secret;

/// Where to listen, whom to tell, and what proves who is who.
#[derive(Clone, Debug)]
pub struct Config {
    /// Address to listen on; port 0 takes any free one.
    pub addr: SocketAddr,
    /// Whether the address may be another than loopback.
    pub beyond_loopback: bool,
    /// The integration's id.
    pub integration_id: String,
    /// The OAuth client's id.
    pub client_id: String,
    /// The OAuth client's secret.
    pub client_secret: Secret,
    /// Where notifications are posted; empty is nowhere.
    pub webhook_url: String,
    /// What they are signed with; longer than 15 characters, as the platform wants it.
    pub webhook_secret: Secret,
    /// How long a token lives.
    pub token_life: Duration,
    /// Requests per minute and token (`client.credentials.token.rate.per.minute`).
    pub requests_per_minute: u64,
    /// Whether notifications tell that inbound messages were delivered.
    pub receipts: bool,
    /// How long a notification may take.
    pub timeout: Duration,
    /// The pause before each of its five repeats.
    pub pause: Duration,
}

impl Default for Config {
    /// The platform's figures, the gateway on its own address, and secrets that everybody knows.
    fn default() -> Self {
        Self {
            addr: SocketAddr::from(([127, 0, 0, 1], 5040)),
            beyond_loopback: false,
            integration_id: "4b8fbf37-1c5e-4e7b-9f10-6d2a1f0c3e55".to_owned(),
            client_id: "8d1c7e52-58a4-4f0c-9c8e-000000000001".to_owned(),
            client_secret: Secret::new("simulated-client-secret"),
            webhook_url: "http://127.0.0.1:5001/api/callbacks/genesys".to_owned(),
            webhook_secret: Secret::new("simulated-webhook-secret"),
            token_life: Duration::from_secs(86_400),
            requests_per_minute: 300,
            receipts: true,
            timeout: Duration::from_secs(10),
            pause: Duration::from_secs(5),
        }
    }
}

/// What every handler shares.
pub(crate) struct App {
    desk: Desk,
    courier: Courier,
    webhook: Arc<Webhook>,
    store: Store,
    access: access::Access,
    integration_id: String,
    receipts: bool,
}

/// A server that listens. It runs until the `shutdown` given to [`serve`] resolves, also when this value is dropped.
pub struct Running {
    house: agent_desk::Running,
    webhook: Arc<Webhook>,
}

impl Running {
    /// Where it is reached, without a slash at the end: the platform's and the login's address in one.
    pub fn url(&self) -> String {
        self.house.url()
    }

    /// Its desk: conversations, faults, wire log.
    pub fn desk(&self) -> &Desk {
        self.house.desk()
    }

    /// Posts to another webhook from now on, for callers that learn the gateway's address only after this server's.
    pub fn set_webhook_url(&self, url: &str) {
        self.webhook.point_at(url);
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
/// The address is in use or not loopback, or the webhook's secret is too short.
pub async fn serve(
    config: Config,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<Running> {
    ensure!(
        config.webhook_secret.bytes().len() > 15,
        "the webhook's secret must be longer than 15 characters"
    );
    let bound = agent_desk::bind(config.addr, config.beyond_loopback).await?;
    let desk = Desk::new(Settings {
        nobody: "Live Agent".to_owned(),
        error_body: |status| Refusal::simulated(status).body(),
        ..Settings::default()
    });
    let policy = Policy::retrying(config.timeout, [config.pause; 5]);
    let webhook = Arc::new(Webhook::new(&config.webhook_url, config.webhook_secret));
    let app = Arc::new(App {
        courier: Courier::new(&desk, policy),
        desk: desk.clone(),
        webhook: Arc::clone(&webhook),
        store: Store::default(),
        access: access::Access::new(
            config.client_id,
            config.client_secret,
            config.token_life,
            config.requests_per_minute,
        ),
        integration_id: config.integration_id,
        receipts: config.receipts,
    });
    let routes = router(&app);
    Ok(Running { house: bound.serve(desk, app, routes, shutdown), webhook })
}

fn router(app: &Arc<App>) -> Router {
    let desk = &app.desk;
    // Faults and the wire log come before the platform's own checks.
    let serve = |name, route: MethodRouter<Arc<App>>| {
        desk.operation(name, route.layer(middleware::from_fn_with_state(Arc::clone(app), access::guard)))
    };
    let platform = Router::new()
        .route("/{id}/inbound/open/message", serve("message", post(inbound::message)))
        .route("/{id}/inbound/open/event", serve("event", post(inbound::event)))
        .route("/{id}/inbound/open/receipt", serve("receipt", post(inbound::receipt)))
        .route(
            "/{id}/inbound/open/structured/response",
            serve("structured-response", post(inbound::structured_response)),
        )
        .route("/{id}", serve("conversation", get(platform::conversation)))
        .route("/{id}/messages/bulk", serve("bulk", post(platform::bulk)))
        .route("/{id}/participants/{participant}", serve("disconnect", patch(platform::participant)));
    Router::new()
        .nest("/api/v2/conversations/messages", platform)
        .route("/oauth/token", desk.operation("token", post(oauth::token)))
        .fallback(|| async { Refusal::not_found("The requested resource was not found") })
        .with_state(Arc::clone(app))
}
