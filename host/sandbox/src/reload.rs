//! Hot reload: the folder is looked at again and again, and what it holds is made to serve.
//!
//! An event of the file system is a hint to look, never a fact: copies announce themselves while they are being
//! written, a symlink swap names no `.wasm` at all, and network disks say nothing. A file is taken once it has been
//! the same for two looks in a row, and decided on by its content. One way leads from file to serving, at the start
//! and ever after.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use notify::{EventKind, RecursiveMode, Watcher};
use tokio::sync::mpsc;

use crate::cache::Cache;
use crate::config::{ConnectorConfig, SandboxConfig};
use crate::engine::engine;
use crate::error::OpenError;
use crate::folder::{self, Candidate, Fingerprint};
use crate::generation::Generation;
use crate::load::{LARGEST, Loader, digest};
use crate::slot::Slot;
use crate::status::{ConnectorStatus, State};

/// How long a file must have been the same to count as whole.
const SETTLED: Duration = Duration::from_millis(120);

/// How long a file must have been gone to count as withdrawn: many tools replace by deleting first.
const GONE: Duration = Duration::from_millis(600);

/// All connectors.
pub struct Sandbox {
    slots: ArcSwap<BTreeMap<String, Arc<Slot>>>,
}

impl Sandbox {
    /// Opens the folder, proves what it holds, and keeps watching it for as long as the sandbox is held by anyone.
    ///
    /// A file that is broken now does not stop the start: the last good build of that connector serves.
    pub async fn open(config: SandboxConfig) -> Result<Arc<Self>, OpenError> {
        let unusable = |folder: &Path, e: std::io::Error| OpenError::Folder {
            folder: folder.display().to_string(),
            reason: e.to_string(),
        };
        std::fs::create_dir_all(&config.folder).map_err(|e| unusable(&config.folder, e))?;
        let cache = Cache::open(&config.cache).map_err(|e| unusable(&config.cache, e))?;
        let loader = Loader::new(engine()?, cache, config.callback_base)
            .map_err(|e| OpenError::Engine(e.root_cause().to_string()))?;
        let sandbox = Arc::new(Self { slots: ArcSwap::default() });
        let mut watch = Watch {
            folder: config.folder,
            connectors: config.connectors,
            loader: Arc::new(loader),
            seen: HashMap::new(),
        };
        watch.look(&sandbox, true).await;
        watch.recall(&sandbox).await;
        let sandbox_held = Arc::downgrade(&sandbox);
        tokio::spawn(async move {
            let (hints, mut heard) = mpsc::channel(1);
            let _watcher = listen(&watch.folder, hints);
            let mut wait = config.poll;
            loop {
                // Whichever comes first; a burst of events is one hint.
                drop(tokio::time::timeout(wait, heard.recv()).await);
                while heard.try_recv().is_ok() {}
                let Some(sandbox) = sandbox_held.upgrade() else {
                    return;
                };
                let unsettled = watch.look(&sandbox, false).await;
                wait = if unsettled { SETTLED } else { config.poll };
            }
        });
        Ok(sandbox)
    }

    /// The version of a connector that serves; take it once per call, and make the whole call on it.
    pub fn connector(&self, name: &str) -> Option<Arc<Generation>> {
        self.slots.load().get(name)?.serving()
    }

    /// Whether a connector takes new sessions.
    pub fn takes_sessions(&self, name: &str) -> bool {
        self.slots.load().get(name).is_some_and(|slot| slot.takes_sessions())
    }

    /// What is to be seen of all connectors.
    pub fn status(&self) -> Vec<ConnectorStatus> {
        self.slots.load().values().flat_map(|slot| slot.status()).collect()
    }
}

