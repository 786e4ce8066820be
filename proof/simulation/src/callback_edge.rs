//! The callback edge, as the gateway has it: a callback is read and taken in, or kept where it cannot be read; only
//! then it is acknowledged.

use std::sync::Arc;
use std::time::Duration;

use handover_handoff::event::Told;
use handover_relay::Heard;
use handover_store::Callback;

use crate::chance::Chance;
use crate::connector::{self, Wire};
use crate::node::Node;
use crate::wire::pause;
use crate::world::World;

/// How long a callback waits for what was kept before it to be read.
const CATCH_UP: Duration = Duration::from_secs(2);

/// How long the vendor waits for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the vendor hears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// 200
    Accepted,
    /// 503
    Later,
    /// 410
    Gone,
    /// 404
    Unknown,
}

/// Sends a callback to some gateway; none where no answer comes.
pub async fn send(world: &Arc<World>, vendor: usize, wire: &Wire, chance: &Chance) -> Option<Answer> {
    pause(chance.between(1, 20)).await;
    let node = world.some_node(chance)?;
    let lossy = if world.healed().is_some() { 0 } else { world.weather.lossy };
    if chance.of_thousand(lossy) {
        world.tally.count("callback lost on its way");
        return None;
    }
    let known = world.book.knows_key(world.vendors[vendor].name, &wire.key);
    let (at, request) = (Arc::clone(&node), wire.write());
    let asked = node.ask(async move { receive(&at, vendor, request).await });
    let answer = tokio::time::timeout(PATIENCE, asked).await.ok().flatten();
    world.note(format!(
        "callback {} {} {} {:?} at {}: {answer:?}",
        wire.key, wire.name, wire.kind, wire.text, node.name
    ));
    if chance.of_thousand(lossy) {
        world.tally.count("answer to a callback lost");
        return None;
    }
    match answer {
        Some(Answer::Accepted) if wire.kind == "message" => {
            world.book.acknowledged_to_the_agent(world, &wire.text);
        }
        Some(Answer::Unknown) if known => {
            world.broken("I4", format!("{} is unknown to the gateway, which has it", wire.key));
        }
        _ => {}
    }
    answer
}

async fn receive(node: &Node, vendor: usize, request: Vec<u8>) -> Answer {
    let world = &node.world;
    let name = world.vendors[vendor].name;
    let received = node.line.now(world);
    let version = node.serving(vendor);
    if !matches!(node.relay.caught_up(name, &version.digest, CATCH_UP).await, Ok(true)) {
        return Answer::Later;
    }
    let happened = match connector::read(&version, &request) {
        Ok(Some(happened)) => happened,
        Ok(None) => return Answer::Accepted,
        Err(reason) => {
            let text = String::from_utf8_lossy(&request).into_owned();
            let callback =
                Callback { connector: name.to_owned(), received, tried: version.digest, reason, request };
            return match node.relay.store().keep(callback).await {
                Ok(()) => {
                    world.tally.count("callback kept unread");
                    world.book.kept(&text);
                    Answer::Accepted
                }
                Err(_) => Answer::Later,
            };
        }
    };
    match node.relay.event(name, happened, Told { at: received, acknowledged: false }).await {
        Ok(Heard::Accepted) => Answer::Accepted,
        Ok(Heard::Closed) => Answer::Gone,
        Ok(Heard::Unknown) => Answer::Unknown,
        Ok(Heard::Early) => {
            world.tally.count("callback ahead of its start");
            Answer::Later
        }
        Err(_) => Answer::Later,
    }
}
