//! Starting and stopping: what is opened in which order, and closed in which.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use handover_channel::{ChannelLimits, Limits, Outbound, OutboundConfig, Replies, Window};
use handover_relay::{Relay, Settings};
use handover_sandbox::Sandbox;
use handover_store::{Keys, Node, PostgresStore, SqliteStore, Store, StoreError};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::audit::{Audit, Deed, Who};
use crate::capacity::Capacity;
use crate::config::Config;
use crate::front::overload::Overload;
use crate::front::{Front, Kind};
use crate::gateway::Gateway;
use crate::hours::Hours;
use crate::media::Media;
use crate::outside::World;
use crate::refusals::Refusals;
use crate::trust::Trust;
use crate::typing::Typists;
use crate::verification::Callbacks;
use crate::{admin, capacity, routes, swaps};

/// How long a start waits for the database, and how long between tries.
const DATABASE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_secs(1);

/// A gateway that serves.
pub struct Running {
    /// Where bots and vendors reach it.
    pub addr: SocketAddr,
    /// Where operators reach it.
    pub admin_addr: SocketAddr,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    audit: Arc<Audit>,
    sandbox: Arc<Sandbox>,
}

impl Running {
    /// Where the connectors serve.
    pub(crate) fn sandbox(&self) -> Arc<Sandbox> {
        Arc::clone(&self.sandbox)
    }

    /// Stops taking requests in, finishes what is in hand, and returns when all is done.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        for task in self.tasks {
            // A task that panicked has said so; the others still have to finish.
            drop(task.await);
        }
        // It stops whether that can be written or not; a line that is missing was told.
        drop(self.audit.write(&Deed::new(Who::GATEWAY, "stop", ""), "done", "").await);
    }
}

/// Starts a gateway. It serves when this returns.
///
/// # Errors
/// What is wrong with the configuration, a folder, an address or the store, in words for the operator.
pub async fn serve(config: Config) -> anyhow::Result<Running> {
    config.check()?;
    // One TLS stack, one crypto provider. A second install in the same process changes nothing.
    drop(rustls::crypto::ring::default_provider().install_default());
    let bind = async |key: &str, addr: SocketAddr| {
        TcpListener::bind(addr).await.with_context(|| format!("`{key}`: cannot listen on {addr}"))
    };
    let public = bind("gateway.listen", config.gateway.listen).await?;
    let private = bind("gateway.admin", config.gateway.admin).await?;
    let (addr, admin_addr) = (public.local_addr()?, private.local_addr()?);
    let public_url = config.public_url(addr);

    let trust = Trust::open(&config).await?;
    let store: Arc<dyn Store> = match config.store_url()? {
        Some(url) => Arc::new(connect(&url, trust.keys).await?),
        None => Arc::new(match trust.keys {
            Some(keys) => SqliteStore::open_sealed(&config.gateway.data, keys)?,
            None => SqliteStore::open(&config.gateway.data)?,
        }),
    };
    let data = &config.gateway.data;
    std::fs::create_dir_all(data)
        .with_context(|| format!("`gateway.data`: cannot make {}", data.display()))?;
    let audit = Audit::new(data);
    let replies = Replies::new(config.words()?, limits(&config));
    let outbound = Outbound::new(replies, config.bot_side(), trust.identities, OutboundConfig::default())?;
    let outbound = Arc::new(outbound);
    let media = Media::open(Arc::clone(&store), Arc::clone(&outbound), &public_url, config.media.clone());
    let media = Arc::new(media.await?);
    let mut granted = config.sandbox(&public_url, trust.credentials);
    granted.files = Some(Arc::<Media>::clone(&media));
    let sandbox = Sandbox::open(granted).await?;
    let world = World {
        sandbox: Arc::clone(&sandbox),
        outbound: Arc::clone(&outbound),
        media: Arc::clone(&media),
        hours: Hours::default(),
    };
    let settings = Settings { policies: config.policies(), retention: config.retention() };
    let relay = Relay::new(store, Arc::new(world), settings);
    let gateway = Arc::new(Gateway {
        relay: Arc::clone(&relay),
        sandbox,
        outbound,
        media,
        side: config.bot_side(),
        routing: config.routing.clone(),
        app_id: config.bot.app_id,
        public_url,
        callbacks: Callbacks::new(&config, trust.callbacks),
        doorkeeper: trust.doorkeeper,
        refusals: Refusals::default(),
        _keyring: trust.keyring,
        overload: Overload::new(&config.limits),
        capacity: Capacity::new(config.limits.max_open_sessions.get()),
        typists: Typists::default(),
    });

    let sandbox = Arc::clone(&gateway.sandbox);
    let (stop, stopping) = watch::channel(false);
    let guarded = trust.admin.is_some();
    let operators = admin::routes(Arc::clone(&gateway), Arc::clone(&audit), trust.admin, stopping.clone());
    let edges = Front::new(Kind::Edges, routes::public(Arc::clone(&gateway)), &config.limits);
    let operators = Front::new(Kind::Admin, operators, &config.limits);
    audit.write(&Deed::new(Who::GATEWAY, "start", format!("listens on {addr}")), "done", "").await?;
    let tasks = vec![
        edges.serve(public, stopping.clone()),
        operators.serve(private, stopping.clone()),
        tokio::spawn(swaps::watch(Arc::clone(&gateway.sandbox), Arc::clone(&audit), stopping.clone())),
        tokio::spawn(capacity::count(gateway, stopping.clone())),
        tokio::spawn(relay.run(stopping)),
    ];
    tracing::info!(%addr, %admin_addr, guarded, tokens = !config.bot.local, "serving");
    Ok(Running { addr, admin_addr, stop, tasks, audit, sandbox })
}

/// Opens the shared store. A database that is just being started, or restarted, is waited for.
async fn connect(url: &str, keys: Option<Keys>) -> Result<PostgresStore, StoreError> {
    let give_up = tokio::time::Instant::now() + DATABASE;
    loop {
        match PostgresStore::connect(url, Node { keys: keys.clone(), ..Node::default() }).await {
            Err(error @ StoreError::Database { .. }) if tokio::time::Instant::now() < give_up => {
                tracing::warn!(reason = %error, "waiting for the database");
                tokio::time::sleep(PAUSE).await;
            }
            other => return other,
        }
    }
}

fn limits(config: &Config) -> Limits {
    let mut limits = Limits::default();
    for (name, section) in &config.channels {
        if let Some(windows) = &section.limits {
            let base = limits.of(name).clone();
            let windows = windows
                .iter()
                .filter_map(|(most, seconds)| {
                    Some(Window { most: NonZeroU32::new(*most)?, within: Duration::from_secs(*seconds) })
                })
                .collect();
            limits.channels.insert(name.clone(), ChannelLimits { windows, ..base });
        }
    }
    limits
}
