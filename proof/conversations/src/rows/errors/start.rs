//! A start that meets an error.

use anyhow::ensure;

use super::Wrong;
use crate::house::{Chat, Customer, House, is_good};

/// Somebody new: the bot is told honestly what came of the start, and the next one works.
pub async fn anew(house: &House, wrong: &Wrong) -> anyhow::Result<()> {
    start(house, house.customer(), 0, wrong).await
}

/// Somebody whom the vendor knows: the same, and what was said before is not said again.
pub async fn again(house: &House, wrong: &Wrong) -> anyhow::Result<()> {
    let chat = house.chat().await?;
    works(&chat, 0).await?;
    chat.goodbye().await?;
    chat.ends_at_desk().await?;
    start(house, chat.customer, 1, wrong).await
}

/// `before` is how many chats this customer had.
async fn start(house: &House, customer: Customer, before: u32, wrong: &Wrong) -> anyhow::Result<()> {
    house.set_faults([wrong.fault.clone()])?;
    let (live, status) = house.begin(&customer).await?;
    if is_good(&status) {
        let chat = house.goes_on(customer, live).await?;
        works(&chat, before).await?;
        let at_desk = house.at_desk(&chat.customer);
        let there = at_desk.iter().filter(|one| one["status"] != "ended").count();
        let doubled = there > 1 && (house.vendor.knows_starts || !wrong.in_doubt);
        ensure!(!doubled, "{there} conversations at the desk");
        chat.goodbye().await?;
        return chat.ends_at_desk().await;
    }
    ensure!(matches!(status.as_str(), "failed" | "no-agents"), "the bot was told {status:?}");
    house.set_faults([])?;
    // What the vendor may have made all the same is ended, unless nobody can know of it.
    if !wrong.in_doubt {
        let left: Vec<_> =
            house.at_desk(&customer).into_iter().filter(|one| one["status"] != "ended").collect();
        ensure!(
            left.is_empty() || wrong.passes,
            "a start that failed has left {} open at the desk",
            left.len()
        );
    }
    let (live, status) = house.begin(&customer).await?;
    ensure!(is_good(&status), "the next start ended with {status:?}");
    works(&house.goes_on(customer, live).await?, before).await
}

/// Words go both ways, in the chat after so many others.
async fn works(chat: &Chat<'_>, before: u32) -> anyhow::Result<()> {
    let first = before * 2 + 1;
    chat.asks(first, first + 1).await?;
    chat.hears(1..=first + 1).await?;
    chat.answers(before + 1)?;
    chat.sees(1..=before + 1).await
}
