//! What befalls the machines in a run: gateways die, the database restarts, connectors are swapped.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use crate::book::Count;
use crate::database::{Cluster, Manner};
use crate::faults::Fault;
use crate::memory;
use crate::node::Node;
use crate::swap;
use crate::world::World;

/// The machines of a run.
#[derive(Debug)]
pub struct Machines {
    /// The gateways.
    pub nodes: Vec<Mutex<Node>>,
    /// The most memory that each has held, in KiB.
    pub peaks: std::sync::Mutex<Vec<u64>>,
    /// The database, where there is one.
    pub database: Option<Arc<Cluster>>,
    /// How often gateways were killed.
    pub kills: Count,
    /// How often the database was restarted.
    pub restarts: Count,
    /// How often the connector was swapped.
    pub swaps: Count,
}

impl Machines {
    /// Kills and starts gateways, spread over the messages of the run.
    ///
    /// # Errors
    /// Where one does not start again.
    pub async fn kill(&self, world: &World) -> anyhow::Result<()> {
        for nth in 1..=world.options.kills {
            moment(world, nth, world.options.kills).await;
            let which = world.chance.below(u64::try_from(self.nodes.len()).unwrap_or(1));
            let which = usize::try_from(which).unwrap_or_default();
            let mut node = self.nodes[which].lock().await;
            self.weigh(which, &node);
            node.kill()?;
            self.kills.add();
            node.start().await?;
        }
        Ok(())
    }

    /// Restarts the database, spread over the messages of the run.
    ///
    /// # Errors
    /// Where it does not come back.
    pub async fn restart_database(&self, world: &World) -> anyhow::Result<()> {
        let Some(database) = &self.database else { return Ok(()) };
        for nth in 1..=world.options.database_restarts {
            moment(world, nth, world.options.database_restarts).await;
            let manner = if world.chance.below(2) == 0 { Manner::Fast } else { Manner::Immediate };
            let database = Arc::clone(database);
            tokio::task::spawn_blocking(move || database.restart(manner)).await??;
            self.restarts.add();
        }
        Ok(())
    }

    /// Swaps the connector of all gateways every second, for as long as faults are on.
    ///
    /// # Errors
    /// Where a file cannot be written.
    pub async fn swap(&self, world: &World, component: &[u8]) -> anyhow::Result<()> {
        let mut folders = Vec::new();
        for node in &self.nodes {
            folders.push(node.lock().await.folder.clone());
        }
        while world.faults.has(Fault::Swap) {
            tokio::time::sleep(Duration::from_secs(1)).await;
            self.swaps.add();
            let build = swap::marked(component, self.swaps.get());
            for folder in &folders {
                swap::drop_in(folder, &build)?;
            }
            world.faults.count(Fault::Swap);
        }
        Ok(())
    }

    /// Looks after the gateways for ever.
    ///
    /// # Errors
    /// Where one has died by itself.
    pub async fn watch(&self) -> anyhow::Result<()> {
        loop {
            tokio::time::sleep(Duration::from_millis(500)).await;
            for (which, node) in self.nodes.iter().enumerate() {
                // One that is just being killed is looked at later.
                let Ok(mut node) = node.try_lock() else { continue };
                self.weigh(which, &node);
                if node.has_died() {
                    anyhow::bail!("gateway {which} died by itself:\n{}", node.last_words());
                }
            }
        }
    }

    fn weigh(&self, which: usize, node: &Node) {
        if let Some(peak) = node.pid().and_then(memory::peak_kib) {
            let mut peaks = self.peaks.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            peaks[which] = peaks[which].max(peak);
        }
    }
}

/// The moment for the nth of so many: when that share of the messages is through, and then a while later, or while a
/// sink is just being called.
async fn moment(world: &World, nth: u64, of: u64) {
    let share = world.options.messages * nth / (of + 1);
    while world.book.accepted() < share {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let while_ = Duration::from_micros(world.chance.below(120_000));
    if world.chance.below(2) == 0 {
        tokio::time::sleep(while_).await;
    } else {
        // Whether or not anything is called, the moment comes.
        drop(tokio::time::timeout(Duration::from_secs(2), world.called.notified()).await);
        tokio::time::sleep(while_ / 40).await;
    }
}
