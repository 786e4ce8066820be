//! From bytes to a version that may serve: parse, compile, link, ask it who it is, hold that against what is granted.
//!
//! Each step says in one sentence what is wrong and what to do; nothing of a component that fails one is used.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use wasmtime::Engine;
use wasmtime::component::{Component, InstancePre, Linker};

use crate::bindings::exports::handover::connector as guest;
use crate::cache::Cache;
use crate::call::{Call, Caller};
use crate::config::{ConnectorConfig, Limits};
use crate::convert::now;
use crate::description::{CallbackRoute, Description, TextUnit};
use crate::egress::Egress;
use crate::engine::MEMORY;
use crate::folder::is_name;
use crate::generation::{Generation, Interfaces};
use crate::imports::{self, CallState};

/// The largest file that is looked at, in bytes.
pub(crate) const LARGEST: u64 = 64 << 20;

/// How long `describe` may take.
const DESCRIBE: Duration = Duration::from_secs(2);

/// What every component is loaded with.
pub(crate) struct Loader {
    pub(crate) engine: Engine,
    pub(crate) linker: Linker<CallState>,
    pub(crate) cache: Cache,
    pub(crate) callback_base: String,
}

/// The connector that a component is to serve for.
pub(crate) struct Seat<'a> {
    pub(crate) name: &'a str,
    pub(crate) config: &'a ConnectorConfig,
    pub(crate) egress: &'a Arc<Egress>,
    pub(crate) gate: &'a Arc<Semaphore>,
}

/// Why a component may not serve, in words its author or the operator can act on.
pub(crate) type Rejection = String;

/// SHA-256 in hex.
pub(crate) fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

impl Loader {
    pub(crate) fn new(engine: Engine, cache: Cache, callback_base: String) -> wasmtime::Result<Self> {
        let mut linker = Linker::new(&engine);
        imports::link(&mut linker)?;
        Ok(Self { engine, linker, cache, callback_base })
    }

    /// Proves a component. Blocks no serving thread: compiling happens on one for blocking work.
    pub(crate) async fn prove(
        self: &Arc<Self>,
        seat: Seat<'_>,
        bytes: &Arc<Vec<u8>>,
        digest: &str,
    ) -> Result<Generation, Rejection> {
        if !is_name(seat.name) {
            return Err(format!(
                "the file's name, `{}`, cannot name a connector: use lower-case letters, digits, `-` and `_`",
                seat.name
            ));
        }
        looks_like_component(bytes)?;
        let component = self.compile(bytes, digest).await?;
        self.check_imports(&component)?;
        let instance = self
            .linker
            .instantiate_pre(&component)
            .map_err(|e| format!("does not fit the contract handover:connector@1.0.0: {}", e.root_cause()))?;
        let interfaces = Arc::new(interfaces(&instance)?);
        let limits =
            Arc::new(Limits { memory: seat.config.limits.memory.min(MEMORY), ..seat.config.limits.clone() });
        let mut caller = Caller {
            engine: self.engine.clone(),
            instance,
            egress: Arc::clone(seat.egress),
            limits,
            gate: Arc::clone(seat.gate),
            connector: seat.name.into(),
            version: "?".into(),
        };
        let (told, description) = describe(&caller, &interfaces).await?;
        check(seat.name, &description, &told, seat.config, seat.egress)?;
        caller.version = description.version.as_str().into();
        Ok(Generation {
            settings: Value::Object(seat.config.settings.clone()).to_string(),
            callback_url: format!("{}/{}", self.callback_base.trim_end_matches('/'), seat.name),
            digest: digest.to_owned(),
            since: now(),
            description,
            interfaces,
            caller,
        })
    }

    async fn compile(self: &Arc<Self>, bytes: &Arc<Vec<u8>>, digest: &str) -> Result<Component, Rejection> {
        let (loader, bytes, digest) = (Arc::clone(self), Arc::clone(bytes), digest.to_owned());
        let compiled = tokio::task::spawn_blocking(move || {
            // A parser that panics on some file must not take the gateway with it.
            catch_unwind(AssertUnwindSafe(|| loader.cache.compile(&loader.engine, &bytes, &digest)))
        });
        match compiled.await {
            Ok(Ok(Ok(component))) => Ok(component),
            Ok(Ok(Err(e))) => Err(format!("is no valid component: {}", e.root_cause())),
            Ok(Err(_)) | Err(_) => Err("the compiler broke down on it".to_owned()),
        }
    }

    /// Unknown imports are named all at once, where the linker would name the first.
    fn check_imports(&self, component: &Component) -> Result<(), Rejection> {
        const SERVED: [&str; 5] = ["types", "http", "log", "clock", "random"];
        let kind = component.component_type();
        let missing: Vec<&str> = kind
            .imports(&self.engine)
            .map(|(name, _)| name)
            .filter(|name| {
                let interface =
                    name.strip_prefix("handover:connector/").and_then(|rest| rest.split('@').next());
                !interface.is_some_and(|interface| SERVED.contains(&interface))
            })
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(format!(
            "imports {}, which this gateway does not serve; build it for the world handover:connector/connector \
             without them",
            missing.join(", ")
        ))
    }
}

