//! From bytes to a version that may serve: parse, compile, link, ask it who it is, hold that against what is granted.
//!
//! Each step says in one sentence what is wrong and what to do; nothing of a component that fails one is used.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use wasmtime::Engine;
use wasmtime::component::{Component, InstancePre, Linker};

use crate::bindings::exports::handover::connector as guest;
use crate::cache::Cache;
use crate::call::{Call, Caller, Gate};
use crate::claims;
use crate::compiling::{Compilers, LARGE};
use crate::config::{ConnectorConfig, Instances, Limits};
use crate::convert::now;
use crate::difference::Difference;
use crate::egress::Egress;
use crate::engine::{INSTANCES, MEMORY};
use crate::error::CallError;
use crate::files::Files;
use crate::folder::is_name;
use crate::generation::{Generation, Interfaces};
use crate::imports::{self, CallState, wasi};
use crate::pool::Pool;
use crate::provenance::{Build, Provenance};
use crate::schema::with_defaults;
use crate::weight;

/// The largest file that is looked at, in bytes.
pub(crate) const LARGEST: u64 = 64 << 20;

/// What `describe` may say altogether, in bytes: it is kept, and shown.
pub(crate) const DESCRIPTION: usize = 64 << 10;

/// Characters of a rejection that are kept.
const REASON: usize = 4_000;

/// How long `describe` may take.
const DESCRIBE: Duration = Duration::from_secs(2);

/// A smaller component has no interpreter inside.
const MEASURED: usize = 1 << 20;

/// An instance that takes so long to make and to ask who it is is used again.
const DEAR: Duration = Duration::from_micros(500);

/// How often that is measured at most.
const TRIALS: u32 = 3;

/// Instances of all connectors that may wait for their next call; the others must find a place.
const IDLE: usize = (INSTANCES / 4) as usize;

/// What every component is loaded with.
pub(crate) struct Loader {
    pub(crate) engine: Engine,
    pub(crate) linker: Linker<CallState>,
    pub(crate) cache: Cache,
    pub(crate) callback_base: String,
    files: Option<Arc<dyn Files>>,
    provenance: Provenance,
    compilers: Compilers,
    /// Instances of all connectors that wait for their next call.
    idle: Arc<Semaphore>,
}

/// The connector that a component is to serve for.
pub(crate) struct Seat<'a> {
    pub(crate) name: &'a str,
    pub(crate) config: &'a ConnectorConfig,
    pub(crate) egress: &'a Arc<Egress>,
    pub(crate) gate: &'a Arc<Gate>,
}

/// Why a component may not serve, in words its author or the operator can act on.
#[derive(Debug)]
pub(crate) struct Rejection {
    pub(crate) reason: String,
    /// It is not the component's fault, and may be over soon.
    pub(crate) passing: bool,
    /// There is nothing wrong with it but that it is not granted what it asks for.
    pub(crate) ungranted: bool,
    /// What it asks for and is not granted, each for itself.
    pub(crate) differences: Vec<Difference>,
}

impl Rejection {
    pub(crate) fn passing(reason: String) -> Self {
        Self { reason, passing: true, ungranted: false, differences: Vec::new() }
    }
}

impl From<String> for Rejection {
    fn from(reason: String) -> Self {
        // It may quote the component at length: one line that can be read is enough.
        let reason = reason.chars().take(REASON).map(|c| if c.is_control() { ' ' } else { c }).collect();
        Self { reason, passing: false, ungranted: false, differences: Vec::new() }
    }
}

/// SHA-256 in hex.
pub(crate) fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

impl Loader {
    pub(crate) fn new(
        engine: Engine,
        cache: Cache,
        callback_base: String,
        files: Option<Arc<dyn Files>>,
        provenance: Provenance,
    ) -> wasmtime::Result<Self> {
        let mut linker = Linker::new(&engine);
        imports::link(&mut linker)?;
        let idle = Arc::new(Semaphore::new(IDLE));
        let compilers = Compilers::new();
        Ok(Self { engine, linker, cache, callback_base, files, provenance, compilers, idle })
    }

    /// Whether proving it will take seconds: it has an interpreter inside, and was never compiled here.
    pub(crate) fn takes_long(&self, bytes: &[u8], digest: &str) -> bool {
        bytes.len() >= LARGE && !self.cache.has(&self.engine, digest)
    }

