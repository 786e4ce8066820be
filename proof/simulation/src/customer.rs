//! A customer and the bot in between: asks for a person, writes, leaves or is left. One turn at a time, and each is
//! repeated until it is acknowledged.

use std::sync::Arc;
use std::time::Duration;

use handover_handoff::address::{Account, ReturnAddress, Route};
use handover_handoff::delivery::Parcel;
use handover_handoff::session::StartStatus;
use handover_handoff::turn::{Opening, Request, Turn, Verdict};
use handover_handoff::vendor::{Customer as Person, CustomerMessage, StartRequest, TextFormat};
use handover_handoff::{ConversationKey, SessionId};
use uuid::Uuid;

use crate::bot_edge::{self, Response};
use crate::chance::Chance;
use crate::wire::pause;
use crate::world::World;

/// How long after the faults are off everything must be back to normal: leases that nobody works on have run out,
/// breakers have tried again, the dead are known to be so.
pub const RECOVERY: u64 = 130_000;

/// How long a bot waits for an answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// Most tries to take part in rounds that do not come to anything.
const WAITS: u64 = 400;

/// One customer, in one conversation.
pub struct Customer {
    world: Arc<World>,
    /// The channel's id of the conversation, and of the person.
    name: String,
    vendor: usize,
    /// Nothing can be pushed.
    held: bool,
    turns: u64,
    messages: u64,
    chance: Chance,
}

impl Customer {
    /// The nth of them.
    pub fn new(world: &Arc<World>, nth: u64, chance: Chance) -> Self {
        let vendor =
            if world.weather.conversations > 100 { usize::from(nth > 3) } else { chance.below(2) as usize };
        let held = chance.of_thousand(world.weather.held);
        Self {
            world: Arc::clone(world),
            name: format!("c{nth}"),
            vendor,
            held,
            turns: 0,
            messages: 0,
            chance,
        }
    }

    /// Lives through the rough time and what comes after.
    pub async fn live(mut self) {
        pause(self.chance.below(3_000)).await;
        for _ in 0..self.world.weather.rounds {
            self.round(false).await;
            pause(self.chance.between(200, 10_000)).await;
        }
        let back = loop {
            match self.world.healed() {
                Some(at) => break at + RECOVERY,
                None => pause(1_000).await,
            }
        };
        pause(back.saturating_sub(self.world.elapsed()) + self.chance.below(1_000)).await;
        self.round(true).await;
        self.ends_well().await;
    }

    /// One handover, from the start to its end as the bot sees it.
    async fn round(&mut self, last: bool) {
        let problem = self.chance.of_thousand(300).then(|| self.text());
        let start = StartRequest {
            problem: problem.clone().filter(|_| self.chance.of_thousand(500)),
            ..StartRequest::default()
        };
        let activity = self.turn(Request::Start(start)).await;
        let mut status = None;
        for _ in 0..WAITS {
            status = self.world.channel.answer(&self.name, &activity);
            if status.is_some() || self.over(last) {
                break;
            }
            pause(100).await;
        }
        let failed = matches!(status, Some(StartStatus::Failed | StartStatus::NoAgents));
        if failed && self.chance.of_thousand(700) {
            return;
        }
        let mut input = problem;
        let many = if last { 2 } else { self.chance.between(1, 6) };
        for nth in 0..many {
            let at_once = self.chance.of_thousand(400);
            pause(if at_once { 1 } else { self.chance.between(100, 9_000) }).await;
            if nth > 0 && !self.world.channel.waits(&self.name) {
                // Control is back with the bot: what the customer writes now is for the bot.
                return;
            }
            if self.held && self.chance.of_thousand(60) {
                self.world.tally.count("held can be pushed");
                self.held = false;
            }
            let text = match &input {
                Some(problem) if self.chance.of_thousand(500) => problem.clone(),
                _ => self.text(),
            };
            self.says(text, input.take()).await;
        }
        match self.chance.below(10) {
            0..=3 => {
                pause(self.chance.between(10, 9_000)).await;
                self.world.channel.stops(&self.name);
                self.turn(Request::End).await;
            }
            4 => {
                self.world.channel.stops(&self.name);
                self.turn(Request::Release).await;
            }
            // Is left, or falls silent.
            _ => {
                for _ in 0..self.chance.between(1, WAITS) {
                    if !self.world.channel.waits(&self.name) || self.over(last) {
                        break;
                    }
                    pause(1_000).await;
                }
            }
        }
    }

    /// The customer comes back until nobody is captured any more, and takes along what is held.
    async fn ends_well(&mut self) {
        for _ in 0..WAITS {
            if self.world.book.is_over(&self.name) {
                break;
            }
            pause(2_000).await;
        }
        if self.held {
            self.turn(Request::Release).await;
        }
        // Whoever writes while a result is on its way is taken to have crossed it; here it must be known to have
        // arrived.
        pause(20_000).await;
        let text = self.text();
        self.says(text, None).await;
        if self.held {
            let text = self.text();
            self.says(text, None).await;
        }
    }

    fn over(&self, last: bool) -> bool {
        self.world.violation().is_some() || (!last && self.world.healed().is_some())
    }

