//! A drop-in folder, a cache, and the sandbox that is opened on them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use handover_credentials::{CredentialConfig, Endpoint, Keyring, KeyringConfig};
use handover_sandbox::description::CredentialKind;
use handover_sandbox::egress::{Resolver, SystemResolver};
use handover_sandbox::status::State;
use handover_sandbox::{
    ConnectorConfig, ConnectorStatus, Generation, GrantedCredential, Limits, Provenance, Sandbox,
    SandboxConfig, UpstreamConfig,
};
use serde_json::Value;
use tempfile::TempDir;

/// How long a test waits for what must come; only a failure takes that long.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct House {
    /// The drop-in folder.
    pub folder: PathBuf,
    pub cache: PathBuf,
    /// What is granted, by the connector's name.
    pub connectors: BTreeMap<String, ConnectorConfig>,
    pub provenance: Provenance,
    pub poll: Duration,
    root: TempDir,
}

impl House {
    pub fn new() -> Self {
        // The client for upstreams wants one, whoever is first.
        drop(rustls::crypto::ring::default_provider().install_default());
        let root = tempfile::tempdir().unwrap();
        let house = Self {
            folder: root.path().join("installed"),
            cache: root.path().join("cache"),
            connectors: BTreeMap::new(),
            provenance: Provenance::default(),
            poll: Duration::from_secs(1),
            root,
        };
        fs::create_dir_all(&house.folder).unwrap();
        fs::create_dir_all(&house.cache).unwrap();
        share_compiled(&compiled(), &house.cache);
        house
    }

    /// Beside the drop-in folder, on the same disk.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// Grants a connector the upstream `api`.
    pub fn grant(&mut self, name: &str, base: &str) -> &mut ConnectorConfig {
        let upstream = UpstreamConfig::new(base.parse().unwrap());
        let config =
            ConnectorConfig { upstreams: [("api".to_owned(), upstream)].into(), ..Default::default() };
        self.connectors.insert(name.to_owned(), config);
        self.connectors.get_mut(name).unwrap()
    }

    /// Puts a fixture into the folder under its own name, with `api` leading to `base` and these limits.
    pub fn drop_in(&mut self, guest: &str, base: &str, limits: Limits) {
        self.grant(guest, base).limits = limits;
        self.put(&format!("{guest}.wasm"), &built(guest));
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub fn put(&self, file: &str, bytes: &[u8]) {
        fs::write(self.file(file), bytes).unwrap();
    }

    pub async fn open(&self) -> Arc<Sandbox> {
        self.open_with(Arc::new(SystemResolver)).await
    }

    /// With somebody else to ask for the addresses of upstreams.
    pub async fn open_with(&self, resolver: Arc<dyn Resolver>) -> Arc<Sandbox> {
        let config = SandboxConfig {
            folder: self.folder.clone(),
            cache: self.cache.clone(),
            connectors: self.connectors.clone(),
            callback_base: "https://handover.example/api/callbacks/".to_owned(),
            files: None,
            provenance: self.provenance.clone(),
            poll: self.poll,
        };
        Sandbox::open_with(config, resolver).await.unwrap()
    }

    /// A secret in a file of this house, as a configuration refers to it.
    pub fn secret(&self, secret: &str) -> String {
        static FILES: AtomicUsize = AtomicUsize::new(0);
        let file = self.beside(&format!("secret-{}", FILES.fetch_add(1, Ordering::Relaxed)));
        fs::write(&file, secret).unwrap();
        format!("file:{}", file.display())
    }

    /// A credential, configured as an operator would; `key` refers to the secret.
    pub async fn credential(&self, mut config: Value, key: &str, secret: &str) -> GrantedCredential {
        config[key] = self.secret(secret).into();
        let config: CredentialConfig = serde_json::from_value(config).unwrap();
        let endpoint = Endpoint::new().unwrap();
        let keyring = Keyring::new(KeyringConfig::default(), endpoint.clone());
        let credential = Arc::new(config.open(&keyring, &endpoint).await.unwrap());
        GrantedCredential { kind: CredentialKind::of(&config), credential }
    }

    /// Opens a house with one fixture and gives its connector.
    pub async fn with(guest: &str, base: &str, limits: Limits) -> (Self, Arc<Sandbox>, Arc<Generation>) {
        let mut house = Self::new();
        house.drop_in(guest, base, limits);
        let sandbox = house.open().await;
        let generation = serving(&sandbox, guest);
        (house, sandbox, generation)
    }
}

/// What was compiled for one test need not be compiled for the next.
impl Drop for House {
    fn drop(&mut self) {
        share_compiled(&self.cache, &compiled());
    }
}

fn compiled() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled");
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn share_compiled(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|ending| ending == "cwasm") {
            // It may be there already.
            drop(fs::hard_link(&path, to.join(entry.file_name())));
        }
    }
}

/// A fixture as it is committed.
pub fn built(guest: &str) -> Vec<u8> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("guests/built").join(format!("{guest}.wasm"));
    fs::read(&file).unwrap_or_else(|e| panic!("{}: {e}; run `cargo xtask connectors`", file.display()))
}

/// The version that serves, or why there is none.
pub fn serving(sandbox: &Sandbox, name: &str) -> Arc<Generation> {
    sandbox.connector(name).unwrap_or_else(|| panic!("{name} does not serve: {:#?}", sandbox.status()))
}

/// The version number of what serves.
pub fn version(sandbox: &Sandbox, name: &str) -> Option<String> {
    sandbox.connector(name).map(|generation| generation.description().version.clone())
}

/// What is to be seen in this state.
pub fn shown(sandbox: &Sandbox, name: &str, state: State) -> Option<ConnectorStatus> {
    sandbox.status().into_iter().find(|line| line.name == name && line.state == state)
}

/// Why this connector's file was refused.
pub fn refusal(sandbox: &Sandbox, name: &str) -> Option<String> {
    shown(sandbox, name, State::Rejected)?.reason
}

/// Waits for what must come.
pub async fn eventually(sandbox: &Sandbox, what: &str, holds: impl Fn() -> bool) {
    let waited = tokio::time::timeout(PATIENCE, async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    assert!(waited.await.is_ok(), "never came: {what}; {:#?}", sandbox.status());
}

/// A future that must return, whatever the guest does.
pub async fn bounded<T>(call: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, call).await.expect("the call returns")
}
