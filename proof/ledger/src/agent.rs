//! The live agent's source, by way of the vendor's webhook: takes the conversation, writes numbered messages one at a
//! time, and closes it or is left.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::book::Session;
use crate::customer::Plan;
use crate::faults::Fault;
use crate::numbered::{Author, Numbered};
use crate::world::{Answer, LONGEST, World};

const WEBHOOK: &str = "/api/livechat/messages";

/// What became of a callback.
#[derive(PartialEq, Eq)]
enum Told {
    Taken,
    /// The conversation is over, or there never was one.
    Over,
}

/// One conversation, once there is one.
pub async fn attend(world: Arc<World>, session: Arc<Session>, plan: Plan) {
    let opened = session
        .until(LONGEST * 2, |pages| match pages.opened.first() {
            Some(opened) => Some(Some(opened.id.clone())),
            None => pages.left.then_some(None),
        })
        .await;
    let Some(Some(conversation)) = opened else { return };
    let mut agent = Agent { world: &world, session: &session, conversation, repeats: JoinSet::new() };
    agent.work(plan).await;
    while agent.repeats.join_next().await.is_some() {}
}

struct Agent<'a> {
    world: &'a Arc<World>,
    session: &'a Session,
    conversation: String,
    repeats: JoinSet<()>,
}

impl Agent<'_> {
    async fn work(&mut self, plan: Plan) {
        let joined = self.callback(&format!("joined-{}", self.session.number), json!({ "Type": "joined" }));
        if self.tell(&joined).await == Told::Over {
            return;
        }
        for _ in 0..plan.agent {
            if self.session.read(|pages| pages.vendor_ended.is_some()) {
                return;
            }
            if self.write().await == Told::Over {
                return;
            }
            self.world.pace().await;
        }
        if plan.ender == Author::Agent {
            if plan.patient {
                let all = usize::try_from(plan.customer).unwrap_or(usize::MAX);
                // What did not arrive is not waited for longer than it may be on its way.
                let longest = Duration::from_secs(self.world.options.fresh_seconds + 10);
                self.session
                    .until(longest, |pages| {
                        (pages.heard.len() >= all || pages.left || pages.vendor_ended.is_some()).then_some(())
                    })
                    .await;
            }
            self.close().await;
        }
    }

    async fn write(&mut self) -> Told {
        let nth = self.session.write(|pages| pages.begin(Author::Agent));
        let text = Numbered { author: Author::Agent, session: self.session.number, nth }.to_string();
        let message = self.callback(&text, json!({ "Message": text }));
        let told = self.tell(&message).await;
        if told == Told::Taken {
            self.session.write(|pages| pages.accept(Author::Agent));
            self.world.book.from_agents.add();
        }
        told
    }

    async fn close(&mut self) {
        let closed = self.session.write(|pages| {
            if pages.vendor_ended.is_some() {
                return false;
            }
            pages.say_goodbye(Author::Agent);
            pages.vendor_ended = Some(Instant::now());
            true
        });
        if closed {
            let ended = json!({ "Type": "ended", "Reason": "agent" });
            let ended = self.callback(&format!("ended-{}", self.session.number), ended);
            if self.tell(&ended).await == Told::Taken {
                self.session.write(|pages| pages.accept_goodbye(Author::Agent));
            }
        }
    }

    /// What is not acknowledged is told again under the same id, to any gateway.
    async fn tell(&mut self, callback: &Value) -> Told {
        let world = self.world;
        if world.faults.strikes(Fault::RepeatedCallback, 100, &world.chance) {
            world.faults.count(Fault::RepeatedCallback);
            self.repeat(callback, false);
        }
        let told = loop {
            match world.post(WEBHOOK, callback).await {
                Answer::Taken => break Told::Taken,
                Answer::Again => world.breathe().await,
                Answer::Refused(410) => break Told::Over,
                // The gateway may not know the conversation yet: its start has happened, the answer was lost.
                Answer::Refused(404) if !self.session.read(|pages| pages.left) => world.breathe().await,
                Answer::Refused(404) => break Told::Over,
                Answer::Refused(status) => {
                    let what = format!("{} was answered {status}", callback["Id"]);
                    self.session.write(|pages| pages.refused.push(what));
                    break Told::Over;
                }
            }
        };
        if world.faults.strikes(Fault::RepeatedCallback, 100, &world.chance) {
            world.faults.count(Fault::RepeatedCallback);
            self.repeat(callback, true);
        }
        told
    }

    /// The same event once more, at the same time or late; whatever becomes of it.
    fn repeat(&mut self, callback: &Value, late: bool) {
        let (world, callback) = (Arc::clone(self.world), callback.clone());
        self.repeats.spawn(async move {
            if late {
                world.linger().await;
            }
            world.post(WEBHOOK, &callback).await;
        });
    }

    fn callback(&self, id: &str, more: Value) -> Value {
        let mut callback = json!({
            "ConversationId": self.conversation,
            "Id": id,
            "Sender": "Ann",
            "Timestamp": "2025-11-22T21:24:05Z",
        });
        if let (Some(callback), Value::Object(more)) = (callback.as_object_mut(), more) {
            callback.extend(more);
        }
        callback
    }
}
