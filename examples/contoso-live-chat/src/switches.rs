//! Contoso's own switches: a few of the desk's faults under short names, for the calls of the sample's contract.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use agent_desk::{Fault, Kind};
use axum::{Json, Router, extract::State, routing::get};
use serde_json::{Value, json};

use crate::{App, body::Fields, refusal::Refusal};

const DEFAULT_DELAY_MS: u64 = 3_000;
const LONGEST_DELAY_MS: u64 = 600_000;

/// The operations of the sample's own contract.
const OPERATIONS: [&str; 3] = ["start", "send", "end"];
const NAMES: [&str; 6] = ["none", "slow", "error500", "throttled429", "drop", "dropAfter"];

/// What the desk does not remember while nothing is slow.
pub(crate) struct Switches {
    delay_ms: AtomicU64,
}

impl Default for Switches {
    fn default() -> Self {
        Self { delay_ms: AtomicU64::new(DEFAULT_DELAY_MS) }
    }
}

impl App {
    fn switches(&self) -> Value {
        let faults = self.desk.faults().list();
        let name = faults.first().map_or("none", name);
        let delay_ms = self.switches.delay_ms.load(Ordering::Relaxed);
        json!({ "closed": !self.desk.is_open(), "fault": name, "delayMs": delay_ms })
    }
}

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new().route("/api/switches", get(show).post(set))
}

async fn show(State(app): State<Arc<App>>) -> Json<Value> {
    Json(app.switches())
}

/// Sets what is given and leaves the rest.
async fn set(State(app): State<Arc<App>>, fields: Fields) -> Result<Json<Value>, Refusal> {
    let closed = fields.flag("closed")?;
    let wanted = match fields.name("fault")? {
        None => None,
        Some(wanted) => {
            let found = NAMES.iter().find(|name| name.eq_ignore_ascii_case(&wanted));
            Some(*found.ok_or_else(|| Refusal::bad(format!("fault must be one of {}", NAMES.join(", "))))?)
        }
    };
    if let Some(delay_ms) = fields.number("delayMs")? {
        app.switches.delay_ms.store(delay_ms.min(LONGEST_DELAY_MS), Ordering::Relaxed);
    }
    if let Some(closed) = closed {
        app.desk.set_open(!closed);
    }
    let was_slow = app.desk.faults().list().first().is_some_and(|fault| fault.fault == Kind::Slow);
    if let Some(name) = wanted.or(was_slow.then_some("slow")) {
        let faults = OPERATIONS.iter().filter_map(|operation| fault(name, operation, &app.switches));
        app.desk.set_faults(faults)?;
    }
    Ok(Json(app.switches()))
}

fn fault(name: &str, operation: &str, switches: &Switches) -> Option<Fault> {
    let delay_ms = switches.delay_ms.load(Ordering::Relaxed);
    match name {
        "slow" => Some(Fault { ms: Some(delay_ms), ..Fault::new(operation, Kind::Slow) }),
        "error500" => Some(Fault::status(operation, 500)),
        "throttled429" => Some(Fault { retry_after: Some(1), ..Fault::status(operation, 429) }),
        "drop" => Some(Fault::new(operation, Kind::Reset)),
        "dropAfter" => Some(Fault::new(operation, Kind::Reset).after()),
        _ => None,
    }
}

/// The switch that comes nearest to a fault, which may have been set at the desk.
fn name(fault: &Fault) -> &'static str {
    match (fault.fault, fault.status, fault.after) {
        (Kind::Slow, ..) => "slow",
        (Kind::Status, Some(429), _) => "throttled429",
        (Kind::Status, ..) => "error500",
        (Kind::Reset, _, true) => "dropAfter",
        (Kind::Reset | Kind::Hold, ..) => "drop",
        _ => "none",
    }
}
