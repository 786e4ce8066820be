//! Callbacks that no version of their connector could read: kept, and read again by the next version, in order.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use handover_store::{Kept, Retried, StoreError};
use tokio::sync::watch;

use crate::intake::{Happened, Heard};
use crate::relay::Relay;

/// How many are looked at at a time.
const BATCH: usize = 64;

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
        let (under_way, done) = watch::channel(true);
        self.catching_up.lock().unwrap_or_else(PoisonError::into_inner).insert(connector.to_owned(), done);
        let read = self.read_all(connector, digest).await;
        self.catching_up.lock().unwrap_or_else(PoisonError::into_inner).remove(connector);
        under_way.send_replace(false);
        read
    }

    /// Waits, within limits, until what was kept of a connector has been read: what the vendor says now follows that.
    pub async fn caught_up(&self, connector: &str, limit: Duration) {
        let under_way =
            self.catching_up.lock().unwrap_or_else(PoisonError::into_inner).get(connector).cloned();
        if let Some(mut under_way) = under_way {
            drop(tokio::time::timeout(limit, under_way.wait_for(|under_way| !under_way)).await);
        }
    }

    async fn read_all(self: &Arc<Self>, connector: &str, digest: &str) -> Result<usize, StoreError> {
        let (job, mut read, mut after) = (format!("read {connector}"), 0, 0);
        while self.store.lease(&job, self.outside.now(), LEASE).await? {
            let batch = self.store.kept(connector, digest, after, BATCH).await?;
            let Some(last) = batch.last() else { break };
            after = last.id;
            for kept in batch {
                read += usize::from(self.read_one(connector, digest, kept).await?);
            }
        }
        Ok(read)
    }

    async fn read_one(
        self: &Arc<Self>,
        connector: &str,
        digest: &str,
        kept: Kept,
    ) -> Result<bool, StoreError> {
        match self.outside.read(&kept.callback).await {
            Ok(events) => {
                for (nth, happened) in events.into_iter().enumerate() {
                    // If this node dies half-way, all of them come again: each must count once all the same.
                    let name = happened.name.clone().unwrap_or_else(|| format!("kept {}/{nth}", kept.id));
                    let happened = Happened { name: Some(name), ..happened };
                    match self.event(connector, happened, kept.callback.received).await? {
                        Heard::Accepted => {}
                        // Nobody comes again with it but this node: it stays until its session is there.
                        Heard::Early => return Ok(false),
                        Heard::Closed | Heard::Unknown => {
                            tracing::info!(connector, callback = kept.id, "a kept event came after its session");
                        }
                    }
                }
                self.store.retried(kept.id, Retried::Done).await?;
                tracing::info!(connector, callback = kept.id, "a kept callback was read");
                Ok(true)
            }
            Err(reason) => {
                let tried = Retried::Unread { tried: digest.to_owned(), reason };
                self.store.retried(kept.id, tried).await?;
                Ok(false)
            }
        }
    }
}
