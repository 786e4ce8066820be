//! An operator: ends a session, sends dead letters on their way again, erases a customer.

use std::sync::Arc;

use handover_store::Which;

use crate::chance::Chance;
use crate::world::World;

/// Does one of it.
pub async fn acts(world: Arc<World>, chance: Arc<Chance>) {
    let Some(node) = world.some_node(&chance) else { return };
    let relay = Arc::clone(&node.relay);
    match chance.below(10) {
        0..=2 => {
            let open = world.book.open_sessions();
            if open.is_empty() {
                return;
            }
            let id = chance.one_of(&open);
            world.tally.count("operator ended");
            world.note(format!("the operator ends {id}"));
            let ended = node.ask(async move { relay.end(id).await }).await;
            world.note(format!("ended: {:?}", ended.map(|ended| ended.ok())));
        }
        3..=8 => {
            let redriven =
                node.ask(async move { relay.redrive_all(Which::default()).await.ok() }).await.flatten();
            if let Some(redriven) = redriven.filter(|redriven| redriven.queued > 0) {
                world.tally.count("operator redrove");
                world.note(format!("the operator redrove {}", redriven.queued));
            }
        }
        _ => {
            let customer = format!("c{}", chance.below(world.weather.conversations));
            world.tally.count("operator erased a customer");
            world.note(format!("the operator erases {customer}"));
            let erased = node.ask(async move { relay.forget(&customer).await }).await;
            world.note(format!("erased: {:?}", erased.map(|erased| erased.ok())));
        }
    }
}
