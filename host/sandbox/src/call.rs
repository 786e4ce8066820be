//! One call: a fresh instance with its limits, a deadline, and a plain word for whatever goes wrong.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use wasmtime::component::{Instance, InstancePre};
use wasmtime::{Engine, PoolConcurrencyLimitError, Store, Trap};

use crate::config::Limits;
use crate::credentials::Credentials;
use crate::egress::Egress;
use crate::engine::INSTANCES;
use crate::error::CallError;
use crate::files::Files;
use crate::fuel::Exhausted;
use crate::imports::CallState;
use crate::limits::HANDLES;

/// What a guest may hand over at once, besides a request's body or a result; in bytes.
const COPIES: usize = 1 << 20;

/// Streams of one connector that are open at the same time.
pub(crate) const STREAMS: usize = 1_024;

/// The work of a call.
pub(crate) type Work<'a, R> = Pin<Box<dyn Future<Output = wasmtime::Result<R>> + Send + 'a>>;

/// What every call of one version is made with.
pub(crate) struct Caller {
    pub(crate) engine: Engine,
    pub(crate) instance: InstancePre<CallState>,
    pub(crate) egress: Arc<Egress>,
    pub(crate) credentials: Arc<Credentials>,
    pub(crate) files: Option<Arc<dyn Files>>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) gate: Arc<Gate>,
    pub(crate) connector: Arc<str>,
    pub(crate) version: Arc<str>,
}

/// The places that a connector's calls have. Talking to a vendor may be slow, and must not keep callbacks from being
/// read.
pub(crate) struct Gate {
    talking: Semaphore,
    reading: Semaphore,
    /// Streams that are open.
    pub(crate) streams: Arc<Semaphore>,
}

impl Gate {
    /// So many places for either.
    pub(crate) fn new(places: usize) -> Self {
        Self {
            talking: Semaphore::new(places),
            reading: Semaphore::new(places),
            streams: Arc::new(Semaphore::new(STREAMS)),
        }
    }
}

/// What one call is.
pub(crate) struct Call {
    /// For the log: the session, or what else it is about.
    pub(crate) subject: String,
    pub(crate) deadline: Duration,
    /// Whether it may reach its upstreams.
    pub(crate) reach: bool,
}

impl Caller {
    /// Runs `work` on a fresh instance. Whatever the guest does, this returns at the deadline; the instance and all
    /// that it holds are gone then. Where all places are taken it waits as long as the call itself may take.
    pub(crate) async fn run<R: Send>(
        &self,
        call: Call,
        work: impl for<'a> FnOnce(&'a mut Store<CallState>, Instance) -> Work<'a, R> + Send,
    ) -> Result<R, CallError> {
        let gate = if call.reach { &self.gate.talking } else { &self.gate.reading };
        let Ok(Ok(_place)) = tokio::time::timeout(call.deadline, gate.acquire()).await else {
            return Err(CallError::Busy(self.limits.concurrency));
        };
        let mut store = self.store(&call);
        let running = async {
            let instance = self.instance.instantiate_async(&mut store).await?;
            work(&mut store, instance).await
        };
        let done = tokio::time::timeout(call.deadline, running).await;
        let state = store.into_data();
        match done {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(why(&error, state)),
            Err(_) => {
                Err(CallError::TimedOut { limit_ms: call.deadline.as_millis(), sent: state.requests > 0 })
            }
        }
    }

    fn store(&self, call: &Call) -> Store<CallState> {
        let mut state = CallState::new(
            &self.connector,
            &self.version,
            call.subject.clone(),
            &self.credentials,
            &self.limits,
        );
        if call.reach {
            state.egress = Some(Arc::clone(&self.egress));
            state.files.clone_from(&self.files);
        }
        let mut store = Store::new(&self.engine, state);
        store.limiter(|state| &mut state.ration);
        // At each tick a guest lets others run; that is when its deadline can take effect.
        store.set_epoch_deadline(1);
        store.epoch_deadline_async_yield_and_update(1);
        store.set_hostcall_fuel(self.limits.at_once());
        store.set_max_component_handles(HANDLES);
        store
    }
}

impl Limits {
    fn at_once(&self) -> usize {
        self.request.max(self.result).saturating_add(COPIES)
    }
}

fn why(error: &wasmtime::Error, state: CallState) -> CallError {
    let sent = state.requests > 0;
    if let Some(bytes) = state.ration.refused {
        return CallError::OverLimit(format!(
            "{bytes} bytes of memory, where it may have {}",
            state.limits.memory
        ));
    }
    if let Some(exhausted) = error.downcast_ref::<Exhausted>() {
        return CallError::OverLimit(exhausted.to_string());
    }
    if error.is::<PoolConcurrencyLimitError>() {
        return CallError::Busy(INSTANCES as usize);
    }
    // wasmtime has no type for this one.
    if error.root_cause().to_string().contains("fuel allocated for hostcalls") {
        return CallError::OverLimit(format!(
            "to hand over more than {} bytes at once",
            state.limits.at_once()
        ));
    }
    let trap = match error.downcast_ref::<Trap>() {
        Some(trap) => trap.to_string(),
        None => error.root_cause().to_string(),
    };
    CallError::Trapped { trap, log: state.last_lines, sent }
}
