//! The bench: the component in the real sandbox, the scripted vendor, and the calls between the two.

mod calls;
mod files;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use handover_handoff::Session;
use handover_sandbox::status::State;
use handover_sandbox::{
    ConnectorConfig, Generation, Instances, Limits, Sandbox, SandboxConfig, UpstreamConfig,
};
use tempfile::TempDir;

use crate::keys::{self, Key};
use crate::lab::{Lab, Raw};
use crate::scenario::{Exchange, Scenario};
use crate::template::Names;
use crate::vendor::{Fault, Played, Script, Vendor};
use crate::{KitError, cast};

pub(crate) use calls::keep;
pub(crate) use files::{Given, Shelf, content};

/// The public address that connectors are told to be called at.
pub(crate) const CALLBACKS: &str = "https://handover.example/api/callbacks";

/// The file that all seats are served from.
const COMPONENT: &str = "component";

/// How long a large component may take to be compiled on a busy machine.
const PATIENCE: Duration = Duration::from_secs(600);

/// Bytes of memory that a seat may have, smallest first; the last is what every connector has.
pub(crate) const MEMORIES: [usize; 6] = [1, 2, 4, 8, 16, 32];

/// One seat of the component: the same code, granted something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seat {
    /// As the gateway's defaults have it.
    Usual,
    /// A call may take a third of a second only.
    Hasty,
    /// Nobody listens where its upstreams lead.
    Cut,
    /// It may have so many MiB of memory.
    Small(usize),
}

impl Seat {
    /// All of them.
    pub(crate) fn all() -> Vec<Self> {
        [Self::Usual, Self::Hasty, Self::Cut].into_iter().chain(MEMORIES.map(Self::Small)).collect()
    }

    pub(crate) fn name(self) -> String {
        match self {
            Self::Usual => "kit".to_owned(),
            Self::Hasty => "kit-hasty".to_owned(),
            Self::Cut => "kit-cut".to_owned(),
            Self::Small(mib) => format!("kit-small-{mib}"),
        }
    }
}

/// The bench.
pub(crate) struct Bench {
    pub(crate) scenario: Scenario,
    pub(crate) keys: BTreeMap<String, Key>,
    pub(crate) vendor: Vendor,
    pub(crate) lab: Lab,
    pub(crate) raw: Raw,
    pub(crate) shelf: Arc<Shelf>,
    sandbox: Arc<Sandbox>,
    times: Mutex<Vec<(&'static str, Duration)>>,
    _house: TempDir,
}

/// Why there is no bench.
pub(crate) enum NoBench {
    /// The kit cannot run.
    Kit(KitError),
    /// The sandbox refuses the component.
    Rejected(String),
}

impl From<KitError> for NoBench {
    fn from(error: KitError) -> Self {
        Self::Kit(error)
    }
}

impl Bench {
    /// Has the component served on these seats, of which the usual one must be one. Those that it does not fit on are
    /// told to the log of the process: who has one asks for no more seats than they need.
    pub(crate) async fn open(
        component: &[u8],
        lab: Lab,
        raw: Raw,
        scenario: &Scenario,
        cache: Option<&Path>,
        seats: &[Seat],
    ) -> Result<Self, NoBench> {
        // One TLS stack, one crypto provider. A second install in the same process changes nothing.
        drop(rustls::crypto::ring::default_provider().install_default());
        let machine = |e: std::io::Error| KitError::Machine(e.to_string());
        let house = tempfile::tempdir().map_err(machine)?;
        let folder = house.path().join("connectors");
        let cache = cache.map_or_else(|| house.path().join("cache"), Path::to_owned);
        let secrets = house.path().join("secrets");
        for folder in [&folder, &cache, &secrets] {
            std::fs::create_dir_all(folder).map_err(machine)?;
        }
        std::fs::write(folder.join(format!("{COMPONENT}.wasm")), component).map_err(machine)?;
        let vendor = Vendor::open().await?;
        let keys = keys::told(scenario);
        let granted = keys::open(&keys, &secrets, &vendor.token_url()).await?;
        let mut connectors = BTreeMap::new();
        for seat in seats.iter().copied() {
            // What a connector keeps in its memory, against the contract, must not outlive the call here.
            let mut limits = Limits { instances: Instances::Fresh, ..Limits::default() };
            match seat {
                Seat::Usual | Seat::Cut => {}
                Seat::Hasty => limits.call = Duration::from_millis(300),
                Seat::Small(mib) => limits.memory = mib << 20,
            }
            let config = ConnectorConfig {
                component: Some(COMPONENT.to_owned()),
                upstreams: upstreams(scenario, &vendor, seat)?,
                credentials: granted.clone(),
                settings: scenario.settings.clone(),
                limits,
            };
            connectors.insert(seat.name(), config);
        }
        let shelf = Arc::new(Shelf::default());
        let config = SandboxConfig {
            folder,
            cache,
            connectors,
            callback_base: CALLBACKS.to_owned(),
            files: Some(Arc::clone(&shelf) as Arc<dyn handover_sandbox::files::Files>),
            provenance: handover_sandbox::Provenance::default(),
            poll: Duration::from_secs(3600),
        };
        let sandbox = Sandbox::open(config).await.map_err(|e| KitError::Machine(e.to_string()))?;
        served(&sandbox).await?;
        let scenario = scenario.clone();
        Ok(Self { scenario, keys, vendor, lab, raw, shelf, sandbox, times: Mutex::default(), _house: house })
    }

