//! The end of a handover: each side is told once, control returns to the bot once, and nothing comes after it.

use serde_json::json;

use crate::house::House;

#[tokio::test]
async fn the_agent_ends_it_and_the_bot_has_the_customer_back() {
    let house = House::open().await;
    let jane = house.customer("jane");
    jane.starts().await;
    let end = house.bot.ends("a:1jane", "startConversation").await;
    let live = end.body["value"]["LiveChatConversationId"].as_str().expect("an id");
    jane.says("hello").await;
    let last = jane.message("thank you");
    jane.sends(&last).await;
    house.desk.hears(live, "thank you").await;
    house.desk.says(live, "you are welcome").await;
    house.desk.closes(live).await;

    let end = house.bot.ends("a:1jane", "sendMessage").await;
    assert_eq!(end.service, crate::bot::Service::Runtime);
    let expected = json!({
        "type": "endOfConversation",
        "name": "sendMessage",
        "text": "",
        "code": "completedSuccessfully",
        "channelId": "msteams",
        "serviceUrl": jane.service_url,
        "conversation": { "id": "a:1jane" },
        "from": { "id": "28:agent-app", "name": "Contoso Agent" },
        "recipient": { "id": "29:jane", "name": "jane" },
        "replyToId": last["id"],
        "locale": "en-US",
    });
    assert_eq!(end.body, expected);
    let shown = house.bot.shown("a:1jane");
    let notice = shown.last().expect("a notice");
    assert!(notice.contains("chat was closed"), "{shown:?}");
    assert_eq!(shown.iter().filter(|text| *text == notice).count(), 1, "{shown:?}");

    // Told again by the vendor, in whatever words: nothing happens again.
    for id in ["other", "another"] {
        let ended = json!({ "type": "ended", "conversationId": live, "id": id });
        assert_eq!(house.call_back("/api/livechat/messages", &ended).await.0, 200);
    }

    // What was on its way meets the end, and the customer is told that it went nowhere.
    let late = jane.message("one more thing");
    jane.sends(&late).await;
    let end = house
        .bot
        .gets("a:1jane", "the late message's end", |post| post.body["replyToId"] == late["id"])
        .await;
    assert_eq!((&end.body["name"], &end.body["type"]), (&json!("sendMessage"), &json!("endOfConversation")));
    assert_eq!(house.bot.ends_of("a:1jane", "sendMessage").len(), 2, "one for each time control was given");
    assert!(!house.desk.heard(live).await.contains(&"one more thing".to_owned()));
    let after = house.bot.shown("a:1jane");
    assert_eq!(after[..shown.len()], shown, "the end is told once");
    assert!(after[shown.len()..].iter().all(|text| text.contains("did not get through")), "{after:?}");
    assert_eq!(after.len(), shown.len() + 1);
}

#[tokio::test]
async fn a_goodbye_ends_it_everywhere() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let live = house.escalates(&jane).await;
    jane.ends(&live).await;
    let end = house.bot.ends("a:1jane", "endConversation").await;
    assert_eq!(end.body["code"], "completedSuccessfully");
    let ended = house.desk.sees_end(&live).await;
    assert_eq!(ended["endedBy"], "customer");
    // The topic that says goodbye has cancelled the parked action: its end would be one too many.
    assert!(house.bot.ends_of("a:1jane", "sendMessage").is_empty());

    // A goodbye again, and the host's own end of the cancelled action, change nothing.
    jane.ends(&live).await;
    jane.sends(&jane.activity("endOfConversation")).await;
    crate::patience::eventually("the second goodbye's end", || async {
        let ends = house.bot.ends_of("a:1jane", "endConversation").len();
        if ends == 2 { Ok(()) } else { Err(ends.to_string()) }
    })
    .await;
    let (status, _) =
        house.desk.post("/api/chat/send", json!({ "conversationId": live, "message": "wait" })).await;
    assert_eq!(status, 410);
}

#[tokio::test]
async fn a_goodbye_after_the_hosts_own_end_is_answered() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let live = house.escalates(&jane).await;
    jane.sends(&jane.activity("endOfConversation")).await;
    jane.ends(&live).await;
    house.bot.ends("a:1jane", "endConversation").await;
    house.desk.sees_end(&live).await;
    assert!(house.bot.ends_of("a:1jane", "sendMessage").is_empty());
}

#[tokio::test]
async fn a_customer_who_waits_too_long_is_told_and_goes_back_to_the_bot() {
    let house = House::with("[timing]\nqueue_timeout_seconds = 1\n").await;
    let jane = house.customer("jane");
    jane.starts().await;
    let first = jane.message("anybody?");
    jane.sends(&first).await;
    let end = house.bot.ends("a:1jane", "sendMessage").await;
    assert_eq!(end.body["replyToId"], first["id"]);
    let shown = house.bot.shown("a:1jane");
    assert!(shown.iter().any(|text| text.contains("nobody was free in time")), "{shown:?}");
    let start = house.bot.ends("a:1jane", "startConversation").await;
    let live = start.body["value"]["LiveChatConversationId"].as_str().expect("an id");
    assert_eq!(house.desk.sees_end(live).await["endReason"], "queue-timeout");
}

#[tokio::test]
async fn an_agent_who_falls_silent_loses_the_customer() {
    let house = House::with("[timing]\nagent_inactivity_seconds = 1\n").await;
    let jane = house.customer("jane");
    let live = house.escalates(&jane).await;
    house.desk.says(&live, "one moment").await;
    house.bot.ends("a:1jane", "sendMessage").await;
    assert_eq!(house.desk.sees_end(&live).await["endReason"], "agent-inactivity");
    assert_eq!(house.bot.ends_of("a:1jane", "sendMessage").len(), 1);
}
