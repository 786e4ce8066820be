//! A simulated Salesforce organization with Enhanced Chat (formerly Messaging for In-App and Web), as a custom client
//! sees it: visitors' tokens, conversations, the stream of events, the list of entries.
//!
//! It is strict where the vendor's documentation or its sample client says how a request looks, and keeps everything in
//! memory. Reps work at the desk that all vendor simulators share, see [`agent_desk`].
//!
//! # Operations, for faults and the wire log
//!
//! | operation | request (below `/iamessage/api/v2` where no other path is named) |
//! |---|---|
//! | `start.token` | `POST /authorization/unauthenticated/access-token` |
//! | `start.token-known` | `POST /authorization/authenticated/access-token` |
//! | `token.continue` | `GET /authorization/continuation-access-token` |
//! | `start.conversation` | `POST /conversation` |
//! | `send` | `POST /conversation/{id}/message` |
//! | `send.file` | `POST /conversation/{id}/file` |
//! | `typing` | `POST /conversation/{id}/entry` |
//! | `receipt` | `POST /conversation/{id}/acknowledge-entries` |
//! | `poll` | `GET /conversation/{id}/entries` from the start |
//! | `find` | the same from the end |
//! | `end.session` | `DELETE /conversation/{id}/session` |
//! | `end.conversation` | `DELETE /conversation/{id}` |
//! | `stream` | `GET /eventrouter/v1/sse` |
//! | `availability` | `GET /embeddedservice/v1/businesshours` |
//!
//! A fault of `stream` meets the opening of a stream. Streams that are open have switches of their own, here as
//! [`Streams`] and over HTTP as `POST /simulator/streams` with `{"drop": true}`, `{"lose": 1}`, `{"repeat": 1}` or
//! `{"swap": true}`.

mod access;
mod book;
mod conversations;
mod entries;
mod entry;
mod fields;
mod files;
mod hours;
mod refusal;
mod rep;
mod stream;
mod tokens;
mod voucher;

use std::{future::Future, net::SocketAddr, sync::Arc, time::Duration};

use agent_desk::{Desk, Settings};
use axum::{
    Router,
    routing::{delete, get, post},
};

use book::Book;
use files::Files;
use tokens::Tokens;

pub use stream::Streams;
pub use voucher::Identity;

/// The organization, and where it listens.
#[derive(Clone, Debug)]
pub struct Config {
    /// Address to listen on; port 0 takes any free one.
    pub addr: SocketAddr,
    /// Whether the address may be another than loopback. Nobody logs in at the desk: whoever reaches it is a rep.
    pub beyond_loopback: bool,
    /// The organization's id, of 15 or 18 characters.
    pub organization: String,
    /// The API name of the custom client deployment.
    pub deployment: String,
    /// How long a visitor's token is good.
    pub token_life: Duration,
    /// Whether a continued token is good for a whole life more. Salesforce says that it is not.
    pub continuation_extends: bool,
    /// How often a silent stream says `ping`.
    pub ping: Duration,
    /// What User Verification knows; without it every visitor is a guest.
    pub identity: Option<Identity>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            addr: SocketAddr::from(([127, 0, 0, 1], 5040)),
            beyond_loopback: false,
            organization: "00Dxx0000001gErEAI".to_owned(),
            deployment: "Custom_Client".to_owned(),
            token_life: Duration::from_secs(6 * 60 * 60),
            continuation_extends: false,
            ping: Duration::from_secs(15),
            identity: None,
        }
    }
}

/// What every handler shares.
pub(crate) struct Organization {
    config: Config,
    desk: Desk,
    book: Arc<Book>,
    tokens: Tokens,
    files: Files,
    /// Where it is reached, without a slash at the end.
    url: String,
}

/// An organization that can be reached. It runs until the `shutdown` given to [`serve`] resolves.
pub struct Running {
    house: agent_desk::Running,
    book: Arc<Book>,
}

impl Running {
    /// The address that was bound.
    pub fn addr(&self) -> SocketAddr {
        self.house.addr()
    }

    /// What the gateway has to know as the upstream `api`.
    pub fn url(&self) -> String {
        self.house.url()
    }

    /// Its desk: conversations, faults, wire log.
    pub fn desk(&self) -> &Desk {
        self.house.desk()
    }

    /// The streams that are open.
    pub fn streams(&self) -> Streams<'_> {
        Streams(&self.book)
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
/// The address is in use or not loopback, or the key for customers' tokens is none.
pub async fn serve(
    config: Config,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<Running> {
    let bound = agent_desk::bind(config.addr, config.beyond_loopback).await?;
    let desk = Desk::new(Settings {
        nobody: "Service Rep".to_owned(),
        error_body: refusal::of_fault,
        credentials: vec!["customerIdentityToken".to_owned()],
        ..Settings::default()
    });
    let book = Arc::new(Book::default());
    let organization = Arc::new(Organization {
        url: format!("http://{}", bound.addr()),
        tokens: Tokens::new(&config)?,
        files: Files::default(),
        desk: desk.clone(),
        book: Arc::clone(&book),
        config,
    });
    let routes = routes(&organization);
    Ok(Running { house: bound.serve(desk, organization, routes, shutdown), book })
}

fn routes(organization: &Arc<Organization>) -> Router {
    let desk = &organization.desk;
    let on = |path: &str| format!("/iamessage/api/v2{path}");
    Router::new()
        .route(
            &on("/authorization/unauthenticated/access-token"),
            desk.operation("start.token", post(access::guest)),
        )
        .route(
            &on("/authorization/authenticated/access-token"),
            desk.operation("start.token-known", post(access::known)),
        )
        .route(
            &on("/authorization/continuation-access-token"),
            desk.operation("token.continue", get(access::continued)),
        )
        .route(&on("/conversation"), desk.operation("start.conversation", post(conversations::open)))
        .route(&on("/conversation/{id}/message"), desk.operation("send", post(conversations::message)))
        .route(&on("/conversation/{id}/file"), desk.operation("send.file", files::upload_route()))
        .route(&on("/conversation/{id}/entry"), desk.operation("typing", post(conversations::typing)))
        .route(
            &on("/conversation/{id}/acknowledge-entries"),
            desk.operation("receipt", post(conversations::acknowledge)),
        )
        .route(&on("/conversation/{id}/entries"), desk.operation_by(entries::operation, get(entries::list)))
        .route(
            &on("/conversation/{id}/session"),
            desk.operation("end.session", delete(conversations::end_session)),
        )
        .route(&on("/conversation/{id}"), desk.operation("end.conversation", delete(conversations::close)))
        .route("/eventrouter/v1/sse", desk.operation("stream", get(stream::open)))
        .route("/embeddedservice/v1/businesshours", desk.operation("availability", get(hours::tell)))
        .route("/files/{id}", get(files::download))
        .route("/simulator/streams", post(stream::switch))
        .route("/iamessage/{*rest}", axum::routing::any(|| async { refusal::Refusal::unknown_route() }))
        .with_state(Arc::clone(organization))
}
