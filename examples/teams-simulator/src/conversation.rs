//! One conversation: who takes part, what has been said, and what the bot is in the middle of.
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::{mpsc, watch};

use crate::{
    handover::{Control, Doing, Handover, Shown},
    identity::Identity,
    locked::Locked,
    transcript::{Entry, From, Line, Via},
};

/// What the customer does, in order.
pub(crate) enum Input {
    Utterance {
        text: String,
        activity_id: String,
    },
    Typing,
    /// A second escalation while one is open: impossible by talking, wanted by tests.
    Escalate {
        problem: String,
    },
}

/// Somebody is typing; `nth` tells one sign from the next.
#[derive(Clone, Debug)]
pub(crate) struct Typing {
    pub name: String,
    pub nth: u64,
    pub since: Instant,
}

/// How long a sign of typing is shown.
pub(crate) const TYPING_SHOWN: Duration = Duration::from_secs(5);

struct Inner {
    handover: Handover,
    entries: Vec<Entry>,
    revision: u64,
    last_activity_id: i64,
    typing: Option<Typing>,
    typings: u64,
}

pub(crate) struct Conversation {
    pub identity: Identity,
    pub bot_name: String,
    inner: Locked<Inner>,
    changes: watch::Sender<()>,
    inputs: mpsc::UnboundedSender<Input>,
}

impl Conversation {
    pub fn new(identity: Identity, bot_name: &str) -> (Self, mpsc::UnboundedReceiver<Input>) {
        let (inputs, received) = mpsc::unbounded_channel();
        let conversation = Self {
            identity,
            bot_name: bot_name.to_owned(),
            inner: Locked::new(Inner {
                handover: Handover::default(),
                entries: Vec::new(),
                revision: 0,
                last_activity_id: 0,
                typing: None,
                typings: 0,
            }),
            changes: watch::Sender::new(()),
            inputs,
        };
        (conversation, received)
    }

    /// Changes something and tells those who watch.
    fn change<T>(&self, with: impl FnOnce(&mut Inner) -> T) -> T {
        let result = with(&mut self.inner.lock());
        self.changes.send_replace(());
        result
    }

    pub fn watch(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }

    // What is seen.

    pub fn shown(&self) -> Shown {
        self.inner.lock().handover.shown()
    }

    pub fn doing(&self) -> Doing {
        self.inner.lock().handover.doing
    }

    pub fn transcript(&self) -> Vec<Entry> {
        self.inner.lock().entries.clone()
    }

    /// The lines that are new or changed after a revision, in the order of their last change.
    pub fn after(&self, revision: u64) -> Vec<Entry> {
        let mut entries: Vec<Entry> =
            self.inner.lock().entries.iter().filter(|entry| entry.revision > revision).cloned().collect();
        entries.sort_by_key(|entry| entry.revision);
        entries
    }

    pub fn typing(&self) -> Option<Typing> {
        self.inner.lock().typing.clone().filter(|typing| typing.since.elapsed() < TYPING_SHOWN)
    }

    // What is said.

    /// Adds a line; answers with its activity id and place.
    pub fn add(&self, line: Line) -> (String, u64) {
        self.change(|inner| inner.add(line))
    }

    /// The customer says something: shown at once, and handed to the bot in the same order.
    pub fn utter(&self, text: String) -> (String, u64) {
        self.change(|inner| {
            let line = Line::said(From::Customer, &self.identity.name, text.clone());
            let (activity_id, seq) = inner.add(line);
            self.input(Input::Utterance { text, activity_id: activity_id.clone() });
            (activity_id, seq)
        })
    }

    /// Hands the bot something to do. Nobody reads it only where the simulator is being stopped.
    pub fn input(&self, input: Input) {
        let _ = self.inputs.send(input);
    }

    pub fn typed(&self, name: Option<String>) {
        self.change(|inner| {
            inner.typings += 1;
            let name = name.or_else(|| inner.handover.agent().map(str::to_owned));
            inner.typing = Some(Typing {
                name: name.unwrap_or_else(|| "Someone".into()),
                nth: inner.typings,
                since: Instant::now(),
            });
        });
    }

    /// The gateway was turned away for its token. Said once for each thing that is wrong, however often it tries again.
    pub fn refused(&self, wrong: &str) {
        let text = format!("A message from the skill was turned away with 401: its token is wrong, {wrong}.");
        self.change(|inner| {
            if !inner.entries.iter().any(|entry| entry.from == From::System && entry.text == text) {
                inner.add(Line::said(From::System, "System", text));
            }
        });
    }

    /// Replaces a line's text, or takes it away. False where there is no such activity.
    pub fn amend(&self, activity_id: &str, new: Option<&Value>) -> bool {
        self.change(|inner| {
            let revision = inner.revision + 1;
            let Some(entry) = inner
                .entries
                .iter_mut()
                .find(|entry| entry.activity_id == activity_id && entry.via != Via::Bot && !entry.deleted)
            else {
                return false;
            };
            entry.revision = revision;
            match new {
                Some(activity) => {
                    entry.edited = true;
                    entry.text = activity["text"].as_str().unwrap_or_default().to_owned();
                    entry.raw = Some(activity.clone());
                }
                None => {
                    entry.deleted = true;
                    entry.text.clear();
                    entry.raw = None;
                }
            }
            inner.revision = revision;
            true
        })
    }

    // Where the bot is.

    pub fn handover<T>(&self, with: impl FnOnce(&mut Handover) -> T) -> T {
        self.change(|inner| with(&mut inner.handover))
    }

    /// What may give control back to the bot: the customer is told where it does.
    pub fn may_return(&self, with: impl FnOnce(&mut Handover) -> Control) {
        self.change(|inner| {
            if with(&mut inner.handover) == Control::Returned {
                inner.add(Line::said(
                    From::System,
                    "System",
                    format!("The live chat has ended; you are talking to {} again.", self.bot_name),
                ));
            }
        });
    }
}

impl Inner {
    fn add(&mut self, line: Line) -> (String, u64) {
        self.revision += 1;
        let now = jiff::Timestamp::now();
        // Teams' ids are the time in milliseconds; two lines never get the same.
        self.last_activity_id = now.as_millisecond().max(self.last_activity_id + 1);
        let activity_id = line.activity_id.unwrap_or_else(|| self.last_activity_id.to_string());
        if line.from != From::Customer {
            self.typing = None;
        }
        self.entries.push(Entry {
            seq: self.revision,
            revision: self.revision,
            from: line.from,
            text: line.text,
            text_format: line.text_format,
            name: line.name,
            time: now.to_string(),
            activity_id: activity_id.clone(),
            via: line.via,
            edited: false,
            deleted: false,
            raw: line.raw,
        });
        (activity_id, self.revision)
    }
}
