//! Files, both ways: what arrives is what was sent.

use agent_desk::Words;
use anyhow::{Context, ensure};
use serde_json::{Value, json};

use crate::house::{AGENT, FILE, House, Post};
use crate::patience::eventually;

/// What a file of the agent's holds.
pub const OF_AGENT: &[u8] = b"the agent's own words, in a file";

/// A file of the customer's is at the desk, with its bytes.
pub async fn to_agent(house: &House) -> anyhow::Result<()> {
    let chat = house.chat().await?;
    house.desk().accept(&chat.desk, Some(AGENT))?;
    let mut message = chat.customer.message("question 1");
    let url = house.bot.file_url("notes.txt");
    message["attachments"] = json!([{ "contentType": "text/plain", "contentUrl": url, "name": "notes.txt" }]);
    chat.customer.sends(&message).await?;
    chat.asks(2, 2).await?;
    chat.hears([1, 2]).await?;
    let url = eventually("the file at the desk", || async {
        let heard = chat.heard_all();
        heard.iter().find_map(address).ok_or_else(|| json!(heard).to_string())
    })
    .await?;
    let (status, bytes) = house.fetch(&url).await?;
    ensure!(status == 200 && bytes == FILE, "{url} answers {status} with {} bytes", bytes.len());
    Ok(())
}

/// A file of the agent's is at the customer's, with its bytes.
pub async fn to_customer(house: &House) -> anyhow::Result<()> {
    let chat = house.chat().await?;
    let file = house.simulator().keep_file("manual.txt", "text/plain", OF_AGENT)?;
    chat.says(Words { attachments: vec![file], ..Words::plain("answer 1") })?;
    chat.answers(2)?;
    chat.sees([1, 2]).await?;
    let posts = house.bot.shown(&chat.customer.conversation);
    let holds = |post: &Post| of_post(post).is_some();
    let post = house.bot.gets(&chat.customer.conversation, "a file", holds).await?;
    let url = of_post(&post).with_context(|| crate::house::summary(&posts))?;
    let (status, bytes) = house.fetch(&url).await?;
    ensure!(status == 200 && bytes == OF_AGENT, "{url} answers {status} with {} bytes", bytes.len());
    Ok(())
}

/// Where a message's file is: as an attachment, or as a link in its text.
pub fn address(message: &Value) -> Option<String> {
    let attached = message["attachments"][0]["url"].as_str().map(str::to_owned);
    attached.or_else(|| link(message["message"].as_str()?))
}

/// The same of a post to the customer.
pub fn of_post(post: &Post) -> Option<String> {
    let attached = post.body["attachments"][0]["contentUrl"].as_str().map(str::to_owned);
    attached.or_else(|| link(post.text()))
}

fn link(text: &str) -> Option<String> {
    let at = text.find("http://")?;
    let end = text[at..].find([')', ' ', '\n', '>', ']']).map_or(text.len(), |end| at + end);
    Some(text[at..end].to_owned())
}
