//! One call: an instance with its limits, a deadline, and a plain word for whatever goes wrong.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use wasmtime::component::{Instance, InstancePre};
use wasmtime::{CallHook, Engine, PoolConcurrencyLimitError, Store, Trap};

use crate::config::Limits;
use crate::credentials::Credentials;
use crate::egress::Egress;
use crate::engine::INSTANCES;
use crate::error::CallError;
use crate::files::Files;
use crate::fuel::{CALL, Exhausted, Fuel};
use crate::imports::{CallState, Journal, Outgoing, journal};
use crate::limits::HANDLES;
use crate::pool::{Kept, Pool, Record};

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
    /// It imports what does not pay for itself.
    pub(crate) metered: bool,
    /// Where its instances are kept for the next call; none where each call has a fresh one.
    pub(crate) pool: Option<Pool>,
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
    /// Whose session it is about. Callbacks, and what else is about none, have none.
    pub(crate) tenant: Option<String>,
}

impl Caller {
    /// Runs `work` on an instance: a fresh one, or where the component's are dear one that is kept for such calls.
    /// Whatever the guest does, this returns at the deadline; unless all went well the instance and all that it holds
    /// are gone then. Where all places are taken it waits as long as the call itself may take.
    pub(crate) async fn run<R: Send>(
        &self,
        call: Call,
        work: impl for<'a> FnOnce(&'a mut Store<CallState>, Instance) -> Work<'a, R> + Send,
    ) -> Result<R, CallError> {
        let gate = if call.reach { &self.gate.talking } else { &self.gate.reading };
        let Ok(Ok(_place)) = tokio::time::timeout(call.deadline, gate.acquire()).await else {
            return Err(CallError::Busy(self.limits.concurrency));
        };
        let deadline = call.deadline;
        let (mut store, kept) = match self.pool.as_ref().and_then(|pool| pool.take(&call)) {
            Some(kept) => self.again(kept, call),
            None => (self.store(&call), Record::new(&call)),
        };
        let running = async {
            let instance = match kept.instance {
                Some(instance) => instance,
                None => self.instance.instantiate_async(&mut store).await?,
            };
            Ok((instance, work(&mut store, instance).await?))
        };
        let done = tokio::time::timeout(deadline, running).await;
        match done {
            Ok(Ok((instance, value))) => {
                end_lines(store.data());
                if let Some(pool) = &self.pool {
                    pool.keep(store, kept.served(instance));
                }
                Ok(value)
            }
            Ok(Err(error)) => Err(why(&error, store.into_data())),
            Err(_) => {
                end_lines(store.data());
                let sent = store.data().out.sent();
                Err(CallError::TimedOut { limit_ms: deadline.as_millis(), sent })
            }
        }
    }

    fn store(&self, call: &Call) -> Store<CallState> {
        let (connector, version) = (Arc::clone(&self.connector), Arc::clone(&self.version));
        let journal = Journal::new(connector, version, call.subject.clone(), self.limits.log_lines);
        let (out, files) = (self.out(call), self.files(call));
        let state = CallState::new(Arc::clone(&self.connector), journal, out, files, &self.limits);
        let mut store = Store::new(&self.engine, state);
        store.limiter(|state| &mut state.ration);
        if self.metered {
            // What is not of the contract does not pay by itself.
            store.call_hook(|mut store, entry| {
                if matches!(entry, CallHook::CallingHost) {
                    store.data_mut().fuel.spend(CALL, 0)?;
                }
                Ok(())
            });
        }
        store.epoch_deadline_async_yield_and_update(1);
        store.set_hostcall_fuel(self.limits.at_once());
        store.set_max_component_handles(HANDLES);
        begin(&mut store);
        store
    }

    /// An instance that has served before, as if it had not: what is the host's is new.
    fn again(&self, kept: Kept, call: Call) -> (Store<CallState>, Record) {
        let Kept { mut store, record } = kept;
        let (out, files) = (self.out(&call), self.files(&call));
        let state = store.data_mut();
        if let Some(wasi) = &mut state.wasi {
            wasi.turn_over(&out);
        }
        journal(&state.journal).turn_over(call.subject);
        state.out = out;
        state.files = files;
        state.fuel = Fuel::new(self.limits.host_calls);
        state.ration.refused = None;
        begin(&mut store);
        (store, record)
    }

    fn out(&self, call: &Call) -> Arc<Outgoing> {
        let egress = call.reach.then(|| Arc::clone(&self.egress));
        Arc::new(Outgoing::new(egress, Arc::clone(&self.credentials), Arc::clone(&self.limits)))
    }

    fn files(&self, call: &Call) -> Option<Arc<dyn Files>> {
        self.files.as_ref().filter(|_| call.reach).map(Arc::clone)
    }
}

/// At each tick a guest lets others run; that is when its deadline can take effect.
fn begin(store: &mut Store<CallState>) {
    store.set_epoch_deadline(1);
}

fn end_lines(state: &CallState) {
    if let Some(wasi) = &state.wasi {
        wasi.end_lines();
    }
}

impl Limits {
    fn at_once(&self) -> usize {
        self.request.max(self.result).saturating_add(COPIES)
    }
}

fn why(error: &wasmtime::Error, state: CallState) -> CallError {
    end_lines(&state);
    let sent = state.out.sent();
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
    let log = journal(&state.journal).last_lines().to_vec();
    CallError::Trapped { trap, log, sent }
}
