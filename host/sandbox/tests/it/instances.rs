//! Instances that are used again: by whom, for how long, and what ends that.

use std::sync::Arc;
use std::time::Duration;

use handover_handoff::Session;
use handover_handoff::outcome::Outcome;
use handover_sandbox::{CallError, Generation, Instances, Limits, MapError, Sandbox};

use crate::house::{House, bounded, serving};
use crate::people::{NOW, callback, delivery, message, say, session};
use crate::vendor::Vendor;

const GUEST: &str = "asks-of-wasi";

/// Calls that one instance serves.
const CALLS: usize = 1_000;

async fn reused(base: &str, limits: Limits) -> (House, Arc<Sandbox>, Arc<Generation>) {
    let mut house = House::new();
    house.drop_in(GUEST, base, Limits { instances: Instances::Reused, ..limits });
    let sandbox = house.open().await;
    let guest = serving(&sandbox, GUEST);
    (house, sandbox, guest)
}

/// Which call of its instance this one was.
async fn count(guest: &Generation) -> String {
    say(guest, "count").await.unwrap()
}

fn of_tenant(tenant: &str) -> Session {
    let mut session = session();
    session.conversation.tenant = tenant.to_owned();
    session
}

async fn count_for(guest: &Generation, session: &Session) -> String {
    let sent = guest.send(session, delivery(), &message("count"), 1, NOW).await.unwrap();
    let Outcome::Done(update) = sent else { panic!("{sent:?} is no outcome of a message") };
    update.state.unwrap()
}

#[tokio::test]
async fn a_call_has_an_instance_of_its_own_unless_they_are_dear() {
    let (_house, _sandbox, guest) = House::with(GUEST, "http://127.0.0.1:1", Limits::default()).await;
    assert_eq!((count(&guest).await, count(&guest).await), ("1".to_owned(), "1".to_owned()));
    let (_house, sandbox, guest) = reused("http://127.0.0.1:1", Limits::default()).await;
    assert_eq!((count(&guest).await, count(&guest).await), ("1".to_owned(), "2".to_owned()));
    assert_eq!(sandbox.status()[0].instances.as_deref(), Some("used again, as configured"));
}

#[tokio::test]
async fn tenants_and_callbacks_never_share_an_instance() {
    let (_house, _sandbox, guest) = reused("http://127.0.0.1:1", Limits::default()).await;
    let (one, other) = (of_tenant("one"), of_tenant("other"));
    for expected in ["1", "2"] {
        assert_eq!(count_for(&guest, &one).await, expected);
        assert_eq!(count_for(&guest, &other).await, expected);
        let mapped = guest.map(callback("count")).await;
        assert_eq!(mapped, Err(MapError::Malformed(expected.to_owned())));
    }
}

#[tokio::test]
async fn one_that_failed_serves_no_more_and_one_that_refused_does() {
    let limits = Limits { call: Duration::from_millis(300), ..Limits::default() };
    let (_house, _sandbox, guest) = reused("http://127.0.0.1:1", limits).await;
    for bad in ["trap", "loop", "sleep", "storm"] {
        assert_eq!(count(&guest).await, "1");
        assert_eq!(count(&guest).await, "2");
        bounded(say(&guest, bad)).await.unwrap_err();
    }
    assert_eq!(count(&guest).await, "1");
    let refused = say(&guest, "refuse").await.unwrap_err();
    assert!(matches!(refused, CallError::Failed(_)), "{refused}");
    assert_eq!(count(&guest).await, "3");
}

#[tokio::test]
async fn limits_are_those_of_one_call() {
    let vendor = Vendor::new().await;
    let limits = Limits { requests: 2, ..Limits::default() };
    let (_house, _sandbox, guest) = reused(&vendor.base, limits).await;
    for _ in 0..5 {
        assert!(say(&guest, "fetch http://api/v2").await.unwrap().ends_with("taken"));
    }
    assert_eq!(count(&guest).await, "6");
    assert_eq!(vendor.asked().len(), 5);
}

#[tokio::test]
async fn one_serves_a_thousand_calls_and_then_another() {
    let (_house, _sandbox, guest) = reused("http://127.0.0.1:1", Limits::default()).await;
    for call in 1..=CALLS {
        assert_eq!(count(&guest).await, call.to_string());
    }
    assert_eq!(count(&guest).await, "1");
}

#[tokio::test]
async fn one_that_has_grown_is_let_go_and_none_holds_more_than_it_may() {
    let limits = Limits { memory: 32 << 20, ..Limits::default() };
    let (_house, _sandbox, guest) = reused("http://127.0.0.1:1", limits).await;
    assert_eq!(count(&guest).await, "1");
    assert_eq!(say(&guest, "grow 2").await.unwrap(), "2");
    assert_eq!(say(&guest, "grow 20").await.unwrap(), "3");
    assert_eq!(count(&guest).await, "1");
    let error = bounded(say(&guest, "grow 40")).await.unwrap_err().to_string();
    assert!(error.contains("bytes of memory, where it may have 33554432"), "{error}");
    assert_eq!(count(&guest).await, "1");
}

#[tokio::test]
async fn one_that_left_a_request_unfinished_serves_no_more() {
    let vendor = Vendor::new().await;
    let (_house, _sandbox, guest) = reused(&vendor.base, Limits::default()).await;
    assert_eq!(count(&guest).await, "1");
    assert_eq!(say(&guest, "leave http://api/gate").await.unwrap(), "left");
    assert_eq!(count(&guest).await, "1");
    vendor.open_the_gate();
}

#[tokio::test]
async fn calls_at_the_same_time_have_an_instance_each() {
    let vendor = Vendor::new().await;
    let (_house, _sandbox, guest) = reused(&vendor.base, Limits::default()).await;
    let waiting = tokio::spawn({
        let guest = Arc::clone(&guest);
        async move { say(&guest, "fetch http://api/gate").await }
    });
    vendor.at_the_gate(1).await;
    assert_eq!(count(&guest).await, "1");
    vendor.open_the_gate();
    assert!(waiting.await.unwrap().unwrap().ends_with("open"));
    // The one that served last comes first.
    assert_eq!(count(&guest).await, "2");
    let both = [count(&guest).await, count(&guest).await];
    assert_eq!(both, ["3", "4"]);
}
