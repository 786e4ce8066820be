//! The keys a service signs with and publishes. The first is made when somebody needs it; who comes meanwhile waits.
use std::sync::Arc;

use tokio::sync::Mutex;

use super::key::Key;

/// What becomes of the old keys when a new one takes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OldKeys {
    /// They stay published, so that tokens they signed remain good: how a planned rotation goes.
    Published,
    /// They are gone, and tokens they signed are worthless: how a lost key is dealt with.
    Withdrawn,
}

/// Published keys; the last one signs.
#[derive(Default)]
pub(super) struct Keyring(Mutex<Vec<Arc<Key>>>);

impl Keyring {
    pub async fn published(&self) -> Vec<Arc<Key>> {
        let mut keys = self.0.lock().await;
        if keys.is_empty() {
            keys.push(made().await);
        }
        keys.clone()
    }

    pub async fn signing(&self) -> Arc<Key> {
        let keys = self.published().await;
        keys[keys.len() - 1].clone()
    }

    pub async fn rotate(&self, old: OldKeys) {
        let mut keys = self.0.lock().await;
        if keys.is_empty() {
            // There is no old key yet that anybody knows.
            return;
        }
        let new = made().await;
        if old == OldKeys::Withdrawn {
            keys.clear();
        }
        keys.push(new);
    }
}

async fn made() -> Arc<Key> {
    Arc::new(tokio::task::spawn_blocking(Key::generate).await.expect("a key is made or the process ends"))
}
