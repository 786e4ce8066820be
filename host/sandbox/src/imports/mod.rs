//! All that an instance can reach: one module per interface of the contract, and [`wasi`] for what is not of it.

mod crypto;
mod headers;
pub(crate) mod http;
mod log;
mod media;
mod outgoing;
pub(crate) mod wasi;

pub(crate) use headers::COUNT as HEADERS;
pub(crate) use log::{Journal, SharedJournal, journal};
pub(crate) use outgoing::Outgoing;

use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use wasmtime::component::{HasSelf, Linker};

use crate::bindings::handover::connector as wit;
use crate::config::Limits;
use crate::files::Files;
use crate::fuel::{CALL, Fuel};
use crate::limits::Ration;
use wasi::Wasi;

/// Bytes that one call of `random.bytes` gives at most.
const RANDOM: u32 = 1024;

/// What one instance has while a call lasts. Most have one call only; see [`pool`](crate::pool) for those that have more.
pub(crate) struct CallState {
    pub(crate) connector: Arc<str>,
    /// What it writes.
    pub(crate) journal: SharedJournal,
    /// Its requests and what goes along with them.
    pub(crate) out: Arc<Outgoing>,
    /// The customer's files; none where the call may not reach anything, or the gateway has none.
    pub(crate) files: Option<Arc<dyn Files>>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) fuel: Fuel,
    pub(crate) ration: Ration,
    /// None until a component asks for anything of WASI: most never do.
    pub(crate) wasi: Option<Box<Wasi>>,
}

impl CallState {
    /// At the beginning of a call.
    pub(crate) fn new(
        connector: Arc<str>,
        journal: Journal,
        out: Arc<Outgoing>,
        files: Option<Arc<dyn Files>>,
        limits: &Arc<Limits>,
    ) -> Self {
        Self {
            connector,
            journal: Arc::new(Mutex::new(journal)),
            out,
            files,
            limits: Arc::clone(limits),
            fuel: Fuel::new(limits.host_calls),
            ration: Ration::new(limits.memory),
            wasi: None,
        }
    }
}

/// Links everything that is served. What is not linked cannot be reached: a component that imports it is refused.
pub(crate) fn link(linker: &mut Linker<CallState>) -> wasmtime::Result<()> {
    type Own = HasSelf<CallState>;
    wit::types::add_to_linker::<_, Own>(linker, |state| state)?;
    wit::http::add_to_linker::<_, Own>(linker, |state| state)?;
    wit::media::add_to_linker::<_, Own>(linker, |state| state)?;
    wit::log::add_to_linker::<_, Own>(linker, |state| state)?;
    wit::crypto::add_to_linker::<_, Own>(linker, |state| state)?;
    wit::clock::add_to_linker::<_, Own>(linker, |state| state)?;
    wit::random::add_to_linker::<_, Own>(linker, |state| state)?;
    wasi::link(linker)
}

impl wit::types::Host for CallState {}

/// Milliseconds since 1970.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

impl wit::clock::Host for CallState {
    fn now(&mut self) -> wasmtime::Result<u64> {
        self.fuel.spend(CALL, 0)?;
        Ok(now())
    }
}

impl wit::random::Host for CallState {
    fn bytes(&mut self, length: u32) -> wasmtime::Result<Vec<u8>> {
        if length > RANDOM {
            wasmtime::bail!("random.bytes gives {RANDOM} bytes at most, not {length}");
        }
        self.fuel.spend(CALL, length as usize)?;
        let mut bytes = vec![0; length as usize];
        getrandom::fill(&mut bytes).map_err(|e| wasmtime::format_err!("no random bytes: {e}"))?;
        Ok(bytes)
    }
}
