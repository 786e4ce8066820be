//! A customer who talks to the bot alone.
use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn the_bot_greets_and_helps_without_the_skill() {
    let world = World::new().await;
    let jane = world.arrives(json!({ "name": "Jane", "locale": "de-DE" })).await;
    let greeting = jane.reads("Hello, I'm Contoso Agent. How can I help you today?").await;
    assert_eq!(greeting["from"], "bot");
    assert_eq!(greeting["via"], "bot");
    assert_eq!(greeting["name"], "Contoso Agent");
    jane.write("help").await;
    jane.reads(
        "I answer small questions, and I can bring you together with a person: \
         try **I want to talk with a person**.",
    )
    .await;
    jane.write("Good bye").await;
    jane.reads("Goodbye. Write again whenever you need me.").await;
    let state = jane.state().await;
    assert_eq!((&state["bot"], &state["parked"]), (&json!("idle"), &json!(false)));
    assert_eq!((&state["name"], &state["locale"]), (&json!("Jane"), &json!("de-DE")));
    assert!(world.skill.received().is_empty());
}

#[tokio::test]
async fn a_question_for_the_problem_can_be_left_with_a_goodbye() {
    let world = World::new().await;
    let jane = world.customer().await;
    jane.write("talk to agent").await;
    jane.finds_bot("asking").await;
    jane.write("bye").await;
    jane.finds_bot("idle").await;
    assert!(world.skill.received().is_empty());
}
