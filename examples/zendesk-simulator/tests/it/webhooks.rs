//! How events are brought: the secret, the tries, and the answers that end them.

use agent_desk::Words;
use zendesk_simulator::Secret;

use crate::world::World;

#[tokio::test]
async fn each_request_carries_the_shared_secret_and_version_v2() {
    let world = World::new().await;
    world.handed_over().await;
    world.told("switchboard:offerControl", 1).await;
    for (secret, body) in world.brought() {
        assert_eq!(secret, "simulated-webhook-secret");
        assert_eq!(body["webhook"]["version"], "v2");
        assert_eq!(body["app"]["id"], "5ebee0975ac5304b664a12fa");
        assert!(body["events"][0]["id"].is_string() && body["events"][0]["createdAt"].is_string());
    }
    world.simulator.set_webhook_secret(Secret::new("another"));
    let id = world.simulator.desk().summaries()[0]["id"].as_str().unwrap().to_owned();
    let (_, report) = world.simulator.desk().say(&id, None, Words::plain("Hi")).unwrap();
    report.await.unwrap().unwrap();
    assert_eq!(world.brought().pop().unwrap().0, "another");
}

/// How often an agent's message is brought where the gateway answers like this, and whether it arrived.
async fn tries(answers: &[u16]) -> (usize, bool) {
    let world = World::new().await;
    let (_, id) = world.handed_over().await;
    world.told("switchboard:offerControl", 1).await;
    let before = world.brought().len();
    world.place.answers.lock().unwrap().extend(answers.iter().rev());
    let (_, report) = world.simulator.desk().say(&id, None, Words::plain("Hi")).unwrap();
    let arrived = report.await.unwrap().is_ok();
    (world.brought().len() - before, arrived)
}

#[tokio::test]
async fn five_tries_unless_the_answer_is_final() {
    assert_eq!(tries(&[503, 429, 500]).await, (4, true));
    assert_eq!(tries(&[409, 410, 200]).await, (3, true), "most refusals are tried again");
    assert_eq!(tries(&[503; 9]).await, (5, false));
    for status in [400, 401, 403, 404, 406] {
        assert_eq!(tries(&[status, 200]).await, (1, false), "{status} is final");
    }
}
