//! Upkeep: the store hears that this node lives, kept callbacks meet new versions, and what is old is removed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use handover_store::StoreError;
use tokio::sync::watch;

use crate::relay::Relay;

/// How often the store hears of this node.
const BEAT: Duration = Duration::from_secs(2);

/// A node that the store has not heard of for this long takes itself for dead, in milliseconds: a little less than
/// stores wait before they do.
pub(crate) const SILENCE: u64 = 8_000;

/// How often the versions of connectors are looked at.
const LOOK: Duration = Duration::from_millis(250);

/// How often kept callbacks are looked for though the version is the same: another node may have kept them.
const AGAIN: u64 = 5_000;

/// How often what is old is removed, how much at a time, and how long one node has that job, in milliseconds.
const SWEEP: u64 = 60_000;
const BATCH: usize = 500;
const RESEALED: usize = 50;
const LEASE: u64 = 120_000;

impl Relay {
    pub(crate) async fn keep_up(self: Arc<Self>, stop: watch::Receiver<bool>) {
        tokio::join!(self.beats(stop.clone()), self.follows(stop.clone()), self.sweeps(stop));
    }

    pub(crate) async fn beat(&self) {
        let now = self.outside.now();
        match self.store.beat(now).await {
            Ok(()) => self.heard.store(now.0, Ordering::Release),
            Err(e) => tracing::warn!(reason = %e, "the store does not hear of this node"),
        }
    }

    async fn beats(&self, mut stop: watch::Receiver<bool>) {
        while pause(BEAT, &mut stop).await {
            self.beat().await;
        }
    }

    async fn follows(self: &Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut seen = BTreeMap::new();
        while pause(LOOK, &mut stop).await {
            let now = self.outside.now();
            for (connector, digest) in self.outside.connectors() {
                let known = seen.get(&connector);
                if known.is_some_and(|(known, at)| *known == digest && now.since(*at) < AGAIN) {
                    continue;
                }
                match self.catch_up(&connector, &digest).await {
                    Ok(0) => {}
                    Ok(read) => tracing::info!(connector, read, "kept callbacks were read"),
                    Err(e) => tracing::warn!(connector, reason = %e, "kept callbacks could not be read yet"),
                }
                seen.insert(connector, (digest, now));
            }
        }
    }

    async fn sweeps(&self, mut stop: watch::Receiver<bool>) {
        while pause(Duration::from_millis(SWEEP), &mut stop).await {
            if let Err(e) = self.sweep().await {
                tracing::warn!(reason = %e, "what is old could not be removed");
            }
        }
    }

    /// Removes what has been kept for long enough.
    ///
    /// # Errors
    /// What the store says.
    pub async fn sweep(&self) -> Result<(), StoreError> {
        let now = self.outside.now();
        while self.store.lease("sweep", now, LEASE).await? {
            let removed = self.store.expire(now, self.settings.retention, BATCH).await?;
            let most = removed.sessions.max(removed.names).max(removed.callbacks);
            if most > 0 {
                tracing::info!(removed.sessions, removed.names, removed.callbacks, "removed what was old");
            }
            if most < BATCH as u64 {
                break;
            }
        }
        // What was written with an older key, or with none, is written anew: then that key can go.
        while self.store.lease("sweep", self.outside.now(), LEASE).await?
            && self.store.reseal(RESEALED).await? > 0
        {}
        Ok(())
    }
}

/// Waits; false once it is to stop.
async fn pause(span: Duration, stop: &mut watch::Receiver<bool>) -> bool {
    let stopping = tokio::time::timeout(span, stop.wait_for(|stop| *stop)).await;
    stopping.is_err()
}
