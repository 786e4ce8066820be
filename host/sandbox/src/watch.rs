//! The one who looks: which files are new, whole, changed or gone, and what follows for their connectors.
//!
//! A file is taken once it has been the same for two looks in a row, and decided on by its content. One way leads from
//! file to serving, at the start and ever after. Files are proved beside each other: one that takes long, because it
//! is large or loops, holds up no other.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::{Id, JoinError, JoinSet};

use crate::config::ConnectorConfig;
use crate::egress::Resolver;
use crate::folder::{self, Candidate, Fingerprint};
use crate::load::{Loader, Rejection};
use crate::pinning;
use crate::slot::{Slot, Slots};
use crate::status::State;
use crate::taking::{Taken, Verdict, keep, prove, refuse, short, take};

/// How long a file must have been the same to count as whole.
pub(crate) const SETTLED: Duration = Duration::from_millis(120);

/// How long a file must have been gone to count as withdrawn: many tools replace by deleting first.
const GONE: Duration = Duration::from_millis(600);

/// Looks at one folder.
pub(crate) struct Watch {
    folder: PathBuf,
    connectors: BTreeMap<String, ConnectorConfig>,
    poll: Duration,
    loader: Arc<Loader>,
    slots: Arc<Slots>,
    resolver: Arc<dyn Resolver>,
    seen: HashMap<Place, Sight>,
    proving: JoinSet<Taken>,
    /// Those that take so long that nothing waits for them, the start included.
    compiling: JoinSet<Taken>,
    /// Whether anything is being looked at.
    pub(crate) busy: watch::Sender<bool>,
    /// Said once, not at each look.
    unreadable: bool,
}

/// One file, for one of the connectors that it serves.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Place {
    path: PathBuf,
    name: String,
}

impl Place {
    fn of(candidate: &Candidate) -> Self {
        Self { path: candidate.path.clone(), name: candidate.name.clone() }
    }
}

/// What a file looked like.
struct Sight {
    fingerprint: Fingerprint,
    since: Instant,
    gone: Option<Instant>,
    stage: Stage,
}

#[derive(PartialEq, Eq)]
enum Stage {
    /// It may still be growing; or it is to be tried again, not before this time.
    Waiting(Option<Instant>),
    Proving(Id),
    Decided,
}

/// See [`Watch::proved`].
pub(crate) struct Proved(Result<(Id, Taken), JoinError>);

impl Watch {
    pub(crate) fn new(
        folder: PathBuf,
        connectors: BTreeMap<String, ConnectorConfig>,
        poll: Duration,
        loader: Loader,
        slots: Arc<Slots>,
        resolver: Arc<dyn Resolver>,
    ) -> Self {
        Self {
            folder,
            connectors,
            poll,
            loader: Arc::new(loader),
            slots,
            resolver,
            seen: HashMap::new(),
            proving: JoinSet::new(),
            compiling: JoinSet::new(),
            busy: watch::Sender::new(true),
            unreadable: false,
        }
    }

    /// Says whether there is anything left to do; `soon` is what the last look came to.
    pub(crate) fn tell(&self, soon: bool) {
        let busy = soon || !self.proving.is_empty() || !self.compiling.is_empty();
        self.busy.send_if_modified(|known| std::mem::replace(known, busy) != busy);
    }

    /// The first look: files are taken as they are, and connectors that served before serve again. What takes long to
    /// compile is not waited for.
    pub(crate) async fn begin(&mut self) {
        self.look(true).await;
        while let Some(proved) = self.proving.join_next_with_id().await {
            self.decide(Proved(proved)).await;
        }
        self.recall().await;
        let slots = self.slots.load();
        pinning::recall(&self.loader, &slots).await;
    }

    /// Looks once and does what is to be done; true where it should look again soon.
    pub(crate) async fn look(&mut self, starting: bool) -> bool {
        let folder = self.folder.clone();
        // A network disk may take its time.
        let scanned = tokio::task::spawn_blocking(move || folder::scan(&folder)).await;
        let candidates = match scanned {
            Ok(Ok(candidates)) => candidates,
            Ok(Err(e)) => return self.blind(&e.to_string()),
            Err(e) => return self.blind(&e.to_string()),
        };
        self.unreadable = false;
        let candidates: Vec<Candidate> =
            candidates.into_iter().flat_map(|candidate| self.connectors_of(candidate)).collect();
        let present: HashSet<Place> = candidates.iter().map(Place::of).collect();
        let missing: Vec<Place> =
            self.seen.keys().filter(|place| !present.contains(place)).cloned().collect();
        let mut soon = false;
        for place in missing {
            soon |= self.missed(&place);
        }
        for candidate in candidates {
            soon |= self.sighted(candidate, starting);
        }
        soon
    }

    /// Lets go of what connectors have kept for too long.
    pub(crate) fn tidy(&self) {
        for slot in self.slots.load().values() {
            slot.tidy();
        }
    }

