//! Tells the webhook what agents say and do, in the sample's shapes: a message once, the rest until it is taken.

use std::{sync::Arc, time::Duration};

use agent_desk::{
    AgentAction, Courier, Deed, Desk, Failure, Letter, Message, Policy, Skill, Status, Vendor, doubling,
    fresh_id, now,
};
use serde_json::{Value, json};

use crate::App;

/// How long the webhook may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The same for typing, which is worthless when late.
const TYPING_PATIENCE: Duration = Duration::from_secs(3);
/// How long joining and leaving are told again while the webhook does not take them.
const BRIEFLY: Duration = Duration::from_secs(15);
/// The same for the end: a customer who is not told of it stays with an agent who has gone.
const LONG: Duration = Duration::from_secs(5 * 60);
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Who carries what.
pub(crate) struct Couriers {
    messages: Courier,
    typing: Courier,
    comings: Courier,
    ends: Courier,
}

impl Couriers {
    pub(crate) fn new(desk: &Desk) -> Self {
        // The desk keeps the order of a conversation's deeds; what is told again steps out of it.
        let once = |patience| Policy { in_turn: false, ..Policy::once(patience) };
        let insisting = |how_long| Policy {
            retry_after: Some(LONGEST_PAUSE),
            in_turn: false,
            ..Policy::retrying(PATIENCE, doubling(FIRST_PAUSE, LONGEST_PAUSE, how_long))
        };
        let courier = |policy| Courier::new(desk, policy);
        Self {
            messages: courier(once(PATIENCE)),
            typing: courier(once(TYPING_PATIENCE)),
            comings: courier(insisting(BRIEFLY)),
            ends: courier(insisting(LONG)),
        }
    }
}

impl Vendor for App {
    fn name(&self) -> &str {
        "Contoso Live Chat"
    }

    fn skills(&self) -> &'static [Skill] {
        &[Skill::Typing, Skill::Leave]
    }

    async fn act(&self, deed: Deed) -> Result<(), Failure> {
        let Deed { conversation: id, agent, action, .. } = deed;
        match action {
            AgentAction::Say(message) => {
                let letter = self.letter(&id, "message", &message_body(&id, &message));
                self.couriers.messages.send(letter).outcome().await
            }
            AgentAction::Typing(typing) => {
                let mut body = event("typing", &id, &agent);
                body["Typing"] = json!(typing);
                self.couriers.typing.send(self.letter(&id, "typing", &body)).outcome().await
            }
            AgentAction::Accept => {
                let desk = self.desk.clone();
                let letter =
                    self.letter(&id, "joined", &event("joined", &id, &agent)).while_true(move || {
                        let holds = desk.look(&id, |conversation| {
                            conversation.status == Status::Active
                                && conversation.agent.as_ref() == Some(&agent)
                        });
                        holds == Some(true)
                    });
                self.come_and_go(letter).await
            }
            AgentAction::Leave => {
                let desk = self.desk.clone();
                let letter = self.letter(&id, "left", &event("left", &id, &agent)).while_true(move || {
                    desk.look(&id, |conversation| conversation.status == Status::Waiting) == Some(true)
                });
                self.come_and_go(letter).await
            }
            AgentAction::End => {
                let mut body = event("ended", &id, &agent);
                body["Reason"] = json!("agent");
                // Nothing comes after the end, so it may hold the line.
                self.couriers.ends.send(self.letter(&id, "ended", &body)).outcome().await
            }
            _ => Err(Failure::Forbidden("Contoso Live Chat has no such event".to_owned())),
        }
    }
}

impl App {
    /// Messages behind it wait for its first attempt only: late news of who joined is better than late answers. Agents
    /// need not know of it either.
    async fn come_and_go(&self, letter: Letter) -> Result<(), Failure> {
        let _ = self.couriers.comings.send(letter).first_try().await;
        Ok(())
    }

    fn letter(&self, id: &str, kind: &str, body: &Value) -> Letter {
        let (place, signer) = (Arc::clone(&self.webhook), Arc::clone(&self.webhook));
        Letter::json(id, "", body)
            .named(format!("webhook.{kind}"))
            .to(move || place.url())
            .with_headers(move |attempt| signer.headers(attempt))
    }
}

/// An event for the webhook. It keeps its id through all attempts.
fn event(kind: &str, conversation_id: &str, agent: &str) -> Value {
    json!({
        "Type": kind,
        "ConversationId": conversation_id,
        "Id": fresh_id(),
        "Sender": agent,
        "Timestamp": now(),
    })
}

/// The sample's webhook body, with nothing added.
fn message_body(conversation_id: &str, message: &Message) -> Value {
    json!({
        "ConversationId": conversation_id,
        "Id": message.sent_as,
        "Message": message.text,
        "Sender": message.sender,
        "Timestamp": message.timestamp,
    })
}
