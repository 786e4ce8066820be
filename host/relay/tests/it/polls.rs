//! A vendor is asked at a fit pace, and what it says counts once.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use handover_handoff::event::Told;
use handover_handoff::session::{EndReason, Phase};
use handover_handoff::vendor::Event;
use handover_relay::{Happened, Heard};
use tokio::sync::Notify;

use crate::house::{House, eventually, pass};
use crate::vendor::{Mood, lock, says};

#[tokio::test(start_paused = true)]
async fn what_happened_reaches_the_customer_in_order_and_once() {
    let house = House::new();
    let node = house.node("one");
    let jane = node.begins(1, "genesys").await;
    house.vendor().repeats.store(true, Ordering::Relaxed);
    for text in ["hello", "I am Ada", "what is it?"] {
        house.vendor().message(jane, text);
    }
    house.shows(jane, &["hello", "I am Ada", "what is it?"]).await;
    house.vendor().message(jane, "well?");
    house.shows(jane, &["hello", "I am Ada", "what is it?", "well?"]).await;
    assert_eq!(house.session(jane).await.vendor.cursor.as_deref(), Some("4"));
    // However often it is told.
    pass(20_000).await;
    assert_eq!(house.shown(jane).len(), 4);
}

#[tokio::test(start_paused = true)]
async fn what_a_callback_has_told_under_any_key_a_look_does_not_tell_again() {
    let house = House::new();
    let node = house.node("one");
    let jane = node.begins(1, "genesys").await;
    let called =
        Happened { key: format!("second {jane}"), name: Some("m1".to_owned()), event: says("hello") };
    let told = Told { at: house.now(), acknowledged: false };
    assert_eq!(node.relay.event("genesys", called, told).await.unwrap(), Heard::Accepted);
    house.vendor().happens(jane, "m1", says("hello"));
    house.vendor().happens(jane, "m2", says("there"));
    house.shows(jane, &["hello", "there"]).await;
    // And the other way round.
    let called =
        Happened { key: format!("second {jane}"), name: Some("m2".to_owned()), event: says("there") };
    assert_eq!(node.relay.event("genesys", called, told).await.unwrap(), Heard::Accepted);
    pass(10_000).await;
    assert_eq!(house.shown(jane), ["hello", "there"]);
}

#[tokio::test(start_paused = true)]
async fn the_connector_says_how_soon_within_bounds() {
    let house = House::new();
    let node = house.node("one");
    let jane = node.begins(1, "genesys").await;
    let looks = async |ms: u64| {
        let before = house.vendor().looks(jane).len();
        pass(ms).await;
        house.vendor().looks(jane).len() - before
    };
    pass(5_000).await;
    let usual = looks(20_000).await;
    assert!((8..=11).contains(&usual), "every 2 s: {usual}");
    *lock(&house.vendor().delay) = Some(0);
    pass(3_000).await;
    let most = looks(10_000).await;
    assert!((30..=41).contains(&most), "every 250 ms: {most}");
    *lock(&house.vendor().delay) = Some(3_600_000);
    pass(1_000).await;
    let least = looks(600_000).await;
    assert!((9..=11).contains(&least), "every 60 s: {least}");
}

