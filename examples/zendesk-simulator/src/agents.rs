//! What agents do in Agent Workspace, as the webhook tells it.

use agent_desk::{AgentAction, Attachment, Deed, Failure, Format, Message, Party, Recipient, Skill, Vendor};
use serde_json::{Value, json};

use crate::{
    app::App,
    book::{Talk, fresh, now},
    webhook::News,
};

impl Vendor for App {
    fn name(&self) -> &str {
        "Zendesk Agent Workspace"
    }

    fn colour(&self) -> &str {
        "#17494d"
    }

    fn skills(&self) -> &'static [Skill] {
        &[Skill::Typing, Skill::Read, Skill::Leave, Skill::Transfer, Skill::Attachments]
    }

    async fn act(&self, deed: Deed) -> Result<(), Failure> {
        // Tickets have numbers; conversations have 24 hexadecimal digits, too many for a number.
        if let Ok(ticket) = deed.conversation.parse::<u64>() {
            return self.act_on_ticket(ticket, deed).await;
        }
        let agent = deed.agent.as_str();
        let told = match deed.action {
            // Zendesk tells nobody who has a ticket.
            AgentAction::Accept | AgentAction::Leave | AgentAction::Transfer(Recipient::Agent(_)) => {
                return Ok(());
            }
            AgentAction::Say(message) => self.with(&deed.conversation, |talk| said(talk, agent, &message)),
            AgentAction::Typing(on) => self.with(&deed.conversation, |talk| {
                let kind = if on { "typing:start" } else { "typing:stop" };
                vec![("conversation:typing", activity(talk, agent, kind))]
            }),
            AgentAction::Read(_) => self.with(&deed.conversation, |talk| {
                vec![("conversation:read", activity(talk, agent, "conversation:read"))]
            }),
            AgentAction::End => self.close(&deed.conversation, "ticketClosed", "ticket:closed"),
            AgentAction::Transfer(Recipient::Queue(queue)) => match queue.as_str() {
                "email" => {
                    let _ = self.desk.end(&deed.conversation, Party::Vendor, Some("email".to_owned()));
                    self.close(&deed.conversation, "transferToEmail", "ticket:transfer:email")
                }
                "bot" => {
                    let _ = self.desk.end(&deed.conversation, Party::Vendor, Some("bot".to_owned()));
                    self.give_back(&deed.conversation)
                }
                // Groups of agents are Zendesk's own affair.
                _ => return Ok(()),
            },
            _ => return Err(Failure::Forbidden("Zendesk has no such thing".to_owned())),
        };
        match told {
            Some(carriage) => carriage.outcome().await,
            None => Err(Failure::Forbidden("The integration is on standby, and is told nothing".to_owned())),
        }
    }
}

impl App {
    /// Tells what happens in the ticket's conversation, where anybody listens.
    fn with(&self, ticket: &str, news: impl FnOnce(&mut Talk) -> Vec<News>) -> Option<agent_desk::Carriage> {
        let mut book = self.book();
        let talk = book.by_ticket(ticket)?;
        let listens = talk.involves(&self.ours);
        let mut news = news(talk);
        for (kind, payload) in &mut news {
            if *kind == "conversation:message" {
                payload["message"]["content"] = self.media.completed(&payload["message"]["content"]);
            }
        }
        listens.then(|| self.webhook.tell(&talk.id, news))
    }

    /// The ticket is through: an activity for the customer, and control is released; both in one request.
    fn close(&self, ticket: &str, reason: &str, activity: &str) -> Option<agent_desk::Carriage> {
        self.with(ticket, |talk| {
            let message = talk.keep(json!({
                "id": fresh(),
                "received": now(),
                "author": { "type": "business", "subtypes": ["activity"] },
                "activity": { "type": activity },
                "content": { "type": "text", "text": "This conversation is over" },
                "source": { "type": "zd:agentWorkspace" },
            }));
            let told = json!({ "conversation": talk.truncated(), "message": message });
            (talk.active, talk.pending, talk.ticket) = (None, None, None);
            let released = json!({ "conversation": talk.truncated(), "reason": reason });
            vec![("conversation:message", told), ("switchboard:releaseControl", released)]
        })
    }

    /// Control goes back to the gateway's integration without a reason.
    fn give_back(&self, ticket: &str) -> Option<agent_desk::Carriage> {
        let ours = self.ours.clone();
        self.with(ticket, |talk| {
            (talk.active, talk.pending, talk.ticket) = (Some(ours), None, None);
            vec![("switchboard:passControl", json!({ "conversation": talk.truncated() }))]
        })
    }
}

/// Each file is a message of its own.
fn said(talk: &mut Talk, agent: &str, message: &Message) -> Vec<News> {
    let mut contents = Vec::new();
    if !message.text.trim().is_empty() {
        let mut content = json!({ "type": "text", "text": message.text });
        if message.format == Format::Html {
            content["htmlText"] = json!(message.text);
        }
        contents.push(content);
    }
    contents.extend(message.attachments.iter().map(file));
    let mut news = Vec::new();
    for (number, content) in contents.into_iter().enumerate() {
        let id = if number == 0 { message.sent_as.clone() } else { fresh() };
        let message = talk.keep(json!({
            "id": id,
            "received": now(),
            "author": author(agent),
            "content": content,
            "source": { "type": "zd:agentWorkspace" },
            "metadata": { "__zendesk_msg.agent.id": number_of(agent) },
        }));
        news.push(("conversation:message", json!({ "conversation": talk.truncated(), "message": message })));
    }
    news
}

fn file(file: &Attachment) -> Value {
    let kind = if file.content_type.starts_with("image/") { "image" } else { "file" };
    json!({ "type": kind, "mediaUrl": file.url, "mediaType": file.content_type, "altText": file.name })
}

fn activity(talk: &Talk, agent: &str, kind: &str) -> Value {
    let activity =
        json!({ "type": kind, "author": author(agent), "source": { "type": "zd:agentWorkspace" } });
    json!({ "conversation": talk.truncated(), "activity": activity })
}

fn author(agent: &str) -> Value {
    json!({ "type": "business", "displayName": agent, "subtypes": ["agent"] })
}

/// Agents have numbers; the same name has always the same one.
fn number_of(agent: &str) -> String {
    let sum = agent.bytes().fold(5381_u64, |sum, byte| sum.wrapping_mul(33) ^ u64::from(byte));
    format!("{}", 360_000_000_000 + sum % 1_000_000_000)
}
