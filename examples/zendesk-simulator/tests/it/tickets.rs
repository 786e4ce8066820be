//! Tickets of accounts without messaging.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use agent_desk::{Status, Words};
use axum::{Router, body::Bytes, extract::State, http::HeaderMap, routing::post};
use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::Method;
use ring::hmac;
use serde_json::{Value, json};

use crate::world::{World, answer};

type Brought = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

async fn with_ticket() -> (World, u64, u64) {
    let world = World::new().await;
    let user = json!({ "user": { "name": "Jane", "external_id": "jane" } });
    let (status, user) = answer(world.ticketing(Method::POST, "/users/create_or_update").json(&user)).await;
    assert_eq!(status, 201, "{user}");
    let requester = user["user"]["id"].as_u64().unwrap();
    let (status, ticket) = create(&world, requester, "Help").await;
    assert_eq!(status, 201, "{ticket}");
    (world, requester, ticket["ticket"]["id"].as_u64().unwrap())
}

async fn create(world: &World, requester: u64, text: &str) -> (u16, Value) {
    let ticket = json!({ "ticket": { "requester_id": requester, "comment": { "body": text } } });
    answer(world.ticketing(Method::POST, "/tickets").header("idempotency-key", "s-1").json(&ticket)).await
}

async fn update(world: &World, id: u64, ticket: &Value) -> (u16, Value) {
    answer(world.ticketing(Method::PUT, &format!("/tickets/{id}")).json(&json!({ "ticket": ticket }))).await
}

#[tokio::test]
async fn a_ticket_is_made_once_under_its_key_and_takes_comments() {
    let (world, requester, id) = with_ticket().await;
    assert_eq!(create(&world, requester, "Help").await.1["ticket"]["id"], json!(id), "the same again");
    assert_eq!(create(&world, requester, "Other").await.0, 400, "another request under the same key");
    let upload = world.ticketing(Method::POST, "/uploads?filename=a.png").header("content-type", "image/png");
    let (status, made) = answer(upload.body("PNG")).await;
    assert_eq!(status, 201);
    let comment = json!({ "body": "Hi 💥", "author_id": requester, "uploads": [made["upload"]["token"]] });
    assert_eq!(update(&world, id, &json!({ "comment": comment, "metadata": { "ours": "1" } })).await.0, 200);
    let seen = world.simulator.desk().look(&id.to_string(), |talk| talk.messages[0].clone()).unwrap();
    assert_eq!((seen.text.as_str(), seen.attachments[0].name.as_str()), ("Hi 💥", "a.png"));
    let (_, audits) = answer(world.ticketing(Method::GET, &format!("/tickets/{id}/audits"))).await;
    assert_eq!(audits["audits"][1]["metadata"]["custom"], json!({ "ours": "1" }));
    assert_eq!(update(&world, id, &json!({ "status": "solved" })).await.0, 200);
    assert_eq!(world.simulator.desk().look(&id.to_string(), |talk| talk.status), Some(Status::Ended));
    let (_, shown) = answer(world.ticketing(Method::GET, &format!("/tickets/{id}"))).await;
    assert_eq!(shown["ticket"]["status"], "solved");
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let (world, requester, id) = with_ticket().await;
    let post = |path: &str, body: Value| answer(world.ticketing(Method::POST, path).json(&body));
    assert_eq!(post("/users/create_or_update", json!({ "user": { "name": " " } })).await.0, 422);
    assert_eq!(
        post("/users/create_or_update", json!({ "user": { "name": "J", "email": "j" } })).await.0,
        422
    );
    assert_eq!(post("/users/create_or_update", json!({ "name": "Jane" })).await.0, 400);
    let ticket = |requester: Value, body: &str| json!({ "ticket": { "requester_id": requester, "comment": { "body": body } } });
    assert_eq!(post("/tickets", ticket(json!(5), "Help")).await.0, 422, "nobody");
    assert_eq!(post("/tickets", ticket(json!(requester), " ")).await.0, 422, "nothing");
    assert_eq!(post("/tickets", ticket(json!(requester), &"x".repeat(65_536))).await.0, 422, "too much");
    assert_eq!(update(&world, id, &json!({ "comment": { "body": "" } })).await.0, 422);
    assert_eq!(update(&world, id, &json!({ "comment": { "body": "a", "uploads": ["none"] } })).await.0, 422);
    assert_eq!(update(&world, id, &json!({ "status": "done" })).await.0, 422);
    assert_eq!(update(&world, 1, &json!({ "status": "solved" })).await.0, 404);
    for path in ["/tickets/1", "/tickets/1/audits"] {
        assert_eq!(answer(world.ticketing(Method::GET, path)).await.0, 404);
    }
    assert_eq!(answer(world.ticketing(Method::POST, "/uploads").body("a")).await.0, 400);
    assert_eq!(answer(world.ticketing(Method::POST, "/uploads?filename=a")).await.0, 422);
    let path = format!("/../api/v2/tickets/{id}");
    assert_eq!(answer(world.nobody(&path)).await.0, 401);
    let wrong = world.nobody(&path).basic_auth("agent@example.com/token", Some("wrong"));
    assert_eq!(answer(wrong).await.0, 401);
}

#[tokio::test]
async fn agents_comments_and_solutions_are_signed_events() {
    let (world, _, id) = with_ticket().await;
    let brought = Brought::default();
    let take = |State(brought): State<Brought>, headers: HeaderMap, body: Bytes| async move {
        brought.lock().unwrap().push((headers, body));
    };
    let router = Router::new().route("/hook", post(take)).with_state(Arc::clone(&brought));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    world.simulator.set_support_webhook_url(&format!("http://{}/hook", listener.local_addr().unwrap()));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let desk = world.simulator.desk();
    let (_, report) = desk.say(&id.to_string(), Some("Ann"), Words::plain("Hello")).unwrap();
    report.await.unwrap().unwrap();
    desk.close(&id.to_string(), Some("Ann")).unwrap();
    for _ in 0..500 {
        if brought.lock().unwrap().len() == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let brought = brought.lock().unwrap().clone();
    for (headers, body) in &brought {
        let stamp = headers["x-zendesk-webhook-signature-timestamp"].as_bytes();
        let signature = STANDARD.decode(headers["x-zendesk-webhook-signature"].as_bytes()).unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"simulated-signing-secret");
        hmac::verify(&key, &[stamp, body].concat(), &signature).unwrap();
    }
    let events: Vec<Value> = brought.iter().map(|(_, body)| serde_json::from_slice(body).unwrap()).collect();
    assert_eq!(events[0]["type"], "zen:event-type:ticket.comment_added");
    assert_eq!(events[0]["detail"]["id"], json!(id.to_string()));
    assert_eq!(events[0]["event"]["comment"]["body"], "Hello");
    assert_eq!(events[1]["type"], "zen:event-type:ticket.status_changed");
    assert_eq!(events[1]["event"]["current"], "SOLVED");
}
