//! Who goes, to whom, and how it ends.

use agent_desk::Recipient;
use anyhow::ensure;

use crate::house::{AGENT, House};

const OTHER: &str = "Ben Idris";

/// The customer is told that the agent has left, and goes on with the next one.
pub async fn leave(house: &House) -> anyhow::Result<()> {
    let chat = house.chat().await?;
    chat.answers(1)?;
    chat.sees([1]).await?;
    house.desk().leave(&chat.desk)?;
    chat.is_shown("has left the chat").await?;
    chat.asks(1, 1).await?;
    chat.hears([1]).await?;
    chat.answers(2)?;
    chat.sees([1, 2]).await?;
    ensure!(!chat.is_over(), "the bot has the customer back");
    Ok(())
}

/// The customer learns the new agent's name, and goes on with them.
pub async fn transfer(house: &House) -> anyhow::Result<()> {
    let chat = house.chat().await?;
    house.desk().accept(&chat.desk, Some(AGENT))?;
    chat.is_shown(AGENT).await?;
    house.desk().transfer(&chat.desk, Some(AGENT), Recipient::Agent(OTHER.to_owned()))?;
    chat.is_shown(OTHER).await?;
    chat.asks(1, 1).await?;
    chat.hears([1]).await?;
    chat.answers(1)?;
    chat.sees([1]).await?;
    ensure!(!chat.is_over(), "the bot has the customer back");
    Ok(())
}

/// All is shown that the agent said, then the bot has the customer back, once, and nothing comes after it.
pub async fn end_by_agent(house: &House) -> anyhow::Result<()> {
    let chat = house.chat().await?;
    chat.asks(1, 1).await?;
    chat.hears([1]).await?;
    chat.answers(1)?;
    chat.answers(2)?;
    chat.sees([1, 2]).await?;
    house.desk().close(&chat.desk, Some(AGENT))?;
    chat.comes_back().await?;
    chat.is_shown("The chat was closed").await?;
    chat.ends_at_desk().await?;
    // What comes too late goes nowhere, and the customer is told.
    chat.asks(9, 9).await?;
    chat.is_shown("did not get through").await?;
    chat.hears([1]).await?;
    // The next handover of the same customer is a new one.
    let (live, status) = house.begin(&chat.customer).await?;
    ensure!(crate::house::is_good(&status), "the next start: {status:?}");
    // The vendor may go on with the conversation that it has.
    let again = house.goes_on(chat.customer.clone(), live).await?;
    again.asks(2, 2).await?;
    again.hears([1, 2]).await
}

/// The desk is told, the bot is answered, and nothing more is shown.
pub async fn end_by_customer(house: &House) -> anyhow::Result<()> {
    let chat = house.chat().await?;
    chat.answers(1)?;
    chat.sees([1]).await?;
    chat.asks(1, 2).await?;
    chat.goodbye().await?;
    chat.ends_at_desk().await?;
    // Everything that was said before the goodbye came before it.
    chat.hears([1, 2]).await?;
    // The topic of goodbye has cancelled the parked action: its end would be one too many.
    ensure!(!chat.is_over(), "control came back twice");
    Ok(())
}