    fn text(&mut self) -> String {
        self.messages += 1;
        format!("c {} {}", self.name, self.messages)
    }

    async fn says(&mut self, text: String, problem: Option<String>) {
        let message = CustomerMessage {
            author: None,
            text,
            format: TextFormat::Plain,
            attachments: Vec::new(),
            time: self.world.now(),
        };
        self.turn(Request::Message { message, problem }).await;
        self.world.tally.count("messages of customers");
    }

    /// Sends a turn until it is acknowledged; its activity's id.
    async fn turn(&mut self, request: Request) -> String {
        self.turns += 1;
        let activity = format!("{}/{}", self.name, self.turns);
        let turn = self.written(request, &activity);
        loop {
            if self.send(&turn).await {
                break;
            }
            pause(self.chance.between(300, 2_000)).await;
        }
        let inline_start = turn.inline && matches!(turn.request, Request::Start(_));
        let repeats = if self.world.healed().is_some() { 0 } else { self.world.weather.repeats };
        if !inline_start && self.chance.of_thousand(repeats) {
            self.world.tally.count("turn repeated");
            let late = Self {
                world: Arc::clone(&self.world),
                name: self.name.clone(),
                chance: self.chance.fork(),
                ..*self
            };
            tokio::spawn(async move {
                pause(late.chance.one_of(&[1, 300, 20_000])).await;
                late.send_once(&turn).await;
            });
        }
        activity
    }

    fn written(&self, request: Request, activity: &str) -> Turn {
        let route = match self.held {
            true => Route::Held,
            false => Route::SkillCallback { base: "https://bot.example/".to_owned() },
        };
        Turn {
            key: ConversationKey {
                tenant: "tenant".to_owned(),
                channel: "msteams".to_owned(),
                conversation: self.name.clone(),
            },
            address: ReturnAddress {
                to_bot: route.clone(),
                to_customer: route,
                channel: "msteams".to_owned(),
                conversation: self.name.clone(),
                service_url: "https://bot.example/".to_owned(),
                bot: None,
                customer: Account { id: self.name.clone(), name: None },
                locale: None,
                caller: None,
            },
            customer: Person { id: self.name.clone(), ..Person::default() },
            activity: Some(activity.to_owned()),
            inline: self.held,
            request,
        }
    }

    /// Sends a turn once; true where it was acknowledged.
    async fn send(&self, turn: &Turn) -> bool {
        let activity = turn.activity.clone().unwrap_or_default();
        if let Request::Message { .. } = turn.request {
            self.world.channel.sends(&self.name, &activity);
        }
        let Some(response) = self.send_once(turn).await else { return false };
        self.world.book.acknowledged_to_the_bot(&self.world, turn, response.verdict.as_ref());
        let held = response.held.iter().filter_map(|delivery| match &delivery.parcel {
            Parcel::ActionResult(result) => Some(result),
            _ => None,
        });
        for result in held.chain(&response.results) {
            self.world.channel.is_told(&self.name, result);
        }
        if turn.inline && response.verdict.is_none() {
            // The response that carried it all was lost, and a repeat has nothing to say: documented with the pane.
            self.world.tally.count("inline response lost");
            self.world.channel.stops(&self.name);
        }
        true
    }

    async fn send_once(&self, turn: &Turn) -> Option<Response> {
        let world = &self.world;
        pause(self.chance.between(1, 20)).await;
        let node = world.some_node(&self.chance)?;
        let lossy = if world.healed().is_some() { 0 } else { world.weather.lossy };
        if self.chance.of_thousand(lossy) {
            world.tally.count("turn lost on its way");
            return None;
        }
        let id = u128::from(self.chance.number()) << 64 | u128::from(self.chance.number());
        let opening = Opening {
            id: SessionId(Uuid::from_u128(id)),
            connector: world.vendors[self.vendor].name.to_owned(),
            further: Vec::new(),
            routing: Vec::new(),
        };
        let (at, turn) = (Arc::clone(&node), turn.clone());
        let activity = turn.activity.clone().unwrap_or_default();
        let kind = kind(&turn);
        let asked = node.ask(async move { bot_edge::take(&at, turn, opening).await });
        let answer = tokio::time::timeout(PATIENCE, asked).await.ok().flatten();
        let heard = match &answer {
            None => "no answer",
            Some(Err(_)) => "refused",
            Some(Ok(Response { verdict: None, .. })) => "repeat",
            Some(Ok(Response { verdict: Some(Verdict::Forwarded(_)), .. })) => "forwarded",
            Some(Ok(_)) => "taken",
        };
        world.note(format!("turn {activity} {kind} at {}: {heard}", node.name));
        if self.chance.of_thousand(lossy) {
            world.tally.count("acknowledgement of a turn lost");
            return None;
        }
        answer?.ok()
    }
}

fn kind(turn: &Turn) -> String {
    match &turn.request {
        Request::Start(_) => "start".to_owned(),
        Request::Message { message, .. } => format!("{:?}", message.text),
        Request::End => "goodbye".to_owned(),
        Request::Release => "release".to_owned(),
    }
}
