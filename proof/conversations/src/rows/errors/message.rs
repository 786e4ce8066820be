//! A message that meets an error, and a vendor that is down for long.

use std::collections::BTreeSet;

use agent_desk::{Fault, Kind};
use anyhow::{Context, bail, ensure};

use super::Wrong;
use crate::Row;
use crate::house::{AGENT, Chat, House};
use crate::patience::eventually;
use crate::vendors::Step;

/// A message arrives once and in its place, or the customer is told.
pub async fn sent(house: &House, wrong: &Wrong) -> anyhow::Result<()> {
    let chat = house.chat().await?;
    chat.asks(1, 1).await?;
    chat.hears([1]).await?;
    house.set_faults([wrong.fault.clone()])?;
    chat.asks(2, 4).await?;
    let heard = settled(&chat, 4).await?;
    let mut once = heard.clone();
    once.dedup();
    ensure!(once.is_sorted(), "out of order: {heard:?}");
    let distinct: BTreeSet<_> = once.iter().collect();
    let may_double = wrong.in_doubt && !house.vendor.knows_messages;
    ensure!(heard.len() == distinct.len() || may_double, "twice at the desk: {heard:?}");
    let told = chat.told_lost();
    ensure!(told <= 4 - distinct.len() || wrong.in_doubt, "{heard:?} arrived, and {told} were called lost");
    chat.asks(5, 5).await?;
    // A vendor that says that the conversation is gone has ended it.
    let over = eventually("question 5, or the end of it all", || async {
        let heard = chat.heard();
        match (heard.last(), chat.is_over()) {
            (Some(5), _) => Ok(false),
            (_, true) => Ok(true),
            _ => Err(format!("{heard:?}; the customer was shown {:?}", chat.texts())),
        }
    })
    .await?;
    if over {
        return may_be_over(&chat, wrong);
    }
    chat.answers(1)?;
    chat.sees([1]).await
}

/// A message is taken and its answer gets lost; then the question whether it was taken fails as well. It is not sent
/// again before there is an answer, so it arrives once, and nobody is told otherwise.
pub async fn in_doubt(house: &House, wrong: &Wrong) -> anyhow::Result<()> {
    let chat = house.chat().await?;
    if (house.vendor.cannot)(Row::Join).is_none() {
        // Whoever looks for news does so less often once an agent is known to be there.
        house.desk().accept(&chat.desk, Some(AGENT))?;
        chat.is_shown(AGENT).await?;
    }
    chat.asks(1, 1).await?;
    chat.hears([1]).await?;
    let sends = (house.vendor.requests)(Step::Message).first().context("messages are no requests")?;
    house.set_faults([Fault::new(*sends, Kind::Reset).after().times(1), wrong.fault.clone()])?;
    chat.asks(2, 4).await?;
    chat.hears(1..=4).await?;
    let told = chat.told_lost();
    ensure!(told == 0, "{told} were called lost: {:?}", chat.texts());
    ensure!(!chat.is_over(), "it has ended: {:?}", chat.texts());
    chat.answers(1)?;
    chat.sees([1]).await
}

/// A vendor that says that the conversation is gone has ended it, and so has one for which the session's own token is no
/// longer good.
pub fn may_be_over(chat: &Chat<'_>, wrong: &Wrong) -> anyhow::Result<()> {
    ensure!(!wrong.passes && !wrong.in_doubt, "it has ended: {:?}", chat.texts());
    Ok(())
}

/// Waits until each question up to this one is at the desk, or was called lost.
pub async fn settled(chat: &Chat<'_>, last: u32) -> anyhow::Result<Vec<u32>> {
    eventually(format!("questions 1 to {last} at the desk, or word that they are lost"), || async {
        let heard = chat.heard();
        let arrived = heard.iter().collect::<BTreeSet<_>>().len();
        let told = chat.told_lost();
        if arrived + told >= usize::try_from(last).unwrap_or_default() {
            return Ok(heard);
        }
        Err(format!("{heard:?} arrived, {told} called lost; the customer was shown {:?}", chat.texts()))
    })
    .await
}

/// What the vendor does not take while it is fresh is called lost; what comes after the outage arrives.
pub async fn outage(house: &House) -> anyhow::Result<()> {
    let chat = house.chat().await?;
    chat.asks(1, 1).await?;
    chat.hears([1]).await?;
    let Some(request) = (house.vendor.requests)(Step::Message).first() else {
        bail!("messages are no requests")
    };
    house.set_faults([Fault::status(*request, 503)])?;
    chat.asks(2, 3).await?;
    chat.is_shown("did not get through").await?;
    eventually("word of both", || async {
        let told = chat.told_lost();
        if told == 2 { Ok(()) } else { Err(format!("{told} were called lost: {:?}", chat.texts())) }
    })
    .await?;
    house.set_faults([])?;
    // The breaker lets the first one through when it tries again; until then messages get old.
    let mut last = 3;
    eventually("a question after the outage", || {
        last += 1;
        let nth = last;
        let chat = &chat;
        async move {
            chat.asks(nth, nth).await.map_err(|error| error.to_string())?;
            let arrives = async {
                for _ in 0..400 {
                    if chat.heard().last() == Some(&nth) {
                        return true;
                    }
                    tokio::time::sleep(std::time::Duration::from_millis(15)).await;
                }
                false
            };
            if arrives.await { Ok(()) } else { Err(format!("{:?}", chat.heard())) }
        }
    })
    .await?;
    chat.answers(1)?;
    chat.sees([1]).await
}
