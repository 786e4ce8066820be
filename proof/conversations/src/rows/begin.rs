//! The beginning: what the vendor is told, who waits where, who comes, and what if nobody does.

use anyhow::ensure;

use crate::house::{AGENT, House, Post, is_good};
use crate::patience::eventually;

/// Problem, transcript, inputs of the action and the customer's name are at the desk.
pub async fn start(house: &House) -> anyhow::Result<()> {
    let customer = house.customer();
    let (live, status) = house.begin(&customer).await?;
    ensure!(is_good(&status), "the start ended with {status:?}");
    let chat = house.goes_on(customer, live).await?;
    chat.asks(1, 1).await?;
    chat.hears([1]).await?;
    let detail = chat.detail()?;
    let told = detail.to_string();
    let problem = chat.customer.problem();
    for what in [problem.as_str(), &chat.customer.name, "How can I help you today?", "hello there", "4711-B"]
    {
        ensure!(told.contains(what), "the desk was not told {what:?}: {detail}");
    }
    // The topic's first message repeats the problem: where the vendor has it, it is said once.
    let heard = chat.heard_all();
    let said = heard.iter().filter(|one| one["message"] == problem.as_str()).count();
    ensure!(said <= 1, "the problem was said {said} times");
    ensure!(house.at_desk(&chat.customer).len() == 1, "several conversations at the desk");
    Ok(())
}

/// A place in the queue is told.
pub async fn queue(house: &House) -> anyhow::Result<()> {
    let chat = house.chat().await?;
    house.desk().queue(&chat.desk, 7)?;
    chat.is_shown("7").await.map(drop)
}

/// The customer is told who has come.
pub async fn join(house: &House) -> anyhow::Result<()> {
    let chat = house.chat().await?;
    house.desk().accept(&chat.desk, Some(AGENT))?;
    chat.is_shown(&format!("You are now chatting with {AGENT}")).await.map(drop)
}

/// The bot is told so, or has the customer back at once; and the next start is a new one.
pub async fn no_agents(house: &House) -> anyhow::Result<()> {
    house.desk().set_open(false);
    let customer = house.customer();
    let (live, status) = house.begin(&customer).await?;
    if is_good(&status) {
        // What ends a conversation that has begun gives the customer back.
        let mut first = customer.message(&customer.problem());
        first["value"] = serde_json::json!({ "LiveChatConversationId": live });
        customer.sends(&first).await?;
        let back = |post: &Post| post.ends("sendMessage");
        house.bot.gets(&customer.conversation, "the end of sendMessage", back).await?;
    } else {
        ensure!(status == "no-agents", "the bot was told {status:?}");
    }
    house.desk().set_open(true);
    // Whoever asked a moment ago may not ask again at once.
    let again = eventually("a start that comes to something", || async {
        house.chat().await.map_err(|error| error.to_string())
    })
    .await?;
    again.asks(1, 1).await?;
    again.hears([1]).await
}
