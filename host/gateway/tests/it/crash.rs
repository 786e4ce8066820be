//! `kill -9` in the middle of a chat, again and again: the chat goes on, nothing is lost, nothing is out of order,
//! and nothing is shown twice without a word.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::bot::{Bot, Post};
use crate::choice::Choice;
use crate::customer::Customer;
use crate::desk::Desk;
use crate::house::House;
use crate::patience::eventually;

const KILLS: u32 = 25;

/// The customer writes until told to stop; a message that was not acknowledged is sent again as it is. How many.
async fn customer_writes(jane: Customer, stop: &AtomicBool) -> u32 {
    let mut nth = 0;
    while !stop.load(Ordering::Relaxed) {
        nth += 1;
        let message = jane.message(&format!("customer {nth}"));
        eventually("an acknowledgement", || async {
            match jane.try_post(&message).await {
                Ok(answer) if answer.status == 202 => Ok(()),
                other => Err(format!("{other:?}")),
            }
        })
        .await;
    }
    nth
}

/// The same for the agent: what the live chat could not hand over it hands over again, under the same id.
async fn agent_writes(desk: &Desk, live: &str, stop: &AtomicBool) -> u32 {
    let mut nth = 0;
    while !stop.load(Ordering::Relaxed) {
        nth += 1;
        let text = format!("agent {nth}");
        let (mut status, _) =
            desk.post("/api/chat/send", json!({ "conversationId": live, "message": text })).await;
        let messages = desk.messages(live).await;
        let id = &messages.iter().rfind(|one| one["message"] == text.as_str()).expect("it is kept")["id"];
        while status != 200 {
            // A receipt may have said meanwhile that it arrived; then there is nothing to send again.
            let messages = desk.messages(live).await;
            let message = messages.iter().find(|one| one["id"] == *id).expect("it is kept");
            if message["status"] != "not-delivered" {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
            (status, _) =
                desk.post("/api/chat/retry", json!({ "conversationId": live, "messageId": id })).await;
        }
    }
    nth
}

/// Kills at moments of all kinds: a while after the start, or while the bot is just being called.
async fn kills(house: &mut House, choice: &mut Choice) {
    for _ in 0..KILLS {
        let wait = Duration::from_micros(choice.below(120_000));
        if choice.below(2) == 0 {
            tokio::time::sleep(wait).await;
        } else {
            // Whether or not it is called, the kill comes.
            let _ = tokio::time::timeout(Duration::from_secs(5), house.bot.called()).await;
            tokio::time::sleep(wait / 40).await;
        }
        house.gateway.kill();
        house.gateway.start().await;
    }
}

/// Holds what the channel was shown against what was said; how many were repeated, and flagged as that.
fn check_shown(posts: &[Post], said: u32) -> (usize, usize) {
    let (mut last, mut repeated, mut flagged) = (0, 0, 0);
    for post in posts.iter().filter(|post| post.is("message")) {
        let Some(nth) = post.text().strip_prefix("**Contoso Support**: agent ") else { continue };
        let nth: u32 = nth.parse().expect("a number");
        flagged += usize::from(post.is_flagged());
        if nth == last {
            assert!(post.is_flagged(), "agent {nth} is shown twice, and nothing says so: {:?}", post.body);
            repeated += 1;
        } else {
            assert_eq!(nth, last + 1, "lost or out of order");
            last = nth;
        }
    }
    assert_eq!(last, said, "the last ones are lost");
    (repeated, flagged)
}

#[tokio::test]
async fn a_chat_survives_25_kills() {
    let mut choice = Choice::new();
    let mut house = House::open().await;
    let jane = house.customer("jane").on("directline");
    let live = house.escalates(&jane).await;
    // Calls of both sides take a moment, so that kills meet them under way.
    house.bot.thinks_for(Duration::from_millis(3));
    house.desk.switch(json!({ "fault": "slow", "delayMs": 3 })).await;

    let stop = AtomicBool::new(false);
    let desk = Arc::clone(&house.desk);
    let (customers, agents, ()) =
        tokio::join!(customer_writes(jane.clone(), &stop), agent_writes(&desk, &live, &stop), async {
            kills(&mut house, &mut choice).await;
            stop.store(true, Ordering::Relaxed);
        });
    desk.hears(&live, &format!("customer {customers}")).await;
    house.bot.shows("a:1jane", &format!("**Contoso Support**: agent {agents}")).await;

    let mut expected = vec!["My laptop is on fire".to_owned()];
    expected.extend((1..=customers).map(|nth| format!("customer {nth}")));
    assert_eq!(desk.heard(&live).await, expected, "at the vendor: each once, in order");
    let (repeated, flagged) = check_shown(&house.bot.about("a:1jane"), agents);
    println!(
        "{KILLS} kills; {customers} messages to the vendor; {agents} to the customer, \
         {repeated} of them shown again, {flagged} flagged"
    );

    // Every message of the agent has its receipt, and the end is told.
    eventually("receipts", || async {
        let messages = desk.messages(&live).await;
        let of_agent = |one: &&Value| one["kind"] == "agent" && one["status"] != "delivered";
        let left: Vec<_> = messages.iter().filter(of_agent).collect();
        if left.is_empty() { Ok(()) } else { Err(format!("{left:?}")) }
    })
    .await;
    assert_eq!(desk.conversations().await.len(), 1);
    desk.closes(&live).await;
    house.bot.ends("a:1jane", "sendMessage").await;
}

/// Kills at the beginnings and ends of handovers, where sessions are made and closed.
#[tokio::test]
async fn starts_and_ends_survive_kills() {
    let mut choice = Choice::new();
    let mut house = House::open().await;
    house.bot.thinks_for(Duration::from_millis(3));
    for round in 0..6 {
        let jane = house.customer(&format!("jane-{round}")).on("directline");
        let (event, first) = (jane.event("startConversation", json!({})), jane.message("hello"));
        until_taken(&jane, &event).await;
        tokio::time::sleep(Duration::from_micros(choice.below(30_000))).await;
        house.gateway.kill();
        house.gateway.start().await;
        let end = house.bot.ends(&jane.conversation, "startConversation").await;
        let live = end.body["value"]["LiveChatConversationId"].as_str().expect("an id").to_owned();
        until_taken(&jane, &first).await;
        house.desk.hears(&live, "hello").await;
        assert_eq!(house.desk.conversations().await.len(), round + 1, "one conversation for each start");

        house.desk.closes(&live).await;
        tokio::time::sleep(Duration::from_micros(choice.below(30_000))).await;
        house.gateway.kill();
        house.gateway.start().await;
        house.bot.ends(&jane.conversation, "sendMessage").await;
        check_once(&house.bot, &jane.conversation, "startConversation");
        check_once(&house.bot, &jane.conversation, "sendMessage");
    }
}

async fn until_taken(jane: &Customer, activity: &Value) {
    eventually("an acknowledgement", || async {
        match jane.try_post(activity).await {
            Ok(answer) if answer.status == 202 => Ok(()),
            other => Err(format!("{other:?}")),
        }
    })
    .await;
}

fn check_once(bot: &Bot, conversation: &str, action: &str) {
    let ends = bot.ends_of(conversation, action);
    let unflagged = ends.iter().filter(|post| !post.is_flagged()).count();
    assert!(unflagged <= 1, "{action} is ended twice, and nothing says so: {ends:?}");
}