    /// The component as it serves on a seat; none where it does not fit there.
    pub(crate) fn seat(&self, seat: Seat) -> Option<Arc<Generation>> {
        self.sandbox.connector(&seat.name())
    }

    /// The settings as the host hands them over, in JSON.
    pub(crate) fn settings(&self) -> String {
        let filled = handover_sandbox::with_defaults(&self.raw.config_schema, &self.scenario.settings);
        serde_json::Value::Object(filled).to_string()
    }

    /// Whether the component has this optional interface.
    pub(crate) fn exports(&self, interface: &str) -> bool {
        crate::inspect::capabilities(&self.lab.exports).iter().any(|one| one == interface)
    }

    /// A session that the vendor knows nothing of yet.
    pub(crate) fn session(&self) -> Session {
        cast::session(&self.scenario, &Seat::Usual.name())
    }

    pub(crate) fn names(&self, session: &Session) -> Names {
        cast::names(&self.scenario, session)
    }

    /// Has the vendor expect these, in this order, and nothing else.
    pub(crate) fn expect(&self, exchanges: &[String], names: Names, fault: Option<(usize, Fault)>) {
        self.vendor.play(self.script(exchanges, names, fault));
    }

    /// Has the vendor take these in any order, whatever they carry.
    pub(crate) fn allow(&self, exchanges: &[String], names: Names, fault: Option<(usize, Fault)>) {
        self.vendor.play(self.script(exchanges, names, fault).free());
    }

    /// The same, where the vendor has done something already.
    pub(crate) fn allow_after(
        &self,
        exchanges: &[String],
        names: Names,
        fault: Option<(usize, Fault)>,
        done: &[String],
    ) {
        self.vendor.play(self.script(exchanges, names, fault).free().having_done(done));
    }

    /// Has the vendor expect what the scenario does not tell so, in this order.
    pub(crate) fn expect_made(&self, exchanges: Vec<(String, Exchange)>, names: Names) {
        self.vendor.play(Script::new(exchanges, self.base_paths(), names, None));
    }

    fn base_paths(&self) -> BTreeMap<String, String> {
        let bases = self.scenario.upstreams.iter();
        bases.map(|(name, upstream)| (name.clone(), upstream.base_path.clone())).collect()
    }

    fn script(&self, exchanges: &[String], names: Names, fault: Option<(usize, Fault)>) -> Script {
        let known = |name: &String| Some((name.clone(), self.scenario.exchanges.get(name)?.clone()));
        let exchanges = exchanges.iter().filter_map(known).collect();
        Script::new(exchanges, self.base_paths(), names, fault)
    }

    pub(crate) fn played(&self) -> Played {
        self.vendor.played()
    }

    /// Notes how long a call took.
    pub(crate) async fn timed<T>(&self, what: &'static str, call: impl Future<Output = T>) -> T {
        let begun = Instant::now();
        let done = call.await;
        self.times.lock().unwrap_or_else(PoisonError::into_inner).push((what, begun.elapsed()));
        done
    }

    /// How long calls of this kind took, the shortest first.
    pub(crate) fn times(&self, what: &str) -> Vec<Duration> {
        let times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found: Vec<Duration> =
            times.iter().filter(|(kind, _)| *kind == what).map(|(_, time)| *time).collect();
        found.sort();
        found
    }
}

fn upstreams(
    scenario: &Scenario,
    vendor: &Vendor,
    seat: Seat,
) -> Result<BTreeMap<String, UpstreamConfig>, KitError> {
    let each = scenario.upstreams.iter().map(|(name, upstream)| {
        let base = match seat {
            // Nobody listens on the port of the discard service; if somebody does, it answers nothing.
            Seat::Cut => "http://127.0.0.1:9/".to_owned(),
            _ => vendor.upstream(name, &upstream.base_path),
        };
        let base = base.parse().map_err(|e| KitError::Machine(format!("upstream `{name}`: {e}")))?;
        Ok((name.clone(), UpstreamConfig::new(base)))
    });
    each.collect()
}

/// Waits until it serves, or is refused. A large one is compiled in the background.
async fn served(sandbox: &Sandbox) -> Result<(), NoBench> {
    let give_up = Instant::now() + PATIENCE;
    let usual = Seat::Usual.name();
    loop {
        if sandbox.connector(&usual).is_some() {
            return Ok(());
        }
        let status = sandbox.status();
        let refused = status.iter().find(|line| line.name == usual && line.state == State::Rejected);
        if let Some(refused) = refused {
            return Err(NoBench::Rejected(refused.reason.clone().unwrap_or_default()));
        }
        if Instant::now() > give_up {
            return Err(NoBench::Rejected(format!("does not serve after {} s", PATIENCE.as_secs())));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