/// Events become hints; those of reading are none, or every look would cause the next one.
fn listen(folder: &Path, hints: mpsc::Sender<()>) -> Option<notify::RecommendedWatcher> {
    let told = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        if !event.is_ok_and(|event| matches!(event.kind, EventKind::Access(_)) && !event.need_rescan()) {
            // Where one hint waits already, this one says nothing new.
            let _ = hints.try_send(());
        }
    });
    let watching = told.and_then(|mut watcher| {
        watcher.watch(folder, RecursiveMode::NonRecursive)?;
        Ok(watcher)
    });
    watching
        .inspect_err(|e| tracing::warn!(folder = %folder.display(), reason = %e, "no file events; polling"))
        .ok()
}

/// The one who looks.
struct Watch {
    folder: PathBuf,
    connectors: BTreeMap<String, ConnectorConfig>,
    loader: Arc<Loader>,
    seen: HashMap<PathBuf, Sight>,
}

/// What a file looked like.
struct Sight {
    name: String,
    fingerprint: Fingerprint,
    since: Instant,
    decided: bool,
    gone: Option<Instant>,
}

impl Watch {
    /// Looks once and does what is to be done; true where it should look again soon. At the start files are taken as
    /// they are.
    async fn look(&mut self, sandbox: &Sandbox, starting: bool) -> bool {
        let candidates = match folder::scan(&self.folder) {
            Ok(candidates) => candidates,
            Err(e) => {
                tracing::warn!(folder = %self.folder.display(), reason = %e, "the connectors' folder cannot be read");
                return false;
            }
        };
        let mut unsettled = false;
        let present: HashSet<&PathBuf> = candidates.iter().map(|candidate| &candidate.path).collect();
        let missing: Vec<PathBuf> =
            self.seen.keys().filter(|path| !present.contains(path)).cloned().collect();
        for path in missing {
            unsettled |= self.missed(sandbox, &path);
        }
        for candidate in candidates {
            let now = Instant::now();
            let sight = self.seen.entry(candidate.path.clone()).or_insert_with(|| Sight {
                name: candidate.name.clone(),
                fingerprint: candidate.fingerprint,
                since: now,
                decided: false,
                gone: None,
            });
            if sight.fingerprint != candidate.fingerprint || sight.gone.take().is_some() {
                sight.fingerprint = candidate.fingerprint;
                sight.since = now;
                sight.decided = false;
            }
            if sight.decided {
                continue;
            }
            let whole = starting || now.duration_since(sight.since) >= SETTLED;
            let decided = whole && self.take(sandbox, &candidate).await;
            unsettled |= !decided;
            if let Some(sight) = self.seen.get_mut(&candidate.path) {
                sight.decided = decided;
            }
        }
        unsettled
    }

    fn missed(&mut self, sandbox: &Sandbox, path: &Path) -> bool {
        let Some(sight) = self.seen.get_mut(path) else {
            return false;
        };
        let since = *sight.gone.get_or_insert_with(Instant::now);
        if since.elapsed() < GONE {
            return true;
        }
        let name = sight.name.clone();
        self.seen.remove(path);
        // Another file may serve under this name still, e.g. where only an ending changed.
        if !self.seen.values().any(|other| other.name == name) {
            let mut slots = BTreeMap::clone(&sandbox.slots.load());
            if let Some(slot) = slots.get(&name) {
                if slot.serving().is_some() {
                    tracing::info!(connector = name, "withdrawn: it takes no new sessions");
                    slot.withdraw();
                } else {
                    slots.remove(&name);
                    sandbox.slots.store(Arc::new(slots));
                }
            }
        }
        false
    }

