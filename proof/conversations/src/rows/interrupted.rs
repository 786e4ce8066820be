//! The gateway dies and comes back, or its connector is another one, in the middle of a chat.

use std::collections::BTreeSet;

use anyhow::ensure;

use crate::house::{AGENT, Chat, House};
use crate::patience::eventually;

/// What was acknowledged before the end of the process arrives after its next start: once, or marked as repeated.
pub async fn restart(house: &mut House) -> anyhow::Result<()> {
    let chat = house.chat().await?;
    chat.asks(1, 3).await?;
    for nth in 1..=3 {
        chat.answers_for_sure(nth).await?;
    }
    // Acknowledged, and not yet through.
    let (customer, live, desk) = (chat.customer.clone(), chat.live.clone(), chat.desk.clone());
    house.restart().await?;
    let chat = Chat { house, customer, live, desk };
    chat.asks(4, 5).await?;
    let once = house.vendor.knows_messages;
    eventually("questions 1 to 5 at the desk", || async {
        let heard = chat.heard();
        let mut unlike = heard.clone();
        unlike.dedup();
        let as_said = unlike == [1, 2, 3, 4, 5] && (!once || heard == unlike);
        if as_said { Ok(()) } else { Err(format!("{heard:?}")) }
    })
    .await?;
    for nth in 4..=5 {
        chat.answers_for_sure(nth).await?;
    }
    eventually("answers 1 to 5", || async {
        let shown = chat.shown();
        // One that was shown before the end, and again after it, is marked, and not among these.
        let all: BTreeSet<_> = shown.iter().copied().collect();
        let flagged =
            house.bot.shown(&chat.customer.conversation).iter().filter(|post| post.is_flagged()).count();
        let complete = all.len() + flagged >= 5 && shown.last() == Some(&5);
        if complete && shown.is_sorted() && all.len() == shown.len() {
            Ok(())
        } else {
            Err(format!("{shown:?}, {flagged} flagged"))
        }
    })
    .await?;
    house.desk().close(&chat.desk, Some(AGENT))?;
    chat.comes_back().await
}

/// Neither side notices.
pub async fn swap(house: &House) -> anyhow::Result<()> {
    let chat = house.chat().await?;
    chat.asks(1, 1).await?;
    chat.hears([1]).await?;
    chat.answers(1)?;
    chat.sees([1]).await?;
    let (swapped, asked) = tokio::join!(house.swap(), chat.asks(2, 4));
    swapped?;
    asked?;
    chat.hears(1..=4).await?;
    for nth in 2..=3 {
        chat.answers(nth)?;
    }
    chat.sees(1..=3).await?;
    chat.asks(5, 5).await?;
    chat.hears(1..=5).await?;
    ensure!(house.at_desk(&chat.customer).len() == 1, "the session is another one");
    chat.goodbye().await?;
    chat.ends_at_desk().await
}
