//! What was said and what was taken in one session, in the order it happened.

use std::collections::BTreeMap;
use std::time::Instant;

use crate::numbered::Author;

/// A moment of a session; later ones are greater.
pub type Tick = u64;

/// A message at its source.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// When it was sent first.
    pub begun: Tick,
    /// When the gateway acknowledged it.
    pub accepted: Option<Tick>,
    /// The same by the clock.
    pub clock: Option<Instant>,
}

/// Who said goodbye.
#[derive(Debug, Clone)]
pub struct Goodbye {
    /// The customer or the agent.
    pub by: Author,
    /// When it was said first.
    pub begun: Tick,
    /// When the gateway acknowledged it.
    pub accepted: Option<Tick>,
}

/// A message that took effect at the vendor.
#[derive(Debug, Clone)]
pub struct Heard {
    /// Which of the customer's it is.
    pub nth: u32,
    /// When.
    pub at: Tick,
    /// The same by the clock.
    pub clock: Instant,
}

/// What a post to the channel was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A message of the agent.
    Agent(u32),
    /// The notice that a message of the customer did not arrive.
    NotDelivered,
    /// The notice of the end, with so many messages that may not have been seen.
    Ended {
        /// How many.
        unseen: u32,
    },
    /// The notice that nobody could be reached at all.
    NobodyReached,
    /// Any other notice.
    Notice(String),
    /// The result of an action: control is the bot's again.
    Result {
        /// Which action.
        action: String,
        /// The activity that asked for it.
        of: String,
        /// The status of a start.
        status: Option<String>,
    },
}

/// A post that took effect at the channel.
#[derive(Debug, Clone)]
pub struct Shown {
    /// What it was.
    pub what: What,
    /// The delivery that it says it may repeat.
    pub flagged: Option<String>,
    /// When.
    pub at: Tick,
    /// The same by the clock.
    pub clock: Instant,
}

/// What the agent was told about a message.
#[derive(Debug, Clone, Copy, Default)]
pub struct Receipt {
    /// That it arrived.
    pub delivered: bool,
    /// That it did not.
    pub undelivered: bool,
}

/// The conversation at the vendor.
#[derive(Debug, Clone)]
pub struct Opened {
    /// Its id there.
    pub id: String,
    /// What the gateway calls it.
    pub session: String,
}

/// All that is known of one session.
#[derive(Debug, Clone, Default)]
pub struct Pages {
    now: Tick,
    /// The customer's messages; the first is number 1.
    pub customer: Vec<Said>,
    /// The agent's messages; the first is number 1.
    pub agent: Vec<Said>,
    /// The customer's and the agent's goodbye, where they were said.
    pub goodbyes: Vec<Goodbye>,
    /// What took effect at the vendor.
    pub heard: Vec<Heard>,
    /// What took effect at the channel.
    pub shown: Vec<Shown>,
    /// What the agent was told, message by message.
    pub receipts: BTreeMap<u32, Receipt>,
    /// The conversation at the vendor; more than one is one too many.
    pub opened: Vec<Opened>,
    /// When the vendor's conversation ended, for whichever side.
    pub vendor_ended: Option<Instant>,
    /// Texts of other sessions, or of nobody, and where they turned up.
    pub strangers: Vec<String>,
    /// Requests of a source that were refused although they were right.
    pub refused: Vec<String>,
    /// The customer has left, one way or another.
    pub left: bool,
}

impl Pages {
    /// The next moment.
    pub fn tick(&mut self) -> Tick {
        self.now += 1;
        self.now
    }

    /// The messages of one side.
    pub fn said(&self, author: Author) -> &[Said] {
        match author {
            Author::Customer => &self.customer,
            Author::Agent => &self.agent,
        }
    }

    /// One side begins its next message; its number.
    pub fn begin(&mut self, author: Author) -> u32 {
        let begun = self.tick();
        let said = match author {
            Author::Customer => &mut self.customer,
            Author::Agent => &mut self.agent,
        };
        said.push(Said { begun, ..Said::default() });
        u32::try_from(said.len()).unwrap_or(u32::MAX)
    }

    /// The last message of one side is acknowledged.
    pub fn accept(&mut self, author: Author) {
        let at = self.tick();
        let said = match author {
            Author::Customer => &mut self.customer,
            Author::Agent => &mut self.agent,
        };
        if let Some(last) = said.last_mut() {
            last.accepted = Some(at);
            last.clock = Some(Instant::now());
        }
    }

    /// One side says goodbye.
    pub fn say_goodbye(&mut self, by: Author) {
        let begun = self.tick();
        self.goodbyes.push(Goodbye { by, begun, accepted: None });
    }

    /// That goodbye is acknowledged.
    pub fn accept_goodbye(&mut self, by: Author) {
        let at = self.tick();
        if let Some(goodbye) = self.goodbyes.iter_mut().find(|goodbye| goodbye.by == by) {
            goodbye.accepted = Some(at);
        }
    }

    /// That goodbye, where it was said.
    pub fn goodbye(&self, by: Author) -> Option<&Goodbye> {
        self.goodbyes.iter().find(|goodbye| goodbye.by == by)
    }

    /// The results of one action, in order.
    pub fn results<'a>(&'a self, wanted: &'a str) -> impl Iterator<Item = (&'a Shown, &'a str)> {
        self.shown.iter().filter_map(move |shown| match &shown.what {
            What::Result { action, of, .. } if action == wanted => Some((shown, of.as_str())),
            _ => None,
        })
    }

    /// What the bot's start was answered with, once it is.
    pub fn start_status(&self) -> Option<String> {
        self.shown.iter().find_map(|shown| match &shown.what {
            What::Result { action, status, .. } if action == "startConversation" => {
                Some(status.clone().unwrap_or_default())
            }
            _ => None,
        })
    }

    /// Whether the handover has come to nothing.
    pub fn is_failed(&self) -> bool {
        matches!(self.start_status().as_deref(), Some("failed" | "no-agents"))
            || self.shown.iter().any(|shown| shown.what == What::NobodyReached)
    }

    /// When the customer was told that the chat is over, once that is told.
    pub fn end_told(&self) -> Option<Tick> {
        let is_end = |what: &What| matches!(what, What::Ended { .. } | What::NobodyReached);
        self.shown.iter().find(|shown| is_end(&shown.what)).map(|shown| shown.at)
    }

    /// Whether the bot holds the customer's turn again.
    pub fn is_returned(&self) -> bool {
        self.results("sendMessage").next().is_some() || self.results("endConversation").next().is_some()
    }
}