    /// A file serves the connectors that name it as their component, and the one of its own name; but not that one
    /// where others name it and nobody has configured it.
    fn connectors_of(&self, file: Candidate) -> Vec<Candidate> {
        let of = |config: &ConnectorConfig| config.component.as_ref() == Some(&file.name);
        let others = self.connectors.iter().filter(|(name, config)| of(config) && **name != file.name);
        let mut names: Vec<String> = others.map(|(name, _)| name.clone()).collect();
        let itself = match self.connectors.get(&file.name) {
            Some(config) => config.component.is_none() || of(config),
            None => names.is_empty(),
        };
        if itself {
            names.push(file.name.clone());
        }
        names.into_iter().map(|name| Candidate { name, ..file.clone() }).collect()
    }

    /// A folder that cannot be read says nothing of what is in it: what serves goes on serving.
    fn blind(&mut self, reason: &str) -> bool {
        if !self.unreadable {
            self.unreadable = true;
            tracing::warn!(folder = %self.folder.display(), reason, "the connectors' folder cannot be read");
        }
        true
    }

    /// A file is there; true where it has to be looked at again.
    fn sighted(&mut self, candidate: Candidate, starting: bool) -> bool {
        let now = Instant::now();
        let place = Place::of(&candidate);
        let sight = self.seen.entry(place.clone()).or_insert_with(|| Sight {
            fingerprint: candidate.fingerprint,
            since: now,
            gone: None,
            stage: Stage::Waiting(None),
        });
        let back = sight.gone.take().is_some();
        if back || sight.fingerprint != candidate.fingerprint {
            sight.fingerprint = candidate.fingerprint;
            sight.since = now;
            if let Stage::Decided | Stage::Waiting(_) = sight.stage {
                sight.stage = Stage::Waiting(None);
            }
        }
        match sight.stage {
            Stage::Decided | Stage::Proving(_) => return false,
            Stage::Waiting(Some(until)) if now < until => return false,
            Stage::Waiting(_) if !starting && now.duration_since(sight.since) < SETTLED => return true,
            Stage::Waiting(_) => {}
        }
        let stage = match self.slot(&candidate.name) {
            Some(slot) => {
                slot.trial(&candidate.file(), State::Loading, "");
                let taking = take(Arc::clone(&self.loader), slot, candidate.clone());
                Stage::Proving(self.proving.spawn(taking).id())
            }
            None => Stage::Decided,
        };
        if let Some(sight) = self.seen.get_mut(&place) {
            sight.stage = stage;
        }
        false
    }

    /// A file is not there; true where it has to be looked for again.
    fn missed(&mut self, place: &Place) -> bool {
        let Some(sight) = self.seen.get_mut(place) else {
            return false;
        };
        let since = *sight.gone.get_or_insert_with(Instant::now);
        if since.elapsed() < GONE {
            return true;
        }
        let Place { path, name } = place;
        self.seen.remove(place);
        let mut slots = BTreeMap::clone(&self.slots.load());
        let Some(slot) = slots.get(name) else {
            return false;
        };
        slot.forget(&folder::file_name(path));
        // Only a `.wasm` can have served; what else bears its name was refused.
        if path.extension().is_some_and(|ending| ending == "wasm") && slot.serving().is_some() {
            tracing::info!(connector = name, "withdrawn: it takes no new sessions");
            slot.withdraw();
        } else if !self.seen.keys().any(|other| other.name == *name) && slot.serving().is_none() {
            slots.remove(name);
            self.slots.store(Arc::new(slots));
        }
        false
    }

    /// Waits until one file has been proved, or not. Never, while none is being proved. To be followed by [`decide`]:
    /// apart from it, because who waits for several things at once gives up all but one.
    ///
    /// [`decide`]: Self::decide
    pub(crate) async fn proved(&mut self) -> Proved {
        tokio::select! {
            Some(proved) = self.proving.join_next_with_id() => Proved(proved),
            Some(proved) = self.compiling.join_next_with_id() => Proved(proved),
            else => std::future::pending().await,
        }
    }

    /// Not to be seen unless the sandbox itself has a fault: this content is then left alone.
    fn broke_down(&mut self, e: &JoinError) {
        let (id, reason) = (e.id(), e.to_string());
        for (Place { path, name }, sight) in &mut self.seen {
            if sight.stage == Stage::Proving(id) {
                sight.stage = Stage::Decided;
                if let Some(slot) = self.slots.load().get(name) {
                    refuse(
                        slot,
                        &folder::file_name(path),
                        "",
                        format!("the sandbox broke down on it: {reason}").into(),
                    );
                }
            }
        }
    }

