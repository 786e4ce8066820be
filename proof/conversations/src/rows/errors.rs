//! Vendors that fail: every request of every step meets every fault once, and what was promised holds all the same.
//!
//! A message arrives once and in its place, or the customer is told; a start ends in an honest status, and the next one
//! works; an end ends it; signs that get lost take nothing with them.

use std::collections::BTreeSet;

use agent_desk::{Fault, Kind, Words};
use anyhow::{Context, bail, ensure};

use crate::house::{AGENT, Chat, House, is_good};
use crate::patience::eventually;
use crate::vendors::Step;

/// One thing that goes wrong, once.
struct Wrong {
    name: &'static str,
    fault: Fault,
    /// It may go well the next time.
    passes: bool,
    /// Whoever made the request cannot know whether it had its effect.
    in_doubt: bool,
}

/// All that goes wrong with a request.
fn wrongs(request: &str, step: Step) -> Vec<Wrong> {
    let status = |status| Fault::status(request, status).times(1);
    let kind = |kind| Fault::new(request, kind).times(1);
    let wrong = |name, fault, passes, in_doubt| Wrong { name, fault, passes, in_doubt };
    // Who says that it is gone tells the truth when it comes to an end.
    let gone = if step == Step::End { status(404).after() } else { status(404) };
    vec![
        wrong("400", status(400), false, false),
        wrong("401", status(401), false, false),
        wrong("403", status(403), false, false),
        wrong("404", gone, false, false),
        // There already: with its effect.
        wrong("409", status(409).after(), false, true),
        wrong("429", Fault { retry_after: Some(1), ..status(429) }, true, false),
        wrong("500", status(500), true, true),
        wrong("503", status(503), true, false),
        wrong("500 after its effect", status(500).after(), true, true),
        wrong("reset", kind(Kind::Reset), true, true),
        wrong("reset after its effect", kind(Kind::Reset).after(), true, true),
        wrong("timeout", kind(Kind::Hold), true, true),
        wrong("timeout after its effect", kind(Kind::Hold).after(), true, true),
    ]
}

/// Each fault once, each in a chat of its own; all that did not hold.
pub async fn at(house: &mut House, step: Step, request: &str) -> anyhow::Result<()> {
    let mut failed = Vec::new();
    for wrong in wrongs(request, step) {
        if step == Step::SignIn {
            // A new gateway knows no token.
            house.restart().await?;
        }
        let played = match step {
            Step::SignIn | Step::Start => start(house, &wrong).await,
            Step::Message => message(house, &wrong).await,
            Step::Typing => typing(house, &wrong).await,
            Step::Receipt => receipt(house, &wrong).await,
            Step::Look => look(house, &wrong).await,
            Step::End => end(house, &wrong).await,
        };
        let played = played.and_then(|()| house.were_met());
        house.set_faults([])?;
        if let Err(error) = played {
            failed.push(format!("{request}, {}: {error:#}", wrong.name));
        }
    }
    ensure!(failed.is_empty(), "{}", failed.join("\n"));
    Ok(())
}

async fn start(house: &House, wrong: &Wrong) -> anyhow::Result<()> {
    let customer = house.customer();
    house.set_faults([wrong.fault.clone()])?;
    let (live, status) = house.begin(&customer).await?;
    if is_good(&status) {
        let chat = house.goes_on(customer, live).await?;
        works(&chat).await?;
        let there = house.at_desk(&chat.customer).len();
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
    works(&house.goes_on(customer, live).await?).await
}

async fn works(chat: &Chat<'_>) -> anyhow::Result<()> {
    chat.asks(1, 2).await?;
    chat.hears([1, 2]).await?;
    chat.answers(1)?;
    chat.sees([1]).await
}

async fn message(house: &House, wrong: &Wrong) -> anyhow::Result<()> {
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
        // So does one for which the session's own token is no longer good.
        ensure!(!wrong.passes && !wrong.in_doubt, "it has ended: {:?}", chat.texts());
        return Ok(());
    }
    chat.answers(1)?;
    chat.sees([1]).await
}

/// Waits until each question up to this one is at the desk, or was called lost.
async fn settled(chat: &Chat<'_>, last: u32) -> anyhow::Result<Vec<u32>> {
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

async fn typing(house: &House, wrong: &Wrong) -> anyhow::Result<()> {
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

async fn receipt(house: &House, wrong: &Wrong) -> anyhow::Result<()> {
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

async fn look(house: &House, wrong: &Wrong) -> anyhow::Result<()> {
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

/// Waits until the fault has met its request.
async fn met(house: &House) -> anyhow::Result<()> {
    eventually("the request that is to fail", || async {
        house.were_met().map_err(|error| error.to_string())
    })
    .await
}

async fn end(house: &House, wrong: &Wrong) -> anyhow::Result<()> {
    let chat = house.chat().await?;
    chat.asks(1, 1).await?;
    chat.hears([1]).await?;
    let before = letters_about_ends(house).await?;
    house.set_faults([wrong.fault.clone()])?;
    chat.goodbye().await?;
    met(house).await?;
    if wrong.passes || wrong.in_doubt {
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

async fn letters_about_ends(house: &House) -> anyhow::Result<usize> {
    let letters = house.dead_letters().await?;
    Ok(letters.as_array().into_iter().flatten().filter(|letter| letter["kind"] == "end").count())
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
