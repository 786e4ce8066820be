//! Versions that old sessions stay with where the next one cannot read their state, or fails to; kept for a restart, too.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::generation::Generation;
use crate::load::Loader;
use crate::slot::Slot;

/// Before a version takes over: the one before it is kept where its sessions need it. That served until now, or before
/// this process was started.
pub(crate) async fn before(loader: &Arc<Loader>, slot: &Slot, name: &str, next: &Generation) {
    let Some(build) = loader.cache.last_good(name) else { return };
    if build.digest == next.digest {
        return;
    }
    let old = match slot.serving().filter(|serving| serving.digest == build.digest) {
        Some(serving) => serving,
        None => match loader.prove(slot.seat(), &build).await {
            Ok(proved) => Arc::new(proved),
            // It serves nobody any more.
            Err(_) => return,
        },
    };
    let schema = old.description.state_schema;
    if next.description.state_schema == schema {
        return;
    }
    // Where the next one can make their state its own, this one is there should that fail.
    if !next.reads(schema) {
        tracing::warn!(
            connector = name,
            version = old.description.version,
            next = next.description.version,
            "sessions that began with this version stay with it: the next one cannot read their state"
        );
    }
    if let Err(e) = loader.cache.pin(name, schema, &build) {
        tracing::warn!(connector = name, reason = %e, "it was not kept for a restart");
    }
    slot.pin(old);
}

/// After a start.
pub(crate) async fn recall(loader: &Arc<Loader>, slots: &BTreeMap<String, Arc<Slot>>) {
    for (name, build) in loader.cache.pinned() {
        let Some(slot) = slots.get(&name) else { continue };
        match loader.prove(slot.seat(), &build).await {
            Ok(old) => {
                let schema = old.description.state_schema;
                if slot.serving().is_some_and(|serving| serving.description.state_schema != schema) {
                    slot.pin(Arc::new(old));
                }
            }
            Err(rejection) => {
                tracing::warn!(
                    connector = name,
                    reason = rejection.reason,
                    "a version that old sessions stay with serves no more"
                );
            }
        }
    }
}
