//! One node follows a feed; another goes on where it dies, and neither loses nor doubles anything.

use std::collections::BTreeSet;

use crate::house::{House, eventually, pass};
use crate::vendor::{Moment, lock};

#[tokio::test(start_paused = true)]
async fn of_two_nodes_one_follows_each_feed() {
    let house = House::new();
    let (one, other) = (house.node("one"), house.node("other"));
    let mut ids = BTreeSet::new();
    for n in 1..=20 {
        let node = if n % 2 == 0 { &one } else { &other };
        ids.insert(node.begins(n, "genesys").await);
    }
    let begun = house.now().0;
    pass(100_000).await;
    let lookers = house.vendor().lookers(begun);
    assert_eq!(lookers.keys().copied().collect::<BTreeSet<_>>(), ids);
    assert!(lookers.values().all(|nodes| nodes.len() == 1), "{lookers:?}");

    // One that leaves leaves them at once.
    one.stops().await;
    let left = house.now().0;
    pass(5_000).await;
    let lookers = house.vendor().lookers(left);
    assert_eq!(lookers.keys().copied().collect::<BTreeSet<_>>(), ids);
    assert!(lookers.values().all(|nodes| nodes == &["other"]), "{lookers:?}");
}

#[tokio::test(start_paused = true)]
async fn whoever_dies_at_whatever_moment_loses_and_doubles_nothing() {
    for moment in [Moment::Answered, Moment::Committed] {
        let house = House::new();
        let node = house.node("first");
        let jane = node.begins(1, "genesys").await;
        let mut told = Vec::new();
        let mut node = Some(node);
        for n in 0..5 {
            let dying = node.take().unwrap();
            *lock(&house.vendor().dies) = Some((moment, dying.run.abort_handle()));
            let text = format!("{moment:?} {n}");
            house.vendor().message(jane, &text);
            told.push(text);
            eventually("its death", || async { dying.run.is_finished() }).await;
            if moment == Moment::Answered {
                assert_eq!(house.shown(jane).len(), n, "nothing was committed");
            }
            let next = house.node(&format!("node {n}"));
            eventually("what was told", || async { house.shown(jane) == told }).await;
            node = Some(next);
        }
        pass(60_000).await;
        assert_eq!(house.shown(jane), told);
    }
}
