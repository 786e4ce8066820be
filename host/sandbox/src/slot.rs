//! A connector's place: the version that serves, behind one pointer that is switched in one step.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use arc_swap::{ArcSwap, ArcSwapOption};
use handover_handoff::{SessionId, Timestamp};

use crate::call::Gate;
use crate::config::ConnectorConfig;
use crate::convert::{now, short};
use crate::difference::Difference;
use crate::egress::{Egress, Resolver};
use crate::error::OpenError;
use crate::generation::{Generation, Shared};
use crate::load::{Rejection, Seat};
use crate::status::{ConnectorStatus, State};

/// One connector.
pub(crate) struct Slot {
    name: String,
    config: ConnectorConfig,
    egress: Arc<Egress>,
    gate: Arc<Gate>,
    serving: ArcSwapOption<Generation>,
    /// Whether it takes new sessions: not once its file is gone.
    taking: AtomicBool,
    record: Mutex<Record>,
}

/// All of them, by name.
pub(crate) type Slots = ArcSwap<BTreeMap<String, Arc<Slot>>>;

/// What is to be seen of it, besides what serves.
#[derive(Default)]
struct Record {
    /// A file that is being looked at.
    trial: Option<Trial>,
    /// Files that were refused, by their names: `x.wasm` and `x.cwasm` are both of `x`.
    rejected: BTreeMap<String, Rejected>,
    /// Versions that may still have calls under way.
    retired: Vec<Weak<Generation>>,
    /// Versions before the one that serves, by the schema of the state that they write: old sessions stay with them
    /// where what serves cannot read it.
    pinned: BTreeMap<u32, Shared>,
    /// Sessions whose state what serves did not bring itself to read, by the schema.
    unread: BTreeMap<u32, BTreeSet<SessionId>>,
    withdrawn: Option<Timestamp>,
}

struct Trial {
    file: String,
    state: State,
    digest: String,
    since: Timestamp,
}

struct Rejected {
    digest: String,
    reason: String,
    differences: Vec<Difference>,
    at: Timestamp,
}

impl Record {
    /// This file has been looked at.
    fn settle(&mut self, file: &str) {
        self.trial.take_if(|trial| trial.file == file);
        self.rejected.remove(file);
    }
}

impl Slot {
    pub(crate) fn new(
        name: &str,
        config: ConnectorConfig,
        resolver: &Arc<dyn Resolver>,
    ) -> Result<Self, OpenError> {
        Ok(Self {
            name: name.to_owned(),
            egress: Arc::new(Egress::new(&config, resolver)?),
            gate: Arc::new(Gate::new(config.limits.concurrency)),
            config,
            serving: ArcSwapOption::empty(),
            taking: AtomicBool::new(false),
            record: Mutex::default(),
        })
    }

    /// The file that it is served from.
    pub(crate) fn file(&self) -> String {
        format!("{}.wasm", self.config.component.as_ref().unwrap_or(&self.name))
    }

