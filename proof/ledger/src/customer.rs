//! The customer's source, by way of the bot: starts a session, writes numbered messages one at a time, and leaves or
//! is left.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::agent;
use crate::book::Session;
use crate::faults::Fault;
use crate::numbered::{Author, Numbered};
use crate::world::{Answer, LONGEST, World};

const SKILL: &str = "/api/messages";

/// How a session is to go.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// How many messages the customer wants to write.
    pub customer: u64,
    /// How many the agent does.
    pub agent: u64,
    /// Who ends it.
    pub ender: Author,
    /// Whoever ends it waits until the other has written everything.
    pub patient: bool,
}

impl Plan {
    /// Any.
    pub fn draw(world: &World) -> Self {
        let chance = &world.chance;
        let ender = if chance.below(2) == 0 { Author::Customer } else { Author::Agent };
        Self {
            customer: chance.between(4, 40),
            agent: chance.between(4, 40),
            ender,
            patient: chance.below(2) == 0,
        }
    }
}

/// One session from its start to its end.
pub async fn converse(world: &Arc<World>, service_url: &str) {
    let (session, plan) = (world.book.open(), Plan::draw(world));
    let agent = tokio::spawn(agent::attend(Arc::clone(world), Arc::clone(&session), plan));
    let mut customer = Customer { world, session: &session, service_url, repeats: JoinSet::new() };
    customer.talk(plan).await;
    session.write(|pages| pages.left = true);
    // A late repeat must not come after the run.
    while customer.repeats.join_next().await.is_some() {}
    drop(agent.await);
}

struct Customer<'a> {
    world: &'a Arc<World>,
    session: &'a Session,
    service_url: &'a str,
    repeats: JoinSet<()>,
}

impl Customer<'_> {
    async fn talk(&mut self, plan: Plan) {
        let start = self.activity("event", "start", json!({ "name": "startConversation", "value": {} }));
        if !self.until_taken(&start).await
            || self.session.until(LONGEST, |pages| pages.start_status()).await.is_none()
            || self.session.read(|pages| pages.is_failed())
        {
            return;
        }
        for _ in 0..plan.customer {
            if self.session.read(|pages| pages.is_returned()) {
                return;
            }
            self.write().await;
            self.world.pace().await;
        }
        if plan.ender == Author::Customer {
            if plan.patient {
                let all = usize::try_from(plan.agent).unwrap_or(usize::MAX);
                self.session
                    .until(LONGEST, |pages| {
                        let shown =
                            pages.agent.len() >= all && pages.agent.iter().all(|one| one.accepted.is_some());
                        (shown || pages.is_returned() || pages.is_failed()).then_some(())
                    })
                    .await;
            }
            if self.session.read(|pages| !pages.is_returned()) {
                self.leave().await;
            }
        }
        self.session.until(LONGEST, |pages| pages.is_returned().then_some(())).await;
    }

    async fn write(&mut self) {
        let nth = self.session.write(|pages| pages.begin(Author::Customer));
        let text = Numbered { author: Author::Customer, session: self.session.number, nth }.to_string();
        let message = self.activity("message", &text, json!({ "text": text }));
        if self.until_taken(&message).await {
            self.session.write(|pages| pages.accept(Author::Customer));
            self.world.book.from_customers.add();
        }
    }

    async fn leave(&mut self) {
        self.session.write(|pages| pages.say_goodbye(Author::Customer));
        let live = self.session.read(|pages| pages.opened.first().map(|opened| opened.id.clone()));
        let value = json!({ "LiveChatConversationId": live });
        let end = self.activity("event", "end", json!({ "name": "endConversation", "value": value }));
        if self.until_taken(&end).await {
            self.session.write(|pages| pages.accept_goodbye(Author::Customer));
        }
    }

    /// What is not acknowledged is sent again as it is, to any gateway.
    async fn until_taken(&mut self, activity: &Value) -> bool {
        let world = self.world;
        if world.faults.strikes(Fault::RepeatedTurn, 100, &world.chance) {
            world.faults.count(Fault::RepeatedTurn);
            self.repeat(activity, false);
        }
        loop {
            match world.post(SKILL, activity).await {
                Answer::Taken => break,
                Answer::Again => world.breathe().await,
                Answer::Refused(status) => {
                    let what = format!("{} was answered {status}", activity["id"]);
                    self.session.write(|pages| pages.refused.push(what));
                    return false;
                }
            }
        }
        if world.faults.strikes(Fault::RepeatedTurn, 100, &world.chance) {
            world.faults.count(Fault::RepeatedTurn);
            self.repeat(activity, true);
        }
        true
    }

    /// The same turn once more, at the same time or late; whatever becomes of it.
    fn repeat(&mut self, activity: &Value, late: bool) {
        let (world, activity) = (Arc::clone(self.world), activity.clone());
        self.repeats.spawn(async move {
            if late {
                world.linger().await;
            }
            world.post(SKILL, &activity).await;
        });
    }

    fn activity(&self, kind: &str, id: &str, more: Value) -> Value {
        let mut activity = json!({
            "type": kind,
            "id": id,
            "channelId": "directline",
            "serviceUrl": self.service_url,
            "conversation": { "id": self.session.conversation() },
            "from": { "id": format!("29:s{}", self.session.number), "name": "Jane", "role": "user" },
            "recipient": { "id": "28:agent-app", "name": "Contoso Agent", "role": "bot" },
            "locale": "en-US",
        });
        if let (Some(activity), Value::Object(more)) = (activity.as_object_mut(), more) {
            activity.extend(more);
        }
        activity
    }
}
