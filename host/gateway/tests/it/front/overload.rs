//! Too much: of one conversation, of one connector, of one caller, of all together.

use std::time::Duration;

use reqwest::RequestBuilder;
use serde_json::json;
use tokio::task::JoinSet;

use crate::house::House;

/// The statuses of so many requests that are sent side by side.
async fn at_once(count: usize, request: impl Fn(usize) -> RequestBuilder) -> Vec<u16> {
    let mut under_way = JoinSet::new();
    for nth in 0..count {
        let request = request(nth);
        under_way.spawn(async move { request.send().await.expect("an answer").status().as_u16() });
    }
    under_way.join_all().await
}

#[tokio::test]
async fn a_conversation_that_floods_is_slowed_down_and_can_still_be_left() {
    let house = House::with("[limits]\nconversation_per_10_seconds = 4\n").await;
    let jane = house.customer("jane");
    let live = house.escalates(&jane).await;
    let message = jane.message("again and again");
    let refused = crate::patience::eventually("the flood's end", || async {
        let response = house.http.post(&jane.skill).json(&message).send().await.expect("an answer");
        if response.status() == 429 { Ok(response) } else { Err(response.status().to_string()) }
    })
    .await;
    let wait: u64 = refused.headers()["retry-after"].to_str().expect("text").parse().expect("seconds");
    assert!((1..=10).contains(&wait), "{wait}");
    // Nobody else is slowed down, and the way out is open.
    let joe = house.customer("joe");
    house.escalates(&joe).await;
    jane.ends(&live).await;
    house.desk.sees_end(&live).await;
}

#[tokio::test]
async fn a_connectors_flood_is_told_to_come_later() {
    let house = House::with("[limits]\nconnector_per_second = 1\n").await;
    let jane = house.customer("jane").on("directline");
    let live = house.escalates(&jane).await;
    let body = json!({ "conversationId": "nobody", "message": "x" }).to_string();
    let url = house.gateway.url("/api/callbacks/contoso");
    let statuses = at_once(20, |_| house.http.post(&url).body(body.clone())).await;
    assert!(statuses.contains(&429) && statuses.contains(&404), "{statuses:?}");
    assert!(statuses.iter().all(|status| [404, 429].contains(status)), "{statuses:?}");
    jane.says("not touched").await;
    house.desk.hears(&live, "not touched").await;
}

#[tokio::test]
async fn a_caller_is_who_connects_or_whom_a_trusted_proxy_names() {
    for (proxies, shared) in [("", true), ("trusted_proxies = [\"127.0.0.0/8\"]\n", false)] {
        let house = House::with(&format!("[limits]\ncaller_per_second = 5\n{proxies}")).await;
        let url = house.gateway.url("/healthz");
        let seen = at_once(100, |_| house.http.get(&url).header("x-forwarded-for", "192.0.2.1")).await;
        assert!(seen.contains(&200) && seen.contains(&429), "{seen:?}");
        // Whether others are slowed down with it.
        let other = |nth| house.http.get(&url).header("x-forwarded-for", format!("198.51.100.{nth}"));
        let others = at_once(100, other).await;
        assert_eq!(others.contains(&429), shared, "{others:?}");
    }
}

#[tokio::test]
async fn turns_beyond_the_bound_are_sent_away_at_once_and_health_is_answered() {
    let house = House::with("[limits]\nturns = 1\n[timing]\nstart_budget_ms = 20000\n").await;
    house.desk.switch(json!({ "fault": "slow", "delayMs": 5000 })).await;
    let jane = house.customer("jane").in_the_pane();
    let start = jane.event("startConversation", json!({}));
    let under_way = tokio::spawn(async move { jane.post(&start).await });
    crate::patience::eventually("the first turn under way", || async {
        let sessions = house.gateway.sessions(&house.http).await;
        if sessions > 0 { Ok(()) } else { Err(String::new()) }
    })
    .await;
    let joe = house.customer("joe");
    let request = house.http.post(&joe.skill).json(&joe.message("hello"));
    let response = request.send().await.expect("an answer");
    assert_eq!(response.status(), 503);
    assert_eq!(response.headers()["retry-after"], "1");
    assert!(!under_way.is_finished(), "it was told while the first one was under way");
    assert_eq!(house.get("/healthz").await.0, 200);
    assert_eq!(under_way.await.expect("it ran").status, 200);
    joe.says("hello").await;
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_given_up() {
    let house = House::with("[limits]\nrequest_ms = 700\n[timing]\nstart_budget_ms = 20000\n").await;
    house.desk.switch(json!({ "fault": "slow", "delayMs": 5000 })).await;
    let jane = house.customer("jane").in_the_pane();
    let answer = jane.post(&jane.event("startConversation", json!({}))).await;
    assert_eq!(answer.status, 503, "{}", answer.body);
    // The operators' stream of events goes on beyond that.
    let url = format!("http://{}/admin/api/events", house.gateway.admin_addr());
    let mut events = house.http.get(url).send().await.expect("an answer");
    let first = events.chunk().await.expect("a stream").expect("an event");
    assert!(first.starts_with(b"data:"));
    // Longer than a request has.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    house.install("broken.wasm", b"hello");
    let next = events.chunk().await.expect("the stream is not cut").expect("an event");
    assert!(!next.is_empty());
}

#[tokio::test]
async fn a_start_beyond_the_open_sessions_is_told_that_there_are_no_agents() {
    let house = House::with("[limits]\nmax_open_sessions = 1\n").await;
    let jane = house.customer("jane");
    let live = house.escalates(&jane).await;
    let joe = house.customer("joe");
    joe.starts().await;
    let end = house.bot.ends("a:1joe", "startConversation").await;
    assert_eq!(end.body["value"]["Status"], "no-agents");
    let pane = house.customer("ann").in_the_pane();
    let answer = pane.starts().await;
    let last = answer.activities().pop().expect("a result");
    assert_eq!((&last["type"], &last["value"]["Status"]), (&json!("endOfConversation"), &json!("no-agents")));
    assert_eq!(house.desk.conversations().await.len(), 1);
    // A topic that goes on all the same has control back at once.
    joe.says("anybody?").await;
    house.bot.ends("a:1joe", "sendMessage").await;
    // The open session goes on, a start within it included.
    jane.starts().await;
    jane.says("still here").await;
    house.desk.hears(&live, "still here").await;
    // Once it is over there is room again.
    house.desk.closes(&live).await;
    house.bot.ends("a:1jane", "sendMessage").await;
    crate::patience::eventually("room for another", || async {
        // Whether this one is too many, or one turn of a conversation too many, is to be seen at the live chat.
        joe.post(&joe.event("startConversation", json!({}))).await;
        if house.desk.conversations().await.len() == 2 { Ok(()) } else { Err(String::new()) }
    })
    .await;
}
