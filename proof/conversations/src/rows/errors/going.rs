//! What goes on beside the words, and how it ends, where that meets an error.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use super::{Wrong, met};
use crate::house::{AGENT, Chat, House};
use crate::patience::eventually;

/// Longest that a token may take until it is old enough to be renewed.
const OLD: Duration = Duration::from_secs(45);

/// The gateway looks for what the vendor does not tell.
pub async fn look(house: &House, wrong: &Wrong) -> anyhow::Result<()> {
    // Before it begins: a stream is opened once.
    house.set_faults([wrong.fault.clone()])?;
    let chat = house.chat().await?;
    met(house).await?;
    if !wrong.passes && eventually_over(&chat).await {
        // The vendor has said that there is no such conversation any more, or not for this visitor.
        return chat.comes_back().await;
    }
    house.desk().accept(&chat.desk, Some(AGENT))?;
    for nth in 1..=2 {
        chat.answers(nth)?;
    }
    chat.sees([1, 2]).await?;
    chat.asks(1, 1).await?;
    chat.hears([1]).await?;
    house.desk().close(&chat.desk, Some(AGENT))?;
    chat.comes_back().await
}

/// Whether it comes to an end, within the time that something which is gone may take to be believed.
async fn eventually_over(chat: &Chat<'_>) -> bool {
    for _ in 0..200 {
        if chat.is_over() {
            return true;
        }
        tokio::time::sleep(std::time::Duration::from_millis(15)).await;
    }
    false
}

/// A token is renewed before it ends: what is said meanwhile arrives, and the renewal is tried again.
pub async fn renewal(house: &House, wrong: &Wrong) -> anyhow::Result<()> {
    let chat = house.chat().await?;
    house.set_faults([wrong.fault.clone()])?;
    let begun = Instant::now();
    let mut last = 0;
    // It is renewed where it is needed.
    while !is_renewed(house, &wrong.fault.operation) {
        ensure!(begun.elapsed() < OLD, "it was never renewed; {last} questions were asked");
        last += 1;
        chat.asks(last, last).await?;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    chat.asks(last + 1, last + 2).await?;
    chat.hears(1..=last + 2).await?;
    chat.answers(1)?;
    chat.sees([1]).await?;
    ensure!(chat.told_lost() == 0 && !chat.is_over(), "the customer was shown {:?}", chat.texts());
    Ok(())
}

/// Whether the fault has met its request, and another one after it went well.
fn is_renewed(house: &House, request: &str) -> bool {
    let requests = house.desk().wire().requests();
    let after = requests.iter().filter(|one| one.operation == request).skip_while(|one| one.fault.is_none());
    house.were_met().is_ok() && after.skip(1).any(|one| one.status == Some(200) && one.fault.is_none())
}

/// The customer goes.
pub async fn end(house: &House, wrong: &Wrong) -> anyhow::Result<()> {
    let chat = house.chat().await?;
    chat.asks(1, 1).await?;
    chat.hears([1]).await?;
    let before = letters_about_ends(house).await?;
    house.set_faults([wrong.fault.clone()])?;
    chat.goodbye().await?;
    met(house).await?;
    if is_believed(house) {
        return Ok(());
    }
    // Only what has an effect can be there already.
    if wrong.passes || (wrong.in_doubt && wrong.name != "409") {
        return chat.ends_at_desk().await.context("after the goodbye");
    }
    // What is refused for good is left to the operator.
    eventually("the end at the desk, or a dead letter", || async {
        let open = house.at_desk(&chat.customer).iter().any(|one| one["status"] != "ended");
        let letters = letters_about_ends(house).await.map_err(|error| error.to_string())?;
        if !open || letters > before { Ok(()) } else { Err(format!("open, and {letters} dead letters")) }
    })
    .await
}

/// Whether the vendor was asked for the conversation and said that it is gone: nobody can know better.
fn is_believed(house: &House) -> bool {
    let requests = house.desk().wire().requests();
    let failed = requests.iter().rev().find(|one| one.fault.is_some());
    failed.is_some_and(|one| {
        one.operation == "conversation"
            && one.status.is_some_and(|it| house.simulator().says_gone().contains(&it))
    })
}

async fn letters_about_ends(house: &House) -> anyhow::Result<usize> {
    let letters = house.dead_letters().await?;
    Ok(letters.as_array().into_iter().flatten().filter(|letter| letter["kind"] == "end").count())
}
