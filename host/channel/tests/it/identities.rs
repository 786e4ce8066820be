//! As whom activities are posted: a token of the right app for the right audience, and to listed hosts only.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Form, Json, Router};
use handover_channel::{BotSide, Identities, Outbound, OutboundConfig, Replies};
use handover_credentials::entra::{Connection, Identity, Proof};
use handover_credentials::{Endpoint, Held, Secret};
use handover_handoff::address::Route;
use handover_handoff::delivery::{Failure, FailureReason, Parcel, RetryAdvice};
use handover_handoff::vendor::TextFormat;
use serde_json::json;

use crate::stage::{agent_message, delivery, session};

const CALLER: &str = "AAAAAAAA-0000-4000-8000-000000000001";

/// A token service and a bot's side, on one port.
struct World {
    base: String,
    /// `client scope`, by request.
    asked: Mutex<Vec<String>>,
    /// The `Authorization` headers of posts.
    seen: Mutex<Vec<String>>,
    /// So many posts are answered with 401 first.
    refuses: Mutex<u32>,
}

async fn world() -> Arc<World> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let world = Arc::new(World {
        base: format!("http://{}/", listener.local_addr().unwrap()),
        asked: Mutex::default(),
        seen: Mutex::default(),
        refuses: Mutex::default(),
    });
    let routes = Router::new()
        .route("/{tenant}/oauth2/v2.0/token", axum::routing::post(token))
        .fallback(post)
        .with_state(Arc::clone(&world));
    tokio::spawn(async { axum::serve(listener, routes).await });
    world
}

async fn token(
    State(world): State<Arc<World>>,
    Form(form): Form<std::collections::HashMap<String, String>>,
) -> Response {
    let mut asked = world.asked.lock().unwrap();
    asked.push(format!("{} {}", form["client_id"], form["scope"]));
    let token =
        format!("{} {} {}", form["client_id"], form["scope"], asked.len()).replace([' ', '/', ':'], "-");
    Json(json!({ "token_type": "Bearer", "expires_in": 3600, "access_token": token })).into_response()
}

async fn post(State(world): State<Arc<World>>, headers: HeaderMap) -> StatusCode {
    let bearer = headers.get(header::AUTHORIZATION).map_or("none", |value| value.to_str().unwrap());
    world.seen.lock().unwrap().push(bearer.to_owned());
    let mut refuses = world.refuses.lock().unwrap();
    if *refuses > 0 {
        *refuses -= 1;
        return StatusCode::UNAUTHORIZED;
    }
    StatusCode::OK
}

fn connection(world: &World, client_id: &str) -> Arc<Connection> {
    let identity = Identity {
        tenant: "contoso.example".to_owned(),
        client_id: client_id.to_owned(),
        authority: world.base.parse().unwrap(),
        proof: Proof::ClientSecret(Held::fixed(Secret::new("planted"))),
    };
    Arc::new(Connection::new(identity, Endpoint::new().unwrap()))
}

fn outbound(world: &World) -> Outbound {
    let here: url::Url = world.base.parse().unwrap();
    let host = format!("127.0.0.1:{}", here.port().unwrap());
    let side = BotSide { service_hosts: vec![host.parse().unwrap()], ..BotSide::new("contoso") };
    let identities = Identities {
        skill: Some(connection(world, "skill")),
        bots: [(CALLER.to_ascii_lowercase(), connection(world, "agent"))].into(),
        channel: "https://api.botframework.com/.default".to_owned(),
        local: false,
    };
    Outbound::new(Replies::default(), side, identities, OutboundConfig::default()).unwrap()
}

async fn deliver(outbound: &Outbound, route: Route, caller: Option<&str>) -> Result<(), Failure> {
    let mut session = session(route.clone(), route);
    session.address.caller = caller.map(str::to_owned);
    let hello = Parcel::AgentMessage(agent_message("hello", TextFormat::Plain));
    outbound.deliver(&session, &delivery(&session, hello)).await
}

#[tokio::test]
async fn each_way_has_its_own_audience() {
    let world = world().await;
    let outbound = outbound(&world);
    let back = || Route::SkillCallback { base: world.base.clone() };
    let teams = || Route::ChannelAsBot { base: world.base.clone() };
    for (route, caller) in [(back(), Some(CALLER)), (teams(), Some(CALLER)), (teams(), None)] {
        deliver(&outbound, route, caller).await.unwrap();
    }
    // A second message needs no second token.
    deliver(&outbound, teams(), Some(CALLER)).await.unwrap();
    assert_eq!(
        *world.asked.lock().unwrap(),
        [
            format!("skill {CALLER}/.default"),
            "agent https://api.botframework.com/.default".to_owned(),
            "skill https://api.botframework.com/.default".to_owned(),
        ]
    );
    assert!(world.seen.lock().unwrap().iter().all(|bearer| bearer.starts_with("Bearer ")));
}

