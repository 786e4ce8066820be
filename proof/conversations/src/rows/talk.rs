//! Messages both ways, and none of them back to who wrote it.

use anyhow::ensure;

use crate::house::House;

/// Each once, in order.
pub async fn both_ways(house: &House) -> anyhow::Result<()> {
    let chat = house.chat().await?;
    chat.asks(1, 3).await?;
    chat.hears(1..=3).await?;
    for nth in 1..=3 {
        chat.answers(nth)?;
    }
    chat.sees(1..=3).await?;
    // Now at the same time.
    let asking = chat.asks(4, 8);
    for nth in 4..=8 {
        chat.answers(nth)?;
    }
    asking.await?;
    chat.hears(1..=8).await?;
    chat.sees(1..=8).await
}

/// What each wrote went to the other side only, also where the vendor tells all of it to everybody.
pub async fn echo(house: &House) -> anyhow::Result<()> {
    let chat = house.chat().await?;
    for nth in 1..=3 {
        chat.asks(nth, nth).await?;
        chat.hears(1..=nth).await?;
        chat.answers(nth)?;
        // What the vendor tells of a question comes before what it tells of the answer.
        chat.sees(1..=nth).await?;
    }
    chat.no_echo()?;
    // Where the vendor tells it, that it was told must not go unseen here.
    let told = house.simulator().told();
    let echoed =
        (1..=3).filter(|nth| told.iter().any(|one| one.contains(&format!("question {nth}")))).count();
    let expected = house.simulator().echoes();
    ensure!((echoed > 0) == expected, "{echoed} questions came back; that some do was expected: {expected}");
    chat.goodbye().await?;
    chat.ends_at_desk().await?;
    chat.no_echo()
}
