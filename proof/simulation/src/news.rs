//! News that something was committed, brought to each who listens in the order they began to.
//!
//! Tokio wakes those who wait for the same channel in an order that is drawn by chance, and not by ours: here everybody
//! has a channel of their own.

use std::sync::{Arc, Mutex, PoisonError};

use handover_store::Store;
use tokio::sync::watch;

use crate::node::Line;
use crate::world::World;

/// Those who listen, each on the line of their node.
#[derive(Debug, Default)]
pub struct News(Mutex<Vec<(watch::Sender<()>, Arc<Line>)>>);

impl News {
    /// Somebody listens from now on.
    pub fn listen(&self, line: &Arc<Line>) -> watch::Receiver<()> {
        let sender = watch::Sender::new(());
        let listener = sender.subscribe();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|(sender, _)| !sender.is_closed());
        all.push((sender, Arc::clone(line)));
        listener
    }

    /// All are told who can be: whoever was cut off is told with the next news after that.
    fn tell(&self, now: u64) -> bool {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut missed = false;
        for (sender, line) in &*all {
            if line.is_cut(now) {
                missed = true;
            } else {
                sender.send_replace(());
            }
        }
        missed
    }
}

/// Brings the news for as long as the world is there.
pub async fn bring(world: Arc<World>) {
    let mut changes = world.database.node("the bearer of news").changes();
    let mut missed = false;
    loop {
        let news = if missed {
            tokio::time::timeout(std::time::Duration::from_secs(1), changes.changed()).await.unwrap_or(Ok(()))
        } else {
            changes.changed().await
        };
        if news.is_err() {
            return;
        }
        missed = world.news.tell(world.elapsed());
    }
}
