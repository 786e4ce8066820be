//! What is found of what was carried, and what other keys of an installation are made of.

use handover_handoff::decision::Fate;
use handover_handoff::delivery::Delivery;
use handover_handoff::delivery::Direction::{ToCustomer, ToVendor};
use handover_store::{Place, Store};

use crate::premises::{NOW, Premises, claimed, put, settle};

async fn at(store: &dyn Store, delivery: &Delivery) -> Option<Delivery> {
    let Delivery { session, direction, seq, .. } = *delivery;
    store.delivery(Place { session, direction, seq }).await.unwrap()
}

pub async fn what_is_or_was_carried_is_found_at_its_place(premises: &dyn Premises) {
    let store = premises.open();
    let (_, deliveries) = put(&*store, 1, &[(ToVendor, 2), (ToCustomer, 1)]).await;
    for delivery in &deliveries {
        assert_eq!(at(&*store, delivery).await.as_ref(), Some(delivery));
    }
    for head in claimed(&*store, NOW).await {
        let fate = if head.direction == ToVendor { Fate::Done } else { Fate::Dead("why".to_owned()) };
        settle(&*store, &head, fate, NOW).await;
    }
    for delivery in &deliveries {
        assert_eq!(at(&*store, delivery).await.as_ref().map(|found| &found.parcel), Some(&delivery.parcel));
    }
    let nowhere = Delivery { seq: 3, ..deliveries[0].clone() };
    assert_eq!(at(&*store, &nowhere).await, None);
}

pub async fn every_node_has_the_same_root_and_keeps_it(premises: &dyn Premises) {
    let store = premises.open();
    let roots = store.roots().await.unwrap();
    assert!(!roots.is_empty() && roots.iter().all(|root| **root != [0; 32]));
    assert_eq!(store.roots().await.unwrap(), roots);
    if let Some(beside) = premises.beside() {
        assert_eq!(beside.roots().await.unwrap(), roots);
    }
    drop(store);
    assert_eq!(premises.open().roots().await.unwrap(), roots);
}
