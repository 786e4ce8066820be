//! Many customers at once: a ledger of unique texts on both ends, and nothing is missing, doubled, out of order or in
//! another's conversation.

use std::sync::Arc;

use serde_json::json;
use tokio::task::JoinSet;

use crate::bot::Bot;
use crate::customer::Customer;
use crate::desk::Desk;
use crate::house::House;

async fn converse(jane: Customer, bot: Bot, desk: Arc<Desk>, messages: usize) -> (usize, usize) {
    jane.starts().await;
    let end = bot.ends(&jane.conversation, "startConversation").await;
    let live = end.body["value"]["LiveChatConversationId"].as_str().expect("an id").to_owned();
    let name = &jane.name;
    let theirs: Vec<_> = (1..=messages).map(|nth| format!("{name} writes {nth}")).collect();
    let ours: Vec<_> = (1..=messages).map(|nth| format!("answer {nth} for {name}")).collect();
    let customer = async {
        for text in &theirs {
            jane.says(text).await;
        }
    };
    let agent = async {
        for text in &ours {
            let (status, body) =
                desk.post("/api/chat/send", json!({ "conversationId": live, "message": text })).await;
            assert_eq!(status, 200, "{body}");
        }
    };
    tokio::join!(customer, agent);
    desk.hears(&live, theirs.last().expect("a last one")).await;
    bot.shows(&jane.conversation, &format!("**Contoso Support**: {}", ours.last().expect("a last one")))
        .await;

    // The ledger: all of this conversation, and nothing else.
    let heard = desk.heard(&live).await;
    assert_eq!(heard, theirs, "at the live chat");
    let shown: Vec<_> = bot
        .shown(&jane.conversation)
        .iter()
        .filter_map(|text| text.strip_prefix("**Contoso Support**: ").map(str::to_owned))
        .collect();
    assert_eq!(shown, ours, "at the channel");
    (heard.len(), shown.len())
}

async fn crowd(house: &House, customers: usize, messages: usize, channel: &str) {
    let (bot, desk) = (house.bot.clone(), Arc::clone(&house.desk));
    let mut conversations = JoinSet::new();
    for nth in 0..customers {
        let jane = house.customer(&format!("customer-{nth}")).on(channel);
        conversations.spawn(converse(jane, bot.clone(), Arc::clone(&desk), messages));
    }
    let mut totals = (0, 0);
    while let Some(done) = conversations.join_next().await {
        let (to_vendor, to_customer) = done.expect("a conversation");
        totals = (totals.0 + to_vendor, totals.1 + to_customer);
    }
    assert_eq!(totals, (customers * messages, customers * messages));
    assert_eq!(desk.conversations().await.len(), customers);
    println!(
        "{customers} customers on {channel}: {} messages to the vendor, {} to the customers",
        totals.0, totals.1
    );
}

#[tokio::test]
async fn fifty_customers_with_twenty_messages_each_way() {
    let house = House::open().await;
    crowd(&house, 50, 20, "directline").await;
}

#[tokio::test]
async fn a_few_on_teams_within_its_limits() {
    let house = House::open().await;
    crowd(&house, 5, 3, "msteams").await;
}
