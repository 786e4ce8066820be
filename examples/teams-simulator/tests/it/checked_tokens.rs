//! With its checks on, only the skill reaches the bot's runtime and only the agent the Bot Connector.
use std::{collections::BTreeMap, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use teams_simulator::{OldKeys, Tokens};

use crate::{
    token_endpoint::Request,
    world::{Customer, World, agent_says},
};

const CONNECTOR: &str = "https://api.botframework.com/.default";

async fn checked() -> World {
    World::with(|config| {
        config.checks_tokens = true;
        config.switches.tokens = Tokens::V2;
    })
    .await
}

fn agents_scope(world: &World) -> String {
    format!("api://{}/.default", world.running.agent_app_id())
}

/// A trace, on which the runtime takes no action.
fn runtime(world: &World, jane: &Customer<'_>) -> RequestBuilder {
    let bot = teams_simulator::Config::default().bot_id;
    let path = format!("/api/runtime/bots/{bot}/skillsV2/v3/conversations/{}/activities", jane.id);
    world.http.post(world.url(&path)).json(&json!({ "type": "trace" }))
}

async fn sent(request: RequestBuilder, token: &str) -> Response {
    request.bearer_auth(token).send().await.expect("an answer")
}

fn counted(world: &World, expected: &[(&str, u64)]) {
    let expected: BTreeMap<_, _> = expected.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect();
    assert_eq!(world.running.refused_tokens(), expected);
}

#[tokio::test]
async fn a_handover_goes_well_with_the_right_tokens() {
    let world = checked().await;
    let skills = Request::of_skill(&world, &agents_scope(&world)).token(&world).await;
    world.skill.sign_in(skills);
    let jane = world.customer().await;
    jane.escalates().await;
    let agents = Request::of_agent(&world, CONNECTOR).token(&world).await;
    let request = jane.connector_request("/activities", agent_says("Still burning?"));
    assert_eq!(sent(request, &agents).await.status(), 201);
    jane.reads("**Contoso Support**: Still burning?").await;
    jane.write("Good bye").await;
    jane.finds_bot("idle").await;
    counted(&world, &[]);
}

#[tokio::test]
async fn who_shows_no_token_is_turned_away_and_the_customers_page_says_so_once() {
    let world = checked().await;
    let jane = world.customer().await;
    for _ in 0..2 {
        let response = jane.connector("/activities", agent_says("hello")).await;
        assert_eq!(response.status(), 401);
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
        let body: Value = response.json().await.expect("JSON");
        assert_eq!(body["error"]["code"], "Unauthorized");
        assert!(body["error"]["message"].as_str().is_some_and(|message| !message.is_empty()));
    }
    let refused = runtime(&world, &jane).send().await.expect("an answer");
    assert_eq!(refused.status(), 401);
    counted(&world, &[("missing", 3)]);
    let transcript = jane.transcript().await;
    assert_eq!(transcript.len(), 2, "the greeting and the news: {transcript:?}");
    assert_eq!(transcript[1]["from"], "system");
    assert_eq!(jane.wire().await[0]["token"], "there is no Authorization header");
    assert_eq!(world.get("/api/about").await["refusedTokens"], json!({ "missing": 3 }));
}

#[tokio::test]
async fn each_place_wants_its_own_audience_from_its_own_caller() {
    let world = checked().await;
    let jane = world.customer().await;
    let skills_own = format!("{}/.default", world.running.skill_app_id());
    let to_agent = agents_scope(&world);
    for (request, at_runtime, at_connector) in [
        (Request::of_skill(&world, &to_agent), Ok(200), Err("audience")),
        (Request::of_skill(&world, CONNECTOR), Err("audience"), Err("caller")),
        (Request::of_skill(&world, &skills_own), Err("audience"), Err("audience")),
        (Request::of_agent(&world, &to_agent), Err("caller"), Err("audience")),
        (Request::of_agent(&world, CONNECTOR), Err("audience"), Ok(202)),
        (Request::of_agent(&world, &skills_own), Err("audience"), Err("audience")),
    ] {
        let token = request.token(&world).await;
        let typing = jane.connector_request("/activities", json!({ "type": "typing" }));
        for (request, verdict) in [(runtime(&world, &jane), at_runtime), (typing, at_connector)] {
            let before = world.running.refused_tokens();
            let status = sent(request, &token).await.status().as_u16();
            assert_eq!(status, verdict.unwrap_or(401));
            let mut expected = before;
            if let Err(wrong) = verdict {
                *expected.entry(wrong.to_owned()).or_default() += 1;
            }
            assert_eq!(world.running.refused_tokens(), expected);
        }
    }
}

#[tokio::test]
async fn the_agents_audience_is_taken_in_either_spelling() {
    let world = World::with(|config| {
        config.checks_tokens = true;
        config.switches.tokens = Tokens::V1;
    })
    .await;
    let jane = world.customer().await;
    for scope in [agents_scope(&world), format!("{}/.default", world.running.agent_app_id())] {
        let token = Request::of_skill(&world, &scope).token(&world).await;
        assert_eq!(sent(runtime(&world, &jane), &token).await.status(), 200, "{scope}");
    }
}

#[tokio::test]
async fn a_token_ends_an_hour_after_its_issue_and_the_clocks_skew() {
    let world = checked().await;
    let jane = world.customer().await;
    let token = Request::of_skill(&world, &agents_scope(&world)).token(&world).await;
    world.running.advance_clock(Duration::from_secs(64 * 60));
    assert_eq!(sent(runtime(&world, &jane), &token).await.status(), 200);
    world.running.advance_clock(Duration::from_secs(2 * 60));
    assert_eq!(sent(runtime(&world, &jane), &token).await.status(), 401);
    counted(&world, &[("expired", 1)]);
    let token = Request::of_skill(&world, &agents_scope(&world)).token(&world).await;
    assert_eq!(sent(runtime(&world, &jane), &token).await.status(), 200);
}

#[tokio::test]
async fn a_token_outlives_its_keys_rotation_only_while_the_key_stays_published() {
    let world = checked().await;
    let jane = world.customer().await;
    let token = Request::of_skill(&world, &agents_scope(&world)).token(&world).await;
    world.running.rotate_key(OldKeys::Published).await;
    assert_eq!(sent(runtime(&world, &jane), &token).await.status(), 200);
    world.running.rotate_key(OldKeys::Withdrawn).await;
    assert_eq!(sent(runtime(&world, &jane), &token).await.status(), 401);
    counted(&world, &[("unknownKey", 1)]);
}

#[tokio::test]
async fn what_has_been_tampered_with_is_no_token() {
    let world = checked().await;
    let jane = world.customer().await;
    let token = Request::of_skill(&world, &agents_scope(&world)).token(&world).await;
    let parts: Vec<_> = token.split('.').collect();
    let changed = |part: &str, from: &str, to: &str| {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("text");
        assert!(text.contains(from), "{text}");
        URL_SAFE_NO_PAD.encode(text.replace(from, to))
    };
    let unsigned = changed(parts[0], "RS256", "none");
    let (skill, agent) = (world.running.skill_app_id(), world.running.agent_app_id());
    let other = changed(parts[1], skill, agent);
    for (authorization, wrong) in [
        (format!("Bearer {}.{}.{}", parts[0], other, parts[2]), "signature"),
        (format!("Bearer {}.{}.", unsigned, parts[1]), "algorithm"),
        (format!("Bearer {}.{}", parts[0], parts[1]), "malformed"),
        ("Bearer a-token".into(), "malformed"),
        (format!("Basic {token}"), "notBearer"),
        (String::new(), "missing"),
    ] {
        let request = runtime(&world, &jane).header("authorization", authorization);
        assert_eq!(request.send().await.expect("an answer").status(), 401, "{wrong}");
        assert!(world.running.refused_tokens().contains_key(wrong), "{wrong}");
    }
    let lower_case = runtime(&world, &jane).header("authorization", format!("bearer {token}"));
    assert_eq!(lower_case.send().await.expect("an answer").status(), 200);
}

#[tokio::test]
async fn who_is_turned_away_uses_up_no_fault() {
    let world = checked().await;
    let jane = world.customer().await;
    world.post("/api/faults", json!({ "target": "runtime", "mode": "unavailable", "count": 1 })).await;
    let token = Request::of_skill(&world, &agents_scope(&world)).token(&world).await;
    assert_eq!(runtime(&world, &jane).send().await.expect("an answer").status(), 401);
    assert_eq!(sent(runtime(&world, &jane), &token).await.status(), 503);
    assert_eq!(sent(runtime(&world, &jane), &token).await.status(), 200);
}