#[tokio::test]
async fn a_signed_address_is_posted_to_without_a_token() {
    let world = world().await;
    let url = format!("{}external-agent?sig=x", world.base);
    deliver(&outbound(&world), Route::SignedUrl { url }, Some(CALLER)).await.unwrap();
    assert_eq!(*world.seen.lock().unwrap(), ["none"]);
    assert!(world.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_host_that_is_not_listed_gets_neither_message_nor_token() {
    let (world, evil) = (world().await, world().await);
    for route in [
        Route::SkillCallback { base: evil.base.clone() },
        Route::ChannelAsBot { base: evil.base.clone() },
        Route::SignedUrl { url: evil.base.clone() },
    ] {
        let failure = deliver(&outbound(&world), route, Some(CALLER)).await.unwrap_err();
        assert_eq!((failure.reason, failure.retry), (FailureReason::Denied, RetryAdvice::Never));
    }
    assert!(evil.seen.lock().unwrap().is_empty());
    assert!(world.asked.lock().unwrap().is_empty(), "no token is even fetched");
}

#[tokio::test]
async fn a_token_that_is_refused_is_fetched_anew_once() {
    let world = world().await;
    let outbound = outbound(&world);
    *world.refuses.lock().unwrap() = 1;
    deliver(&outbound, Route::SkillCallback { base: world.base.clone() }, Some(CALLER)).await.unwrap();
    {
        let seen = world.seen.lock().unwrap();
        assert_eq!(seen.len(), 2);
        assert_ne!(seen[0], seen[1]);
    }
    *world.refuses.lock().unwrap() = 9;
    let route = Route::SkillCallback { base: world.base.clone() };
    let failure = deliver(&outbound, route, Some(CALLER)).await.unwrap_err();
    assert_eq!((failure.reason, failure.retry), (FailureReason::Rejected, RetryAdvice::Never));
    assert_eq!(world.seen.lock().unwrap().len(), 4, "not again and again");
}

#[tokio::test]
async fn nobody_is_written_to_in_the_name_of_another_agent() {
    let world = world().await;
    let route = Route::ChannelAsBot { base: world.base.clone() };
    let failure = deliver(&outbound(&world), route, Some("another")).await.unwrap_err();
    assert_eq!(failure.reason, FailureReason::Misconfigured("bot.agents".to_owned()));
    assert!(world.seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_token_that_cannot_be_had_is_waited_for() {
    let world = world().await;
    let nowhere = World {
        base: "http://127.0.0.1:9/".to_owned(),
        asked: Mutex::default(),
        seen: Mutex::default(),
        refuses: Mutex::default(),
    };
    let side = BotSide { service_hosts: vec!["127.0.0.1".parse().unwrap()], ..BotSide::new("contoso") };
    let identities = Identities { skill: Some(connection(&nowhere, "skill")), ..Identities::default() };
    let outbound = Outbound::new(Replies::default(), side, identities, OutboundConfig::default()).unwrap();
    let route = Route::SkillCallback { base: world.base.clone() };
    let failure = deliver(&outbound, route, Some(CALLER)).await.unwrap_err();
    assert_eq!((failure.reason, failure.retry), (FailureReason::Unavailable, RetryAdvice::Safe(None)));
    assert!(!failure.detail.contains("planted"));
    assert!(world.seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_file_is_fetched_with_the_token_of_replies_to_its_host_and_no_other() {
    let (world, evil) = (world().await, world().await);
    let outbound = outbound(&world);
    let teams = Route::ChannelAsBot { base: world.base.clone() };
    let mut session = session(Route::Held, teams);
    session.address.caller = Some(CALLER.to_owned());
    let at = |base: &str, path: &str| url::Url::parse(&format!("{base}{path}")).unwrap();
    let file = at(&world.base, "v3/attachments/1/views/original");
    let token = outbound.file_token(&session, &file).await.unwrap().unwrap();
    assert!(token.text().unwrap().starts_with("agent-https"), "it is the bot's");
    assert!(outbound.file_token_refused(&session, &file));
    for elsewhere in [at(&evil.base, "v3/attachments/1"), at("https://files.example/", "1")] {
        assert!(outbound.file_token(&session, &elsewhere).await.unwrap().is_none(), "{elsewhere}");
        assert!(!outbound.trusts(&elsewhere) && !outbound.file_token_refused(&session, &elsewhere));
    }
    // Listed, and yet not where this session's replies go.
    let held = crate::stage::session(Route::Held, Route::Held);
    assert!(outbound.trusts(&file) && outbound.file_token(&held, &file).await.unwrap().is_none());
    // Where there was never one to refuse.
    let signed = Route::SignedUrl { url: world.base.clone() };
    let signed = crate::stage::session(signed.clone(), signed);
    assert!(outbound.file_token(&signed, &file).await.unwrap().is_none());
}
