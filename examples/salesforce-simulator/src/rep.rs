//! What reps do at the desk, as entries.

use agent_desk::{AgentAction, Deed, Failure, Recipient, Vendor};

use crate::{
    Organization, conversations,
    entry::{self, Maker},
};

impl Vendor for Organization {
    fn name(&self) -> &str {
        "Salesforce Enhanced Chat"
    }

    fn colour(&self) -> &str {
        "#0176d3"
    }

    /// An entry that is in the book has been told: who is away reads it later.
    async fn act(&self, deed: Deed) -> Result<(), Failure> {
        let Deed { conversation: id, agent, action, .. } = deed;
        let add = |entry| self.book.add(&id, entry);
        let session = |status: &str, by| {
            let before = self.book.session(&id);
            self.book.add(&id, entry::session(&id, before, status, by));
        };
        match action {
            AgentAction::Accept => {
                add(entry::participants(&[("add", &agent)]));
                session("Active", None);
            }
            AgentAction::Say(message) => {
                let files = &message.attachments;
                add(conversations::rep_message(&message.sent_as, &agent, &message.text, files));
            }
            AgentAction::Typing(on) => add(entry::typing(&agent, on)),
            AgentAction::Read(message) => add(entry::acknowledgement(&message, &Maker::Rep(&agent), true)),
            AgentAction::Leave => {
                add(entry::participants(&[("remove", &agent)]));
                session("Waiting", None);
            }
            AgentAction::Transfer(to) => {
                add(entry::routing("Transfer", None));
                match to {
                    Recipient::Agent(name) => {
                        add(entry::participants(&[("remove", &agent), ("add", &name)]));
                    }
                    Recipient::Queue(_) => {
                        add(entry::participants(&[("remove", &agent)]));
                        session("Waiting", None);
                    }
                }
            }
            AgentAction::Queue(position) => add(entry::place(position)),
            AgentAction::End => {
                add(entry::participants(&[("remove", &agent)]));
                session("Ended", Some("Agent"));
            }
            _ => return Err(Failure::Forbidden("Salesforce has no such thing".to_owned())),
        }
        Ok(())
    }
}