    /// What follows from it.
    pub(crate) async fn decide(&mut self, proved: Proved) {
        let (id, taken) = match proved.0 {
            Ok(proved) => proved,
            Err(e) => return self.broke_down(&e),
        };
        let taken = if matches!(taken.verdict, Verdict::Long) {
            match self.put_off(id, taken) {
                Some(taken) => taken,
                None => return,
            }
        } else {
            taken
        };
        let Taken { candidate, slot, build, verdict } = taken;
        let digest = &build.digest;
        // The file may be gone for good by now.
        let Some(sight) =
            self.seen.get_mut(&Place::of(&candidate)).filter(|sight| sight.stage == Stage::Proving(id))
        else {
            return;
        };
        let file = candidate.file();
        // What has changed while it was being proved is taken again.
        let current = sight.gone.is_none() && sight.fingerprint == candidate.fingerprint;
        sight.stage = if current { Stage::Decided } else { Stage::Waiting(None) };
        match verdict {
            Verdict::Changed | Verdict::Long => sight.stage = Stage::Waiting(None),
            Verdict::Known => slot.confirm(&file),
            Verdict::Good(generation) => {
                let version = generation.description.version.clone();
                pinning::before(&self.loader, &slot, &candidate.name, &generation).await;
                keep(&self.loader, &candidate.name, &build).await;
                let signer = generation.signer().map(str::to_owned);
                slot.activate(*generation, &file);
                tracing::info!(connector = candidate.name, version, digest = short(digest), signer, "active");
            }
            Verdict::Bad(_) if !current => slot.forget(&file),
            Verdict::Bad(rejection) => {
                if rejection.passing {
                    sight.stage = Stage::Waiting(Some(Instant::now() + self.poll));
                }
                // A component that lies there for whoever wants it is nothing to warn of.
                if rejection.ungranted && !self.connectors.contains_key(&candidate.name) {
                    let reason = format!(
                        "there is no [connectors.{}] in the configuration, which is read at the start: {}",
                        candidate.name, rejection.reason
                    );
                    if slot.reject(&file, digest, Rejection { reason, ..rejection }) {
                        tracing::info!(connector = candidate.name, "not configured, and so not served");
                    }
                } else {
                    refuse(&slot, &file, digest, rejection);
                }
            }
        }
    }

    /// Goes on with one that takes long, beside everything else. Given back where the file is another by now.
    fn put_off(&mut self, id: Id, taken: Taken) -> Option<Taken> {
        let candidate = &taken.candidate;
        let sight = self.seen.get_mut(&Place::of(candidate));
        let Some(sight) = sight.filter(|sight| {
            sight.stage == Stage::Proving(id)
                && sight.gone.is_none()
                && sight.fingerprint == candidate.fingerprint
        }) else {
            return Some(taken);
        };
        taken.slot.trial(&candidate.file(), State::Compiling, &taken.build.digest);
        tracing::info!(
            connector = candidate.name,
            bytes = taken.build.bytes.len(),
            "compiling, which takes a while"
        );
        sight.stage = Stage::Proving(self.compiling.spawn(prove(Arc::clone(&self.loader), taken)).id());
        None
    }

    /// After a start: connectors that served before and do not now, because their file is broken or gone, serve with
    /// their last good build, so that their sessions go on.
    async fn recall(&mut self) {
        for name in self.loader.cache.known() {
            let serves = self.slots.load().get(&name).is_some_and(|slot| slot.serving().is_some());
            if serves {
                continue;
            }
            let (Some(build), Some(slot)) = (self.loader.cache.last_good(&name), self.slot(&name)) else {
                continue;
            };
            let path = self.folder.join(slot.file());
            let gone = !self.seen.contains_key(&Place { path, name: name.clone() });
            // It lies in the folder, and is on its way.
            if slot.tries(&build.digest) {
                continue;
            }
            match self.loader.prove(slot.seat(), &build).await {
                Ok(generation) => {
                    let version = generation.description.version.clone();
                    slot.recall(generation, gone);
                    tracing::warn!(connector = name, version, gone, "the last good build serves");
                }
                Err(rejection) => {
                    tracing::warn!(
                        connector = name,
                        reason = rejection.reason,
                        "the last good build serves no more"
                    );
                    if gone {
                        slot.reject(&slot.file(), &build.digest, rejection);
                    }
                }
            }
        }
    }

    fn slot(&self, name: &str) -> Option<Arc<Slot>> {
        let slots = self.slots.load();
        if let Some(slot) = slots.get(name) {
            return Some(Arc::clone(slot));
        }
        let config = self.connectors.get(name).cloned().unwrap_or_default();
        let slot = Slot::new(name, config, &self.resolver)
            .inspect_err(|e| tracing::error!(connector = name, reason = %e, "no place for it"))
            .ok()?;
        let slot = Arc::new(slot);
        let mut slots = BTreeMap::clone(&slots);
        slots.insert(name.to_owned(), Arc::clone(&slot));
        self.slots.store(Arc::new(slots));
        Some(slot)
    }
}
