//! Callbacks that no version of their connector could read: kept, and read again by the next version, in order.

use std::sync::Arc;
use std::time::Duration;

use handover_handoff::Timestamp;
use handover_handoff::event::Told;
use handover_store::{Kept, Retried, StoreError};
use tokio::time::Instant;

use crate::intake::{Happened, Heard};
use crate::relay::Relay;

/// How many are looked at at a time.
const BATCH: usize = 64;

/// How long between looks while somebody waits.
const LOOK: Duration = Duration::from_millis(50);

/// How long this node has the job to itself, in milliseconds; asked for again with each batch.
const LEASE: u64 = 30_000;

impl Relay {
    /// Reads what was kept of a connector with the version of this digest; how many were read.
    ///
    /// # Errors
    /// What the store says; what was read until then was taken in.
    pub(crate) async fn catch_up(
        self: &Arc<Self>,
        connector: &str,
        digest: &str,
    ) -> Result<usize, StoreError> {
        if self.store.kept(connector, digest, 0, 1).await?.is_empty() {
            return Ok(0);
        }
        self.read_all(connector, digest).await
    }

    /// Waits, within limits, until what was kept of a connector has been read, by whichever node: what the vendor
    /// says now follows that. False where it has not; then the vendor has to come again.
    ///
    /// # Errors
    /// What the store says.
    pub async fn caught_up(
        self: &Arc<Self>,
        connector: &str,
        digest: &str,
        limit: Duration,
    ) -> Result<bool, StoreError> {
        let deadline = Instant::now() + limit;
        loop {
            if self.store.kept(connector, digest, 0, 1).await?.is_empty() {
                return Ok(true);
            }
            self.catch_up(connector, digest).await?;
            if Instant::now() >= deadline {
                return Ok(false);
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn read_all(self: &Arc<Self>, connector: &str, digest: &str) -> Result<usize, StoreError> {
        let (job, mut read, mut after) = (format!("read {connector}"), 0, 0);
        while self.store.lease(&job, self.outside.now(), LEASE).await? {
            let batch = self.store.kept(connector, digest, after, BATCH).await?;
            let Some(last) = batch.last() else { break };
            after = last.id;
            for kept in batch {
                match self.read_one(connector, digest, kept).await? {
                    Some(done) => read += usize::from(done),
                    // What follows must not overtake it.
                    None => return Ok(read),
                }
            }
        }
        Ok(read)
    }

    async fn read_one(
        self: &Arc<Self>,
        connector: &str,
        digest: &str,
        kept: Kept,
    ) -> Result<Option<bool>, StoreError> {
        let read = self.outside.read(&kept.callback).await;
        let mut serving = self.outside.connectors().into_iter();
        if !serving.any(|(name, serves)| name == connector && serves == digest) {
            // Another version has taken over meanwhile: it begins with the oldest.
            return Ok(None);
        }
        match read {
            Ok(events) => {
                for (nth, happened) in events.into_iter().enumerate() {
                    // If this node dies half-way, all of them come again: each must count once all the same.
                    let name = happened.name.clone().unwrap_or_else(|| format!("kept {}/{nth}", kept.id));
                    let happened = Happened { name: Some(name), ..happened };
                    let told = Told { at: kept.callback.received, acknowledged: true };
                    match self.event(connector, happened, told).await? {
                        Heard::Accepted => {}
                        // Nobody comes again with it but this node: it stays until its session is there.
                        // No start takes longer than that; in a busy gateway some start is always under way.
                        Heard::Early if self.may_begin_yet(connector, kept.callback.received) => {
                            return Ok(None);
                        }
                        Heard::Early | Heard::Closed | Heard::Unknown => {
                            tracing::info!(
                                connector,
                                callback = kept.id,
                                "a kept event came after its session"
                            );
                        }
                    }
                }
                self.store.retried(kept.id, Retried::Done).await?;
                tracing::info!(connector, callback = kept.id, "a kept callback was read");
                Ok(Some(true))
            }
            Err(reason) => {
                let tried = Retried::Unread { tried: digest.to_owned(), reason };
                self.store.retried(kept.id, tried).await?;
                Ok(Some(false))
            }
        }
    }

    fn may_begin_yet(&self, connector: &str, received: Timestamp) -> bool {
        self.outside.now().since(received) <= self.settings.policies.of(connector).fresh_to_vendor
    }
}
