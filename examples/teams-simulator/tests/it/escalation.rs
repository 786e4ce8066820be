//! A customer asks for a person: the activities of the handover's start, field by field.
use serde_json::{Value, json};

use crate::{skill::end_of_conversation, world::World};

fn assert_envelope(activity: &Value, world: &World, conversation: &str) {
    assert_eq!(activity["channelId"], "msteams");
    let service_url = activity["serviceUrl"].as_str().expect("a serviceUrl");
    let (start, end) = (format!("http://{}/api/runtime/bots/", world.addr), "/skillsV2/");
    assert!(service_url.starts_with(&start) && service_url.ends_with(end), "{service_url}");
    assert!(conversation.starts_with("a:1"));
    assert_eq!(activity["conversation"]["id"], conversation);
    assert_eq!(activity["conversation"]["conversationType"], "personal");
    let tenant = &activity["conversation"]["tenantId"];
    assert!(tenant.is_string());
    assert_eq!(&activity["channelData"]["tenant"]["id"], tenant);
    let from = &activity["from"];
    assert!(from["id"].as_str().is_some_and(|id| id.starts_with("29:")));
    assert!(from["aadObjectId"].is_string());
    assert_eq!((&from["name"], &from["role"]), (&json!("Jane"), &json!("user")));
    let recipient = &activity["recipient"];
    assert!(recipient["id"].as_str().is_some_and(|id| id.starts_with("28:")));
    assert_eq!((&recipient["name"], &recipient["role"]), (&json!("Contoso Agent"), &json!("skill")));
    assert_eq!(activity["locale"], "en-GB");
    assert!(activity["id"].is_string());
    let relates_to = &activity["relatesTo"];
    assert_eq!(relates_to["conversation"]["id"], conversation);
    assert_eq!(relates_to["activityId"], activity["id"]);
    assert!(relates_to["bot"].is_null() && relates_to.get("serviceUrl").is_none());
    assert!(activity.get("deliveryMode").is_none());
}

#[tokio::test]
async fn the_problem_starts_a_conversation_and_opens_the_message_action() {
    let world = World::new().await;
    let jane = world.arrives(json!({ "name": "Jane", "locale": "en-GB" })).await;
    jane.escalates().await;

    let start = world.skill.nth(0).await;
    assert_envelope(&start, &world, &jane.id);
    assert_eq!((&start["type"], &start["name"]), (&json!("event"), &json!("startConversation")));
    assert_eq!(start["value"], json!({}));

    let first = world.skill.nth(1).await;
    assert_envelope(&first, &world, &jane.id);
    assert_eq!((&first["type"], &first["text"]), (&json!("message"), &json!("My laptop is on fire")));
    assert_eq!(
        first["value"],
        json!({ "LiveChatConversationId": "chat-1", "ProblemDescription": "My laptop is on fire" })
    );
    assert_ne!(first["id"], start["id"]);

    jane.reads("Starting conversation \"chat-1\" to Contoso Live Chat").await;
    let state = jane.state().await;
    assert_eq!(state["parked"], true);
    assert_eq!(state["liveChatConversationId"], "chat-1");
    assert_eq!(state["status"], "queued");
}

#[tokio::test]
async fn the_exchange_is_on_record_with_headers_and_answers() {
    let world = World::new().await;
    let jane = world.customer().await;
    jane.escalates().await;
    let wire = crate::world::eventually("three answered exchanges", || async {
        let wire = jane.wire().await;
        let done = wire.len() == 3 && wire.iter().all(|exchange| exchange["answer"].is_object());
        if done { Ok(wire) } else { Err(json!(wire)) }
    })
    .await;
    assert_eq!(wire[0]["direction"], "toSkill");
    assert_eq!(wire[0]["body"]["name"], "startConversation");
    assert_eq!(wire[0]["answer"]["status"], 202);
    assert!(wire[0]["answer"]["headers"].is_object());
    let reply = &wire[1];
    assert_eq!((&reply["direction"], &reply["route"]), (&json!("fromSkill"), &json!("runtime")));
    assert!(reply["path"].as_str().is_some_and(|path| path.contains("/skillsV2/v3/conversations/")));
    assert_eq!(reply["headers"]["content-type"], "application/json");
    assert_eq!(reply["body"]["type"], "endOfConversation");
    assert_eq!((&reply["answer"]["status"], &reply["answer"]["body"]), (&json!(200), &Value::Null));
    assert_eq!(wire[2]["body"]["text"], "My laptop is on fire");
}

#[tokio::test]
async fn without_activity_ids_the_reply_finds_its_way_all_the_same() {
    let world = World::with(|config| config.switches.activity_ids = false).await;
    let jane = world.customer().await;
    jane.escalates().await;
    let start = world.skill.nth(0).await;
    assert!(start.get("id").is_none());
    assert!(start["relatesTo"]["activityId"].is_null());
}

