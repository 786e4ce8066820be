//! Correctness: ended and repeated handovers, and other customers.

use serde_json::json;

use crate::house::House;

#[tokio::test]
async fn d07_what_comes_after_the_end_reaches_nobody() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let live = house.escalates(&jane).await;
    jane.ends(&live).await;
    house.bot.ends("a:1jane", "endConversation").await;
    let body = json!({ "conversationId": live, "message": "still there?", "id": "late" });
    assert_eq!(house.call_back("/api/livechat/messages", &body).await.0, 410);
    // A new handover does not wake the old one.
    let next = house.escalates(&jane).await;
    assert_eq!(house.call_back("/api/livechat/messages", &body).await.0, 410);
    house.desk.says(&next, "welcome back").await;
    house.bot.shows("a:1jane", "**Contoso Support**: welcome back").await;
    assert!(!house.bot.shown("a:1jane").iter().any(|text| text.contains("still there?")));
}

#[tokio::test]
async fn d08_escalating_again_leaves_no_older_way_open() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let mut lives = Vec::new();
    for _ in 0..3 {
        let live = house.escalates(&jane).await;
        let ends = house.bot.ends_of("a:1jane", "endConversation").len();
        lives.push(live.clone());
        jane.ends(&live).await;
        crate::patience::eventually("the goodbye's end", || async {
            let now = house.bot.ends_of("a:1jane", "endConversation").len();
            if now > ends { Ok(()) } else { Err(now.to_string()) }
        })
        .await;
    }
    lives.dedup();
    assert_eq!(lives.len(), 3, "each handover is a conversation of its own");
    for live in &lives {
        let body = json!({ "conversationId": live, "message": "from before" });
        assert_eq!(house.call_back("/api/livechat/messages", &body).await.0, 410);
    }
}

#[tokio::test]
async fn d09_nothing_crosses_from_one_customer_to_another() {
    let house = House::open().await;
    let (jane, joe) = (house.customer("jane"), house.customer("joe"));
    let (janes, joes) = (house.escalates(&jane).await, house.escalates(&joe).await);
    assert_ne!(janes, joes);
    jane.ends(&janes).await;
    house.bot.ends("a:1jane", "endConversation").await;
    house.desk.says(&joes, "for Joe").await;
    house.bot.shows("a:1joe", "**Contoso Support**: for Joe").await;
    assert!(!house.bot.shown("a:1jane").iter().any(|text| text.contains("for Joe")));
    // A customer cannot end, or write into, another's conversation by naming it.
    jane.ends(&joes).await;
    let mut forged = jane.message("as Joe");
    forged["value"] = json!({ "LiveChatConversationId": joes });
    jane.sends(&forged).await;
    joe.says("still me").await;
    house.desk.hears(&joes, "still me").await;
    assert_eq!(house.desk.heard(&joes).await, ["My laptop is on fire", "still me"]);
    // The same conversation id on another channel is another conversation.
    let other = house.customer("joe").on("directline");
    other.says("who am I?").await;
    house.desk.says(&joes, "and again").await;
    house.bot.shows("a:1joe", "**Contoso Support**: and again").await;
    assert!(!house.desk.heard(&joes).await.contains(&"who am I?".to_owned()));
}

#[tokio::test]
async fn d11_a_message_for_nobody_gives_the_customer_back() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let message = jane.message("is anybody there?");
    jane.sends(&message).await;
    let end = house.bot.ends("a:1jane", "sendMessage").await;
    assert_eq!(
        (&end.body["replyToId"], &end.body["code"]),
        (&message["id"], &json!("completedSuccessfully"))
    );
}

#[tokio::test]
async fn d19_what_the_bot_repeats_is_said_once() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let live = house.escalates(&jane).await;
    let message = jane.message("once");
    let (one, other, third) = tokio::join!(jane.post(&message), jane.post(&message), jane.post(&message));
    assert_eq!([one.status, other.status, third.status], [202; 3]);
    jane.says("then").await;
    house.desk.hears(&live, "then").await;
    assert_eq!(house.desk.heard(&live).await, ["My laptop is on fire", "once", "then"]);
}
