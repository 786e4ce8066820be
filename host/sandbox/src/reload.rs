//! Hot reload: the folder is looked at again and again, and what it holds is made to serve.
//!
//! An event of the file system is a hint to look, never a fact: copies announce themselves while they are being
//! written, a symlink swap names no `.wasm` at all, and network disks say nothing. [`watch`](crate::watch) looks and
//! decides when a file is whole; here is who asks it to, and what the rest of the gateway sees of it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use handover_handoff::Session;
use tokio::sync::{oneshot, watch};
use tokio::time::sleep;

use crate::cache::Cache;
use crate::config::SandboxConfig;
use crate::egress::{Resolver, SystemResolver};
use crate::engine::engine;
use crate::error::OpenError;
use crate::generation::Generation;
use crate::hints::Hints;
use crate::load::Loader;
use crate::migration;
use crate::slot::{Slot, Slots};
use crate::status::ConnectorStatus;
use crate::watch::{SETTLED, Watch};

/// A burst of events is one hint.
const BURST: Duration = Duration::from_millis(20);

/// All connectors.
pub struct Sandbox {
    slots: Arc<Slots>,
    busy: watch::Receiver<bool>,
    /// Let go, it ends the watch.
    _held: oneshot::Sender<()>,
}

impl Sandbox {
    /// Opens the folder, proves what it holds, and keeps watching it for as long as the sandbox is held by anyone.
    ///
    /// A file that is broken now does not stop the start: the last good build of that connector serves. Nor does one
    /// that takes long to compile: it serves once it is [`settled`](Self::settled), and until then that build does.
    pub async fn open(config: SandboxConfig) -> Result<Arc<Self>, OpenError> {
        Self::open_with(config, Arc::new(SystemResolver)).await
    }

    /// The same, with somebody else to ask for the addresses of upstreams. Whatever is answered is held against the
    /// ranges that no connection goes to.
    pub async fn open_with(
        config: SandboxConfig,
        resolver: Arc<dyn Resolver>,
    ) -> Result<Arc<Self>, OpenError> {
        let unusable = |folder: &Path, e: std::io::Error| OpenError::Folder {
            folder: folder.display().to_string(),
            reason: e.to_string(),
        };
        std::fs::create_dir_all(&config.folder).map_err(|e| unusable(&config.folder, e))?;
        let cache = Cache::open(&config.cache).map_err(|e| unusable(&config.cache, e))?;
        let loader = Loader::new(engine()?, cache, config.callback_base, config.files, config.provenance)
            .map_err(|e| OpenError::Engine(e.root_cause().to_string()))?;
        let slots: Arc<Slots> = Arc::new(ArcSwap::default());
        let mut watch = Watch::new(
            config.folder.clone(),
            config.connectors,
            config.poll,
            loader,
            Arc::clone(&slots),
            resolver,
        );
        let hints = Hints::of(config.folder);
        let busy = watch.busy.subscribe();
        watch.begin().await;
        watch.tell(false);
        let (held, let_go) = oneshot::channel();
        tokio::spawn(keep_looking(watch, hints, config.poll, let_go));
        Ok(Arc::new(Self { slots, busy, _held: held }))
    }

    /// Waits until every file that lies in the folder has been decided on. After a start that is so but for those that
    /// take long to compile.
    pub async fn settled(&self) {
        // Where nobody looks any more, nothing will change.
        drop(self.busy.clone().wait_for(|busy| !busy).await);
    }

    /// The version of a connector that serves; take it once per call, and make the whole call on it.
    pub fn connector(&self, name: &str) -> Option<Arc<Generation>> {
        self.slots.load().get(name)?.serving()
    }

    /// The version that goes on with a session: the one that serves, unless that cannot read the session's state or
    /// fails to migrate it.
    pub async fn connector_of(&self, session: &Session) -> Option<Arc<Generation>> {
        let slot = Arc::clone(self.slots.load().get(&session.connector)?);
        migration::reader(&slot, session).await
    }

    /// The versions that serve, one of each connector, with the connector's name.
    pub fn serving(&self) -> Vec<(String, Arc<Generation>)> {
        let slots = self.slots.load();
        slots.iter().filter_map(|(name, slot)| Some((name.clone(), slot.serving()?))).collect()
    }

    /// Whether a connector takes new sessions.
    pub fn takes_sessions(&self, name: &str) -> bool {
        self.slots.load().get(name).is_some_and(|slot| slot.takes_sessions())
    }

    /// What is to be seen of all connectors.
    pub fn status(&self) -> Vec<ConnectorStatus> {
        let slots: Arc<BTreeMap<String, Arc<Slot>>> = self.slots.load_full();
        slots.values().flat_map(|slot| slot.status()).collect()
    }
}

/// Looks whenever something says so, and at the latest after `poll`.
async fn keep_looking(mut watch: Watch, mut hints: Hints, poll: Duration, let_go: oneshot::Receiver<()>) {
    let work = async {
        let mut wait = poll;
        loop {
            let proved = tokio::select! {
                () = hints.heard() => None,
                proved = watch.proved() => Some(proved),
                () = sleep(wait) => None,
            };
            match proved {
                Some(proved) => watch.decide(proved).await,
                None => sleep(BURST).await,
            }
            // First the ears, then the eyes: what happens between the two is heard.
            hints.attend();
            let soon = watch.look(false).await;
            watch.tell(soon);
            watch.tidy();
            wait = if soon { SETTLED.min(poll) } else { poll };
        }
    };
    tokio::select! {
        () = work => {}
        _ = let_go => {}
    }
}