#[tokio::test(start_paused = true)]
async fn a_vendor_that_is_gone_for_a_while_is_asked_less_and_less() {
    let house = House::new();
    let node = house.node("one");
    let jane = node.begins(1, "genesys").await;
    *lock(&house.vendor().mood) = Mood::Dead;
    pass(120_000).await;
    let before = house.vendor().looks(jane).len();
    pass(600_000).await;
    let asked = house.vendor().looks(jane).len() - before;
    assert!((10..=25).contains(&asked), "every half minute, with this chance: {asked}");
    house.vendor().message(jane, "back");
    *lock(&house.vendor().mood) = Mood::Answers;
    house.shows(jane, &["back"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_vendor_that_asks_for_time_gets_it() {
    let house = House::new();
    let node = house.node("one");
    let jane = node.begins(1, "genesys").await;
    *lock(&house.vendor().mood) = Mood::Busy(90_000);
    pass(10_000).await;
    let before = house.vendor().looks(jane);
    pass(300_000).await;
    let mut all = vec![*before.last().unwrap()];
    all.extend(&house.vendor().looks(jane)[before.len()..]);
    assert!(all.len() >= 2, "it is asked again");
    assert!(all.windows(2).all(|two| two[1] - two[0] >= 90_000), "{all:?}");
}

#[tokio::test(start_paused = true)]
async fn a_vendor_that_hangs_slows_nobody_else() {
    let house = House::new();
    *lock(&house.other().mood) = Mood::Hangs;
    let node = house.node("one");
    for n in 100..300 {
        node.begins(n, "other").await;
    }
    let jane = node.begins(1, "genesys").await;
    pass(30_000).await;
    house.vendor().message(jane, "hello");
    let before = house.now();
    house.shows(jane, &["hello"]).await;
    assert!(house.now().since(before) <= 2_500, "{}", house.now().since(before));
    node.says(1, "hi").await;
    eventually("the customer's message", || async { house.session(jane).await.vendor.state == "hi" }).await;
}

#[tokio::test(start_paused = true)]
async fn what_a_message_has_changed_meanwhile_is_not_overwritten_and_nothing_is_lost() {
    let house = House::new();
    let node = house.node("one");
    let jane = node.begins(1, "genesys").await;
    pass(5_000).await;
    let held = Arc::new(Notify::new());
    *lock(&house.vendor().writes) = Some("as the look found it".to_owned());
    *lock(&house.vendor().held) = Some(Arc::clone(&held));
    house.vendor().message(jane, "hello");
    eventually("a look that is held", || async { lock(&house.vendor().held).is_none() }).await;
    node.says(1, "as the message left it").await;
    eventually("the message", || async {
        house.session(jane).await.vendor.state == "as the message left it"
    })
    .await;
    let before = house.vendor().looks(jane).len();
    held.notify_one();
    house.shows(jane, &["hello"]).await;
    assert_eq!(house.vendor().looks(jane).len(), before + 1, "it looked again at once");
    assert_eq!(house.session(jane).await.vendor.state, "as the message left it");
}

#[tokio::test(start_paused = true)]
async fn a_conversation_that_the_vendor_no_longer_knows_is_over() {
    let house = House::new();
    let node = house.node("one");
    let jane = node.begins(1, "genesys").await;
    *lock(&house.vendor().mood) = Mood::Gone;
    eventually("its end", || async {
        house.session(jane).await.phase == Phase::Ended(EndReason::VendorFailure)
    })
    .await;
    is_over(&house, jane).await;
}

#[tokio::test(start_paused = true)]
async fn the_feed_ends_with_the_session() {
    let house = House::new();
    let node = house.node("one");
    let (jane, joe) = (node.begins(1, "genesys").await, node.begins(2, "genesys").await);
    pass(5_000).await;
    node.ends(1).await;
    is_over(&house, jane).await;
    let ended = Event::Ended { by: EndReason::LiveAgent, detail: None };
    house.vendor().message(joe, "bye");
    house.vendor().happens(joe, "end", ended);
    house.vendor().happens(joe, "late", says("too late"));
    house.shows(joe, &["bye"]).await;
    is_over(&house, joe).await;
    assert_eq!(house.session(joe).await.phase, Phase::Ended(EndReason::LiveAgent));
    assert_eq!(house.shown(joe), ["bye"], "nothing follows the end");
}

async fn is_over(house: &House, id: handover_handoff::SessionId) {
    pass(3_000).await;
    let before = house.vendor().looks(id).len();
    pass(120_000).await;
    assert_eq!(house.vendor().looks(id).len(), before, "nobody asks any more");
}
