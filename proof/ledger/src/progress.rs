//! What is printed while a run goes on, and what ends one that goes nowhere.

use std::time::{Duration, Instant};

use crate::trouble::Machines;
use crate::world::{LONGEST, World};

const EVERY: Duration = Duration::from_secs(5);

/// A line every few seconds, for ever.
///
/// # Errors
/// Where no message has been acknowledged for longer than anything may take.
pub async fn tell(world: &World, machines: &Machines, begun: Instant) -> anyhow::Result<()> {
    let (mut before, mut moved) = (0, Instant::now());
    loop {
        tokio::time::sleep(EVERY).await;
        let accepted = world.book.accepted();
        let sessions = world.book.sessions();
        let open = sessions.iter().filter(|session| !session.read(|pages| pages.left)).count();
        println!(
            "{:>5} s  {accepted} of {} messages, {}/s, {} sessions ({open} open), {} kills, {} swaps",
            begun.elapsed().as_secs(),
            world.options.messages,
            (accepted - before) / EVERY.as_secs(),
            sessions.len(),
            machines.kills.get(),
            machines.swaps.get(),
        );
        if accepted > before {
            moved = Instant::now();
        }
        anyhow::ensure!(moved.elapsed() < LONGEST * 3, "the gateways take no messages any more");
        before = accepted;
    }
}
