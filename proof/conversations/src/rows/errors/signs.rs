//! Small signs that meet an error: they may get lost, and nothing else does.

use agent_desk::Words;
use anyhow::ensure;

use super::{Wrong, met};
use crate::house::{AGENT, House};
use crate::patience::eventually;
use crate::rows::signs::tells_of;

/// The customer types.
pub async fn typing(house: &House, wrong: &Wrong) -> anyhow::Result<()> {
    let chat = house.chat().await?;
    chat.asks(1, 1).await?;
    chat.hears([1]).await?;
    house.desk().accept(&chat.desk, Some(AGENT))?;
    house.set_faults([wrong.fault.clone()])?;
    chat.customer.sends(&chat.customer.activity("typing")).await?;
    chat.asks(2, 2).await?;
    chat.hears([1, 2]).await?;
    chat.answers(1)?;
    chat.sees([1]).await?;
    met(house).await?;
    ensure!(!chat.is_over(), "a lost sign has ended the chat");
    Ok(())
}

/// The agent learns that the customer has the message.
pub async fn receipt(house: &House, wrong: &Wrong) -> anyhow::Result<()> {
    let chat = house.chat().await?;
    house.set_faults([wrong.fault.clone()])?;
    let (first, _) = chat.says(Words::plain("answer 1"))?;
    chat.sees([1]).await?;
    met(house).await?;
    let (second, _) = chat.says(Words::plain("answer 2"))?;
    chat.sees([1, 2]).await?;
    if wrong.passes {
        chat.reaches(&first, &["delivered", "read"]).await?;
    }
    if !chat.is_over() {
        chat.reaches(&second, &["delivered", "read"]).await?;
        chat.asks(1, 1).await?;
        chat.hears([1]).await?;
    }
    Ok(())
}

/// The agent learns that the customer does not have the message. What passes keeps that from nobody.
pub async fn notice(house: &House, wrong: &Wrong) -> anyhow::Result<()> {
    let chat = house.chat().await?;
    house.bot.refuse("answer 2");
    house.set_faults([wrong.fault.clone()])?;
    let (refused, _) = chat.says(Words::plain("answer 2"))?;
    met(house).await?;
    chat.answers(3)?;
    chat.sees([3]).await?;
    chat.asks(1, 1).await?;
    if !wrong.passes && !wrong.in_doubt && chat.is_over() {
        return Ok(());
    }
    chat.hears([1]).await?;
    ensure!(!chat.is_over(), "a lost notice has ended the chat");
    if wrong.passes {
        eventually("word for the agent of what was refused", || async {
            let detail = chat.detail().map_err(|error| error.to_string())?;
            if tells_of(&detail, &refused) { Ok(()) } else { Err(detail["messages"].to_string()) }
        })
        .await?;
    }
    Ok(())
}