fn looks_like_component(bytes: &[u8]) -> Result<(), Rejection> {
    if Engine::detect_precompiled(bytes).is_some() {
        return Err("is compiled code, which is never taken from outside: drop in the `.wasm`".to_owned());
    }
    match bytes.get(..8) {
        Some([0, b'a', b's', b'm', 1, 0, 0, 0]) => {
            Err("is a core module, not a component: wrap it, e.g. with `wasm-tools component new`".to_owned())
        }
        Some([0, b'a', b's', b'm', ..]) => Ok(()),
        _ => Err("is no WebAssembly file, or only the beginning of one".to_owned()),
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
    })
}

/// Asks a throw-away instance that can reach nothing who it is. On the way every function is held against its type.
async fn describe(
    caller: &Caller,
    interfaces: &Arc<Interfaces>,
) -> Result<(guest::descriptor::Description, Description), Rejection> {
    let call = Call { subject: "describe".to_owned(), deadline: DESCRIBE, reach: false };
    let asked = Arc::clone(interfaces);
    let told = caller
        .run(call, move |store, instance| {
            Box::pin(async move {
                asked.handoff.load(&mut *store, &instance)?;
                asked.callback.load(&mut *store, &instance)?;
                if let Some(signals) = &asked.signals {
                    signals.load(&mut *store, &instance)?;
                }
                asked.descriptor.load(&mut *store, &instance)?.call_describe(store).await
            })
        })
        .await
        .map_err(|e| format!("does not say who it is: `describe` failed: {e}"))?;
    let description = Description {
        name: told.name.clone(),
        version: told.version.clone(),
        vendor: told.vendor.clone(),
        upstreams: told.upstreams.iter().map(|upstream| upstream.name.clone()).collect(),
        credentials: told.credentials.iter().map(|credential| credential.name.clone()).collect(),
        callbacks: told.callbacks.iter().map(route).collect(),
        text_limit: told.limits.text_length.map(|length| (length, unit(told.limits.text_unit))),
        state_schema: told.state_schema,
        capabilities: interfaces.capabilities(),
    };
    Ok((told, description))
}

fn unit(unit: guest::descriptor::TextUnit) -> TextUnit {
    match unit {
        guest::descriptor::TextUnit::Bytes => TextUnit::Bytes,
        guest::descriptor::TextUnit::Utf16Units => TextUnit::Utf16Units,
        guest::descriptor::TextUnit::Characters => TextUnit::Characters,
    }
}

fn route(route: &guest::descriptor::CallbackRoute) -> CallbackRoute {
    use guest::descriptor::Verification;
    let scheme = |verification: &Verification| match verification {
        Verification::Hmac(_) => "hmac",
        Verification::SharedSecret(_) => "shared-secret",
        Verification::Basic(_) => "basic",
        Verification::BearerJwt(_) => "bearer-jwt",
        Verification::Rsa(_) => "rsa",
        Verification::StandardWebhooks(_) => "standard-webhooks",
        Verification::AwsSns => "aws-sns",
        Verification::ClientCertificate(_) => "client-certificate",
        Verification::None => "none",
    };
    CallbackRoute {
        path: route.path.trim_start_matches('/').to_owned(),
        methods: route.methods.clone(),
        verification: route.verification.iter().map(scheme).collect(),
    }
}

/// Holds what a component asks for against what the operator grants: all differences at once.
fn check(
    name: &str,
    description: &Description,
    told: &guest::descriptor::Description,
    config: &ConnectorConfig,
    egress: &Egress,
) -> Result<(), Rejection> {
    let mut wrong = Vec::new();
    if !is_name(&description.name) {
        wrong.push(format!("calls itself `{}`, which is no connector's name", description.name));
    }
    if description.version.is_empty() || description.version.len() > 64 {
        wrong.push("says no version".to_owned());
    }
    for upstream in description.upstreams.iter().filter(|upstream| !egress.grants(upstream)) {
        wrong.push(format!(
            "asks for upstream `{upstream}`, which is not granted: set [connectors.{name}.upstreams.{upstream}] base_url"
        ));
    }
    for credential in told.credentials.iter().filter(|credential| credential.required) {
        wrong.push(format!(
            "asks for credential `{}`; this gateway cannot hold credentials yet",
            credential.name
        ));
    }
    for route in description.callbacks.iter().filter(|route| !route.verification.contains(&"none")) {
        wrong.push(format!(
            "wants callbacks at `/{}` verified by {}; this gateway cannot verify callbacks yet",
            route.path,
            route.verification.join(" or ")
        ));
    }
    wrong.extend(settings(name, &told.config_schema, config));
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ")) }
}

/// Holds the operator's settings against the component's schema.
fn settings(name: &str, schema: &str, config: &ConnectorConfig) -> Vec<String> {
    let schema: Value = match serde_json::from_str(schema) {
        Ok(schema) => schema,
        Err(e) => return vec![format!("its config-schema is no JSON: {e}")],
    };
    let validator = match jsonschema::draft202012::new(&schema) {
        Ok(validator) => validator,
        Err(e) => return vec![format!("its config-schema is no JSON Schema: {e}")],
    };
    validator
        .iter_errors(&Value::Object(config.settings.clone()))
        .map(|e| format!("[connectors.{name}.settings]{}: {e}", e.instance_path()))
        .collect()
}
