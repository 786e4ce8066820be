//! The live chat ends from the other side: control returns to the bot.
use serde_json::{Value, json};

use crate::world::World;

const ENDED: &str = "The live chat has ended; you are talking to Contoso Agent again.";

#[tokio::test]
async fn the_end_of_the_parked_action_returns_control_and_says_nothing_else() {
    let world = World::new().await;
    let jane = world.customer().await;
    jane.escalates().await;
    jane.write("thanks").await;
    world.skill.nth(2).await;
    let first = world.skill.nth(1).await;
    let before = jane.transcript().await.len();
    world.skill.end(&first, Value::Null).await;

    assert_eq!(jane.reads(ENDED).await["from"], "system");
    assert_eq!(jane.transcript().await.len(), before + 1);
    let state = jane.state().await;
    assert_eq!((&state["bot"], &state["parked"]), (&json!("idle"), &json!(false)));
    assert!(state["liveChatConversationId"].is_null() && state["status"].is_null());

    jane.write("thanks").await;
    jane.reads("You're welcome.").await;
    assert_eq!(world.skill.received().len(), 3, "the bot answers again");
    jane.escalates().await;
}

#[tokio::test]
async fn it_may_answer_any_of_the_customers_messages_or_none() {
    let world = World::new().await;
    for to in 0..2 {
        let jane = world.customer().await;
        jane.escalates().await;
        let at = world.skill.received().len();
        jane.write("hello?").await;
        let mut message = world.skill.nth(at).await;
        if to == 1 {
            message["id"] = Value::Null;
        }
        world.skill.end(&message, Value::Null).await;
        jane.reads(ENDED).await;
        // Told a second time, it changes nothing.
        world.skill.end(&message, Value::Null).await;
        let told = jane.transcript().await.iter().filter(|entry| entry["text"] == ENDED).count();
        assert_eq!(told, 1);
    }
}

#[tokio::test]
async fn one_conversations_end_is_not_anothers() {
    let world = World::new().await;
    let (jane, john) = (world.customer().await, world.customer().await);
    jane.escalates().await;
    let hers = world.skill.nth(1).await;
    john.escalates().await;
    world.skill.end(&hers, Value::Null).await;
    jane.finds_bot("idle").await;
    assert_eq!(john.state().await["parked"], true);
}

#[tokio::test]
async fn an_unknown_conversation_is_refused() {
    let world = World::new().await;
    let jane = world.customer().await;
    jane.escalates().await;
    let mut first = world.skill.nth(1).await;
    first["conversation"]["id"] = json!("a:unknown");
    let response = world.skill.reply(&first, json!({ "type": "endOfConversation" })).await;
    assert_eq!(response.status(), 404);
    let body: Value = response.json().await.expect("JSON");
    assert_eq!(body["error"]["code"], "ConversationNotFound");
}
