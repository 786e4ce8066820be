//! Resolves references to secrets and keeps what they resolve to fresh.

pub(crate) mod file;
mod vault;

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;

pub use vault::VaultConfig;

use crate::endpoint::Endpoint;
use crate::reference::Reference;
use crate::refusal::TokenError;
use crate::secret::Secret;

/// How often what is held is looked at again.
#[derive(Debug, Clone)]
pub struct KeyringConfig {
    /// Between two looks at files; default 5 s. A mounted secret of Kubernetes changes by a swap of links, so the
    /// content is compared.
    pub files_every: Duration,
    /// Between two requests to a vault for the same secret; default 5 min.
    pub vaults_every: Duration,
    /// Which vaults, and as whom.
    pub vault: VaultConfig,
}

impl Default for KeyringConfig {
    fn default() -> Self {
        Self {
            files_every: Duration::from_secs(5),
            vaults_every: Duration::from_secs(300),
            vault: VaultConfig::default(),
        }
    }
}

/// Why a reference leads to no secret. Names the reference, which is none itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The environment has no such variable, or it is not text.
    #[error("{reference}: the variable is not set (or is not text); set it for this process")]
    Unset {
        /// What was referred to.
        reference: Reference,
    },
    /// There is nothing in it.
    #[error("{reference}: it is empty; put the secret there")]
    Empty {
        /// What was referred to.
        reference: Reference,
    },
    /// The file cannot be read.
    #[error("{reference}: the file cannot be read ({why}); check the path and who may read it")]
    Unreadable {
        /// What was referred to.
        reference: Reference,
        /// What the system says.
        why: std::io::ErrorKind,
    },
    /// The vault gave nothing.
    #[error("{reference}: {why}")]
    Vault {
        /// What was referred to.
        reference: Reference,
        /// What was the matter.
        why: VaultError,
    },
    /// A secret would travel in the clear.
    #[error("{at} is refused: secrets travel over https only, or to this machine")]
    Insecure {
        /// The host.
        at: String,
    },
}

/// Why a vault gave no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// The platform gave no token for the vault.
    #[error("no token for the vault: {0}")]
    Token(TokenError),
    /// The vault was not reached, or answered nonsense.
    #[error(transparent)]
    Endpoint(#[from] crate::endpoint::EndpointError),
    /// The vault said no.
    #[error("the vault answered {status}: {fix}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// What to do.
        fix: &'static str,
    },
}

/// A secret that a keyring keeps fresh. Cheap to clone; clones see the same value.
#[derive(Clone)]
pub struct Held(Arc<ArcSwap<Secret>>);

impl Held {
    /// A secret that never changes and lies in no keyring.
    pub fn fixed(secret: Secret) -> Self {
        Self(Arc::new(ArcSwap::from_pointee(secret)))
    }

    /// The value of now. Takes no lock.
    pub fn current(&self) -> Arc<Secret> {
        self.0.load_full()
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Held(…)")
    }
}

/// Resolves references, and looks at files and vaults again for as long as it, or a clone of it, lives.
#[derive(Clone)]
pub struct Keyring {
    inner: Arc<Inner>,
}

struct Inner {
    config: KeyringConfig,
    endpoint: Endpoint,
    kept: Mutex<HashMap<Reference, Arc<Entry>>>,
    identity: tokio::sync::OnceCell<crate::entra::Connection>,
}

struct Entry {
    reference: Reference,
    held: Held,
    /// Whether a failure was told already; it is told again only after a success in between.
    told: AtomicBool,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring").finish_non_exhaustive()
    }
}

impl Keyring {
    /// Starts the keyring and its two tasks, one for files, one for vaults.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn new(config: KeyringConfig, endpoint: Endpoint) -> Self {
        let (files, vaults) = (config.files_every, config.vaults_every);
        let identity = tokio::sync::OnceCell::new();
        let inner = Arc::new(Inner { config, endpoint, kept: Mutex::default(), identity });
        tokio::spawn(look_again(Arc::downgrade(&inner), files, |entry| matches!(entry, Reference::File(_))));
        tokio::spawn(look_again(Arc::downgrade(&inner), vaults, |entry| {
            matches!(entry, Reference::KeyVault { .. })
        }));
        Self { inner }
    }

    /// Resolves a reference now and keeps it fresh from now on. Asked twice, both get the same.
    ///
    /// # Errors
    /// When there is nothing at the reference, or it cannot be reached.
    pub async fn hold(&self, reference: &Reference) -> Result<Held, SecretError> {
        if let Some(entry) = self.inner.entries().get(reference) {
            return Ok(entry.held.clone());
        }
        let secret = self.inner.resolve(reference).await?;
        let entry =
            Entry { reference: reference.clone(), held: Held::fixed(secret), told: AtomicBool::new(false) };
        let mut kept = self.inner.entries();
        Ok(kept.entry(reference.clone()).or_insert_with(|| Arc::new(entry)).held.clone())
    }

    /// Looks at every file and vault now.
    pub async fn refresh(&self) {
        self.inner.refresh(|_| true).await;
    }
}

async fn look_again(inner: Weak<Inner>, every: Duration, which: fn(&Reference) -> bool) {
    let mut ticks = tokio::time::interval(every.max(Duration::from_millis(10)));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    ticks.tick().await;
    loop {
        ticks.tick().await;
        // With the last keyring gone, nobody is left to look for.
        let Some(inner) = inner.upgrade() else { return };
        inner.refresh(which).await;
    }
}

impl Inner {
    fn entries(&self) -> std::sync::MutexGuard<'_, HashMap<Reference, Arc<Entry>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn refresh(&self, which: fn(&Reference) -> bool) {
        let entries: Vec<Arc<Entry>> =
            self.entries().values().filter(|entry| which(&entry.reference)).map(Arc::clone).collect();
        for entry in entries {
            let reference = &entry.reference;
            match self.resolve(reference).await {
                Ok(secret) => {
                    entry.told.store(false, Ordering::Relaxed);
                    if *entry.held.current() != secret {
                        entry.held.0.store(Arc::new(secret));
                        tracing::info!(%reference, "a secret has changed and is used from now on");
                    }
                }
                Err(error) => {
                    if !entry.told.swap(true, Ordering::Relaxed) {
                        tracing::warn!(%reference, %error, "a secret cannot be read again; the last value is kept");
                    }
                }
            }
        }
    }

    async fn resolve(&self, reference: &Reference) -> Result<Secret, SecretError> {
        let secret = match reference {
            Reference::Env(name) => Secret::new(
                std::env::var(name).map_err(|_| SecretError::Unset { reference: reference.clone() })?,
            ),
            Reference::File(path) => {
                let path = path.clone();
                let unreadable = |why| SecretError::Unreadable { reference: reference.clone(), why };
                tokio::task::spawn_blocking(move || file::read(&path))
                    .await
                    .map_err(|_| unreadable(std::io::ErrorKind::Interrupted))?
                    .map_err(|error| unreadable(error.kind()))?
            }
            Reference::KeyVault { vault, name } => self
                .ask_vault(vault, name, milliseconds_since_1970())
                .await
                .map_err(|why| SecretError::Vault { reference: reference.clone(), why })?,
        };
        if secret.is_empty() { Err(SecretError::Empty { reference: reference.clone() }) } else { Ok(secret) }
    }
}

/// The only clock of this crate: what the keyring's own tasks do has no caller to say when.
fn milliseconds_since_1970() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
