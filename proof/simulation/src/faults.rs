//! What befalls the gateways and those around them, now and then, until the faults are switched off.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use crate::chance::Chance;
use crate::node::Node;
use crate::operator;
use crate::wire::pause;
use crate::world::World;

/// The kinds of callback that a version may not be able to read.
const KINDS: [&str; 3] = ["message", "joined", "message"];

/// Sets all fates going.
pub fn begin(world: &Arc<World>) {
    let fates = world.weather.fates;
    fate(world, fates.crash, crash);
    fate(world, fates.stop, stop);
    fate(world, fates.cut, cut);
    fate(world, fates.jump, jump);
    fate(world, fates.vendor_down, vendor_down);
    fate(world, fates.host_down, host_down);
    fate(world, fates.swap, swap);
    fate(world, fates.operator, operator::acts);
}

/// Lets something happen as often as once in so many milliseconds.
fn fate<F: Future<Output = ()> + Send>(
    world: &Arc<World>,
    every: u64,
    strike: impl Fn(Arc<World>, Arc<Chance>) -> F + Send + 'static,
) {
    let (world, chance) = (Arc::clone(world), Arc::new(world.chance.fork()));
    if every == 0 {
        return;
    }
    tokio::spawn(async move {
        loop {
            pause(chance.between(1, 2 * every)).await;
            if world.healed().is_some() {
                return;
            }
            strike(Arc::clone(&world), Arc::clone(&chance)).await;
        }
    });
}

async fn crash(world: Arc<World>, chance: Arc<Chance>) {
    let Some(node) = world.some_node(&chance) else { return };
    world.tally.count("node died");
    node.crash();
    pause(chance.one_of(&[100, 2_000, 20_000])).await;
    replace(&world, &node, &chance);
}

async fn stop(world: Arc<World>, chance: Arc<Chance>) {
    let Some(node) = world.some_node(&chance) else { return };
    world.tally.count("node stopped");
    node.stop().await;
    pause(chance.one_of(&[100, 2_000])).await;
    replace(&world, &node, &chance);
}

/// A new process in the place of one that is gone.
fn replace(world: &Arc<World>, gone: &Arc<Node>, chance: &Chance) {
    let next = Node::start(world, format!("{}'", gone.name), chance);
    let mut nodes = world.nodes.lock().unwrap_or_else(PoisonError::into_inner);
    nodes.retain(|node| !Arc::ptr_eq(node, gone));
    nodes.push(next);
}

async fn cut(world: Arc<World>, chance: Arc<Chance>) {
    let Some(node) = world.some_node(&chance) else { return };
    world.tally.count("node cut off from the store");
    let ms = chance.one_of(&[300, 2_000, 9_000, 12_000, 30_000]);
    world.note(format!("{} is cut off for {ms} ms", node.name));
    node.line.hangs.store(chance.of_thousand(500), Ordering::Relaxed);
    node.line.cut.store(world.elapsed() + ms, Ordering::Relaxed);
}

async fn jump(world: Arc<World>, chance: Arc<Chance>) {
    let Some(node) = world.some_node(&chance) else { return };
    world.tally.count("clock jumped");
    let most = chance.one_of(&[500, 3_000, 40_000]);
    let offset =
        i64::try_from(chance.below(2 * most)).unwrap_or_default() - i64::try_from(most).unwrap_or_default();
    world.note(format!("{}'s clock is off by {offset} ms", node.name));
    node.line.offset.store(offset, Ordering::Relaxed);
}

async fn vendor_down(world: Arc<World>, chance: Arc<Chance>) {
    let vendor = &world.vendors[chance.below(2) as usize];
    let ms = chance.one_of(&[3_000, 20_000, 90_000]);
    world.note(format!("{} is down for {ms} ms", vendor.name));
    vendor.down_until(world.elapsed() + ms);
}

async fn host_down(world: Arc<World>, chance: Arc<Chance>) {
    let ms = chance.one_of(&[3_000, 20_000, 90_000]);
    world.note(format!("the bot's host is down for {ms} ms"));
    world.channel.down_until(world.elapsed() + ms);
}

async fn swap(world: Arc<World>, chance: Arc<Chance>) {
    let vendor = &world.vendors[chance.below(2) as usize];
    let kind = chance.one_of(&KINDS);
    world.tally.count("connector swapped");
    world.note(format!("{} is swapped for one that cannot read `{kind}`", vendor.name));
    vendor.versions.install(world.elapsed(), Some(kind));
    pause(chance.between(500, 20_000)).await;
    world.note(format!("{} is swapped for one that reads all", vendor.name));
    vendor.versions.install(world.elapsed(), None);
}
