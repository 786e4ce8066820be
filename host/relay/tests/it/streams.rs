//! A stream tells at once; where it has a gap, a look finds what it did not tell.

use std::sync::atomic::Ordering;

use crate::house::{House, eventually, pass};
use crate::vendor::lock;

async fn streaming() -> (House, crate::house::Node, handover_handoff::SessionId) {
    let house = House::new();
    house.vendor().streams.store(true, Ordering::Relaxed);
    let node = house.node("one");
    let jane = node.begins(1, "genesys").await;
    eventually("a stream", || async { house.vendor().listeners(jane) == 1 }).await;
    // The look after the opening is over.
    pass(1_000).await;
    (house, node, jane)
}

#[tokio::test(start_paused = true)]
async fn a_stream_tells_at_once_and_nobody_polls_beside_it() {
    let (house, _node, jane) = streaming().await;
    let looks = house.vendor().looks(jane).len();
    for n in 1..=20 {
        house.vendor().message(jane, &format!("message {n}"));
        pass(500).await;
        assert_eq!(house.shown(jane).len(), n, "at once");
    }
    assert_eq!(house.vendor().looks(jane).len(), looks);
    assert_eq!(house.session(jane).await.vendor.cursor.as_deref(), Some("20"));
    assert_eq!(house.vendor().listeners(jane), 1);
}

#[tokio::test(start_paused = true)]
async fn what_a_broken_stream_did_not_tell_a_look_finds_and_it_is_opened_with_the_cursor() {
    let (house, _node, jane) = streaming().await;
    house.vendor().message(jane, "one");
    house.shows(jane, &["one"]).await;
    house.vendor().silently(jane, "two");
    house.vendor().breaks(jane);
    let broke = house.now();
    house.shows(jane, &["one", "two"]).await;
    assert!(house.now().since(broke) <= 500, "the look comes first");
    eventually("a new stream", || async { house.vendor().listeners(jane) == 1 }).await;
    assert_eq!(lock(&house.vendor().opened).last().unwrap().as_deref(), Some("2"));
    house.vendor().message(jane, "three");
    house.shows(jane, &["one", "two", "three"]).await;
    pass(30_000).await;
    assert_eq!(house.shown(jane), ["one", "two", "three"]);
}

#[tokio::test(start_paused = true)]
async fn what_both_a_stream_and_a_look_tell_counts_once() {
    let (house, _node, jane) = streaming().await;
    house.vendor().repeats.store(true, Ordering::Relaxed);
    for round in 0..5 {
        house.vendor().message(jane, &format!("told {round}"));
        house.vendor().breaks(jane);
        house.vendor().silently(jane, &format!("found {round}"));
        eventually("a new stream", || async { house.vendor().listeners(jane) == 1 }).await;
    }
    pass(30_000).await;
    let shown = house.shown(jane);
    assert_eq!(shown.len(), 10, "{shown:?}");
    let mut once = shown.clone();
    once.dedup();
    assert_eq!(once, shown);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_does_not_open_is_polled_and_tried_less_and_less() {
    let house = House::new();
    house.vendor().streams.store(true, Ordering::Relaxed);
    house.vendor().shut.store(true, Ordering::Relaxed);
    let node = house.node("one");
    let jane = node.begins(1, "genesys").await;
    house.vendor().message(jane, "hello");
    house.shows(jane, &["hello"]).await;
    pass(120_000).await;
    let (looks, opens) = (house.vendor().looks(jane).len(), lock(&house.vendor().opened).len());
    pass(120_000).await;
    let looks = house.vendor().looks(jane).len() - looks;
    let opens = lock(&house.vendor().opened).len() - opens;
    assert!((50..=70).contains(&looks), "it is polled at the usual pace: {looks}");
    assert!((1..=6).contains(&opens), "{opens}");
    house.vendor().shut.store(false, Ordering::Relaxed);
    eventually("a stream", || async { house.vendor().listeners(jane) == 1 }).await;
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_breaks_at_once_is_not_opened_on_and_on() {
    let (house, _node, jane) = streaming().await;
    let opens = lock(&house.vendor().opened).len();
    for _ in 0..6_000 {
        house.vendor().breaks(jane);
        pass(20).await;
    }
    let opens = lock(&house.vendor().opened).len() - opens;
    assert!((3..=12).contains(&opens), "in two minutes: {opens}");
    assert!(house.vendor().looks(jane).len() < 150, "{}", house.vendor().looks(jane).len());
}

#[tokio::test(start_paused = true)]
async fn a_frame_that_cannot_be_read_is_looked_for() {
    let (house, _node, jane) = streaming().await;
    house.vendor().illegible.store(true, Ordering::Relaxed);
    house.vendor().message(jane, "hello");
    house.shows(jane, &["hello"]).await;
    house.vendor().illegible.store(false, Ordering::Relaxed);
    house.vendor().message(jane, "there");
    house.shows(jane, &["hello", "there"]).await;
}

#[tokio::test(start_paused = true)]
async fn the_next_version_opens_its_own_stream() {
    let (house, _node, jane) = streaming().await;
    let opens = lock(&house.vendor().opened).len();
    house.vendor().version.fetch_add(1, Ordering::Relaxed);
    eventually("another stream", || async { lock(&house.vendor().opened).len() > opens }).await;
    eventually("the old one's end", || async { house.vendor().listeners(jane) == 1 }).await;
    house.vendor().message(jane, "hello");
    house.shows(jane, &["hello"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_with_its_session_and_with_its_node() {
    let (house, node, jane) = streaming().await;
    let joe = node.begins(2, "genesys").await;
    eventually("joe's stream", || async { house.vendor().listeners(joe) == 1 }).await;
    node.ends(1).await;
    eventually("its end", || async { house.vendor().listeners(jane) == 0 }).await;
    assert_eq!(house.vendor().listeners(joe), 1);
    node.stops().await;
    assert_eq!(house.vendor().listeners(joe), 0);
    let _next = house.node("next");
    eventually("the next node's", || async { house.vendor().listeners(joe) == 1 }).await;
}
