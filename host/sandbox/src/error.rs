//! Why a call, a mapping or the whole sandbox did not work, in words an operator can act on.

use handover_handoff::delivery::{Failure, FailureReason, RetryAdvice};

/// Why a call of a connector brought no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// It took longer than its deadline.
    #[error("the connector took longer than {limit_ms} ms")]
    TimedOut {
        /// Its deadline in milliseconds.
        limit_ms: u128,
        /// A request to the vendor was under way or done.
        sent: bool,
    },
    /// It broke down.
    #[error("the connector broke down: {trap}{}", last_words(log))]
    Trapped {
        /// What the sandbox saw.
        trap: String,
        /// The last lines that the connector wrote.
        log: Vec<String>,
        /// A request to the vendor was under way or done.
        sent: bool,
    },
    /// It wanted more than it may have.
    #[error("the connector wanted more than it may have: {0}")]
    OverLimit(String),
    /// Too many of its calls are under way.
    #[error("{0} calls of the connector are under way, and more may not be")]
    Busy(usize),
    /// It does not have this interface.
    #[error("the connector does not export `{0}`")]
    Unsupported(&'static str),
    /// It says why itself.
    #[error("{}: {}", .0.reason.as_str(), .0.detail)]
    Failed(Failure),
}

fn last_words(log: &[String]) -> String {
    match log.last() {
        Some(line) => format!("; its last line: {line}"),
        None => String::new(),
    }
}

impl CallError {
    /// In the domain's words.
    pub fn into_failure(self) -> Failure {
        let detail = self.to_string();
        // What reached the vendor may have taken effect; what did not can be made again.
        let advice = |sent| {
            if sent { RetryAdvice::UnknownOutcome } else { RetryAdvice::Safe(None) }
        };
        let (reason, retry) = match self {
            CallError::Failed(failure) => return failure,
            CallError::TimedOut { sent, .. } => (FailureReason::TimedOut, advice(sent)),
            CallError::Trapped { sent, .. } => (FailureReason::Trapped, advice(sent)),
            CallError::OverLimit(_) => (FailureReason::OverLimit, RetryAdvice::Never),
            CallError::Busy(_) => (FailureReason::Unavailable, RetryAdvice::Safe(None)),
            CallError::Unsupported(_) => (FailureReason::Unsupported, RetryAdvice::Never),
        };
        Failure { reason, retry, detail }
    }
}

/// Why a callback was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MapError {
    /// It is not what this vendor sends.
    #[error("{0}")]
    Malformed(String),
    /// This version of the connector cannot read it.
    #[error("this version cannot read it: {0}")]
    Unmapped(String),
    /// The connector did not get to say.
    #[error(transparent)]
    Call(#[from] CallError),
}

/// Why the sandbox does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The engine refuses this machine.
    #[error("the WebAssembly engine does not start on this machine: {0}")]
    Engine(String),
    /// A folder cannot be used.
    #[error("the folder {folder} cannot be used: {reason}")]
    Folder {
        /// Which.
        folder: String,
        /// Why.
        reason: String,
    },
    /// The client for upstreams cannot be built.
    #[error("no HTTP client: {0}")]
    Client(String),
}
