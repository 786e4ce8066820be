//! One chat between a customer and live agents: what each says, and what each has seen of the other.

use agent_desk::{Report, Words};
use anyhow::{Context, bail, ensure};
use serde_json::Value;

use super::{Customer, House, Post, summary};
use crate::patience::{cut, eventually};

/// The agent at work.
pub const AGENT: &str = "Amber Okafor";

/// What the customer says begins so; nothing else at the desk does.
const QUESTION: &str = "question ";

/// The same for agents.
const ANSWER: &str = "answer ";

/// A chat that has begun.
pub struct Chat<'a> {
    /// Where.
    pub house: &'a House,
    /// Who.
    pub customer: Customer,
    /// What the bot calls it.
    pub live: String,
    /// What the desk calls it.
    pub desk: String,
}

impl Chat<'_> {
    /// The customer asks so many questions, from this one on, one after the other.
    ///
    /// # Errors
    /// The gateway does not take one.
    pub async fn asks(&self, from: u32, to: u32) -> anyhow::Result<()> {
        for nth in from..=to {
            self.customer.says(&format!("{QUESTION}{nth}")).await?;
        }
        Ok(())
    }

    /// The agent answers.
    ///
    /// # Errors
    /// The desk does not let them.
    pub fn answers(&self, nth: u32) -> anyhow::Result<Report> {
        Ok(self.says(Words::plain(format!("{ANSWER}{nth}")))?.1)
    }

    /// The agent says something; the message's id, and what becomes of it.
    ///
    /// # Errors
    /// The desk does not let them.
    pub fn says(&self, words: Words) -> anyhow::Result<(String, Report)> {
        let (message, report) = self.house.desk().say(&self.desk, Some(AGENT), words)?;
        Ok((message.id, report))
    }

    /// The same, until the gateway has it.
    ///
    /// # Errors
    /// It does not take it.
    pub async fn answers_for_sure(&self, nth: u32) -> anyhow::Result<()> {
        self.answers(nth)?.await?.with_context(|| format!("{ANSWER}{nth} was not taken"))
    }

    /// The conversation at the desk.
    ///
    /// # Errors
    /// It is gone.
    pub fn detail(&self) -> anyhow::Result<Value> {
        self.house
            .desk()
            .look(&self.desk, |conversation| conversation.detail())
            .context("it is gone from the desk")
    }

    /// All that the customer said, as the desk has it, the problem and the like included.
    pub fn heard_all(&self) -> Vec<Value> {
        let conversations = self.house.at_desk(&self.customer);
        let messages =
            conversations.iter().flat_map(|one| one["messages"].as_array().cloned().unwrap_or_default());
        messages.filter(|message| message["kind"] == "customer").collect()
    }

    /// The questions that the agents have heard, in order.
    pub fn heard(&self) -> Vec<u32> {
        let all = self.heard_all();
        all.iter().filter_map(|message| number(message["message"].as_str()?, QUESTION)).collect()
    }

    /// Waits until the agents have heard these, and nothing else.
    ///
    /// # Errors
    /// They never did.
    pub async fn hears(&self, expected: impl IntoIterator<Item = u32>) -> anyhow::Result<()> {
        let expected: Vec<u32> = expected.into_iter().collect();
        eventually(format!("questions {expected:?} at the desk"), || async {
            let heard = self.heard();
            if heard == expected {
                Ok(())
            } else {
                Err(format!("{heard:?}; the customer was shown {:?}", self.texts()))
            }
        })
        .await
    }

    /// The answers that the customer was shown, in order, those that were marked as repeated left out.
    pub fn shown(&self) -> Vec<u32> {
        let posts = self.house.bot.shown(&self.customer.conversation);
        let fresh = posts.iter().filter(|post| !post.is_flagged());
        fresh.filter_map(|post| number(post.text(), ANSWER)).collect()
    }

    /// Waits until the customer was shown these answers, and no others.
    ///
    /// # Errors
    /// They never were.
    pub async fn sees(&self, expected: impl IntoIterator<Item = u32>) -> anyhow::Result<()> {
        let expected: Vec<u32> = expected.into_iter().collect();
        eventually(format!("answers {expected:?} at the customer's side"), || async {
            let shown = self.shown();
            if shown == expected { Ok(()) } else { Err(format!("{shown:?} of {:?}", self.texts())) }
        })
        .await
    }

    /// All texts that the customer was shown.
    pub fn texts(&self) -> Vec<String> {
        let posts = self.house.bot.shown(&self.customer.conversation);
        posts.iter().map(|post| cut(post.text())).collect()
    }

    /// Waits for words to the customer that this is part of.
    ///
    /// # Errors
    /// There were none.
    pub async fn is_shown(&self, words: &str) -> anyhow::Result<Post> {
        let holds = |post: &Post| post.is("message") && post.text().contains(words);
        self.house.bot.gets(&self.customer.conversation, &format!("{words:?}"), holds).await
    }

    /// How many of the customer's messages the gateway says have not, or may not have, got through.
    pub fn told_lost(&self) -> usize {
        let lost = |text: &String| {
            if text.contains("did not get through") || text.contains("Your last message may not") {
                return 1;
            }
            let count = text.split("Your last ").nth(1).and_then(|rest| rest.split(' ').next());
            count.and_then(|count| count.parse().ok()).unwrap_or(0)
        };
        self.texts().iter().map(lost).sum()
    }

    /// Whether the bot has the customer back.
    pub fn is_over(&self) -> bool {
        self.house.bot.about(&self.customer.conversation).iter().any(|post| post.ends("sendMessage"))
    }

    /// Waits until the bot has the customer back, once.
    ///
    /// # Errors
    /// Never, or more than once.
    pub async fn comes_back(&self) -> anyhow::Result<()> {
        let conversation = &self.customer.conversation;
        self.house.bot.gets(conversation, "the end of sendMessage", |post| post.ends("sendMessage")).await?;
        let posts = self.house.bot.about(conversation);
        let ends = posts.iter().filter(|post| post.ends("sendMessage") && !post.is_flagged()).count();
        ensure!(ends == 1, "control came back {ends} times: {}", summary(&posts));
        Ok(())
    }

    /// The customer says goodbye; the bot is told that it is done.
    ///
    /// # Errors
    /// It is not.
    pub async fn goodbye(&self) -> anyhow::Result<()> {
        self.customer.ends(&self.live).await?;
        let done = |post: &Post| post.ends("endConversation");
        self.house.bot.gets(&self.customer.conversation, "the end of endConversation", done).await.map(drop)
    }

    /// Waits until all of this customer's conversations at the desk have ended.
    ///
    /// # Errors
    /// One goes on.
    pub async fn ends_at_desk(&self) -> anyhow::Result<()> {
        eventually("the end at the desk", || async {
            let open: Vec<Value> = self.house.at_desk(&self.customer);
            let open: Vec<&Value> =
                open.iter().filter(|one| one["status"] != "ended").map(|one| &one["id"]).collect();
            if open.is_empty() { Ok(()) } else { Err(format!("still open: {open:?}")) }
        })
        .await
    }

    /// Waits until an agent's message has come so far; it as it stands then.
    ///
    /// # Errors
    /// It never did.
    pub async fn reaches(&self, message: &str, status: &[&str]) -> anyhow::Result<Value> {
        eventually(format!("a receipt that says {status:?}"), || async {
            let detail = self.detail().map_err(|error| error.to_string())?;
            let messages = detail["messages"].as_array().cloned().unwrap_or_default();
            let found = messages.into_iter().find(|one| one["id"] == message).unwrap_or_default();
            let there = status.iter().any(|status| found["status"] == *status);
            if there { Ok(found) } else { Err(found.to_string()) }
        })
        .await
    }

    /// Nothing of what one side wrote has come back to it, or is ascribed to the other.
    ///
    /// # Errors
    /// Something has.
    pub fn no_echo(&self) -> anyhow::Result<()> {
        if let Some(echo) = self
            .texts()
            .iter()
            .find(|text| text.contains(QUESTION) || text.contains(&self.customer.problem()))
        {
            bail!("the customer was shown their own words: {echo:?}");
        }
        let heard = self.heard_all();
        let echo = heard.iter().find(|one| one["message"].as_str().is_some_and(|text| text.contains(ANSWER)));
        ensure!(echo.is_none(), "the desk took the agent's words for the customer's: {echo:?}");
        Ok(())
    }
}

/// The number behind these words.
fn number(text: &str, words: &str) -> Option<u32> {
    let (_, rest) = text.split_once(words)?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}
