//! The authority of the simulated cloud: Entra and Bot Service, as far as they issue tokens and publish keys.
mod app;
mod bearer;
mod claims;
mod clock;
mod entra_error;
mod flaw;
mod jwt;
mod key;
mod keyring;
mod metadata;
mod sign_in;
mod token_endpoint;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{Router, middleware};

use self::{app::App, claims::Frame, clock::Clock, keyring::Keyring, sign_in::SignedIn};
pub use self::{
    app::Secret,
    flaw::{Flaw, Tokens},
    keyring::OldKeys,
};
use crate::{
    config::Config,
    exchange::{self, Gate},
    faults::Target,
    locked::Locked,
    simulator::Simulator,
};

/// The resource that stands for the Bot Connector.
const BOT_CONNECTOR: &str = "https://api.botframework.com";

pub(crate) struct Authority {
    /// Its address, without a slash at the end.
    pub base: String,
    pub tenant: String,
    pub skill: App,
    pub agent: App,
    bot_service_issuer: String,
    entra: Keyring,
    bot_service: Keyring,
    /// Nobody publishes these.
    stray: Keyring,
    clock: Clock,
    signed_in: Locked<Option<SignedIn>>,
    issued: AtomicU64,
    refused: Locked<BTreeMap<String, u64>>,
}

impl Authority {
    pub fn new(config: &Config, addr: SocketAddr) -> anyhow::Result<Self> {
        Ok(Self {
            base: format!("http://{addr}"),
            tenant: config.tenant_id.clone(),
            skill: App::registered(&config.skill_app_id, config.skill_secret.clone())?,
            agent: App::registered(&config.agent_app_id, config.agent_secret.clone())?,
            bot_service_issuer: config.bot_service_issuer.clone(),
            entra: Keyring::default(),
            bot_service: Keyring::default(),
            stray: Keyring::default(),
            clock: Clock::default(),
            signed_in: Locked::default(),
            issued: AtomicU64::new(0),
            refused: Locked::default(),
        })
    }

    /// Has Entra's first key made, so that the first who needs it finds it.
    pub async fn warm_up(&self) {
        self.entra.signing().await;
    }

    /// Who issues a tenant's tokens of version 2.0.
    pub fn issuer_v2(&self, tenant: &str) -> String {
        format!("{}/{tenant}/v2.0", self.base)
    }

    /// Who issues those of version 1.0: as `https://sts.windows.net/{tenant}/`, with the slash.
    pub fn issuer_v1(&self, tenant: &str) -> String {
        format!("{}/{tenant}/", self.base)
    }

    /// A token for an app: version 1.0 for the Bot Connector, whose registration is that old, else as it is asked for.
    async fn issue(&self, caller: &App, audience: &str, version_1: bool) -> String {
        let now = self.clock.now();
        let claims = if version_1 {
            Frame { issuer: &self.issuer_v1(&self.tenant), audience, now }.v1(&caller.id, &self.tenant)
        } else {
            Frame { issuer: &self.issuer_v2(&self.tenant), audience, now }.v2(&caller.id, &self.tenant)
        };
        jwt::signed(&*self.entra.signing().await, &claims)
    }

    pub async fn rotate(&self, old: OldKeys) {
        self.entra.rotate(old).await;
        self.bot_service.rotate(old).await;
        // So that the next call shows a token of the new key rather than one from before.
        *self.signed_in.lock() = None;
    }

    pub fn advance_clock(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// How many tokens the token endpoint has issued.
    pub fn issued(&self) -> u64 {
        self.issued.load(Ordering::SeqCst)
    }

    /// How many requests were refused for their token, by what was wrong with it.
    pub fn refused(&self) -> BTreeMap<String, u64> {
        self.refused.lock().clone()
    }
}

pub(crate) fn routes(simulator: &Arc<Simulator>) -> Router<Arc<Simulator>> {
    let gate = Gate { simulator: simulator.clone(), target: Target::Authority };
    Router::new()
        .merge(metadata::routes())
        .merge(token_endpoint::routes())
        .route_layer(middleware::from_fn_with_state(gate, exchange::pass))
}
