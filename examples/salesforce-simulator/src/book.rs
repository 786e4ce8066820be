//! All conversations with their entries, and all events of the stream, under one lock.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;
use tokio::sync::watch;

use crate::{
    entry::{self, Entry},
    refusal::Refusal,
};

/// Events that are kept for those who come back.
const MOST_EVENTS: usize = 20_000;

/// The number of the event before the first; the vendor's are large, too.
const BEFORE: u64 = 2_147_867_834;

/// An event of the stream.
#[derive(Clone)]
pub(crate) struct Event {
    pub(crate) number: u64,
    pub(crate) name: &'static str,
    pub(crate) data: String,
    subject: String,
}

/// A conversation.
pub(crate) struct Chat {
    pub(crate) owner: String,
    pub(crate) entries: Vec<Value>,
    /// Of the messaging session: `Waiting`, `Active`, `Ended`.
    pub(crate) session: &'static str,
    /// Whether the customer has closed it.
    pub(crate) closed: bool,
}

#[derive(Default)]
struct State {
    chats: HashMap<String, Chat>,
    events: Vec<Event>,
    /// The data of what connections were told, in order; the latest.
    told: VecDeque<String>,
    count: u64,
    /// Grows when streams are to break off.
    breaks: u64,
    lose: u32,
    repeat: u32,
    swap: bool,
    held: Option<Event>,
}

pub(crate) struct Book {
    state: Mutex<State>,
    changed: watch::Sender<()>,
}

impl Default for Book {
    fn default() -> Self {
        Self { state: Mutex::default(), changed: watch::Sender::new(()) }
    }
}

impl Book {
    /// Opens a conversation; whether it is new. The same id again is the same conversation.
    pub(crate) fn open(&self, id: &str, owner: &str) -> Result<bool, Refusal> {
        let mut state = self.lock();
        if let Some(chat) = state.chats.get(id) {
            return if chat.owner == owner { Ok(false) } else { Err(Refusal::forbidden()) };
        }
        let chat = Chat { owner: owner.to_owned(), entries: Vec::new(), session: "Waiting", closed: false };
        state.chats.insert(id.to_owned(), chat);
        Ok(true)
    }

    /// Looks at a conversation of this visitor's.
    pub(crate) fn of<T>(
        &self,
        id: &str,
        subject: &str,
        look: impl FnOnce(&mut Chat) -> T,
    ) -> Result<T, Refusal> {
        let mut state = self.lock();
        let chat = state.chats.get_mut(id).ok_or_else(Refusal::not_found)?;
        if chat.owner != subject {
            return Err(Refusal::forbidden());
        }
        Ok(look(chat))
    }

    /// Adds an entry to a conversation and tells the stream of it.
    pub(crate) fn add(&self, id: &str, entry: Entry) {
        let mut state = self.lock();
        let Some(chat) = state.chats.get_mut(id) else { return };
        let (subject, data) = (chat.owner.clone(), entry::for_stream(id, &entry.value));
        if let Some(status) = entry.value["entryPayload"]["sessionStatus"].as_str() {
            chat.session = match status {
                "Active" => "Active",
                "Ended" => "Ended",
                _ => "Waiting",
            };
        }
        if entry.listed {
            chat.entries.push(entry.value);
        }
        state.publish(Event { number: 0, name: entry.event, data, subject });
        drop(state);
        self.wake();
    }

    /// Where the messaging session stands.
    pub(crate) fn session(&self, id: &str) -> &'static str {
        self.lock().chats.get(id).map_or("Ended", |chat| chat.session)
    }

    /// The number of the last event.
    pub(crate) fn last_event(&self) -> u64 {
        BEFORE + self.lock().count
    }

    /// The events of this visitor's after that number.
    pub(crate) fn after(&self, number: u64, subject: &str) -> Vec<Event> {
        let state = self.lock();
        let wanted = |event: &&Event| event.number > number && event.subject == subject;
        state.events.iter().filter(wanted).cloned().collect()
    }

    pub(crate) fn watch(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    pub(crate) fn breaks(&self) -> u64 {
        self.lock().breaks
    }

    /// Breaks off all streams that are open.
    pub(crate) fn break_off(&self) {
        self.lock().breaks += 1;
        self.wake();
    }

    /// Keeps the next events out of the stream for good.
    pub(crate) fn lose(&self, events: u32) {
        self.lock().lose = events;
    }

    /// Says the next events twice, the second time under a number of its own.
    pub(crate) fn repeat(&self, events: u32) {
        self.lock().repeat = events;
    }

    /// Lets the next event wait for the one after it.
    pub(crate) fn swap(&self) {
        self.lock().swap = true;
    }

    /// Notes what a connection is told.
    pub(crate) fn tells(&self, data: &str) {
        let mut state = self.lock();
        if state.told.len() >= MOST_EVENTS {
            state.told.pop_front();
        }
        state.told.push_back(data.to_owned());
    }

    pub(crate) fn told(&self) -> Vec<String> {
        self.lock().told.iter().cloned().collect()
    }

    fn wake(&self) {
        self.changed.send_replace(());
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn publish(&mut self, event: Event) {
        if self.lose > 0 {
            self.lose -= 1;
            return;
        }
        if std::mem::take(&mut self.swap) {
            self.held = Some(event);
            return;
        }
        if self.repeat > 0 {
            self.repeat -= 1;
            self.say(event.clone());
        }
        self.say(event);
        if let Some(held) = self.held.take() {
            self.say(held);
        }
    }

    fn say(&mut self, event: Event) {
        self.count += 1;
        if self.events.len() >= MOST_EVENTS {
            self.events.remove(0);
        }
        self.events.push(Event { number: BEFORE + self.count, ..event });
    }
}
