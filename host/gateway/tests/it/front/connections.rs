//! Connections: many idle ones, more than there may be, and those that are open when the gateway stops.

use crate::front::raw::{Raw, status};
use crate::house::House;
use crate::patience::eventually;

#[tokio::test]
async fn two_thousand_idle_connections_do_not_disturb_a_chat() {
    let house = House::with("[limits]\nhead_ms = 60000\n").await;
    let mut idle = Vec::new();
    for _ in 0..2_000 {
        idle.push(Raw::open(&house.gateway.url("")).await);
    }
    let jane = house.customer("jane").on("directline");
    let live = house.escalates(&jane).await;
    for nth in 1..=5 {
        jane.says(&format!("customer {nth}")).await;
        house.desk.says(&live, &format!("agent {nth}")).await;
    }
    house.desk.hears(&live, "customer 5").await;
    house.bot.shows("a:1jane", "**Contoso Support**: agent 5").await;
    // They were kept all the while.
    let last = idle.last_mut().expect("one");
    assert!(last.writes("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await);
    assert_eq!(status(&last.answer().await), 200);
}

#[tokio::test]
async fn silent_connections_make_way_for_whoever_has_something_to_say() {
    let house = House::with("[limits]\nconnections = 4\nhead_ms = 60000\n").await;
    let mut held = Vec::new();
    for nth in 0..4 {
        let mut raw = Raw::open(&house.gateway.url("")).await;
        // Some have said something before, some never.
        if nth % 2 == 0 {
            assert!(raw.writes("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await);
            assert_eq!(status(&raw.answer().await), 200);
        }
        held.push(raw);
    }
    for _ in 0..8 {
        let mut raw = Raw::open(&house.gateway.url("")).await;
        assert!(raw.writes("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await);
        assert_eq!(status(&raw.answer().await), 200);
        held.push(raw);
    }
    // The oldest have gone first.
    assert_eq!(held[0].rest().await, "");
    // The operators have a listener of their own.
    assert_eq!(house.gateway.connectors(&house.http).await.len(), 1);
}

#[tokio::test]
async fn where_all_are_served_a_connection_too_many_is_closed_at_once() {
    let house = House::with("[limits]\nconnections = 2\n").await;
    let mut held = Vec::new();
    for _ in 0..2 {
        // Its head is there and its body is asked for: the request is under way.
        let mut raw = Raw::open(&house.gateway.url("")).await;
        let head =
            "POST /api/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\nexpect: 100-continue\r\n\r\n";
        assert!(raw.writes(head).await);
        assert_eq!(status(&raw.answer().await), 100);
        held.push(raw);
    }
    assert_eq!(Raw::open(&house.gateway.url("")).await.rest().await, "");
    assert!(house.gateway.log().contains("further connections are closed at once"));
    held.clear();
    eventually("room for another", || async {
        let mut raw = Raw::open(&house.gateway.url("")).await;
        raw.writes("GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
        let answer = raw.rest().await;
        if status(&answer) == 200 { Ok(()) } else { Err(answer) }
    })
    .await;
}

#[tokio::test]
async fn answers_that_nobody_reads_are_not_held_for_ever() {
    let mut house = House::closed("[limits]\nunread_ms = 700\ncaller_per_second = 1000000\n").await;
    let debug = [("RUST_LOG", "info,handover=debug".to_owned())];
    house.gateway = crate::gateway::Gateway::new(house.folder.path(), &debug);
    house.gateway.start().await;
    // Asks and asks, and reads nothing.
    let mut raw = Raw::open(&house.gateway.url("")).await;
    let asks = "GET /skill-manifest.json HTTP/1.1\r\nhost: x\r\n\r\n".repeat(100);
    let asking = async { while raw.writes(&asks).await {} };
    tokio::time::timeout(std::time::Duration::from_secs(60), asking).await.expect("it is hung up on");
    eventually("why", || async {
        let log = house.gateway.log();
        if log.contains("the answer is not being read") { Ok(()) } else { Err(log) }
    })
    .await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_stop_answers_what_is_under_way_and_closes_what_is_idle() {
    let mut house = House::open().await;
    house.desk.switch(serde_json::json!({ "fault": "slow", "delayMs": 1000 })).await;
    // Its answer waits for the vendor.
    let jane = house.customer("jane").in_the_pane();
    let start = jane.event("startConversation", serde_json::json!({}));
    let under_way = tokio::spawn(async move { jane.post(&start).await });
    let mut idle = Raw::open(&house.gateway.url("")).await;
    assert!(idle.writes("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await);
    assert_eq!(status(&idle.answer().await), 200);
    eventually("the start at the vendor", || async {
        let sessions = house.gateway.sessions(&house.http).await;
        if sessions > 0 { Ok(()) } else { Err(String::new()) }
    })
    .await;
    house.gateway.terminate();
    assert_eq!(idle.rest().await, "");
    let answer = under_way.await.expect("it ran");
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.activities().last().expect("a result")["type"], "endOfConversation");
    eventually("its end", || {
        let alive = house.gateway.is_alive();
        async move { if alive { Err("alive".to_owned()) } else { Ok(()) } }
    })
    .await;
}
