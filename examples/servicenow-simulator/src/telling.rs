//! What live agents do, as callbacks.

use agent_desk::{AgentAction, Deed, Failure, Recipient, Skill, Vendor};
use serde_json::Value;

use crate::{Instance, callback::Flags, elements};

impl Vendor for Instance {
    fn name(&self) -> &str {
        "ServiceNow Agent Chat"
    }

    fn colour(&self) -> &str {
        "#0b6b2e"
    }

    fn skills(&self) -> &'static [Skill] {
        // The API has no word for what an agent has read, nor for a place in the queue but a time to wait.
        &[Skill::Typing, Skill::Leave, Skill::Transfer, Skill::Queue, Skill::Attachments]
    }

    async fn act(&self, deed: Deed) -> Result<(), Failure> {
        let Deed { conversation: id, agent, action, .. } = deed;
        let chat = Flags { agent_chat: true, ..Flags::default() };
        let entered = |name: &str| elements::system(&format!("{name} has entered the chat"));
        let left = |name: &str| elements::system(&format!("{name} has left the chat"));
        match action {
            AgentAction::Accept => self.tell("joined", &id, &[entered(&agent)], chat).await,
            AgentAction::Say(message) => {
                let said = elements::message(&agent, &message, self.config.third_party_chat);
                self.tell("message", &id, &said, chat).await
            }
            AgentAction::Typing(on) => self.tell("typing", &id, &[elements::typing(&agent, on)], chat).await,
            AgentAction::Leave => {
                self.tell("left", &id, &[left(&agent), elements::waiting("1 Minute")], chat).await
            }
            AgentAction::Transfer(Recipient::Agent(to)) => {
                self.tell("joined", &id, &[left(&agent), entered(&to)], chat).await
            }
            AgentAction::Transfer(Recipient::Queue(_)) => {
                self.tell("left", &id, &[left(&agent), elements::waiting("2 Minutes")], chat).await
            }
            AgentAction::Queue(position) => {
                let wait = elements::waiting(&format!("{position} Minutes"));
                self.tell("waiting", &id, &[wait], chat).await
            }
            AgentAction::End => {
                self.users.end(&id);
                let over = Flags { completed: true, ..Flags::default() };
                let said = [
                    left(&agent),
                    elements::text("The conversation has ended. If you need help again, type hi."),
                ];
                self.tell("ended", &id, &said, over).await
            }
            _ => Err(Failure::Forbidden("The Virtual Agent API has no such message".to_owned())),
        }
    }
}

impl Instance {
    async fn tell(&self, kind: &str, id: &str, elements: &[Value], flags: Flags) -> Result<(), Failure> {
        match self.call(kind, id, elements, flags) {
            Some(carriage) => carriage.outcome().await,
            None => Err(Failure::Unset),
        }
    }
}
