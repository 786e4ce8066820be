//! Starting and stopping.
use serde_json::json;
use teams_simulator::{Config, serve};

use crate::world::{World, agent_says};

#[tokio::test]
async fn it_stops_while_everything_is_open() {
    let world = World::new().await;
    world.skill.by_hand();
    let jane = world.customer().await;
    // A page that listens, a start that is not answered, and a service that is slow to answer.
    let path = format!("/api/conversations/{}/events", jane.id);
    let mut events = world.http.get(world.url(&path)).send().await.expect("events");
    jane.write("talk to a person").await;
    jane.write("It beeps").await;
    world.skill.nth(0).await;
    world.post("/api/faults", json!({ "target": "connector", "mode": "slow", "delayMs": 600_000 })).await;
    let url = world.url(&format!("/teams/v3/conversations/{}/activities", jane.id));
    let slow = tokio::spawn(world.http.post(url).json(&agent_says("late")).send());
    jane.reads("**Contoso Support**: late").await;

    world.stop.send(()).expect("it runs");
    world.running.finished().await.expect("it stops well");
    while events.chunk().await.is_ok_and(|chunk| chunk.is_some()) {}
    assert!(slow.await.expect("no panic").is_ok(), "what was done is answered");
    assert!(tokio::net::TcpStream::connect(world.addr).await.is_err());
}

#[tokio::test]
async fn an_address_that_is_taken_is_said_so() {
    let world = World::new().await;
    let config = Config { addr: world.addr, ..Config::default() };
    let error = serve(config, std::future::pending()).await.err().expect("taken");
    assert!(error.to_string().contains(&world.addr.to_string()), "{error}");
}
