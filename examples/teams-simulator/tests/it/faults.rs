//! The services on a bad day, switched on and off.
use serde_json::{Value, json};

use crate::world::{World, agent_says};

#[tokio::test]
async fn each_fault_answers_as_it_is_called() {
    let world = World::new().await;
    let jane = world.customer().await;
    for (mode, status, code) in [
        ("throttled", 429, "Throttled"),
        ("forbidden", 403, "BotNotInConversationRoster"),
        ("serverError", 500, "ServiceError"),
        ("badGateway", 502, "BadGateway"),
        ("unavailable", 503, "ServiceUnavailable"),
        ("conflict", 412, "PreconditionFailed"),
    ] {
        let order = json!({ "target": "connector", "mode": mode, "retryAfterSeconds": 7, "count": 1 });
        world.post("/api/faults", order).await;
        let response = jane.connector("/activities", agent_says(mode)).await;
        assert_eq!(response.status(), status, "{mode}");
        let retry_after = response.headers().get("retry-after").cloned();
        assert_eq!(retry_after.is_some_and(|after| after == "7"), mode == "throttled");
        let body: Value = response.json().await.expect("JSON");
        assert_eq!(body["error"]["code"], code);
        // Ordered for one request, it is over now.
        assert_eq!(jane.connector("/activities", agent_says("fine")).await.status(), 201, "{mode}");
    }
    let said: Vec<_> =
        jane.transcript().await.into_iter().skip(1).map(|entry| entry["text"].clone()).collect();
    assert_eq!(said, vec![json!("**Contoso Support**: fine"); 6]);
    assert_eq!(world.get("/api/faults").await, json!([]));
    assert_eq!(jane.wire().await[0]["fault"], "throttled");
}

#[tokio::test]
async fn a_slow_service_has_done_it_before_it_says_so() {
    let world = World::new().await;
    let jane = world.customer().await;
    world.post("/api/faults", json!({ "target": "connector", "mode": "slow", "delayMs": 600_000 })).await;
    let response = tokio::select! {
        _ = jane.connector("/activities", agent_says("late")) => true,
        _ = jane.reads("**Contoso Support**: late") => false,
    };
    assert!(!response, "the answer was to wait");
    world.post("/api/faults", json!({ "target": "connector", "mode": "slow", "delayMs": 1 })).await;
    assert_eq!(jane.connector("/activities", agent_says("soon")).await.status(), 201);
}

#[tokio::test]
async fn a_dropped_connection_before_and_after_the_work() {
    let world = World::new().await;
    let jane = world.customer().await;
    let url = world.url(&format!("/teams/v3/conversations/{}/activities", jane.id));
    for (mode, lines) in [("drop", 1), ("dropAfter", 2)] {
        world.post("/api/faults", json!({ "target": "both", "mode": mode })).await;
        let error = world.http.post(&url).json(&agent_says(mode)).send().await.expect_err("no answer");
        assert!(error.is_request() && !error.is_timeout(), "{error:?}");
        world.post("/api/faults", json!({ "target": "both", "mode": "none" })).await;
        assert_eq!(jane.transcript().await.len(), lines);
    }
    assert_eq!(jane.connector("/activities", agent_says("fine")).await.status(), 201);
    assert_eq!(jane.wire().await[0]["answer"], Value::Null);
}

#[tokio::test]
async fn a_fault_for_one_conversation_spares_the_others_and_the_runtime() {
    let world = World::new().await;
    let (jane, john) = (world.customer().await, world.customer().await);
    let order = json!({ "target": "connector", "mode": "forbidden", "conversationId": jane.id });
    let faults = world.post("/api/faults", order).await;
    assert_eq!(faults[0]["conversationId"], jane.id);
    assert_eq!(jane.connector("/activities", agent_says("hi")).await.status(), 403);
    assert_eq!(john.connector("/activities", agent_says("hi")).await.status(), 201);
    jane.escalates().await;
    world.post("/api/faults", json!({ "target": "both", "mode": "none" })).await;
    assert_eq!(jane.connector("/activities", agent_says("hi")).await.status(), 201);
}

#[tokio::test]
async fn the_runtime_fails_as_ordered() {
    let world = World::new().await;
    let jane = world.customer().await;
    jane.escalates().await;
    let first = world.skill.nth(1).await;
    world.post("/api/faults", json!({ "target": "runtime", "mode": "unavailable", "count": 2 })).await;
    let end = json!({ "type": "endOfConversation", "code": "completedSuccessfully" });
    for status in [503, 503, 200] {
        assert_eq!(world.skill.reply(&first, end.clone()).await.status(), status);
    }
    jane.finds_bot("idle").await;
}

#[tokio::test]
async fn an_order_nobody_understands_is_refused() {
    let world = World::new().await;
    for order in [json!({ "target": "moon", "mode": "slow" }), json!({ "target": "both", "mode": "sulky" })] {
        let response = world.http.post(world.url("/api/faults")).json(&order).send().await;
        assert!(response.expect("an answer").status().is_client_error());
    }
}
