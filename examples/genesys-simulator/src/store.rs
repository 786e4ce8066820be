//! What the platform remembers besides the desk: who is in which conversation, and which messages it has.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, PoisonError},
};

use serde_json::Value;

use crate::people::Participant;

/// A conversation beyond what the desk knows of it.
pub(crate) struct Conversation {
    /// The customer as the gateway names them: `OpenMessagingFromRecipient`.
    pub(crate) from: Value,
    pub(crate) people: Vec<Participant>,
    /// `MessageData` of the customer's messages, by the platform's ids.
    pub(crate) messages: BTreeMap<String, Value>,
    /// Ids of what was posted to the gateway, with the desk's id of the message it belongs to.
    pub(crate) posted: HashMap<String, String>,
}

#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) conversations: HashMap<String, Conversation>,
    /// The conversation that a customer's next message goes to.
    pub(crate) open: HashMap<String, String>,
    /// Answers by message id and time.
    pub(crate) answered: HashMap<(String, String), Value>,
}

/// The memory, one at a time.
#[derive(Default)]
pub(crate) struct Store(Mutex<Memory>);

impl Store {
    /// Never calls the desk from within: it holds a lock of its own.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut Memory) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The same for one conversation; none where there is none.
    pub(crate) fn at<T>(&self, id: &str, work: impl FnOnce(&mut Conversation) -> T) -> Option<T> {
        self.with(|memory| memory.conversations.get_mut(id).map(work))
    }
}