    /// Proves a component. Blocks no serving thread: compiling happens on one for blocking work.
    pub(crate) async fn prove(
        self: &Arc<Self>,
        seat: Seat<'_>,
        build: &Build,
    ) -> Result<Generation, Rejection> {
        let Build { bytes, digest, signature } = build;
        if !is_name(seat.name) {
            return Err(format!(
                "the file's name, `{}`, cannot name a connector: use lower-case letters, digits, `-` and `_`",
                seat.name
            )
            .into());
        }
        looks_like_component(bytes)?;
        // Before anything of it is compiled, let alone run.
        let file = format!("{}.wasm", seat.config.component.as_deref().unwrap_or(seat.name));
        let signer = self.signer(seat.name, file, build).await?;
        let component = self.compile(bytes, digest, seat.config.limits.compile).await?;
        let imports = self.imports(&component)?;
        let instance = self
            .linker
            .instantiate_pre(&component)
            .map_err(|e| format!("does not fit the contract handover:connector@1: {}", e.root_cause()))?;
        let interfaces = Arc::new(interfaces(&instance)?);
        let limits =
            Arc::new(Limits { memory: seat.config.limits.memory.min(MEMORY), ..seat.config.limits.clone() });
        let mut caller = Caller {
            engine: self.engine.clone(),
            instance,
            egress: Arc::clone(seat.egress),
            // While it is asked who it is, it has no credentials.
            credentials: Arc::default(),
            files: self.files.clone(),
            limits,
            // Not the connector's own: while all of its places are taken a new version must still be heard.
            gate: Arc::new(Gate::new(1)),
            connector: seat.name.into(),
            version: "?".into(),
            metered: imports.iter().any(|name| name.starts_with("wasi:")),
            pool: None,
        };
        let told = describe(&caller, &interfaces).await?;
        let description = claims::read(&told, interfaces.capabilities(), imports);
        let credentials = claims::check(seat.name, &description, &told, seat.config, seat.egress)?;
        caller.credentials = Arc::new(credentials);
        caller.version = description.version.as_str().into();
        let (reused, instances) = reuse(&caller, &interfaces, caller.limits.instances, bytes.len()).await;
        caller.pool = reused.then(|| Pool::new(&self.idle));
        caller.gate = Arc::clone(seat.gate);
        Ok(Generation {
            settings: Value::Object(with_defaults(&told.config_schema, &seat.config.settings)).to_string(),
            callback_url: format!("{}/{}", self.callback_base.trim_end_matches('/'), seat.name),
            digest: digest.clone(),
            signer,
            signature: signature.clone(),
            since: now(),
            description,
            interfaces,
            caller,
            instances,
        })
    }

    async fn signer(
        self: &Arc<Self>,
        connector: &str,
        file: String,
        build: &Build,
    ) -> Result<Option<String>, Rejection> {
        let (loader, connector, build) = (Arc::clone(self), connector.to_owned(), build.clone());
        // Of 20 MB it takes long enough to hold up calls.
        let asked = move || loader.provenance.signer(&connector, &file, &build);
        tokio::task::spawn_blocking(asked)
            .await
            .unwrap_or_else(|e| Err(Rejection::passing(format!("its signature could not be checked: {e}"))))
    }

    async fn compile(
        self: &Arc<Self>,
        bytes: &Arc<Vec<u8>>,
        digest: &str,
        patience: Duration,
    ) -> Result<Component, Rejection> {
        let bench = self.compilers.place(self.takes_long(bytes, digest)).await;
        let (loader, bytes, digest) = (Arc::clone(self), Arc::clone(bytes), digest.to_owned());
        let compiled = tokio::task::spawn_blocking(move || {
            // A parser that panics on some file must not take the gateway with it.
            let work = || loader.cache.compile(&loader.engine, &bytes, &digest);
            catch_unwind(AssertUnwindSafe(|| bench.compile(work)))
        });
        match tokio::time::timeout(patience, compiled).await {
            Ok(Ok(Ok(Ok(component)))) => Ok(component),
            Ok(Ok(Ok(Err(e)))) => Err(format!("is no valid component: {}", e.root_cause()).into()),
            Ok(Ok(Err(_)) | Err(_)) => Err("the compiler broke down on it".to_owned().into()),
            Err(_) => Err(format!("takes longer than {} ms to compile", patience.as_millis()).into()),
        }
    }

    /// What it imports, by short names. Unknown imports are named all at once, where the linker would name the first.
    fn imports(&self, component: &Component) -> Result<Vec<String>, Rejection> {
        const SERVED: [&str; 7] = ["types", "http", "media", "log", "clock", "random", "crypto"];
        let kind = component.component_type();
        let (mut known, mut missing) = (Vec::new(), Vec::new());
        for (name, _) in kind.imports(&self.engine) {
            let short = name.split('@').next().unwrap_or(name);
            let short = short.strip_prefix("handover:connector/").unwrap_or(short);
            if wasi::serves(name) || (name.starts_with("handover:connector/") && SERVED.contains(&short)) {
                known.push(short.to_owned());
            } else {
                missing.push(name);
            }
        }
        if missing.is_empty() {
            return Ok(known);
        }
        Err(format!(
            "imports {}, which this gateway does not serve; build it for the world handover:connector/connector \
             without them",
            missing.join(", ")
        )
        .into())
    }
}

