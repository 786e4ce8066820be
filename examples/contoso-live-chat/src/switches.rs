//! Switches that make this vendor closed, slow or broken, for tests and for people who want to see it.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Json, Router,
    extract::{ConnectInfo, Request, State},
    http::{StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::{Value, json};

use crate::{App, body::Fields, connection::Hangup, refusal::Refusal};

const DEFAULT_DELAY: Duration = Duration::from_secs(3);
const LONGEST_DELAY: Duration = Duration::from_secs(600);

/// What goes wrong with the customer-side calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    /// Answered late.
    Slow,
    /// Answered 500, nothing done.
    Error500,
    /// Answered 429, nothing done.
    Throttled429,
    /// Connection closed, nothing done.
    Drop,
    /// Done, then the connection closed: the caller cannot know.
    DropAfter,
}

const FAULTS: [(&str, Fault); 6] = [
    ("none", Fault::None),
    ("slow", Fault::Slow),
    ("error500", Fault::Error500),
    ("throttled429", Fault::Throttled429),
    ("drop", Fault::Drop),
    ("dropAfter", Fault::DropAfter),
];

#[derive(Clone, Copy)]
struct Setting {
    closed: bool,
    fault: Fault,
    delay: Duration,
}

/// The switches.
pub(crate) struct Switches(Mutex<Setting>);

impl Default for Switches {
    fn default() -> Self {
        Self(Mutex::new(Setting { closed: false, fault: Fault::None, delay: DEFAULT_DELAY }))
    }
}

impl Switches {
    /// Whether new conversations are refused for want of agents.
    pub(crate) fn closed(&self) -> bool {
        self.lock().closed
    }

    fn lock(&self) -> MutexGuard<'_, Setting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Setting {
    fn to_json(self) -> Value {
        let fault = FAULTS.iter().find(|(_, fault)| *fault == self.fault).map_or("none", |(name, _)| name);
        json!({ "closed": self.closed, "fault": fault, "delayMs": self.delay.as_millis() })
    }
}

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new().route("/api/switches", get(show).post(set))
}

async fn show(State(app): State<Arc<App>>) -> Json<Value> {
    Json(app.switches.lock().to_json())
}

/// Sets what is given and leaves the rest.
async fn set(State(app): State<Arc<App>>, fields: Fields) -> Result<Json<Value>, Refusal> {
    let closed = fields.flag("closed")?;
    let fault = match fields.name("fault")? {
        None => None,
        Some(wanted) => {
            let found = FAULTS.iter().find(|(name, _)| name.eq_ignore_ascii_case(&wanted));
            let names = || FAULTS.map(|(name, _)| name).join(", ");
            Some(found.ok_or_else(|| Refusal::bad(format!("fault must be one of {}", names())))?.1)
        }
    };
    let delay = fields.number("delayMs")?.map(Duration::from_millis);
    let mut state = app.switches.lock();
    state.closed = closed.unwrap_or(state.closed);
    state.fault = fault.unwrap_or(state.fault);
    state.delay = delay.unwrap_or(state.delay).min(LONGEST_DELAY);
    let json = state.to_json();
    app.desk.feed().push("switches", || json.clone());
    Ok(Json(json))
}

/// Does to a request what the fault switch says.
pub(crate) async fn disturb(
    State(app): State<Arc<App>>,
    ConnectInfo(hangup): ConnectInfo<Hangup>,
    request: Request,
    next: Next,
) -> Response {
    let Setting { fault, delay, .. } = *app.switches.lock();
    match fault {
        Fault::None => next.run(request).await,
        Fault::Slow => {
            // A server that stops does not wait either.
            let _ = tokio::time::timeout(delay, app.stop.cancelled()).await;
            next.run(request).await
        }
        Fault::Error500 => {
            Refusal::with_status(StatusCode::INTERNAL_SERVER_ERROR, "Simulated failure").into_response()
        }
        Fault::Throttled429 => {
            let refusal = Refusal::with_status(StatusCode::TOO_MANY_REQUESTS, "Simulated throttling");
            ([(header::RETRY_AFTER, "1")], refusal).into_response()
        }
        Fault::Drop => {
            hangup.hang_up();
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        Fault::DropAfter => {
            let response = next.run(request).await;
            hangup.hang_up();
            response
        }
    }
}
