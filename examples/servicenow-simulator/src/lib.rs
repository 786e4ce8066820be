//! A ServiceNow instance with the Virtual Agent API and Agent Chat, as far as a gateway to live agents sees it.
//!
//! Written from the vendor's documentation alone: Virtual Agent Bot Integration API, CCCIF Media Resource API, Controls
//! in Virtual Agent API, Common errors, Configure Message Authentication, Closing idle bot-to-bot conversations. Desk,
//! console, faults and the agents' API are those of all vendor simulators, see [`agent_desk`]. Everything lives in memory.
//!
//! # What is strict
//!
//! - `POST /api/sn_va_as_service/bot/integration` answers 200 `{"status":"success"}` to all JSON of somebody who is signed
//!   in, **also to what it then discards**: bad tokens, signatures and shapes show only in the system log
//!   (`GET /syslog`), and in the wire log as an operation `discarded.…` whose last word says why.
//! - A conversation belongs to `userId`, not to `clientSessionId`, which is passed through.
//! - Callbacks go to one address, with static headers or Basic, have 5 seconds, and are never sent again.
//! - `POST /jobs/time-out-abandoned?seconds=3600` closes idle conversations, and tells nobody.
//!
//! # Operations
//!
//! | name | request |
//! |---|---|
//! | `start` | `AGENT` |
//! | `send` | no action |
//! | `end` | `END_CONVERSATION`, `FAULT_CONVERSATION` |
//! | `typing` | `TYPING`, `VIEWING` |
//! | `receipt` | `UPDATE_MESSAGES` |
//! | `history` | `SEND_HISTORY` |
//! | `other` | the remaining actions |
//! | `discarded.json`, `.shape`, `.user`, `.text`, `.action`, `.token`, `.signature` | what does not count, and why |
//! | `upload` | `POST /api/now/cccif/media/upload` |
//! | `token` | `POST /oauth_token.do` |
//! | `file` | the agents' and the uploaded files |
//!
//! Webhooks: `webhook.waiting`, `webhook.joined`, `webhook.left`, `webhook.message`, `webhook.typing`, `webhook.ended`,
//! `webhook.answer` (what Virtual Agent itself says).

mod authorization;
mod callback;
mod config;
mod elements;
mod endpoint;
mod message_auth;
mod refusal;
mod request;
mod syslog;
mod telling;
mod upload;
mod users;
mod worker;

use std::{
    future::Future,
    sync::{Arc, OnceLock},
    time::Duration,
};

use agent_desk::{Courier, Desk, Policy, Settings};
use axum::{
    Json, Router,
    extract::{Query, State},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

pub use agent_desk::Secret;
pub use authorization::SignIn;
pub use config::{Config, MessageAuth};
pub use syslog::Entry;

/// "The default value for Connection timeout is 5000ms."
const PATIENCE: Duration = Duration::from_secs(5);

/// What every handler shares.
struct Instance {
    config: Config,
    desk: Desk,
    courier: Courier,
    callback: callback::Callback,
    users: users::Users,
    syslog: syslog::Syslog,
    tokens: authorization::Tokens,
    /// Its own address, once it is served.
    base: OnceLock<String>,
}

/// An instance that listens. It runs until the `shutdown` given to [`serve`] resolves, also when this value is dropped.
pub struct Running {
    house: agent_desk::Running,
    instance: Arc<Instance>,
}

impl Running {
    /// Where it is reached, without a slash at the end.
    pub fn url(&self) -> String {
        self.house.url()
    }

    /// Its desk: conversations, faults, wire log.
    pub fn desk(&self) -> &Desk {
        self.house.desk()
    }

    /// Calls another address from now on.
    pub fn set_callback_url(&self, url: &str) {
        self.instance.callback.point_at(url);
    }

    /// The system log: what was discarded, and why.
    pub fn syslog(&self) -> Vec<Entry> {
        self.instance.syslog.entries()
    }

    /// Closes what has been idle for longer, without a word to anybody; how many.
    pub fn close_idle(&self, longer_than: Duration) -> usize {
        self.instance.close_idle(longer_than)
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
/// The address is in use or not loopback, or a callback's header is none.
pub async fn serve(
    config: Config,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<Running> {
    let callback = callback::Callback::new(&config)?;
    let bound = agent_desk::bind(config.addr, config.beyond_loopback).await?;
    let mut secret_headers = vec!["x-b2b-signature".to_owned()];
    secret_headers.extend(config.callback_headers.iter().map(|(name, _)| name.clone()));
    let desk = Desk::new(Settings {
        nobody: "Beth Anglin".to_owned(),
        message_id: users::sys_id,
        error_body: refusal::body,
        credentials: secret_headers,
        ..Settings::default()
    });
    let instance = Arc::new(Instance {
        courier: Courier::new(&desk, Policy::once(PATIENCE)),
        desk: desk.clone(),
        callback,
        users: users::Users::default(),
        syslog: syslog::Syslog::default(),
        tokens: authorization::Tokens::default(),
        base: OnceLock::new(),
        config,
    });
    let routes = Router::new()
        .merge(endpoint::routes(&instance))
        .merge(upload::routes(&instance))
        .merge(authorization::routes(&instance))
        .route("/syslog", get(log))
        .route("/jobs/time-out-abandoned", post(time_out))
        .with_state(Arc::clone(&instance));
    let house = bound.serve(desk, Arc::clone(&instance), routes, shutdown);
    let _ = instance.base.set(house.url());
    Ok(Running { house, instance })
}

async fn log(State(instance): State<Arc<Instance>>) -> Json<Vec<Entry>> {
    Json(instance.syslog.entries())
}

#[derive(Deserialize)]
struct Idle {
    seconds: u64,
}

/// The scheduled job Time Out Abandoned B2B Conversations.
async fn time_out(
    State(instance): State<Arc<Instance>>,
    Query(Idle { seconds }): Query<Idle>,
) -> Json<Value> {
    Json(json!({ "closed": instance.close_idle(Duration::from_secs(seconds)) }))
}