fn looks_like_component(bytes: &[u8]) -> Result<(), Rejection> {
    if Engine::detect_precompiled(bytes).is_some() {
        return Err("is compiled code, which is never taken from outside: drop in the `.wasm`"
            .to_owned()
            .into());
    }
    match bytes.get(..8) {
        Some([0, b'a', b's', b'm', 1, 0, 0, 0]) => {
            Err("is a core module, not a component: wrap it, e.g. with `wasm-tools component new`"
                .to_owned()
                .into())
        }
        Some([0, b'a', b's', b'm', ..]) => Ok(()),
        _ => Err("is no WebAssembly file, or only the beginning of one".to_owned().into()),
    }
}

fn interfaces(instance: &InstancePre<CallState>) -> Result<Interfaces, Rejection> {
    let required = |e: wasmtime::Error| {
        format!("is not built for the world handover:connector/connector: {}", e.root_cause())
    };
    Ok(Interfaces {
        descriptor: guest::descriptor::GuestIndices::new(instance).map_err(required)?,
        handoff: guest::handoff::GuestIndices::new(instance).map_err(required)?,
        callback: guest::callback::GuestIndices::new(instance).map_err(required)?,
        signals: guest::signals::GuestIndices::new(instance).ok(),
        availability: guest::availability::GuestIndices::new(instance).ok(),
        feed: guest::feed::GuestIndices::new(instance).ok(),
        reconcile: guest::reconcile::GuestIndices::new(instance).ok(),
        migration: guest::migration::GuestIndices::new(instance).ok(),
        trial: guest::trial::GuestIndices::new(instance).ok(),
    })
}

/// Asks a throw-away instance that can reach nothing who it is. On the way every function is held against its type.
async fn describe(
    caller: &Caller,
    interfaces: &Arc<Interfaces>,
) -> Result<guest::descriptor::Description, Rejection> {
    let asked = Arc::clone(interfaces);
    let told = caller
        .run(asking(), move |store, instance| {
            Box::pin(async move {
                let descriptor = asked.descriptor.load(&mut *store, &instance)?;
                asked.handoff.load(&mut *store, &instance)?;
                asked.callback.load(&mut *store, &instance)?;
                if let Some(signals) = &asked.signals {
                    signals.load(&mut *store, &instance)?;
                }
                if let Some(availability) = &asked.availability {
                    availability.load(&mut *store, &instance)?;
                }
                if let Some(feed) = &asked.feed {
                    feed.load(&mut *store, &instance)?;
                }
                if let Some(reconcile) = &asked.reconcile {
                    reconcile.load(&mut *store, &instance)?;
                }
                if let Some(migration) = &asked.migration {
                    migration.load(&mut *store, &instance)?;
                }
                if let Some(trial) = &asked.trial {
                    trial.load(&mut *store, &instance)?;
                }
                descriptor.call_describe(store).await
            })
        })
        .await
        .map_err(|e| {
            let reason = format!("does not say who it is: `describe` failed: {e}");
            match e {
                // All instances there may be are in use: no fault of this one.
                CallError::Busy(_) => Rejection::passing(reason),
                _ => Rejection::from(reason),
            }
        })?;
    let size = weight::description(&told);
    if size > DESCRIPTION {
        return Err(format!("says {size} bytes of itself; {DESCRIPTION} are heard").into());
    }
    Ok(told)
}

fn asking() -> Call {
    Call { subject: "describe".to_owned(), deadline: DESCRIBE, reach: false, tenant: None }
}

/// Whether its instances are used again, and why. Measured several times, and the best counts: a busy machine must not
/// decide this.
async fn reuse(
    caller: &Caller,
    interfaces: &Arc<Interfaces>,
    wanted: Instances,
    size: usize,
) -> (bool, String) {
    match wanted {
        Instances::Fresh => return (false, "a fresh one for each call, as configured".to_owned()),
        Instances::Reused => return (true, "used again, as configured".to_owned()),
        Instances::Measured if size < MEASURED => {
            return (false, "a fresh one for each call".to_owned());
        }
        Instances::Measured => {}
    }
    let mut best = Duration::MAX;
    for _ in 0..TRIALS {
        let asked = Arc::clone(interfaces);
        let began = Instant::now();
        let told = caller.run(asking(), move |store, instance| {
            Box::pin(async move {
                let descriptor = asked.descriptor.load(&mut *store, &instance)?;
                descriptor.call_describe(store).await
            })
        });
        if told.await.is_ok() {
            best = best.min(began.elapsed());
        }
        if best < DEAR {
            return (false, format!("a fresh one for each call: making one takes {}", shown(best)));
        }
    }
    (true, format!("used again: making one takes {}", shown(best)))
}

fn shown(span: Duration) -> String {
    format!("{:.1} ms", span.as_secs_f64() * 1_000.0)
}
