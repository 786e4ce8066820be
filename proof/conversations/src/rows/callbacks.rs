//! Trouble on the way from the vendor: told twice, told in another order, told again for want of an answer.

use std::collections::BTreeSet;

use agent_desk::Words;
use anyhow::ensure;

use crate::house::{AGENT, House};
use crate::patience::eventually;
use crate::vendors::Trouble;

/// Each thing that happened is shown once.
pub async fn duplicated(house: &House) -> anyhow::Result<()> {
    let chat = house.chat().await?;
    house.simulator().trouble(Trouble::Twice)?;
    for nth in 1..=3 {
        chat.answers(nth)?.await??;
    }
    chat.sees(1..=3).await?;
    chat.asks(1, 1).await?;
    chat.hears([1]).await?;
    house.desk().close(&chat.desk, Some(AGENT))?;
    chat.comes_back().await?;
    chat.sees(1..=3).await?;
    let closed = chat.texts().iter().filter(|text| text.contains("The chat was closed")).count();
    ensure!(closed == 1, "the end was told {closed} times");
    Ok(())
}

/// Nothing is lost, and nothing is shown twice.
pub async fn reordered(house: &House) -> anyhow::Result<()> {
    let chat = house.chat().await?;
    chat.answers_for_sure(1).await?;
    chat.sees([1]).await?;
    house.simulator().trouble(Trouble::Swapped)?;
    for nth in 2..=3 {
        chat.answers(nth)?;
    }
    let all = |shown: &[u32]| shown.len() == 3 && shown.iter().collect::<BTreeSet<_>>().len() == 3;
    eventually("answers 1, 2 and 3 in whatever order", || async {
        let shown = chat.shown();
        if all(&shown) { Ok(()) } else { Err(format!("{shown:?}")) }
    })
    .await?;
    chat.answers(4)?;
    eventually("answer 4 after them", || async {
        let shown = chat.shown();
        if shown.last() == Some(&4) { Ok(()) } else { Err(format!("{shown:?}")) }
    })
    .await?;
    house.were_met()?;
    ensure!(chat.shown().len() == 4, "shown: {:?}", chat.shown());
    Ok(())
}

/// What the vendor tells again, because it does not know that it was heard, is shown once.
pub async fn lost_answers(house: &House) -> anyhow::Result<()> {
    let chat = house.chat().await?;
    chat.answers_for_sure(1).await?;
    house.simulator().trouble(Trouble::Unanswered)?;
    let (second, report) = chat.says(Words::plain("answer 2"))?;
    if report.await?.is_err() {
        // The desk does not try by itself. Where a receipt has said meanwhile that it arrived there is nothing to do.
        if let Ok((_, report)) = house.desk().retry(&chat.desk, &second) {
            report.await??;
        }
    }
    house.were_met()?;
    chat.answers(3)?;
    chat.sees(1..=3).await
}
