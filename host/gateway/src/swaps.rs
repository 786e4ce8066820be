//! Which connectors serve, for the audit: whoever may write to their folder changes what this gateway runs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use handover_sandbox::Sandbox;
use tokio::sync::watch;

use crate::audit::{Audit, Deed, Who};

/// How often it is looked; a line that could not be written is tried again as often.
const LOOK: Duration = Duration::from_millis(500);

/// Name and digest of what takes sessions.
type Serving = BTreeMap<String, String>;

/// Writes down what comes to serve and what ceases to, until the gateway stops.
pub(crate) async fn watch(sandbox: Arc<Sandbox>, audit: Arc<Audit>, mut stopping: watch::Receiver<bool>) {
    let mut known = Serving::new();
    loop {
        let now = serving(&sandbox);
        for (what, name, about) in changes(&known, &now) {
            if audit.write(&Deed::new(Who::FOLDER, what, about), "done", "").await.is_ok() {
                match now.get(&name) {
                    Some(digest) => known.insert(name, digest.clone()),
                    None => known.remove(&name),
                };
            }
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            _ = stopping.wait_for(|stop| *stop) => return,
        }
    }
}

fn serving(sandbox: &Sandbox) -> Serving {
    let takers = sandbox.serving().into_iter().filter(|(name, _)| sandbox.takes_sessions(name));
    takers.map(|(name, one)| (name, one.digest().to_owned())).collect()
}

fn changes(before: &Serving, now: &Serving) -> Vec<(&'static str, String, String)> {
    let came = now.iter().filter_map(|(name, digest)| match before.get(name) {
        None => Some(("connector-serves", name.clone(), format!("{name} sha256:{digest}"))),
        Some(old) if old != digest => {
            Some(("connector-swapped", name.clone(), format!("{name} sha256:{old} -> sha256:{digest}")))
        }
        Some(_) => None,
    });
    let went = before.iter().filter(|(name, _)| !now.contains_key(*name));
    let went =
        went.map(|(name, digest)| ("connector-withdrawn", name.clone(), format!("{name} sha256:{digest}")));
    came.chain(went).collect()
}
