//! A connector's place: the version that serves, behind one pointer that is switched in one step.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use arc_swap::ArcSwapOption;
use handover_handoff::Timestamp;
use tokio::sync::Semaphore;

use crate::config::ConnectorConfig;
use crate::convert::now;
use crate::egress::Egress;
use crate::error::OpenError;
use crate::generation::{Generation, Shared};
use crate::load::Seat;
use crate::status::{ConnectorStatus, State};

/// One connector.
pub(crate) struct Slot {
    name: String,
    config: ConnectorConfig,
    egress: Arc<Egress>,
    gate: Arc<Semaphore>,
    serving: ArcSwapOption<Generation>,
    /// Whether it takes new sessions: not once its file is gone.
    taking: AtomicBool,
    record: Mutex<Record>,
}

/// What is to be seen of it, besides what serves.
#[derive(Default)]
struct Record {
    file: String,
    /// A file that is being looked at.
    trial: Option<(State, String)>,
    /// The file that was refused last.
    rejected: Option<Rejected>,
    /// Versions that may still have calls under way.
    retired: Vec<Weak<Generation>>,
    withdrawn: Option<Timestamp>,
}

#[derive(Clone)]
struct Rejected {
    digest: String,
    reason: String,
    at: Timestamp,
}

impl Slot {
    pub(crate) fn new(name: &str, config: ConnectorConfig) -> Result<Self, OpenError> {
        Ok(Self {
            name: name.to_owned(),
            egress: Arc::new(Egress::new(&config)?),
            gate: Arc::new(Semaphore::new(config.limits.concurrency)),
            config,
            serving: ArcSwapOption::empty(),
            taking: AtomicBool::new(false),
            record: Mutex::default(),
        })
    }

    pub(crate) fn seat(&self) -> Seat<'_> {
        Seat { name: &self.name, config: &self.config, egress: &self.egress, gate: &self.gate }
    }

    /// The version that serves.
    pub(crate) fn serving(&self) -> Option<Shared> {
        self.serving.load_full()
    }

    /// Whether it takes new sessions.
    pub(crate) fn takes_sessions(&self) -> bool {
        self.taking.load(Ordering::Acquire) && self.serving.load().is_some()
    }

    /// A file is being looked at.
    pub(crate) fn trial(&self, file: &str, state: State, digest: &str) {
        let mut record = self.record();
        record.file = file.to_owned();
        record.trial = Some((state, digest.to_owned()));
    }

    /// Switches to a proved version. Calls under way end on the one they began with.
    pub(crate) fn activate(&self, generation: Generation) {
        let before = self.serving.swap(Some(Arc::new(generation)));
        self.taking.store(true, Ordering::Release);
        let mut record = self.record();
        record.trial = None;
        record.rejected = None;
        record.withdrawn = None;
        record.retired.retain(|old| old.strong_count() > 0);
        record.retired.extend(before.map(|old| Arc::downgrade(&old)));
    }

    /// What lies in the folder is what serves already.
    pub(crate) fn confirm(&self) {
        self.taking.store(true, Ordering::Release);
        let mut record = self.record();
        record.trial = None;
        record.rejected = None;
        record.withdrawn = None;
    }

    /// Refuses a file; what serves goes on serving.
    pub(crate) fn reject(&self, file: &str, digest: &str, reason: String) {
        let mut record = self.record();
        record.file = file.to_owned();
        record.trial = None;
        record.rejected = Some(Rejected { digest: digest.to_owned(), reason, at: now() });
    }

    /// Whether this very content was refused.
    pub(crate) fn has_rejected(&self, digest: &str) -> bool {
        self.record().rejected.as_ref().is_some_and(|rejected| rejected.digest == digest)
    }

    /// Its file is gone: sessions it has go on, new ones are refused.
    pub(crate) fn withdraw(&self) {
        self.taking.store(false, Ordering::Release);
        let mut record = self.record();
        record.trial = None;
        record.rejected = None;
        record.withdrawn = Some(now());
    }

    pub(crate) fn status(&self) -> Vec<ConnectorStatus> {
        let record = self.record();
        let line = |state, digest: Option<&str>, reason: Option<String>, since| ConnectorStatus {
            name: self.name.clone(),
            file: if record.file.is_empty() { format!("{}.wasm", self.name) } else { record.file.clone() },
            state,
            version: None,
            digest: digest.map(str::to_owned),
            reason,
            since,
            description: None,
        };
        let version = |state, generation: &Generation, reason, since| ConnectorStatus {
            version: Some(generation.description.version.clone()),
            description: Some(generation.description.clone()),
            ..line(state, Some(&generation.digest), reason, Some(since))
        };
        let mut lines = Vec::new();
        if let Some(serving) = self.serving() {
            lines.push(match record.withdrawn {
                Some(since) => {
                    let reason = "its file is gone: it takes no new sessions".to_owned();
                    version(State::Withdrawn, &serving, Some(reason), since)
                }
                None => version(State::Active, &serving, None, serving.since),
            });
        }
        if let Some((state, digest)) = &record.trial {
            lines.push(line(*state, Some(digest), None, None));
        }
        for old in record.retired.iter().filter_map(Weak::upgrade) {
            lines.push(version(State::Draining, &old, None, old.since));
        }
        if let Some(rejected) = &record.rejected {
            let (digest, reason) = (Some(rejected.digest.as_str()), Some(rejected.reason.clone()));
            lines.push(line(State::Rejected, digest, reason, Some(rejected.at)));
        }
        lines
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
