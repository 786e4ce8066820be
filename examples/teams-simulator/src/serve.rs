//! Binding, serving, and stopping promptly.
use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context as _;
use axum::Router;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use crate::{
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
        .with_state(simulator.clone())
        .into_make_service_with_connect_info::<Cut>();

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