    pub(crate) fn seat(&self) -> Seat<'_> {
        Seat { name: &self.name, config: &self.config, egress: &self.egress, gate: &self.gate }
    }

    /// The version that serves.
    pub(crate) fn serving(&self) -> Option<Shared> {
        self.serving.load_full()
    }

    /// The version that a session whose state is of this schema goes on with.
    pub(crate) fn reader(&self, schema: Option<u32>) -> Option<Shared> {
        let serving = self.serving();
        match schema {
            Some(schema) if !serving.as_ref().is_some_and(|serving| serving.reads(schema)) => {
                // Where it is not there, what serves says so in its own words.
                self.record().pinned.get(&schema).cloned().or(serving)
            }
            _ => serving,
        }
    }

    /// The version before the one that serves that wrote state of this schema, where it is kept.
    pub(crate) fn writer(&self, schema: u32) -> Option<Shared> {
        self.record().pinned.get(&schema).cloned()
    }

    /// Whether a session stays with the version before, because what serves could not make its state its own.
    pub(crate) fn stays(&self, session: SessionId, schema: u32) -> bool {
        self.record().unread.get(&schema).is_some_and(|unread| unread.contains(&session))
    }

    /// A session stays with the version before until another one serves; true where that is news.
    pub(crate) fn keep_back(&self, session: SessionId, schema: u32) -> bool {
        self.record().unread.entry(schema).or_default().insert(session)
    }

    /// Keeps a version for the sessions whose state no other one can read.
    pub(crate) fn pin(&self, old: Shared) {
        self.record().pinned.insert(old.description.state_schema, old);
    }

    /// Whether it takes new sessions.
    pub(crate) fn takes_sessions(&self) -> bool {
        self.taking.load(Ordering::Acquire) && self.serving.load().is_some()
    }

    /// A file is being looked at.
    pub(crate) fn trial(&self, file: &str, state: State, digest: &str) {
        let (file, digest) = (file.to_owned(), digest.to_owned());
        self.record().trial = Some(Trial { file, state, digest, since: now() });
    }

    /// Whether this content is being looked at.
    pub(crate) fn tries(&self, digest: &str) -> bool {
        self.record().trial.as_ref().is_some_and(|trial| trial.digest == digest)
    }

    /// Lets go of what has been kept for too long.
    pub(crate) fn tidy(&self) {
        for generation in self.serving().iter().chain(self.record().pinned.values()) {
            if let Some(pool) = &generation.caller.pool {
                pool.tidy();
            }
        }
    }

    /// Switches to a proved version. Calls under way end on the one they began with.
    pub(crate) fn activate(&self, generation: Generation, file: &str) {
        self.switch(generation);
        self.confirm(file);
    }

    /// Serves with the build that served before the restart: its file is broken, or gone.
    pub(crate) fn recall(&self, generation: Generation, gone: bool) {
        self.switch(generation);
        self.taking.store(!gone, Ordering::Release);
        self.record().withdrawn = gone.then(now);
    }

    fn switch(&self, generation: Generation) {
        let schema = generation.description.state_schema;
        let before = self.serving.swap(Some(Arc::new(generation)));
        let mut record = self.record();
        record.pinned.remove(&schema);
        // It may do better.
        record.unread.clear();
        record.retired.retain(|old| old.strong_count() > 0);
        record.retired.extend(before.map(|old| Arc::downgrade(&old)));
    }

    /// What lies in the folder is what serves.
    pub(crate) fn confirm(&self, file: &str) {
        self.taking.store(true, Ordering::Release);
        let mut record = self.record();
        record.settle(file);
        record.withdrawn = None;
    }

    /// Refuses a file; what serves goes on serving. True where that is news.
    pub(crate) fn reject(&self, file: &str, digest: &str, rejection: Rejection) -> bool {
        let mut record = self.record();
        let (reason, differences) = (short(&rejection.reason), rejection.differences);
        let known = record.rejected.get(file);
        let news = known.is_none_or(|known| known.digest != digest || known.reason != reason);
        let at = known.filter(|_| !news).map_or_else(now, |known| known.at);
        record.settle(file);
        let digest = digest.to_owned();
        record.rejected.insert(file.to_owned(), Rejected { digest, reason, differences, at });
        news
    }

    /// A file is gone, and what was said of it with it.
    pub(crate) fn forget(&self, file: &str) {
        self.record().settle(file);
    }

    /// Its file is gone: sessions it has go on, new ones are refused.
    pub(crate) fn withdraw(&self) {
        self.taking.store(false, Ordering::Release);
        self.record().withdrawn = Some(now());
    }

    pub(crate) fn status(&self) -> Vec<ConnectorStatus> {
        let record = self.record();
        let own = self.file();
        let line = |file: &str, state, digest: &str, reason: Option<String>, since| ConnectorStatus {
            name: self.name.clone(),
            file: file.to_owned(),
            state,
            version: None,
            digest: Some(digest.to_owned()).filter(|digest| !digest.is_empty()),
            signer: None,
            reason,
            differences: Vec::new(),
            since,
            instances: None,
            description: None,
        };
        let version = |state, generation: &Generation, reason: Option<&str>, since| ConnectorStatus {
            version: Some(generation.description.version.clone()),
            description: Some(generation.description.clone()),
            instances: Some(generation.instances.clone()),
            signer: generation.signer.clone(),
            ..line(&own, state, &generation.digest, reason.map(str::to_owned), Some(since))
        };
        let mut lines = Vec::new();
        if let Some(serving) = self.serving() {
            lines.push(match record.withdrawn {
                Some(since) => {
                    let reason = "its file is gone: it takes no new sessions";
                    version(State::Withdrawn, &serving, Some(reason), since)
                }
                None => {
                    let refused = record.rejected.contains_key(&own);
                    let reason =
                        refused.then_some("its file was refused: the version before it goes on serving");
                    version(State::Active, &serving, reason, serving.since)
                }
            });
        }
        if let Some(trial) = &record.trial {
            lines.push(line(&trial.file, trial.state, &trial.digest, None, Some(trial.since)));
        }
        for (schema, old) in &record.pinned {
            let reads = self.serving().is_some_and(|serving| serving.reads(*schema));
            let reason = match record.unread.contains_key(schema) {
                true => "sessions whose state the next version failed to migrate stay with it",
                false if reads => continue,
                false => "sessions that began with it stay with it: the next version cannot read their state",
            };
            lines.push(version(State::Draining, old, Some(reason), old.since));
        }
        let retired = record.retired.iter().filter_map(Weak::upgrade);
        let pinned = |old: &Shared| record.pinned.values().any(|one| Arc::ptr_eq(one, old));
        for old in retired.filter(|old| !pinned(old)) {
            lines.push(version(State::Draining, &old, None, old.since));
        }
        for (file, rejected) in &record.rejected {
            let reason = Some(rejected.reason.clone());
            let at = Some(rejected.at);
            lines.push(ConnectorStatus {
                differences: rejected.differences.clone(),
                ..line(file, State::Rejected, &rejected.digest, reason, at)
            });
        }
        lines
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
