//! A live agent: comes, writes, perhaps hands over or leaves, and ends the conversation or falls silent. The vendor
//! repeats each callback until it is acknowledged, and some after that.

use std::sync::Arc;

use crate::callback_edge::{self, Answer};
use crate::chance::Chance;
use crate::connector::Wire;
use crate::weather::Mood;
use crate::wire::pause;
use crate::world::World;

/// How a start is answered, and what comes after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beginning {
    /// With a live agent who is there.
    Connected,
    /// With one who writes at once.
    Greets,
    /// Without a word of queues.
    Plain,
    /// With a place in the queue.
    Queued,
    /// With an acknowledgement; a callback proves it.
    ProvedLater,
    /// With an acknowledgement that nothing follows.
    NeverProved,
    /// Step by step.
    Steps,
    /// Nobody is there.
    NoAgents,
}

impl Beginning {
    /// One of them.
    pub fn draw(chance: &Chance) -> Self {
        use Beginning::{Connected, Greets, NeverProved, NoAgents, Plain, ProvedLater, Queued, Steps};
        match chance.below(40) {
            0 => NoAgents,
            1 => NeverProved,
            2..=6 => ProvedLater,
            7..=11 => Steps,
            _ => chance.one_of(&[Connected, Greets, Plain, Queued]),
        }
    }
}

/// Why the vendor says no more.
struct Over;

struct Agent {
    world: Arc<World>,
    vendor: usize,
    key: String,
    events: u64,
    messages: u64,
    chance: Chance,
}

/// Works on one conversation to its end.
pub async fn work(world: Arc<World>, vendor: usize, key: String, beginning: Beginning, chance: Chance) {
    let mut agent = Agent { world, vendor, key, events: 0, messages: 0, chance };
    // Whatever it is over for, nothing more is said.
    if agent.plays(beginning).await.is_err() {
        agent.world.vendors[vendor].close(&agent.key);
    }
}

impl Agent {
    async fn plays(&mut self, beginning: Beginning) -> Result<(), Over> {
        // A callback may overtake the answer to the start.
        let ahead = self.chance.of_thousand(200);
        pause(if ahead { self.chance.below(40) } else { self.chance.between(100, 3_000) }).await;
        match beginning {
            Beginning::NeverProved => return Ok(()),
            Beginning::ProvedLater => {
                let how = self.chance.one_of(&["accepted", "queued", "joined"]);
                self.says(how, "2").await?;
            }
            Beginning::Queued if self.chance.of_thousand(500) => self.says("queued", "2").await?,
            _ => {}
        }
        if !matches!(beginning, Beginning::Connected | Beginning::Greets) {
            pause(self.chance.between(100, 6_000)).await;
            self.says("joined", "Ada").await?;
        }
        let many = self.chance.between(1, 7);
        for _ in 0..many {
            let at_once = self.chance.of_thousand(400);
            pause(if at_once { 1 } else { self.chance.between(100, 9_000) }).await;
            match self.chance.below(20) {
                0 => self.says("transferred", "Grace").await?,
                1 => {
                    self.says("left", "Ada").await?;
                    self.says("joined", "Grace").await?;
                }
                2 => self.says("typing", "").await?,
                3 => {
                    let further = format!("{}+", self.key);
                    self.says("reference", &further).await?;
                }
                _ => self.writes().await?,
            }
        }
        if self.world.healed().is_some() || self.chance.of_thousand(600) {
            pause(self.chance.between(500, 8_000)).await;
            let how = self.chance.one_of(&["ended", "ended", "returned"]);
            self.says(how, "").await?;
            return Err(Over);
        }
        Ok(())
    }

    async fn writes(&mut self) -> Result<(), Over> {
        self.messages += 1;
        let text = format!("a {} {}", self.key, self.messages);
        self.says("message", &text).await?;
        self.world.tally.count("messages of live agents");
        Ok(())
    }

    /// Says it until somebody listens.
    async fn says(&mut self, kind: &'static str, text: &str) -> Result<(), Over> {
        self.events += 1;
        let wire =
            Wire { key: self.key.clone(), name: format!("e{}", self.events), kind, text: text.to_owned() };
        loop {
            if !self.world.vendors[self.vendor].is_open(&self.key) {
                return Err(Over);
            }
            match callback_edge::send(&self.world, self.vendor, &wire, &self.chance).await {
                Some(Answer::Accepted) => break,
                Some(Answer::Gone | Answer::Unknown) => return Err(Over),
                Some(Answer::Later) | None => pause(self.chance.between(500, 2_500)).await,
            }
        }
        let repeats = self.world.weather.mood == Mood::Rough && self.world.healed().is_none();
        if repeats && self.chance.of_thousand(self.world.weather.repeats) {
            self.world.tally.count("callback repeated");
            let (world, vendor, chance) = (Arc::clone(&self.world), self.vendor, self.chance.fork());
            tokio::spawn(async move {
                pause(chance.one_of(&[1, 300, 20_000])).await;
                callback_edge::send(&world, vendor, &wire, &chance).await;
            });
        }
        Ok(())
    }
}
