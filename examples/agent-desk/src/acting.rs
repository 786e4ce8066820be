//! What agents do at the desk, and how it is carried to the vendor's own part.

use std::sync::{Arc, PoisonError};

use serde_json::json;
use tokio::sync::oneshot;

use crate::{
    conversation::{Conversation, Errand, Party, Work},
    desk::Desk,
    message::{Attachment, Delivery, Format, Message, Voice},
    refusal::Refusal,
    vendor::{AgentAction, Deed, Failure, Hands, Recipient, Skill},
};

/// What became of an agent's message, when it is known; it fails only where the simulator stopped before.
pub type Report = oneshot::Receiver<Result<(), Failure>>;

/// What an agent writes.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// What is said; may be empty where there are attachments.
    pub text: String,
    /// How the text is to be read.
    pub format: Format,
    /// The files with it.
    pub attachments: Vec<Attachment>,
}

impl Words {
    /// Plain text.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

/// All of it answers at once; what the gateway makes of it shows in the conversation. `agent` is the agent's name, none
/// is [`crate::Settings::nobody`]. Each fails with a [`Refusal`] where there is no such conversation, it has ended, or
/// this vendor's agents have no such [`Skill`].
impl Desk {
    /// An agent takes the conversation.
    pub fn accept(&self, id: &str, agent: Option<&str>) -> Result<(), Refusal> {
        self.change(id, |conversation| conversation.accept(self.name(agent)))
    }

    /// An agent writes; whoever waits is accepted first. The message, and later what became of it.
    pub fn say(&self, id: &str, agent: Option<&str>, words: Words) -> Result<(Message, Report), Refusal> {
        if !words.attachments.is_empty() {
            self.needs(Skill::Attachments)?;
        }
        let message_id = (self.inner.message_id)();
        let mut message = Message::new(message_id, Voice::Agent, self.name(agent), words.text);
        message.format = words.format;
        message.attachments = words.attachments;
        let (report, reported) = oneshot::channel();
        self.change(id, |conversation| conversation.say(message.clone(), report))?;
        Ok((message, reported))
    }

    /// An agent sends a message again that did not arrive.
    pub fn retry(&self, id: &str, message_id: &str) -> Result<(Message, Report), Refusal> {
        let (report, reported) = oneshot::channel();
        let message = self.change(id, |conversation| conversation.retry(message_id, report))?;
        Ok((message, reported))
    }

    /// An agent writes, or no longer does. Nothing waits for it and it waits for nothing.
    pub fn agent_types(&self, id: &str, agent: Option<&str>, typing: bool) -> Result<(), Refusal> {
        self.needs(Skill::Typing)?;
        let agent = self.name(agent);
        self.change(id, |conversation| {
            conversation.refuse_ended()?;
            self.feed().push(
                "typing",
                || json!({ "conversationId": id, "from": "agent", "name": agent, "typing": typing }),
            );
            Ok(())
        })?;
        if let Some(hands) = self.hands() {
            let deed = deed(id, agent, AgentAction::Typing(typing));
            let stop = self.stopping();
            tokio::spawn(async move { stop.run_until_cancelled(hands.act(deed)).await });
        }
        Ok(())
    }

    /// An agent has looked at the conversation.
    pub fn read(&self, id: &str, agent: Option<&str>) -> Result<(), Refusal> {
        let tells = self.needs(Skill::Read).is_ok();
        self.change(id, |conversation| {
            conversation.read(self.name(agent), tells);
            Ok(())
        })
    }

    /// The agent gives the conversation back to those who wait.
    pub fn leave(&self, id: &str) -> Result<(), Refusal> {
        self.needs(Skill::Leave)?;
        self.change(id, Conversation::leave)
    }

    /// The agent gives the conversation away.
    pub fn transfer(&self, id: &str, agent: Option<&str>, to: Recipient) -> Result<(), Refusal> {
        self.needs(Skill::Transfer)?;
        self.change(id, |conversation| conversation.transfer(self.name(agent), to))
    }

    /// So many wait before this customer.
    pub fn queue(&self, id: &str, position: u32) -> Result<(), Refusal> {
        self.needs(Skill::Queue)?;
        self.change(id, |conversation| conversation.queue(self.name(None), position))
    }

