//! Heads of requests: slow, long, and with many headers.

use crate::front::raw::{Raw, status};
use crate::house::House;

#[tokio::test]
async fn a_head_that_does_not_come_to_its_end_is_hung_up_on() {
    let house = House::with("[limits]\nhead_ms = 700\n").await;
    // One that trickles, one that never begins, and one that is idle after a whole request.
    let (mut slow, mut silent, mut idle) = (
        Raw::open(&house.gateway.url("")).await,
        Raw::open(&house.gateway.url("")).await,
        Raw::open(&house.gateway.url("")).await,
    );
    assert!(idle.writes("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await);
    assert_eq!(status(&idle.answer().await), 200);
    let trickle = tokio::spawn(async move {
        assert!(slow.writes("POST /api/messages HTTP/1.1\r\n").await);
        let mut nth = 0;
        while slow.writes(format!("x-{nth}: y\r\n")).await {
            nth += 1;
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            assert!(nth < 600, "a trickle goes on for ever");
        }
        slow.rest().await
    });
    assert_eq!(silent.rest().await, "");
    assert_eq!(idle.rest().await, "");
    let told = trickle.await.expect("it ran");
    assert!([0, 408, 431].contains(&status(&told)), "{told}");
    // Whoever is quick is served as ever.
    let jane = house.customer("jane");
    house.escalates(&jane).await;
}

#[tokio::test]
async fn many_headers_and_long_ones_are_refused() {
    let house = House::open().await;
    let many: String = (0..200).map(|nth| format!("x-{nth}: y\r\n")).collect();
    let long = format!("x-long: {}\r\n", "y".repeat(64 << 10));
    for headers in [many, long] {
        let mut raw = Raw::open(&house.gateway.url("")).await;
        raw.writes(format!("GET /healthz HTTP/1.1\r\nhost: x\r\n{headers}\r\n")).await;
        let answer = raw.rest().await;
        assert_eq!(status(&answer), 431, "{answer}");
    }
    let few: String = (0..60).map(|nth| format!("x-{nth}: y\r\n")).collect();
    let mut raw = Raw::open(&house.gateway.url("")).await;
    assert!(raw.writes(format!("GET /healthz HTTP/1.1\r\nhost: x\r\n{few}\r\n")).await);
    assert_eq!(status(&raw.answer().await), 200);
}

#[tokio::test]
async fn every_answer_tells_browsers_what_they_may_not_do() {
    let house = House::open().await;
    let admin = format!("http://{}", house.gateway.admin_addr());
    for url in [
        house.gateway.url("/healthz"),
        house.gateway.url("/nowhere/<script>alert(1)</script>"),
        house.gateway.url("/api/callbacks/nobody"),
        format!("{admin}/admin"),
        format!("{admin}/admin/api/connectors"),
        format!("{admin}/admin/api/dead-letters?limit=<script>"),
        format!("{admin}/nowhere"),
    ] {
        let response = house.http.get(&url).send().await.expect("an answer");
        let header = |name: &str| {
            let value = response.headers().get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        assert_eq!(header("x-content-type-options"), "nosniff", "{url}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{url}");
        assert_eq!(header("cache-control"), "no-store", "{url}");
        assert!(header("content-security-policy").contains("frame-ancestors 'none'"), "{url}");
        assert_eq!(header("server"), "", "{url}");
        let kind = header("content-type");
        let body = response.text().await.expect("a body");
        assert!(!(kind.contains("html") && body.contains("alert(1)")), "{url}: {body}");
    }
}