#[tokio::test]
async fn the_samples_small_first_letter_is_understood() {
    let world = World::new().await;
    world.skill.by_hand();
    let jane = world.customer().await;
    jane.write("talk to a person").await;
    jane.write("It beeps").await;
    let start = world.skill.nth(0).await;
    let mut end = end_of_conversation(json!({ "liveChatConversationId": "3f9a1" }));
    end["name"] = json!("startConversation");
    world.skill.reply(&start, end).await;
    let state = jane.finds_bot("parked").await;
    assert_eq!(state["liveChatConversationId"], "3f9a1");
    assert!(state["status"].is_null());
}

#[tokio::test]
async fn a_start_that_is_pending_or_connected_goes_on() {
    let world = World::new().await;
    world.skill.by_hand();
    for status in ["pending", "connected"] {
        let jane = world.customer().await;
        let before = world.skill.received().len();
        jane.write("talk to a person").await;
        jane.write("It beeps").await;
        let start = world.skill.nth(before).await;
        assert_eq!(jane.state().await["bot"], "starting");
        world.skill.end(&start, json!({ "LiveChatConversationId": "c", "Status": status })).await;
        let state = jane.finds_bot("parked").await;
        assert_eq!(state["status"], status);
        // The first message goes out after the parking; the next round counts from it.
        world.skill.nth(before + 1).await;
    }
}

#[tokio::test]
async fn nobody_there_or_a_failure_leaves_the_customer_with_the_bot() {
    let world = World::new().await;
    world.skill.by_hand();
    let nobody = "Nobody is available in Contoso Live Chat right now. Please try again later; until then I'm here to help.";
    let failed =
        "Sorry, the conversation with Contoso Live Chat could not be started. I'm still here to help.";
    let ends = [
        (nobody, end_of_conversation(json!({ "LiveChatConversationId": "c", "Status": "no-agents" }))),
        (failed, end_of_conversation(json!({ "LiveChatConversationId": "c", "Status": "failed" }))),
        (failed, json!({ "type": "endOfConversation", "code": "error" })),
        (failed, end_of_conversation(Value::Null)),
    ];
    for (n, (words, end)) in ends.into_iter().enumerate() {
        let jane = world.customer().await;
        jane.write("talk to a person").await;
        jane.write("It beeps").await;
        let start = world.skill.nth(n).await;
        world.skill.reply(&start, end).await;
        jane.reads(words).await;
        let state = jane.state().await;
        assert_eq!((&state["bot"], &state["parked"]), (&json!("idle"), &json!(false)));
    }
    assert_eq!(world.skill.received().len(), 4, "no message action was begun");
}

#[tokio::test]
async fn a_skill_that_refuses_is_shown_as_an_error_and_may_be_tried_again() {
    let world = World::new().await;
    world.skill.answer_next(500, json!({}));
    let jane = world.customer().await;
    jane.write("talk to a person").await;
    jane.write("It beeps").await;
    let error = jane.reads("Sorry, something went wrong. Error code: SkillNotSuccesfulResponseCode").await;
    assert_eq!(error["from"], "bot");
    assert_eq!(jane.state().await["bot"], "idle");
    jane.escalates().await;
}

#[tokio::test]
async fn an_action_that_never_comes_back_is_given_up() {
    let world = World::with(|config| config.action_timeout = std::time::Duration::from_millis(50)).await;
    world.skill.by_hand();
    let jane = world.customer().await;
    jane.write("talk to a person").await;
    jane.write("It beeps").await;
    jane.reads("Sorry, something went wrong. Error code: SkillNotSuccesfulResponseCode").await;
    jane.finds_bot("idle").await;
}

#[tokio::test]
async fn a_second_escalation_can_be_forced_while_parked() {
    let world = World::new().await;
    let jane = world.customer().await;
    jane.escalates().await;
    let first = world.skill.nth(1).await;
    jane.post("/escalate", json!({ "problem": "Still on fire" })).await;
    let again = world.skill.nth(2).await;
    assert_eq!(again["name"], "startConversation");
    let message = world.skill.nth(3).await;
    assert_eq!(message["value"]["LiveChatConversationId"], "chat-2");
    assert_eq!(message["text"], "Still on fire");
    // The end of the earlier message action is not the end of the later one.
    world.skill.end(&first, Value::Null).await;
    assert_eq!(jane.state().await["parked"], true);
    world.skill.end(&message, Value::Null).await;
    jane.finds_bot("idle").await;
}

#[tokio::test]
async fn the_problem_and_the_transcript_are_handed_over_where_the_topic_does_so() {
    let world = World::with(|config| config.switches.start_inputs = true).await;
    let jane = world.customer().await;
    jane.escalates().await;
    let inputs = &world.skill.nth(0).await["value"];
    assert!(inputs["ProblemDescription"].is_string());
    let transcript: serde_json::Value =
        serde_json::from_str(inputs["Transcript"].as_str().expect("a text")).expect("JSON in a text");
    assert_eq!(transcript[0]["role"], "bot", "the greeting");
    assert_eq!(transcript[1]["role"], "customer");
}