    /// The agent ends the conversation. Ended already is as good.
    pub fn close(&self, id: &str, agent: Option<&str>) -> Result<(), Refusal> {
        self.change(id, |conversation| {
            conversation.close(agent, &self.inner.nobody);
            Ok(())
        })
    }

    fn name<'a>(&'a self, agent: Option<&'a str>) -> &'a str {
        agent.unwrap_or(&self.inner.nobody)
    }

    fn needs(&self, skill: Skill) -> Result<(), Refusal> {
        let known = self.hands().is_none_or(|hands| hands.skills().contains(&skill));
        if known { Ok(()) } else { Err(Refusal::NoSuchSkill) }
    }

    pub(crate) fn hands(&self) -> Option<Arc<dyn Hands>> {
        self.inner.hands.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sends somebody for a conversation's errands unless one is under way.
    pub(crate) fn carry(&self, conversation: &mut Conversation) {
        if conversation.errands.is_empty() || std::mem::replace(&mut conversation.carrying, true) {
            return;
        }
        let (desk, id) = (self.clone(), conversation.id().to_owned());
        let stop = self.stopping();
        tokio::spawn(async move { stop.run_until_cancelled(desk.carry_all(&id)).await });
    }

    async fn carry_all(&self, id: &str) {
        loop {
            let next = self.change(id, |conversation| {
                let next = conversation.errands.pop_front();
                conversation.carrying = next.is_some();
                Ok(next)
            });
            let Ok(Some(errand)) = next else { return };
            let in_turn = self.hands().is_none_or(|hands| hands.in_turn());
            // Two deeds can only change places where the second does not wait for the first.
            if in_turn && !self.faults().reorders() {
                self.carry_one(id, errand).await;
            } else {
                let (desk, id, stop) = (self.clone(), id.to_owned(), self.stopping());
                tokio::spawn(async move { stop.run_until_cancelled(desk.carry_one(&id, errand)).await });
                // So that the deeds set out in their order, on one thread at least.
                tokio::task::yield_now().await;
            }
        }
    }

    async fn carry_one(&self, id: &str, Errand { agent, work, report }: Errand) {
        let outcome = match work {
            Work::Message(message_id) => self.carry_message(id, &agent, &message_id).await,
            Work::Action(action) => self.carry_action(id, &agent, action).await,
        };
        if let Some(report) = report {
            // Whoever sent it may have hung up; the conversation knows the outcome.
            let _ = report.send(outcome);
        }
    }

    async fn carry_message(&self, id: &str, agent: &str, message_id: &str) -> Result<(), Failure> {
        let message = self.look(id, |conversation| {
            let gone = conversation.ending.as_ref().is_some_and(|ending| ending.by != Party::Agent);
            conversation.messages.iter().find(|message| message.id == message_id && !gone).cloned()
        });
        let outcome = match message.flatten() {
            Some(message) => self.act(id, agent, AgentAction::Say(message)).await,
            None => Err(Failure::TooLate),
        };
        let news = match &outcome {
            Ok(()) => Delivery::Accepted,
            Err(failure) => Delivery::NotDelivered(failure.to_string()),
        };
        // The conversation is there: none is removed that has errands.
        let _ = self.settle(id, message_id, news);
        outcome
    }

    async fn carry_action(&self, id: &str, agent: &str, action: AgentAction) -> Result<(), Failure> {
        let what = match &action {
            AgentAction::Accept => Some("an agent joined"),
            AgentAction::Leave => Some("the agent left"),
            AgentAction::Transfer(_) => Some("the chat was transferred"),
            AgentAction::Queue(_) => Some("it stands in a queue"),
            AgentAction::End => Some("the chat ended"),
            AgentAction::Say(_) | AgentAction::Typing(_) | AgentAction::Read(_) => None,
        };
        let outcome = self.act(id, agent, action).await;
        if let (Some(what), Err(failure)) = (what, &outcome) {
            let _ = self.note(id, format!("The customer's side was not told that {what}. {failure}"));
        }
        outcome
    }

    async fn act(&self, id: &str, agent: &str, action: AgentAction) -> Result<(), Failure> {
        match self.hands() {
            Some(hands) => hands.act(deed(id, agent, action)).await,
            None => Err(Failure::Stopping),
        }
    }
}

fn deed(id: &str, agent: &str, action: AgentAction) -> Deed {
    Deed { conversation: id.to_owned(), agent: agent.to_owned(), action }
}
