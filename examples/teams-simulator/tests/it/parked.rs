//! A customer in a live chat: every word goes to the skill, and answers come back both ways.
use serde_json::json;

use crate::world::{World, agent_says, eventually};

const SKILL_FAILED: &str = "Sorry, something went wrong. Error code: SkillNotSuccesfulResponseCode";

#[tokio::test]
async fn every_word_goes_to_the_skill_without_inputs() {
    let world = World::new().await;
    let jane = world.customer().await;
    jane.escalates().await;
    // Neither a small-talk phrase nor the words of an escalation mean anything to the bot now.
    for (n, text) in ["hello?", "I want to talk with a person", "I said bye to my cat"].iter().enumerate() {
        let written = jane.write(text).await;
        let message = world.skill.nth(2 + n).await;
        assert_eq!(message["type"], "message");
        assert_eq!(message["text"], *text);
        assert!(message.get("value").is_none());
        assert_eq!(message["id"], written["activityId"]);
        assert_eq!(message["conversation"]["id"], jane.id);
    }
    let from_bot = jane.transcript().await.iter().filter(|entry| entry["from"] == "bot").count();
    assert_eq!(from_bot, 3, "the greeting, the question and the start; nothing since");
}

#[tokio::test]
async fn an_agents_words_come_by_the_connector_and_are_told_from_the_bots() {
    let world = World::new().await;
    let jane = world.customer().await;
    jane.escalates().await;
    let response = jane.connector("/activities", agent_says("hello *Jane*")).await;
    assert_eq!(response.status(), 201);
    let answer: serde_json::Value = response.json().await.expect("JSON");
    let line = jane.reads("**Contoso Support**: hello *Jane*").await;
    assert_eq!((&line["from"], &line["name"]), (&json!("agent"), &json!("Contoso Support")));
    assert_eq!((&line["via"], &line["textFormat"]), (&json!("connector"), &json!("markdown")));
    assert_eq!(line["activityId"], answer["id"]);
    assert_eq!(line["raw"]["text"], line["text"]);
    assert_eq!(jane.state().await["agent"], "Contoso Support");

    jane.connector("/activities/some-guid", json!({ "type": "message", "text": "Two are before you." }))
        .await;
    let notice = jane.reads("Two are before you.").await;
    assert_eq!((&notice["from"], &notice["name"]), (&json!("bot"), &json!("Contoso Agent")));
}

#[tokio::test]
async fn a_message_by_the_runtime_is_the_bots() {
    let world = World::new().await;
    let jane = world.customer().await;
    jane.escalates().await;
    let first = world.skill.nth(1).await;
    let response = world.skill.reply(&first, json!({ "type": "message", "text": "One moment." })).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.bytes().await.expect("a body").len(), 0);
    let line = jane.reads("One moment.").await;
    assert_eq!((&line["from"], &line["via"]), (&json!("bot"), &json!("runtime")));
    assert_eq!(line["name"], "Contoso Agent");
    assert_eq!(jane.state().await["parked"], true);
}

#[tokio::test]
async fn typing_goes_to_the_skill_only_while_parked() {
    let world = World::new().await;
    let jane = world.customer().await;
    jane.post("/typing", json!({})).await;
    jane.escalates().await;
    jane.post("/typing", json!({})).await;
    let typing = world.skill.nth(2).await;
    assert_eq!(typing["type"], "typing");
    assert_eq!(typing["conversation"]["id"], jane.id);
}

#[tokio::test]
async fn a_refused_message_is_told_and_the_chat_goes_on() {
    let world = World::new().await;
    let jane = world.customer().await;
    jane.escalates().await;
    world.skill.nth(1).await;
    world.skill.answer_next(400, json!({}));
    jane.write("lost").await;
    jane.reads(SKILL_FAILED).await;
    assert_eq!(jane.state().await["parked"], true);
    jane.write("found").await;
    assert_eq!(world.skill.nth(3).await["text"], "found");
}

#[tokio::test]
async fn a_gateway_that_restarts_gets_the_same_activity_again() {
    let world = World::new().await;
    let jane = world.customer().await;
    jane.escalates().await;
    world.skill.nth(1).await;
    world.skill.answer_next(503, json!({}));
    world.skill.answer_next(502, json!({}));
    jane.write("still there?").await;
    let attempts = [world.skill.nth(2).await, world.skill.nth(3).await, world.skill.nth(4).await];
    assert!(attempts.iter().all(|attempt| attempt == &attempts[0]), "{attempts:#?}");

    // Nobody listens there at all, until somebody does again.
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let nowhere = gone.local_addr().expect("an address");
    drop(gone);
    world.running.set_skill_url(format!("http://{nowhere}/api/messages"));
    jane.write("and now?").await;
    eventually("an attempt that found nobody", || async {
        let wire = jane.wire().await;
        let failed = wire.iter().any(|exchange| exchange["error"].is_string());
        if failed { Ok(()) } else { Err(json!(wire)) }
    })
    .await;
    world.running.set_skill_url(world.skill.url());
    assert_eq!(world.skill.nth(5).await["text"], "and now?");
    assert!(jane.transcript().await.iter().all(|entry| entry["text"] != SKILL_FAILED));
}

#[tokio::test]
async fn without_the_retry_an_unreachable_gateway_is_an_error_at_once() {
    let world = World::new().await;
    let jane = world.customer().await;
    jane.escalates().await;
    world.skill.nth(1).await;
    let switches = world.post("/api/switches", json!({ "retrySkill": false })).await;
    assert_eq!((&switches["retrySkill"], &switches["activityIds"]), (&json!(false), &json!(true)));
    world.skill.answer_next(503, json!({}));
    jane.write("anybody?").await;
    jane.reads(SKILL_FAILED).await;
    assert_eq!(world.skill.received().len(), 3);
    assert_eq!(jane.state().await["parked"], true);
}
