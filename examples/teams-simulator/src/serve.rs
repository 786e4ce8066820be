//! Binding, serving, and stopping promptly.
use std::{collections::BTreeMap, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context as _;
use axum::Router;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use crate::{
    authority::{self, OldKeys, Secret, Tokens},
    config::Config,
    connector, customer,
    cut::{Cut, Cuttable},
    page, runtime,
    simulator::Simulator,
    switchboard,
};

/// How long requests that are being answered may take to end once the word to stop is given.
const LAST_ANSWERS: Duration = Duration::from_secs(1);

/// A simulator that serves.
pub struct Running {
    simulator: Arc<Simulator>,
    served: JoinHandle<anyhow::Result<()>>,
}

impl Running {
    /// The address it is bound to.
    pub fn addr(&self) -> SocketAddr {
        self.simulator.addr
    }

    /// Where the gateway must post what is meant for the customer's Teams chat: its Bot Connector base address.
    pub fn connector_url(&self) -> String {
        format!("http://{}/teams/", self.simulator.addr)
    }

    /// Points the agent at another skill, for a gateway whose address is known only after this one's.
    pub fn set_skill_url(&self, url: impl Into<String>) {
        self.simulator.set_skill_url(url.into());
    }

    /// The address of the authority that issues the tokens, without a slash at the end: what stands before
    /// `/{tenant}/oauth2/v2.0/token`.
    pub fn authority_url(&self) -> String {
        self.simulator.authority.base.clone()
    }

    /// The issuers of Entra's tokens: of version 2.0 and of version 1.0.
    pub fn issuers(&self) -> [String; 2] {
        let authority = &self.simulator.authority;
        [authority.issuer_v2(&authority.tenant), authority.issuer_v1(&authority.tenant)]
    }

    /// The OpenID metadata of each of [`Running::issuers`], and of Bot Service's issuer in the third place.
    pub fn metadata_urls(&self) -> [String; 3] {
        let (base, tenant) = (&self.simulator.authority.base, &self.simulator.authority.tenant);
        [
            format!("{base}/{tenant}/v2.0/.well-known/openid-configuration"),
            format!("{base}/{tenant}/.well-known/openid-configuration"),
            format!("{base}/v1/.well-known/openidconfiguration"),
        ]
    }

    /// The tenant that the skill and the agent are registered in.
    pub fn tenant_id(&self) -> &str {
        &self.simulator.authority.tenant
    }

    /// The skill's app id, the audience of the agent's tokens.
    pub fn skill_app_id(&self) -> &str {
        &self.simulator.authority.skill.id
    }

    /// The agent's app id, the caller in its tokens.
    pub fn agent_app_id(&self) -> &str {
        &self.simulator.authority.agent.id
    }

    /// The skill's client secret.
    pub fn skill_secret(&self) -> &Secret {
        &self.simulator.authority.skill.secret
    }

    /// The agent's client secret.
    pub fn agent_secret(&self) -> &Secret {
        &self.simulator.authority.agent.secret
    }

    /// Signs with a new key from now on, Entra and Bot Service alike.
    pub async fn rotate_key(&self, old: OldKeys) {
        self.simulator.authority.rotate(old).await;
    }

    /// Puts the clock that tokens are issued and judged by forward. Nothing else looks at it.
    pub fn advance_clock(&self, by: Duration) {
        self.simulator.authority.advance_clock(by);
    }

    /// How many tokens the token endpoint has issued.
    pub fn issued_tokens(&self) -> u64 {
        self.simulator.authority.issued()
    }

    /// How many requests were refused for their token, by what was wrong with it: `missing`, `notBearer`, `malformed`,
    /// `algorithm`, `unknownKey`, `signature`, `issuer`, `tenant`, `notYetValid`, `expired`, `audience` or `caller`.
    pub fn refused_tokens(&self) -> BTreeMap<String, u64> {
        self.simulator.authority.refused()
    }

    /// Resolves when it has stopped.
    ///
    /// # Errors
    /// Where serving failed, or panicked.
    pub async fn finished(self) -> anyhow::Result<()> {
        self.served.await.context("the simulator panicked")?
    }
}

/// Binds, then serves in the background until `shutdown` resolves.
///
/// # Errors
/// Where the address cannot be bound.
pub async fn serve(
    config: Config,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<Running> {
    let listener =
        TcpListener::bind(config.addr).await.with_context(|| format!("{} cannot be bound", config.addr))?;
    let addr = listener.local_addr()?;
    let (stop, stopping) = watch::channel(false);
    let simulator = Arc::new(Simulator::new(config, addr, stopping)?);
    let app = Router::new()
        .merge(page::routes())
        .merge(customer::routes())
        .merge(switchboard::routes())
        .merge(runtime::routes(&simulator))
        .merge(connector::routes(&simulator))
        .merge(authority::routes(&simulator))
        .with_state(simulator.clone())
        .into_make_service_with_connect_info::<Cut>();

    if simulator.config.checks_tokens || simulator.config.switches.tokens != Tokens::None {
        // Making a key takes a moment that nobody has to wait for yet.
        let authority = simulator.clone();
        tokio::spawn(async move { authority.authority.warm_up().await });
    }
    let until = simulator.clone();
    let served =
        axum::serve(Cuttable(listener), app).with_graceful_shutdown(async move { until.stopped().await });
    let served = tokio::spawn(async move {
        let mut served = std::pin::pin!(served.into_future());
        tokio::select! {
            ended = &mut served => return ended.context("serving ended"),
            () = shutdown => {}
        }
        stop.send_replace(true);
        // Whoever has not finished by then, a client that sends half a request for one, is left behind.
        match tokio::time::timeout(LAST_ANSWERS, served).await {
            Ok(ended) => ended.context("serving ended"),
            Err(_) => Ok(()),
        }
    });
    Ok(Running { simulator, served })
}
