//! A customer says goodbye in a live chat: the interruption.
use serde_json::{Value, json};

use crate::{
    skill::end_of_conversation,
    world::{World, eventually},
};

#[tokio::test]
async fn each_goodbye_ends_the_live_chat() {
    let world = World::new().await;
    let phrases =
        ["Bye", "bye for now", "Bye now", "Good bye", "Goodbye", "No thank you. Goodbye.", "See you later"];
    for (n, phrase) in phrases.iter().enumerate() {
        let jane = world.customer().await;
        jane.escalates().await;
        jane.write(phrase).await;
        jane.reads("Contoso Live Chat conversation ended").await;
        let state = jane.state().await;
        assert_eq!((&state["bot"], &state["parked"]), (&json!("idle"), &json!(false)));
        assert!(state["liveChatConversationId"].is_null());
        // Three activities each: start, message, end; the words of the goodbye themselves stay with the bot.
        let end = world.skill.nth(n * 3 + 2).await;
        assert_eq!((&end["type"], &end["name"]), (&json!("event"), &json!("endConversation")));
        assert_eq!(end["value"], json!({ "LiveChatConversationId": format!("chat-{}", n + 1) }));
        assert_eq!(world.skill.received().len(), n * 3 + 3);
    }
}

#[tokio::test]
async fn hosts_that_cancel_first_are_played_too() {
    let world = World::with(|config| config.switches.cancel_before_end = true).await;
    let jane = world.customer().await;
    jane.escalates().await;
    jane.write("bye").await;
    jane.reads("Contoso Live Chat conversation ended").await;
    let cancelled = world.skill.nth(2).await;
    assert_eq!(
        (&cancelled["type"], &cancelled["code"]),
        (&json!("endOfConversation"), &json!("userCancelled"))
    );
    assert_eq!(world.skill.nth(3).await["name"], "endConversation");
}

#[tokio::test]
async fn the_end_of_the_cancelled_action_is_not_the_goodbyes() {
    let world = World::new().await;
    let jane = world.customer().await;
    jane.escalates().await;
    let first = world.skill.nth(1).await;
    world.skill.by_hand();
    jane.write("bye").await;
    let end = world.skill.nth(2).await;
    world.skill.end(&first, Value::Null).await;
    assert_eq!(jane.state().await["bot"], "parked");
    world.skill.end(&end, Value::Null).await;
    jane.reads("Contoso Live Chat conversation ended").await;
    let transcript = jane.transcript().await;
    assert!(transcript.iter().all(|entry| entry["from"] != "system"), "{transcript:#?}");
}

#[tokio::test]
async fn a_goodbye_that_fails_leaves_the_customer_where_they_were() {
    let world = World::new().await;
    let jane = world.customer().await;
    jane.escalates().await;
    world.skill.nth(1).await;
    world.skill.answer_next(500, json!({}));
    jane.write("bye").await;
    jane.reads("Sorry, something went wrong. Error code: SkillNotSuccesfulResponseCode").await;
    let state = jane.state().await;
    assert_eq!((&state["parked"], &state["liveChatConversationId"]), (&json!(true), &json!("chat-1")));
    jane.write("bye").await;
    jane.reads("Contoso Live Chat conversation ended").await;
}

#[tokio::test]
async fn an_end_delivered_twice_ends_nothing_else() {
    let world = World::new().await;
    let jane = world.customer().await;
    jane.escalates().await;
    let start = world.skill.nth(0).await;
    let end = end_of_conversation(json!({ "LiveChatConversationId": "chat-1", "Status": "queued" }));
    world.skill.reply(&start, end.clone()).await;
    assert_eq!(jane.state().await["parked"], true);
    // Without a reply id, as to the conversation, it is told by its name.
    let mut named = end;
    named["name"] = json!("startConversation");
    let mut to = start;
    to["id"] = Value::Null;
    world.skill.reply(&to, named).await;
    assert_eq!(jane.state().await["parked"], true);
    let ends = eventually("three ends on record", || async {
        let wire = jane.wire().await;
        let ends = wire.iter().filter(|exchange| exchange["body"]["type"] == "endOfConversation").count();
        if ends == 3 { Ok(ends) } else { Err(json!(wire)) }
    })
    .await;
    assert_eq!(ends, 3);
}
