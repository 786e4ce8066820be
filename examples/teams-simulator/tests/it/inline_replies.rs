//! `expectReplies`: the answers are in the response.
use serde_json::json;

use crate::{skill::end_of_conversation, world::World};

#[tokio::test]
async fn replies_in_the_response_are_taken_in_order() {
    let world = World::new().await;
    let jane = world.arrives(json!({ "deliveryMode": "expectReplies", "channelId": "pva-studio" })).await;
    let started = end_of_conversation(json!({ "LiveChatConversationId": "c-1", "Status": "connected" }));
    world
        .skill
        .answer_next(200, json!({ "activities": [{ "type": "message", "text": "Calling …" }, started] }));
    world.skill.answer_next(200, json!({ "activities": [] }));
    jane.escalates().await;
    let start = world.skill.nth(0).await;
    assert_eq!(
        (&start["deliveryMode"], &start["channelId"]),
        (&json!("expectReplies"), &json!("pva-studio"))
    );
    let texts: Vec<_> = jane.transcript().await.iter().map(|entry| entry["text"].clone()).collect();
    assert_eq!(texts[4..], [json!("Calling …"), json!("Starting conversation \"c-1\" to Contoso Live Chat")]);

    world.skill.nth(1).await;
    world.skill.answer_next(
        200,
        json!({ "activities": [
        { "type": "message", "text": "one" },
        { "type": "message", "text": "two" },
        { "type": "endOfConversation", "code": "completedSuccessfully" },
    ] }),
    );
    jane.write("hello").await;
    jane.finds_bot("idle").await;
    let texts: Vec<_> = jane.transcript().await.iter().map(|entry| entry["text"].clone()).collect();
    assert_eq!(
        texts[texts.len() - 3..],
        [
            json!("one"),
            json!("two"),
            json!("The live chat has ended; you are talking to Contoso Agent again.")
        ]
    );
}

#[tokio::test]
async fn an_answer_without_activities_is_an_error() {
    let world = World::new().await;
    let jane = world.arrives(json!({ "deliveryMode": "expectReplies" })).await;
    world.skill.answer_next(202, json!({}));
    jane.write("talk to a person").await;
    jane.write("It beeps").await;
    jane.reads("Sorry, something went wrong. Error code: SkillNotSuccesfulResponseCode").await;
}