    /// Takes a file that is whole; false where it changed meanwhile and has to be looked at again.
    async fn take(&self, sandbox: &Sandbox, candidate: &Candidate) -> bool {
        let file = candidate.file();
        let Some(slot) = self.slot(sandbox, &candidate.name) else {
            return true;
        };
        if candidate.size > LARGEST {
            let reason = format!("has {} bytes; a component may have {LARGEST}", candidate.size);
            self.refuse(&slot, &file, "", reason);
            return true;
        }
        slot.trial(&file, State::Loading, "");
        let path = candidate.path.clone();
        let read = tokio::task::spawn_blocking(move || std::fs::read(path)).await;
        let bytes = match read {
            Ok(Ok(bytes)) => Arc::new(bytes),
            Ok(Err(e)) => {
                self.refuse(&slot, &file, "", format!("cannot be read: {e}"));
                return true;
            }
            Err(_) => return false,
        };
        if folder::fingerprint(&candidate.path) != Some(candidate.fingerprint) {
            return false;
        }
        let digest = digest(&bytes);
        if slot.serving().is_some_and(|serving| serving.digest() == digest) {
            slot.confirm();
            return true;
        }
        if slot.has_rejected(&digest) {
            // The same broken content again, e.g. touched: what was said of it stands.
            let known = slot.status().into_iter().find_map(|line| line.reason).unwrap_or_default();
            slot.reject(&file, &digest, known);
            return true;
        }
        slot.trial(&file, State::Checking, &digest);
        let begun = Instant::now();
        match self.loader.prove(slot.seat(), &bytes, &digest).await {
            Ok(generation) => {
                let version = generation.description.version.clone();
                self.keep(&candidate.name, &bytes).await;
                slot.activate(generation);
                let ms = begun.elapsed().as_millis();
                tracing::info!(connector = candidate.name, version, digest = short(&digest), ms, "active");
            }
            Err(reason) => self.refuse(&slot, &file, &digest, reason),
        }
        true
    }

    fn refuse(&self, slot: &Slot, file: &str, digest: &str, reason: String) {
        tracing::warn!(file, digest = short(digest), reason, "rejected");
        slot.reject(file, digest, reason);
    }

    async fn keep(&self, name: &str, bytes: &Arc<Vec<u8>>) {
        let (loader, name, bytes) = (Arc::clone(&self.loader), name.to_owned(), Arc::clone(bytes));
        let kept =
            tokio::task::spawn_blocking(move || loader.cache.keep_good(&name, &bytes).map_err(|e| (name, e)));
        if let Ok(Err((name, e))) = kept.await {
            tracing::warn!(connector = name, reason = %e, "the good build was not kept for a restart");
        }
    }

    /// After a start: connectors that served before and do not now, because their file is broken or gone, serve with
    /// their last good build, so that their sessions go on.
    async fn recall(&self, sandbox: &Sandbox) {
        for name in self.loader.cache.known() {
            if sandbox.connector(&name).is_some() {
                continue;
            }
            let (Some(bytes), Some(slot)) = (self.loader.cache.last_good(&name), self.slot(sandbox, &name))
            else {
                continue;
            };
            let gone = !self.seen.values().any(|sight| sight.name == name);
            let bytes = Arc::new(bytes);
            let rejected = slot.status().into_iter().find(|line| line.state == State::Rejected);
            match self.loader.prove(slot.seat(), &bytes, &digest(&bytes)).await {
                Ok(generation) => {
                    let version = generation.description.version.clone();
                    slot.activate(generation);
                    tracing::warn!(connector = name, version, gone, "the last good build serves");
                }
                Err(reason) => tracing::warn!(connector = name, reason, "the last good build serves no more"),
            }
            if let Some(line) = rejected {
                slot.reject(&line.file, &line.digest.unwrap_or_default(), line.reason.unwrap_or_default());
            }
            if gone {
                slot.withdraw();
            }
        }
    }

    fn slot(&self, sandbox: &Sandbox, name: &str) -> Option<Arc<Slot>> {
        let slots = sandbox.slots.load();
        if let Some(slot) = slots.get(name) {
            return Some(Arc::clone(slot));
        }
        let config = self.connectors.get(name).cloned().unwrap_or_default();
        let slot = Slot::new(name, config)
            .inspect_err(|e| tracing::error!(connector = name, reason = %e, "no place for it"))
            .ok()?;
        let slot = Arc::new(slot);
        let mut slots = BTreeMap::clone(&slots);
        slots.insert(name.to_owned(), Arc::clone(&slot));
        sandbox.slots.store(Arc::new(slots));
        Some(slot)
    }
}

fn short(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}
