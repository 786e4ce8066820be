//! What the kit finds, for people and for machines.

use serde::Serialize;

/// How far a connector is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Something of the core does not work.
    None,
    /// The core: conversations, callbacks, secrets, determinism, bounds.
    Bronze,
    /// Faults, repeats, crashes, strange texts.
    Silver,
    /// Every optional interface that it exports, and signatures that the vendor itself has made.
    Gold,
}

impl Level {
    /// As reports and the command line spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Bronze => "bronze",
            Self::Silver => "silver",
            Self::Gold => "gold",
        }
    }
}

/// One thing that was not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// In which situation.
    pub at: String,
    /// What should have been.
    pub expected: String,
    /// What was.
    pub came: String,
    /// Where to look, or what to do.
    pub look: String,
}

impl Fault {
    /// A fault.
    pub(crate) fn new(
        at: impl Into<String>,
        expected: impl Into<String>,
        came: impl Into<String>,
        look: impl Into<String>,
    ) -> Self {
        Self { at: at.into(), expected: expected.into(), came: came.into(), look: look.into() }
    }
}

/// How a check went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Outcome {
    /// As it should be.
    Passed {
        /// What was tried.
        note: String,
    },
    /// Not so.
    Failed {
        /// All there is.
        faults: Vec<Fault>,
    },
    /// It does not apply to this connector.
    NotApplicable {
        /// Why.
        why: String,
    },
    /// The scenario does not say enough to try it. Counts as not passed.
    Untold {
        /// What to add.
        add: String,
    },
    /// What it builds on does not work. Counts as not passed.
    NotRun {
        /// What does not.
        why: String,
    },
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Its name, which stays.
    pub name: &'static str,
    /// What it asks.
    pub title: &'static str,
    /// The level that it belongs to.
    pub level: Level,
    /// How it went.
    #[serde(flatten)]
    pub outcome: Outcome,
}

impl Check {
    /// Whether it does not stand in the way of its level.
    pub fn is_met(&self) -> bool {
        matches!(self.outcome, Outcome::Passed { .. } | Outcome::NotApplicable { .. })
    }
}

/// What the kit finds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Certificate {
    /// The connector's own name; empty where it did not get to say.
    pub connector: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of the component, in hex.
    pub digest: String,
    /// The component's size in bytes.
    pub size: usize,
    /// The kit that has tried it.
    pub kit: &'static str,
    /// The contract that it was held against.
    pub contract: &'static str,
    /// The optional interfaces that it exports.
    pub capabilities: Vec<String>,
    /// The level that it has reached.
    pub level: Level,
    /// All checks, in the order in which they were made.
    pub checks: Vec<Check>,
    /// What was measured.
    pub measured: Measured,
}

/// What was measured. Times are of this machine, and of this build of the kit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Measured {
    /// Reading a callback in a fresh instance: the middle of all, in microseconds.
    pub map_p50_us: Option<u64>,
    /// The slowest but one in a hundred.
    pub map_p99_us: Option<u64>,
    /// Sending a message, the vendor on loopback included.
    pub send_p50_us: Option<u64>,
    /// The slowest but one in a hundred.
    pub send_p99_us: Option<u64>,
    /// Bytes of memory that reading a callback took at the most.
    pub map_memory: Option<usize>,
    /// The least memory, in MiB, with which a whole conversation works.
    pub conversation_memory_mib: Option<usize>,
}

/// The level that these checks add up to.
pub(crate) fn level(checks: &[Check]) -> Level {
    let met = |level: Level| checks.iter().filter(|check| check.level == level).all(Check::is_met);
    let reached = [Level::Bronze, Level::Silver, Level::Gold].into_iter().take_while(|level| met(*level));
    reached.last().unwrap_or(Level::None)
}
