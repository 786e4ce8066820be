//! Small signs: who types, and what has arrived.

use agent_desk::Words;
use serde_json::Value;

use crate::house::{AGENT, House, Post};
use crate::patience::eventually;

/// The desk shows that the customer types.
pub async fn typing_to_agent(house: &House) -> anyhow::Result<()> {
    let chat = house.chat().await?;
    house.desk().accept(&chat.desk, Some(AGENT))?;
    chat.asks(1, 1).await?;
    chat.hears([1]).await?;
    // Asked for until it shows: a typing sign that gets lost is not repeated by anybody else.
    eventually("the customer's typing at the desk", || async {
        let typing = chat.customer.sends(&chat.customer.activity("typing")).await;
        typing.map_err(|error| error.to_string())?;
        let detail = chat.detail().map_err(|error| error.to_string())?;
        if detail["customerTyping"] == true { Ok(()) } else { Err(detail["status"].to_string()) }
    })
    .await
}

/// The channel shows that the agent types.
pub async fn typing_to_customer(house: &House) -> anyhow::Result<()> {
    let chat = house.chat().await?;
    house.desk().accept(&chat.desk, Some(AGENT))?;
    chat.answers(1)?;
    chat.sees([1]).await?;
    house.desk().agent_types(&chat.desk, Some(AGENT), true)?;
    let typing = |post: &Post| post.is("typing");
    house.bot.gets(&chat.customer.conversation, "typing", typing).await.map(drop)
}

/// The desk shows that the customer has what the agent wrote.
pub async fn delivered(house: &House) -> anyhow::Result<()> {
    let chat = house.chat().await?;
    let (message, _) = chat.says(Words::plain("answer 1"))?;
    chat.sees([1]).await?;
    chat.reaches(&message, &["delivered", "read"]).await.map(drop)
}

/// What the channel refuses is told to the agent, and nothing else is lost.
pub async fn not_delivered(house: &House) -> anyhow::Result<()> {
    let chat = house.chat().await?;
    house.bot.refuse("answer 2");
    let (refused, _) = chat.says(Words::plain("answer 2"))?;
    chat.answers(3)?;
    chat.sees([3]).await?;
    eventually("word for the agent of what was refused", || async {
        let detail = chat.detail().map_err(|error| error.to_string())?;
        if tells_of(&detail, &refused) { Ok(()) } else { Err(detail["messages"].to_string()) }
    })
    .await
}

/// Whether the desk tells that an agent's message did not arrive.
pub fn tells_of(detail: &Value, refused: &str) -> bool {
    let messages = detail["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let receipt = messages.iter().any(|one| one["id"] == refused && one["status"] == "not-delivered");
    // Where there are no receipts, a notice says it.
    let notice = |one: &Value| {
        one["kind"] != "agent" && one["message"].as_str().is_some_and(|text| text.contains("did not get"))
    };
    receipt || messages.iter().any(notice)
}
