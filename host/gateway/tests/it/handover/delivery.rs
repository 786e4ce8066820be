//! Deliveries on a bad day: refused, throttled, broken off; in order all the same, and told where they fail.

use serde_json::{Value, json};

use crate::bot::Answer;
use crate::house::House;

fn said(house: &House, customer: &str) -> Vec<String> {
    let shown = house.bot.shown(customer);
    shown
        .into_iter()
        .filter_map(|text| text.strip_prefix("**Contoso Support**: ").map(str::to_owned))
        .collect()
}

#[tokio::test]
async fn what_teams_refuses_is_told_at_the_message() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let live = house.escalates(&jane).await;
    let body = json!({ "error": { "code": "BotNotInConversationRoster", "message": "secret detail" } });
    house.bot.will_answer("refused", [Answer { status: 403, retry_after: None, body }]);
    let refused = house.desk.says(&live, "refused").await;
    let taken = house.desk.says(&live, "taken").await;
    let seen = house.desk.sees(&live, &refused, "not-delivered").await;
    assert!(seen["reason"].as_str().is_some_and(|why| !why.is_empty() && !why.contains("secret")), "{seen}");
    house.desk.sees(&live, &taken, "delivered").await;
    assert_eq!(said(&house, "a:1jane"), ["taken"]);
    let tries = house.bot.about("a:1jane").iter().filter(|post| post.text().contains("refused")).count();
    assert_eq!(tries, 1, "what is refused for good is not tried again");
}

#[tokio::test]
async fn what_is_throttled_is_sent_again_and_keeps_its_place() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let live = house.escalates(&jane).await;
    let throttled = Answer { status: 429, retry_after: Some(1), body: Value::Null };
    let unavailable = Answer { status: 503, retry_after: None, body: Value::Null };
    let conflict = Answer { status: 412, retry_after: None, body: Value::Null };
    house.bot.will_answer(": one", [throttled, unavailable, conflict]);
    for text in ["one", "two", "three"] {
        house.desk.says(&live, text).await;
    }
    house.bot.shows("a:1jane", "**Contoso Support**: three").await;
    assert_eq!(said(&house, "a:1jane"), ["one", "two", "three"]);
    let statuses: Vec<_> = house
        .bot
        .about("a:1jane")
        .iter()
        .filter(|post| post.text().ends_with(": one"))
        .map(|post| (post.status, post.is_flagged()))
        .collect();
    assert_eq!(statuses, [(429, false), (503, false), (412, false), (201, false)]);
}

#[tokio::test]
async fn the_customers_words_keep_their_order_past_a_vendors_faults() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let live = house.escalates(&jane).await;
    let mut expected = house.desk.heard(&live).await;
    for fault in ["throttled429", "error500", "drop", "dropAfter"] {
        house.desk.switch(json!({ "fault": fault })).await;
        for nth in 1..=3 {
            jane.says(&format!("{fault} {nth}")).await;
            expected.push(format!("{fault} {nth}"));
        }
        // Something has met the fault by the time that the agent's words have gone the whole way.
        house.desk.says(&live, fault).await;
        house.bot.shows("a:1jane", &format!("**Contoso Support**: {fault}")).await;
        house.desk.switch(json!({ "fault": "none" })).await;
        house.desk.hears(&live, &format!("{fault} 3")).await;
    }
    assert_eq!(house.desk.heard(&live).await, expected);
    let shown = house.bot.shown("a:1jane");
    assert!(!shown.iter().any(|text| text.contains("did not get through")), "{shown:?}");
}

#[tokio::test]
async fn an_end_that_the_bot_does_not_take_is_sent_again() {
    let house = House::open().await;
    let jane = house.customer("jane").on("directline");
    let live = house.escalates(&jane).await;
    let unavailable = || Answer { status: 503, retry_after: None, body: Value::Null };
    // The notice has a text; the end has none, and an empty text is in all: only these two are left to come.
    house.bot.will_answer("", [unavailable(), unavailable(), unavailable()]);
    house.desk.closes(&live).await;
    house
        .bot
        .gets("a:1jane", "the end, taken", |post| post.body["name"] == "sendMessage" && post.status == 200)
        .await;
    let taken = house.bot.ends_of("a:1jane", "sendMessage");
    assert_eq!(taken.iter().filter(|post| post.status == 200).count(), 1);
}

#[tokio::test]
async fn a_webhook_that_was_not_taken_shows_at_the_live_chat() {
    let mut house = House::open().await;
    let jane = house.customer("jane");
    let live = house.escalates(&jane).await;
    house.gateway.kill();
    let message = json!({ "conversationId": live, "message": "anybody?" });
    let (status, body) = house.desk.post("/api/chat/send", message).await;
    assert_eq!(status, 500, "{body}");
    let messages = house.desk.messages(&live).await;
    let failed = messages.last().expect("a message");
    assert_eq!(failed["status"], "not-delivered");

    house.gateway.start().await;
    let again = json!({ "conversationId": live, "messageId": failed["id"] });
    let (status, body) = house.desk.post("/api/chat/retry", again).await;
    assert_eq!(status, 200, "{body}");
    house.bot.shows("a:1jane", "**Contoso Support**: anybody?").await;
}
