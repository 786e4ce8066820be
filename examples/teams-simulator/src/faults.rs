//! Faults that can be switched on: how the services the gateway answers to behave on a bad day.
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{locked::Locked, refusal::Refusal};

/// Which service is faulty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Target {
    Connector,
    Runtime,
    /// Who issues tokens and publishes keys.
    Authority,
}

/// What it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Mode {
    /// As it should: switches a fault off.
    None,
    /// Does what it is asked and answers late.
    Slow,
    /// 429 with `Retry-After`.
    Throttled,
    /// 403 `BotNotInConversationRoster`.
    Forbidden,
    /// 500.
    ServerError,
    /// 502.
    BadGateway,
    /// 503.
    Unavailable,
    /// 412.
    Conflict,
    /// Closes the connection, nothing done.
    Drop,
    /// Does what it is asked and closes the connection instead of answering.
    DropAfter,
}

impl Mode {
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Slow => "slow",
            Self::Throttled => "throttled",
            Self::Forbidden => "forbidden",
            Self::ServerError => "serverError",
            Self::BadGateway => "badGateway",
            Self::Unavailable => "unavailable",
            Self::Conflict => "conflict",
            Self::Drop => "drop",
            Self::DropAfter => "dropAfter",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Targets {
    Connector,
    Runtime,
    /// The connector and the runtime.
    Both,
    Authority,
}

/// `POST /api/faults`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Order {
    target: Targets,
    mode: Mode,
    #[serde(default = "default_delay")]
    delay_ms: u64,
    #[serde(default = "default_retry_after")]
    retry_after_seconds: u64,
    /// Only the next so many requests, to each target.
    count: Option<u32>,
    /// Only this conversation.
    conversation_id: Option<String>,
}

fn default_delay() -> u64 {
    3000
}

fn default_retry_after() -> u64 {
    1
}

/// A fault that is switched on.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Fault {
    pub target: Target,
    pub mode: Mode,
    delay_ms: u64,
    retry_after_seconds: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation_id: Option<String>,
}

impl Fault {
    pub fn delay(&self) -> Duration {
        Duration::from_millis(self.delay_ms)
    }

    /// The answer given in the place of the service's own, where the fault is one.
    pub fn refusal(&self) -> Option<Refusal> {
        match self.mode {
            Mode::Throttled => Some(Refusal::Throttled { retry_after_seconds: self.retry_after_seconds }),
            Mode::Forbidden => Some(Refusal::BotNotInConversationRoster),
            Mode::ServerError => Some(Refusal::ServiceError),
            Mode::BadGateway => Some(Refusal::BadGateway),
            Mode::Unavailable => Some(Refusal::ServiceUnavailable),
            Mode::Conflict => Some(Refusal::PreconditionFailed),
            Mode::None | Mode::Slow | Mode::Drop | Mode::DropAfter => None,
        }
    }
}

#[derive(Default)]
pub(crate) struct Faults(Locked<Vec<Fault>>);

impl Faults {
    /// Switches faults on or off; a new one takes the place of the one with the same target and conversation. Switching
    /// off without a conversation switches off all of the target's.
    pub fn order(&self, order: &Order) {
        let mut faults = self.0.lock();
        for target in [Target::Connector, Target::Runtime, Target::Authority] {
            if !matches!(
                (order.target, target),
                (Targets::Both | Targets::Connector, Target::Connector)
                    | (Targets::Both | Targets::Runtime, Target::Runtime)
                    | (Targets::Authority, Target::Authority)
            ) {
                continue;
            }
            let off_for_all = order.mode == Mode::None && order.conversation_id.is_none();
            faults.retain(|fault| {
                fault.target != target || (fault.conversation_id != order.conversation_id && !off_for_all)
            });
            if order.mode != Mode::None && order.count != Some(0) {
                faults.push(Fault {
                    target,
                    mode: order.mode,
                    delay_ms: order.delay_ms,
                    retry_after_seconds: order.retry_after_seconds,
                    count: order.count,
                    conversation_id: order.conversation_id.clone(),
                });
            }
        }
    }

    pub fn list(&self) -> Vec<Fault> {
        self.0.lock().clone()
    }

    /// The fault a request meets, which is used up by it where it was ordered for a number of requests. One for the
    /// conversation goes before one for all.
    pub fn meet(&self, target: Target, conversation_id: &str) -> Option<Fault> {
        let mut faults = self.0.lock();
        let at = |wanted: Option<&str>| {
            faults
                .iter()
                .position(|fault| fault.target == target && fault.conversation_id.as_deref() == wanted)
        };
        let at = at(Some(conversation_id)).or_else(|| at(None))?;
        let met = faults[at].clone();
        if let Some(count) = &mut faults[at].count {
            *count -= 1;
            if *count == 0 {
                faults.remove(at);
            }
        }
        Some(met)
    }
}
