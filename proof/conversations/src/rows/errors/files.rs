//! Files that meet an error: no word is lost with them.
//!
//! A file of the customer's arrives with the words it came with, or the customer is told that it has not; what was said
//! after it arrives in any case. An address of an agent's file answers with an error where the vendor does not give the
//! file, never with a part of it as if that were all, and with the file as soon as the vendor gives it again.

use agent_desk::Words;
use anyhow::{Context, ensure};
use serde_json::json;

use super::message::{may_be_over, settled};
use super::{Wrong, met};
use crate::house::{AGENT, FILE, House};
use crate::patience::eventually;
use crate::rows::files::{OF_AGENT, address, of_post};

/// The customer's.
pub async fn to_agent(house: &House, wrong: &Wrong) -> anyhow::Result<()> {
    let chat = house.chat().await?;
    house.desk().accept(&chat.desk, Some(AGENT))?;
    chat.asks(1, 1).await?;
    chat.hears([1]).await?;
    house.set_faults([wrong.fault.clone()])?;
    let mut message = chat.customer.message("question 2");
    let url = house.bot.file_url("notes.txt");
    message["attachments"] = json!([{ "contentType": "text/plain", "contentUrl": url, "name": "notes.txt" }]);
    chat.customer.sends(&message).await?;
    chat.asks(3, 4).await?;
    let over = eventually("question 4 at the desk, or the end of it all", || async {
        if chat.is_over() {
            return Ok(true);
        }
        let heard = chat.heard();
        if heard.contains(&4) {
            Ok(false)
        } else {
            Err(format!("{heard:?}, {} called lost", chat.told_lost()))
        }
    })
    .await?;
    if over {
        return may_be_over(&chat, wrong);
    }
    let heard = settled(&chat, 4).await?;
    ensure!(heard.is_sorted(), "out of order: {heard:?}");
    ensure!(heard.contains(&1) && heard.contains(&3) && heard.contains(&4), "words are lost: {heard:?}");
    let times = heard.iter().filter(|nth| **nth == 2).count();
    let may_double = wrong.in_doubt && !house.vendor.knows_messages;
    ensure!(times < 2 || may_double, "twice at the desk: {heard:?}");
    let told = chat.told_lost();
    if times == 0 {
        ensure!(!wrong.passes, "what passes took the message with it");
        return Ok(());
    }
    ensure!(told == 0 || wrong.in_doubt, "{heard:?} arrived, and {told} were called lost");
    if told > 0 {
        return Ok(());
    }
    let heard = chat.heard_all();
    let url = heard.iter().find_map(address);
    let url = url.with_context(|| format!("the words came without the file: {heard:?}"))?;
    let (status, bytes) = house.fetch(&url).await?;
    ensure!(status == 200 && bytes == FILE, "{url} answers {status} with {} bytes", bytes.len());
    Ok(())
}

/// The agent's.
pub async fn to_customer(house: &House, wrong: &Wrong) -> anyhow::Result<()> {
    let chat = house.chat().await?;
    let file = house.simulator().keep_file("manual.txt", "text/plain", OF_AGENT)?;
    chat.says(Words { attachments: vec![file], ..Words::plain("answer 1") })?;
    chat.answers(2)?;
    chat.sees([1, 2]).await?;
    let post = house.bot.gets(&chat.customer.conversation, "a file", |post| of_post(post).is_some()).await?;
    let url = of_post(&post).context("there is no file")?;
    ensure!(
        url.starts_with(&house.gateway.url("/api/media/")),
        "it is not fetched through the gateway: {url}"
    );
    house.set_faults([wrong.fault.clone()])?;
    // Broken off is as good as refused.
    if let Ok((status, bytes)) = house.fetch(&url).await {
        ensure!(status >= 400, "it was answered with {status} and {} bytes", bytes.len());
    }
    met(house).await?;
    let (status, bytes) = house.fetch(&url).await?;
    ensure!(status == 200 && bytes == OF_AGENT, "then {url} answers {status} with {} bytes", bytes.len());
    chat.asks(1, 1).await?;
    chat.hears([1]).await?;
    chat.answers(3)?;
    chat.sees([1, 2, 3]).await
}
