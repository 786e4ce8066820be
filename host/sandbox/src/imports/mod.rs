//! All that an instance can reach: one module per interface of the contract.

mod crypto;
mod headers;
pub(crate) mod http;
mod log;
mod media;

pub(crate) use headers::COUNT as HEADERS;

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use wasmtime::component::{HasSelf, Linker};

use crate::bindings::handover::connector as wit;
use crate::config::Limits;
use crate::credentials::Credentials;
use crate::egress::Egress;
use crate::files::Files;
use crate::fuel::{CALL, Fuel};
use crate::limits::Ration;

/// Bytes that one call of `random.bytes` gives at most.
const RANDOM: u32 = 1024;

/// What one instance has while its one call lasts.
pub(crate) struct CallState {
    /// For the log: which connector, which version, which session.
    pub(crate) connector: Arc<str>,
    pub(crate) version: Arc<str>,
    pub(crate) subject: String,
    /// Where it may send; none where it may not.
    pub(crate) egress: Option<Arc<Egress>>,
    /// The credentials that it can name, and those that go along with its requests.
    pub(crate) credentials: Arc<Credentials>,
    /// The customer's files; none where the call may not reach anything, or the gateway has none.
    pub(crate) files: Option<Arc<dyn Files>>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) fuel: Fuel,
    pub(crate) ration: Ration,
    /// Requests that have gone out.
    pub(crate) requests: u32,
    /// A credential was renewed because the vendor refused it; once is all.
    pub(crate) renewed: bool,
    /// Lines that were written; the last of them explain a trap.
    pub(crate) lines: u32,
    pub(crate) last_lines: Vec<String>,
    /// In the place of the network.
    #[cfg(feature = "fuzzing")]
    pub(crate) wire: crate::fuzzing::Wire,
}

impl CallState {
    /// At the beginning of a call that may reach nothing.
    pub(crate) fn new(
        connector: &Arc<str>,
        version: &Arc<str>,
        subject: String,
        credentials: &Arc<Credentials>,
        limits: &Arc<Limits>,
    ) -> Self {
        Self {
            connector: Arc::clone(connector),
            version: Arc::clone(version),
            subject,
            egress: None,
            credentials: Arc::clone(credentials),
            files: None,
            limits: Arc::clone(limits),
            fuel: Fuel::new(limits.host_calls),
            ration: Ration::new(limits.memory),
            requests: 0,
            renewed: false,
            lines: 0,
            last_lines: Vec::new(),
            #[cfg(feature = "fuzzing")]
            wire: None,
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
    wit::random::add_to_linker::<_, Own>(linker, |state| state)
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
