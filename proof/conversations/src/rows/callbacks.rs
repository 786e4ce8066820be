//! Trouble on the way from the vendor: told twice, told in another order, told again for want of an answer.

use std::collections::BTreeSet;

use agent_desk::Words;
use anyhow::ensure;

use crate::house::{AGENT, House};
use crate::patience::eventually;
use crate::vendors::Trouble;

/// So many answers at most are given until two of them have changed places.
const MOST_TRIES: u32 = 13;

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
    // What is to be shown once must have been told twice.
    for nth in 1..=3 {
        eventually(format!("answer {nth} told twice"), || async {
            let told = house.simulator().told();
            let of_it: Vec<&String> = told.iter().filter(|one| is_of(one, nth)).collect();
            let repeated = of_it.iter().any(|one| of_it.iter().filter(|other| other == &one).count() > 1);
            if repeated { Ok(()) } else { Err(format!("told {} times", of_it.len())) }
        })
        .await?;
    }
    chat.sees(1..=3).await?;
    let closed = chat.texts().iter().filter(|text| text.contains("The chat was closed")).count();
    ensure!(closed == 1, "the end was told {closed} times");
    Ok(())
}

/// Nothing is lost, and nothing is shown twice. It goes on until two answers were told in another order: something else
/// may have changed places, such as a receipt.
pub async fn reordered(house: &House) -> anyhow::Result<()> {
    let chat = house.chat().await?;
    chat.answers_for_sure(1).await?;
    chat.sees([1]).await?;
    let mut last = 1;
    loop {
        house.simulator().trouble(Trouble::Swapped)?;
        for nth in last + 1..=last + 2 {
            chat.answers(nth)?;
        }
        last += 2;
        let all: BTreeSet<u32> = (1..=last).collect();
        eventually(format!("answers 1 to {last} in whatever order"), || async {
            let shown = chat.shown();
            let is_there = shown.len() == all.len() && shown.iter().copied().collect::<BTreeSet<_>>() == all;
            if is_there { Ok(()) } else { Err(format!("{shown:?}")) }
        })
        .await?;
        house.were_met()?;
        let told = house.simulator().told();
        let place = |nth| told.iter().position(|one| is_of(one, nth));
        if place(last).is_some() && place(last) < place(last - 1) {
            break;
        }
        ensure!(last < MOST_TRIES, "no answer was ever told before the one that was given before it");
    }
    chat.answers(last + 1)?;
    eventually("another answer after them", || async {
        let shown = chat.shown();
        if shown.last() == Some(&(last + 1)) { Ok(()) } else { Err(format!("{shown:?}")) }
    })
    .await?;
    ensure!(chat.shown().len() == last as usize + 1, "shown: {:?}", chat.shown());
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

/// Whether what was told has this answer in it.
fn is_of(told: &str, nth: u32) -> bool {
    let answer = format!("answer {nth}");
    told.split(&answer).skip(1).any(|rest| !rest.starts_with(|char: char| char.is_ascii_digit()))
}
