//! Bodies of requests: slow, long, deep.

use crate::front::raw::{Raw, status};
use crate::house::House;

const EDGES: [&str; 2] = ["/api/messages", "/api/callbacks/contoso"];

fn head(path: &str, more: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n{more}\r\n\r\n")
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused_before_it_is_read() {
    let house = House::open().await;
    for path in EDGES {
        // By what it says of itself: nothing of it has to come.
        let mut raw = Raw::open(&house.gateway.url("")).await;
        assert!(raw.writes(head(path, "content-length: 1073741824")).await);
        let answer = raw.answer().await;
        assert_eq!(status(&answer), 413, "{answer}");

        // By what comes, where it says nothing: the last piece is the first one too many.
        let mut raw = Raw::open(&house.gateway.url("")).await;
        assert!(raw.writes(head(path, "transfer-encoding: chunked")).await);
        let chunk = format!("10000\r\n{}\r\n", " ".repeat(1 << 16));
        for _ in 0..16 {
            assert!(raw.writes(&chunk).await);
        }
        raw.writes("1\r\n \r\n").await;
        let answer = raw.answer().await;
        assert_eq!(status(&answer), 413, "{answer}");
    }
    assert_eq!(house.get("/healthz").await.0, 200);
}

#[tokio::test]
async fn a_body_that_comes_too_slowly_is_not_waited_for() {
    let house = House::with("[limits]\nbody_ms = 700\n").await;
    for (path, how) in [(EDGES[0], "content-length: 100"), (EDGES[1], "transfer-encoding: chunked")] {
        let mut raw = Raw::open(&house.gateway.url("")).await;
        assert!(raw.writes(head(path, how)).await);
        let answer = raw.answer().await;
        assert_eq!(status(&answer), 408, "{answer}");
    }
}

#[tokio::test]
async fn a_body_at_a_snails_pace_is_not_waited_for_although_there_is_time() {
    let long = "body_ms = 600000\nrequest_ms = 600000\n";
    let house = House::with(&format!("[limits]\n{long}body_bytes_per_second = 1000000\n")).await;
    let mut raw = Raw::open(&house.gateway.url("")).await;
    assert!(raw.writes(head(EDGES[0], "content-length: 1000000")).await);
    let answer = raw.answer().await;
    assert_eq!(status(&answer), 408, "{answer}");
}

#[tokio::test]
async fn what_all_bodies_take_in_memory_is_bounded() {
    let house = House::with("[limits]\nbodies_bytes = 1100000\n").await;
    // Which of two bodies that come at the same time finds no space is chance: until it is the second one.
    crate::patience::eventually("no space for another", || async {
        // Most of the space is taken by a body that is still on its way.
        let mut first = Raw::open(&house.gateway.url("")).await;
        first.writes(head(EDGES[0], "content-length: 1000000")).await;
        first.writes(" ".repeat(999_999)).await;
        let (second, _) = house.call_back_with(EDGES[1], " ".repeat(200_000)).await;
        // A small one still finds its space.
        let (small, _) = house.call_back_with(EDGES[0], "{}").await;
        first.writes(" ").await;
        let first = status(&first.answer().await);
        if (first, second, small) == (400, 503, 400) {
            Ok(())
        } else {
            Err(format!("{first} {second} {small}"))
        }
    })
    .await;
    // The space is given back.
    assert_eq!(house.call_back_with(EDGES[1], " ".repeat(1_000_000)).await.0, 400);
}

#[tokio::test]
async fn ten_thousand_levels_of_json_are_refused_and_nothing_breaks() {
    let mut house = House::open().await;
    let jane = house.customer("jane").on("directline");
    let live = house.escalates(&jane).await;
    for deep in ["[".repeat(10_000), "{\"a\":".repeat(10_000), "[".repeat(10_000) + &"]".repeat(10_000)] {
        for path in EDGES {
            let (status, answer) = house.call_back_with(path, deep.clone()).await;
            assert_eq!(status, 400, "{path}: {answer}");
        }
    }
    assert!(house.gateway.is_alive());
    house.desk.says(&live, "still here").await;
    house.bot.shows("a:1jane", "**Contoso Support**: still here").await;
}
