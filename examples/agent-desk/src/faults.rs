//! Switches that make this vendor slow or broken, for tests and for people who want to see it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::refusal::Refusal;

/// Most faults set at once.
const MOST: usize = 100;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Answered with [`Fault::status`] and the vendor's JSON for it.
    Status,
    /// Never answered: the caller has to give up. Ten minutes at most.
    Hold,
    /// The connection is reset without an answer.
    Reset,
    /// Answered [`Fault::ms`] late, and otherwise as ever.
    Slow,
    /// A webhook is posted once more after it was taken.
    Duplicate,
    /// A webhook waits until the next one has been posted. Of the next two, that is: one fault of `times` 1.
    Reorder,
    /// The answer to a webhook gets lost: the gateway took it, and is told again.
    DropAnswer,
}

impl Kind {
    fn is_webhooks(self) -> bool {
        matches!(self, Self::Duplicate | Self::Reorder | Self::DropAnswer)
    }
}

/// One fault: which requests it meets, how many of them, and what it does to each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fault {
    /// The operation's name; `start.*` is all whose names begin with `start.`, `*` is all. Webhooks are `webhook`
    /// unless the simulator names them otherwise.
    pub operation: String,
    /// What goes wrong.
    pub fault: Kind,
    /// How many requests it meets from now on; none is all until it is switched off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// Whether the request has its effect first, so that its caller cannot know.
    #[serde(default)]
    pub after: bool,
    /// The status to answer, 400 to 599.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The `Retry-After` to send along, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// Answered instead of the vendor's own JSON for the status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// How late `Slow` is, in milliseconds; ten minutes at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ms: Option<u64>,
}

impl Fault {
    /// A fault of this kind for all requests of an operation.
    pub fn new(operation: impl Into<String>, fault: Kind) -> Self {
        let operation = operation.into();
        Self {
            operation,
            fault,
            times: None,
            after: false,
            status: None,
            retry_after: None,
            body: None,
            ms: None,
        }
    }

    /// Answers with a status, without any effect.
    pub fn status(operation: impl Into<String>, status: u16) -> Self {
        Self { status: Some(status), ..Self::new(operation, Kind::Status) }
    }

    /// Only so many requests.
    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }

    /// Only once the request has had its effect.
    pub fn after(self) -> Self {
        Self { after: true, ..self }
    }

    fn check(&self) -> Result<(), Refusal> {
        let bad = |why: &str| Err(Refusal::Bad(why.to_owned()));
        match (self.fault, self.status, self.ms) {
            _ if self.operation.is_empty() => bad("operation is empty; * means all of them"),
            _ if self.times == Some(0) => bad("times must be at least 1; without it the fault stays"),
            (Kind::Status, Some(400..=599), None) | (Kind::Slow, None, Some(_)) => Ok(()),
            (Kind::Status, ..) => bad("the fault status needs a status from 400 to 599, and no ms"),
            (Kind::Slow, ..) => bad("the fault slow needs ms, and no status"),
            (_, None, None) => Ok(()),
            _ => bad("status and ms belong to the faults status and slow"),
        }
    }

    fn meets(&self, operation: &str) -> bool {
        match self.operation.strip_suffix('*') {
            Some(beginning) => operation.starts_with(beginning),
            None => operation == self.operation,
        }
    }
}

/// The faults that are set. Each request meets one at most: the one set first.
#[derive(Default)]
pub struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    /// Sets one more.
    ///
    /// # Errors
    /// It makes no sense, or there are too many.
    pub fn add(&self, fault: Fault) -> Result<(), Refusal> {
        fault.check()?;
        let mut faults = self.lock();
        if faults.len() >= MOST {
            return Err(Refusal::Full(format!("{MOST} faults are set already")));
        }
        faults.push(fault);
        Ok(())
    }

    /// Switches all off.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// Those that have not met all their requests.
    pub fn list(&self) -> Vec<Fault> {
        self.lock().clone()
    }

    /// The fault that a request of the gateway's meets now, which counts as one of its times. [`crate::Desk::operation`]
    /// asks for requests; a vendor asks itself for what is none, such as the next event of a stream.
    pub fn meet(&self, operation: &str) -> Option<Fault> {
        self.take(|fault| !fault.fault.is_webhooks() && fault.meets(operation))
    }

    /// Whether a webhook meets this kind of fault now.
    pub(crate) fn meet_webhook(&self, operation: &str, kind: Kind) -> bool {
        self.take(|fault| fault.fault == kind && fault.meets(operation)).is_some()
    }

    /// Whether webhooks are to change places.
    pub(crate) fn reorders(&self) -> bool {
        self.lock().iter().any(|fault| fault.fault == Kind::Reorder)
    }

    fn take(&self, is: impl Fn(&Fault) -> bool) -> Option<Fault> {
        let mut faults = self.lock();
        let position = faults.iter().position(is)?;
        let fault = faults[position].clone();
        match &mut faults[position].times {
            None => {}
            Some(1) => drop(faults.remove(position)),
            Some(times) => *times -= 1,
        }
        Some(fault)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Fault>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
