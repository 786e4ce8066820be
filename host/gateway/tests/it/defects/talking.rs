//! Correctness: what is lost, told wrongly, or thrown away.

use serde_json::{Value, json};

use crate::bot::{Answer, Service};
use crate::house::House;

#[tokio::test]
async fn d10_what_teams_did_not_take_is_not_shown_as_sent() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let live = house.escalates(&jane).await;
    let refused = Answer { status: 403, retry_after: None, body: json!({}) };
    house.bot.will_answer("can you see this?", [refused]);
    let message = house.desk.says(&live, "can you see this?").await;
    house.desk.sees(&live, &message, "not-delivered").await;
}

#[tokio::test]
async fn d12_the_live_agent_sees_that_the_customer_has_left() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let live = house.escalates(&jane).await;
    jane.ends(&live).await;
    assert_eq!(house.desk.sees_end(&live).await["endedBy"], "customer");
    house.bot.ends("a:1jane", "endConversation").await;
    assert_eq!(house.desk.heard(&live).await, ["My laptop is on fire"], "and what was said is still there");
}

#[tokio::test]
async fn d13_the_live_agent_can_end_it_and_the_customer_is_free() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let live = house.escalates(&jane).await;
    house.desk.closes(&live).await;
    let end = house.bot.ends("a:1jane", "sendMessage").await;
    assert_eq!(end.body["code"], "completedSuccessfully");
}

#[tokio::test]
async fn d15_what_the_bot_knows_is_not_thrown_away() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let event = jane.event(
        "startConversation",
        json!({
            "ProblemDescription": "My laptop is on fire",
            "CustomerEmail": "jane@contoso.example",
            "Transcript": [{ "role": "user", "text": "hello" }]
        }),
    );
    jane.sends(&event).await;
    house.bot.ends("a:1jane", "startConversation").await;
    let seen: Vec<Value> = house.desk.conversations().await;
    let id = seen[0]["id"].as_str().expect("an id");
    let seen = house.desk.conversation(id).await.to_string();
    for known in ["My laptop is on fire", "jane@contoso.example", "hello", "en-US", "msteams"] {
        assert!(seen.contains(known), "{known} is not in {seen}");
    }
}

#[tokio::test]
async fn d16_a_handover_works_off_teams() {
    let house = House::open().await;
    let jane = house.customer("jane").on("directline");
    let live = house.escalates(&jane).await;
    house.desk.says(&live, "hello on the web").await;
    house.bot.shows("a:1jane", "**Contoso Support**: hello on the web").await;
    jane.ends(&live).await;
    house.desk.sees_end(&live).await;
}

#[tokio::test]
async fn d17_who_writes_in_a_group_is_named() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let live = house.escalates(&jane).await;
    let mut of_joe = jane.message("I see smoke, too");
    of_joe["from"] = json!({ "id": "29:joe", "name": "Joe", "role": "user" });
    jane.sends(&of_joe).await;
    house.desk.hears(&live, "I see smoke, too").await;
    let messages = house.desk.messages(&live).await;
    let last = messages.iter().rfind(|one| one["message"] == "I see smoke, too").expect("it");
    assert_eq!(last["sender"], "Joe", "{last}");
}

#[tokio::test]
async fn d18_a_restart_loses_no_handover() {
    let mut house = House::open().await;
    let jane = house.customer("jane");
    let live = house.escalates(&jane).await;
    house.gateway.kill();
    house.gateway.start().await;
    jane.says("still there?").await;
    house.desk.hears(&live, "still there?").await;
    house.desk.says(&live, "of course").await;
    house.bot.shows("a:1jane", "**Contoso Support**: of course").await;
}

#[tokio::test]
async fn d20_a_handover_that_nobody_uses_ends() {
    let house = House::with("[timing]\ncustomer_inactivity_seconds = 1\n").await;
    let jane = house.customer("jane");
    let live = house.escalates(&jane).await;
    house.desk.says(&live, "are you there?").await;
    house.bot.ends("a:1jane", "sendMessage").await;
    house.desk.sees_end(&live).await;
}

#[tokio::test]
async fn d21_teams_is_reached_where_the_operator_says() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let live = house.escalates(&jane).await;
    house.desk.says(&live, "from the region").await;
    let shown = house.bot.shows("a:1jane", "**Contoso Support**: from the region").await;
    assert_eq!(shown.service, Service::Teams);
}

#[tokio::test]
async fn d23_the_manifest_is_json_and_the_process_says_how_it_is() {
    let house = House::open().await;
    let (status, manifest) = house.get("/skill-manifest.json").await;
    assert_eq!(status, 200);
    let manifest: Value = serde_json::from_str(&manifest).expect("strict JSON");
    assert!(manifest["endpoints"][0]["msAppId"].is_string());
    for path in ["/healthz", "/readyz"] {
        assert_eq!(house.get(path).await.0, 200, "{path}");
    }
}
