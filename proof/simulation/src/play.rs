//! One seed, from its beginning until everything is at rest.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use handover_store::{Store, Which};
use tokio::task::JoinSet;

use crate::chance::Chance;
use crate::customer::Customer;
use crate::faults;
use crate::news;
use crate::node::Node;
use crate::weather::Mood;
use crate::world::{Violation, World};

/// How long the faults last, at most.
const ROUGH: u64 = 150_000;

/// How long it may take until everything is at rest once the faults are off.
const REST: u64 = 60 * 60_000;

/// What a seed came to.
#[derive(Debug)]
pub struct Played {
    /// Which.
    pub seed: u64,
    /// The hash of its trace.
    pub hash: u64,
    /// How many lines the trace has.
    pub lines: u64,
    /// How many milliseconds went by in it.
    pub simulated: u64,
    /// How often what happened.
    pub tally: BTreeMap<&'static str, u64>,
    /// The rule that did not hold, and the trace's last lines.
    pub violation: Option<(Violation, Vec<String>)>,
}

/// Plays a seed.
pub fn play(seed: u64, printed: bool) -> Played {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime needs nothing that could be missing");
    runtime.block_on(async {
        let world = World::new(seed, printed);
        lives(&world).await;
        // Those who live in the world have it in hand, and it them.
        let nodes = std::mem::take(&mut *world.nodes.lock().unwrap_or_else(PoisonError::into_inner));
        nodes.iter().for_each(|node| node.crash());
        let (hash, lines) = world.trace.hash();
        Played {
            seed,
            hash,
            lines,
            simulated: world.elapsed(),
            tally: world.tally.all(),
            violation: world.violation().map(|violation| (violation, world.trace.last())),
        }
    })
}

async fn lives(world: &Arc<World>) {
    world.note(format!("{:?}", world.weather));
    let chance = world.chance.fork();
    tokio::spawn(news::bring(Arc::clone(world)));
    for nth in 0..world.weather.nodes {
        let node = Node::start(world, format!("node {nth}"), &chance);
        world.nodes.lock().unwrap_or_else(PoisonError::into_inner).push(node);
    }
    let mut customers = JoinSet::new();
    for nth in 0..world.weather.conversations {
        customers.spawn(Customer::new(world, nth, chance.fork()).live());
    }
    if world.weather.mood == Mood::Rough {
        faults::begin(world);
    }
    let rough = Chance::between(&chance, ROUGH / 3, ROUGH);
    while world.elapsed() < rough && world.violation().is_none() {
        world.pause(1_000).await;
    }
    world.heal();
    for vendor in &world.vendors {
        vendor.versions.install(world.elapsed(), None);
    }
    while world.violation().is_none() {
        clocks_go_right(world);
        while customers.try_join_next().is_some() {}
        if customers.is_empty() && at_rest(world).await {
            closes(world).await;
            return;
        }
        if world.elapsed() > rough + REST {
            let counts = world.database.node("the judge").counts().await;
            world.broken("I6", format!("never at rest: {counts:?}, {:?}", world.book.pending()));
        }
        world.pause(2_000).await;
    }
}

fn clocks_go_right(world: &World) {
    for node in world.nodes.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        node.line.offset.store(0, Ordering::Relaxed);
    }
}

/// Whether nothing is left to do.
async fn at_rest(world: &World) -> bool {
    let judge = world.database.node("the judge");
    for id in world.book.to_be_erased() {
        if matches!(judge.session(id).await, Ok(None)) {
            world.book.erased(id);
        }
    }
    let Ok(counts) = judge.counts().await else { return false };
    counts.pending == world.book.left_behind() && counts.sessions.is_empty() && counts.unread.is_empty()
}

async fn closes(world: &World) {
    let judge = world.database.node("the judge");
    match judge.dead_letters(Which::default(), None, usize::MAX).await {
        Ok(dead) => world.book.close(world, &dead),
        Err(error) => world.broken("I4", error.to_string()),
    }
}
