//! What the live agent says, on its way to the customer: where it is posted, and what it looks like.

use serde_json::json;

use crate::bot::{Bot, Service};
use crate::house::House;

#[tokio::test]
async fn on_teams_behind_the_runtime_it_goes_to_teams_connector() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let live = house.escalates(&jane).await;
    house.desk.says(&live, "hello").await;

    let post = house.bot.shows("a:1jane", "**Contoso Support**: hello").await;
    assert_eq!((post.service, post.reply_to.as_deref()), (Service::Teams, None));
    assert_eq!(post.method, "POST");
    let expected = json!({
        "type": "message",
        "channelId": "msteams",
        "serviceUrl": house.bot.teams_url(),
        "conversation": { "id": "a:1jane" },
        "from": { "id": "28:agent-app", "name": "Contoso Agent" },
        "text": "**Contoso Support**: hello",
    });
    assert_eq!(post.body, expected);
}

#[tokio::test]
async fn on_teams_itself_it_goes_to_the_activitys_own_address() {
    let house = House::open().await;
    let elsewhere = Bot::open().await;
    let mut jane = house.customer("jane");
    jane.service_url = elsewhere.teams_url();
    jane.starts().await;
    let end = elsewhere.ends("a:1jane", "startConversation").await;
    let live = end.body["value"]["LiveChatConversationId"].as_str().expect("an id");
    house.desk.says(live, "hello").await;
    let post = elsewhere.shows("a:1jane", "**Contoso Support**: hello").await;
    assert_eq!(post.body["serviceUrl"], json!(elsewhere.teams_url()));
    assert!(house.bot.posts().is_empty(), "{:?}", house.bot.posts());
}

#[tokio::test]
async fn on_other_channels_it_goes_to_the_runtime() {
    let house = House::open().await;
    let jane = house.customer("jane").on("directline");
    let live = house.escalates(&jane).await;
    house.desk.says(&live, "hello").await;
    let post = house.bot.shows("a:1jane", "**Contoso Support**: hello").await;
    assert_eq!(post.service, Service::Runtime);
    assert_eq!(post.body["channelId"], "directline");
}

#[tokio::test]
async fn a_turns_newer_address_counts() {
    let house = House::open().await;
    let mut jane = house.customer("jane").on("directline");
    let live = house.escalates(&jane).await;
    let moved = Bot::open().await;
    jane.service_url = moved.service_url();
    jane.says("I am somewhere else now").await;
    house.desk.hears(&live, "I am somewhere else now").await;
    house.desk.says(&live, "so I see").await;
    moved.shows("a:1jane", "**Contoso Support**: so I see").await;
}

#[tokio::test]
async fn markdown_of_the_agent_is_passed_on_and_names_are_escaped() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let live = house.escalates(&jane).await;
    let (status, body) = house
        .call_back(
            "/api/livechat/messages",
            &json!({ "conversationId": live, "message": "try **this**", "sender": "A*B" }),
        )
        .await;
    assert_eq!(status, 200, "{body}");
    let post = house.bot.gets("a:1jane", "the message", |post| post.text().contains("try **this**")).await;
    assert_eq!(post.text(), "**A\\*B**: try **this**");
}
